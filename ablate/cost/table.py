"""The cost of the cells on a terminal, 80 columns."""

from rich.console import Console, Group
from rich.table import Table
from rich.text import Text

from ablate.console import FittedTable
from ablate.cost.numbers import Exponent, Mean
from ablate.cost.rows import CellCost
from ablate.text import NONE, si

ORDER = ("patch", "attention", "mixing", "mlp", "tokens", "pool", "head")  # parts in the order of their columns
MOST = 7  # parts that have a column; more of them share one


def show(console: Console, rows: list[CellCost], exponents: dict[str, Exponent]) -> None:
    console.print(cost_table(rows))
    if any(row.forward_by_part for row in rows):
        console.print()
        console.print(parts_table(rows))
    if exponents:
        console.print()
        console.print(exponent_table(exponents))


def made(axes: list[str], numbers: list[str]) -> FittedTable:
    """A table whose first columns are the axes; the name of the cell where nothing is varied."""
    return FittedTable(axes or ["cell"], numbers, least=len(numbers), named=bool(axes))


def cost_table(rows: list[CellCost]) -> FittedTable:
    """A row a cell: what is counted, then what was measured."""
    is_measured = any(row.measured for row in rows)
    headings = ["tokens", "params", "FLOPs\nforward", "FLOPs\ntraining", "kept\nbytes"]
    table = made(list(rows[0].cell), headings + ["images/s", "peak MB"] * is_measured)
    for row in rows:
        counted = [si(x) for x in (row.tokens, row.params, row.forward, row.training, row.activations)]
        measured = ["failed", NONE] if row.error else [with_interval(row.speed), with_interval(row.peak, 1e6)]
        table.add(list(row.cell.values()) or [row.name], [*counted, *(measured if is_measured else [])])
    return table


def with_interval(mean: Mean | None, unit: float = 1.0) -> str:
    """`1,234 ± 56`; with one process there is no interval."""
    if mean is None:
        return NONE
    digits = 0 if mean.value / unit >= 100 else 1
    half = "" if mean.half is None else f" ± {mean.half / unit:,.{digits}f}"
    return f"{mean.value / unit:,.{digits}f}{half}"


def parts_table(rows: list[CellCost]) -> Group:
    """Where the forward FLOPs go, in per cent of the cell."""
    found = {part for row in rows for part in row.forward_by_part}
    parts = [part for part in ORDER if part in found] + sorted(found - set(ORDER))
    shown, rest = parts[:MOST], parts[MOST:]
    table = made(list(rows[0].cell), [*shown, *(["others"] if rest else [])])
    for row in rows:
        whole = row.forward or 1  # one whose FLOPs are not known has no parts
        shares = [row.forward_by_part.get(part, 0) / whole for part in shown]
        others = [sum(row.forward_by_part.get(part, 0) for part in rest) / whole] if rest else []
        cells = [f"{100 * share:.1f}" if share else NONE for share in (*shares, *others)]
        table.add(list(row.cell.values()) or [row.name], cells)
    return Group(Text("forward FLOPs, %", style="bold"), table)


def exponent_table(exponents: dict[str, Exponent]) -> Table:
    """k of time = c * tokens^k: over all lengths, and between the two longest."""
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0))
    table.title = Text("time of an image ~ tokens^k", style="bold")
    table.title_justify = "left"
    for heading in ("", "k", "95 % interval", "tokens", "cells", "k at the\nlong end"):
        table.add_column(heading, justify="left" if heading == "" else "right", vertical="bottom")
    for name, k in exponents.items():
        interval, tokens = f"{k.low:.2f} to {k.high:.2f}", f"{k.least} to {k.most}"
        table.add_row(name or "all", f"{k.value:.2f}", interval, tokens, str(k.cells), f"{k.last:.2f}")
    return table
