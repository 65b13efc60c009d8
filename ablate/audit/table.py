"""An audit on a terminal, 80 columns."""

from rich.console import Console
from rich.table import Table
from rich.text import Text

from ablate.audit.faults import Compared, Judged

FAINT = "-"


def show(console: Console, compared: list[Compared], judged: list[Judged], *, is_paired: bool) -> None:
    """Pairs of arms, then arms."""
    if compared:
        console.print(pairs_table(compared))
        console.print()
    console.print(arms_table(judged))
    console.print()
    if compared and is_paired:
        console.print("paired: same seeds, same order of the images, same augmentation in all arms")


def conclude(console: Console, faults: list[str], cells: int) -> None:
    """What is wrong, a line each, and how much was looked at."""
    for fault in faults:
        console.print(f"fault: {fault}", style="red", soft_wrap=True)
    count = "no fault" if not faults else "1 fault" if len(faults) == 1 else f"{len(faults)} faults"
    console.print(f"{cells} cell{'s' * (cells != 1)} built, none trained: {count}")


def pairs_table(compared: list[Compared]) -> Table:
    table = Table(box=None, pad_edge=False, header_style="bold")
    for column, where in (("arms", "left"), ("alive", "left"), ("clean", "left"), ("pairs", "right")):
        table.add_column(column, justify=where, overflow="fold")  # type: ignore[arg-type]
    for c in compared:
        is_dead = "dead" if c.dead else c.difference or FAINT
        clean = "yes" if not c.unclean else "no: " + "; ".join(list(c.unclean)[:2])
        pairs = len(c.arms.pairs)
        alive = is_dead if not c.dead or len(c.dead) == pairs else f"dead in {len(c.dead)}"
        table.add_row(c.arms.name, paint(alive, bool(c.dead)), paint(clean, bool(c.unclean)), str(pairs))
    return table


def arms_table(judged: list[Judged]) -> Table:
    table = Table(box=None, pad_edge=False, header_style="bold")
    table.add_column("arm", overflow="fold")
    table.add_column("true to its name", overflow="fold")
    table.add_column("trained", justify="right", no_wrap=True)
    for j in judged:
        says = "no: " + "; ".join(j.untrue) if j.untrue else j.says or FAINT
        trained = f"{j.weights - len(j.idle)} of {j.weights}"
        table.add_row(j.name, paint(says, bool(j.untrue)), paint(trained, bool(j.idle)))
    return table


def paint(text: str, is_bad: bool) -> Text:
    return Text(text, style="red" if is_bad else "")
