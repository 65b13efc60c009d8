"""An audit on a terminal, 80 columns."""

from rich.console import Console
from rich.table import Table
from rich.text import Text

from ablate.audit.faults import Compared, Judged
from ablate.text import NONE


def show(console: Console, compared: list[Compared], judged: list[Judged], paired: str) -> None:
    """Pairs of arms, then arms. What could not be asked is a dash, with why. `paired` is a line on seeds."""
    if compared:
        console.print(pairs_table(compared))
        console.print()
    console.print(arms_table(judged))
    console.print()
    reasons = {j.not_trained: j.name for j in reversed(judged) if j.not_trained}
    for why, name in reasons.items():
        console.print(f"not asked whether the weights of {name} are trained: {why}")
    if compared and paired:
        console.print(paired)


def conclude(console: Console, faults: list[str], cells: int) -> None:
    """What is wrong, a line each, and how many cells were built."""
    for fault in faults:
        console.print(f"fault: {fault}", style="red", soft_wrap=True)
    count = "no fault" if not faults else "1 fault" if len(faults) == 1 else f"{len(faults)} faults"
    console.print(f"{cells} cell{'s' * (cells != 1)} built, none trained: {count}")


def pairs_table(compared: list[Compared]) -> Table:
    table = Table(box=None, pad_edge=False, header_style="bold")
    for column, where in (("arms", "left"), ("alive", "left"), ("clean", "left"), ("pairs", "right")):
        table.add_column(column, justify=where, overflow="fold")  # type: ignore[arg-type]
    for c in compared:
        pairs = len(c.arms.pairs)
        dead = "dead" if len(c.dead) == pairs else f"dead in {len(c.dead)}"
        alive = dead if c.dead else c.difference or unknown(c.not_alive)
        unclean = "no: " + "; ".join(list(c.unclean)[:2])
        clean = unclean if c.unclean else unknown(c.not_clean) if c.not_clean or not pairs else "yes"
        table.add_row(c.arms.name, paint(alive, bool(c.dead)), paint(clean, bool(c.unclean)), str(pairs))
    return table


def arms_table(judged: list[Judged]) -> Table:
    table = Table(box=None, pad_edge=False, header_style="bold")
    table.add_column("arm", overflow="fold")
    table.add_column("true to its name", overflow="fold")
    table.add_column("trained", justify="right", no_wrap=True)
    for j in judged:
        trained = NONE if j.weights is None else f"{j.weights - len(j.idle)} of {j.weights}"
        says = promise(j)
        table.add_row(j.name, paint(says, bool(j.untrue)), paint(trained, bool(j.idle)))
    return table


def promise(j: Judged) -> str:
    """Whether an arm is true to its name: what it promises, what is wrong, or a dash with why it was not asked."""
    if j.untrue:
        return "no: " + "; ".join(j.untrue)
    if not j.says:
        return NONE
    if not j.holds:
        return unknown(j.not_true)
    return j.says if j.holds == j.cells else f"{j.says} (asked in {j.holds} of {j.cells} cells)"


def unknown(why: str | None) -> str:
    return f"{NONE} ({why})" if why else NONE


def paint(text: str, is_bad: bool) -> Text:
    return Text(text, style="red" if is_bad else "")
