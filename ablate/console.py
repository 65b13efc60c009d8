"""The console of every command, and tables on it that are readable at any width."""

import logging
from collections.abc import Iterator, Sequence

from rich.cells import cell_len
from rich.console import Console, ConsoleOptions, RenderableType
from rich.table import Table
from rich.text import Text


def console(*, soft_wrap: bool = False) -> Console:
    """Reads no markup in `[brackets]` and no emoji in `:colons:`; `soft_wrap` leaves long lines in one piece."""
    logging.getLogger("matplotlib").setLevel(logging.ERROR)  # it warns of its caches and fonts
    return Console(highlight=False, markup=False, emoji=False, soft_wrap=soft_wrap)


def prose(console: Console, sentence: str, style: str = "") -> None:
    """Prints a sentence: at a terminal no word of it is broken, elsewhere it is one line."""
    console.print(Text(sentence, style=style), soft_wrap=not console.is_terminal)


class FittedTable:
    """A table with names on the left and numbers on the right; no word of it is broken, whatever the width.

    Where there is no room for all numbers, those beyond the first `least` are left out from the right, and a line
    says which. Where there is no room for these, a row becomes a line of names and below it one of numbers; if
    `named`, its names have their headings with them, as in `patch=4`.
    """

    def __init__(self, names: Sequence[str], numbers: Sequence[str], *, least: int, named: bool = True) -> None:
        self.names, self.numbers, self.least, self.named = list(names), list(numbers), least, named
        self.rows: list[tuple[list[str], list[Text], str]] = []

    def add(self, names: Sequence[str], numbers: Sequence[str | Text], style: str = "") -> None:
        texts = [Text(number) if isinstance(number, str) else number for number in numbers]
        self.rows.append((list(names), texts, style))

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> Iterator[RenderableType]:
        gap = 2 if len(self.names) < 3 else 1
        headings = [self.heading(number) for number in range(len(self.names))]
        left = sum(self.width(i, headings[i]) + gap for i in range(len(self.names)))
        rights = [self.width(len(self.names) + i, heading) + gap for i, heading in enumerate(self.numbers)]
        shown = len(self.numbers)
        while shown > self.least and left + sum(rights[:shown]) - gap > options.max_width:
            shown -= 1
        if left + sum(rights[:shown]) - gap > options.max_width:
            shown = self.least
            yield self.stacked(options.max_width)
        else:
            yield self.table(headings, shown, gap)
        if shown < len(self.numbers):
            yield Text(f"no room here for {', '.join(map(one_line, self.numbers[shown:]))}", style="dim")

    def heading(self, number: int) -> str:
        """The heading of a column of names: in two lines if it is wider than what stands below."""
        whole, below = self.names[number], max((cell_len(row[0][number]) for row in self.rows), default=0)
        return whole if cell_len(whole) <= below else whole.replace(".", ".\n")

    def width(self, column: int, heading: str) -> int:
        texts = [[*names, *(number.plain for number in numbers)][column] for names, numbers, _ in self.rows]
        return max(cell_len(line) for text in [heading, *texts] for line in text.split("\n"))

    def table(self, headings: list[str], shown: int, gap: int) -> Table:
        table = Table(box=None, pad_edge=False, padding=(0, gap, 0, 0))
        for heading in headings:
            table.add_column(heading, vertical="bottom", no_wrap=True)
        for heading in self.numbers[:shown]:
            table.add_column(heading, justify="right", vertical="bottom", no_wrap=True)
        for names, numbers, style in self.rows:
            table.add_row(*map(Text, names), *numbers[:shown], style=style)
        return table

    def stacked(self, width: int) -> Table:
        """Every row as its names, and below them the numbers with their headings."""
        table = Table.grid()
        table.add_column(overflow="fold")
        for names, numbers, style in self.rows:
            pairs = zip(self.names, names, strict=True)
            table.add_row(Text(" ".join(f"{head}={name}" if self.named else name for head, name in pairs), style))
            lines = [Text(" ")]
            for heading, number in zip(self.numbers[: self.least], numbers, strict=False):
                entry = Text.assemble(" ", one_line(heading), " ", number, style=style)
                if lines[-1].cell_len + 1 + entry.cell_len > width and len(lines[-1]) > 1:
                    lines.append(Text(" "))
                lines[-1] = Text.assemble(lines[-1], entry, " ")
            for line in lines:
                table.add_row(line)
        return table


def one_line(heading: str) -> str:
    return heading.replace("\n/", "/").replace("\n", " ")
