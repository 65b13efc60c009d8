"""The command: from its words to rows that are counted and measured, printed and kept as files."""

import argparse
import sys
from pathlib import Path
from typing import NoReturn

from rich.console import Console
from rich.text import Text

from ablate.config import cli, hydra_versions, writing
from ablate.config.words import name_of, shown
from ablate.console import console
from ablate.records.run_record import label, telling
from ablate.study.runs import Run


class Parser(argparse.ArgumentParser):
    """Says what is wrong in one line, like the rest of ablate."""

    def error(self, message: str) -> NoReturn:
        print(f"ablate: {message}", file=sys.stderr)
        sys.exit(2)


def options(argv: list[str]) -> tuple[argparse.Namespace, list[str]]:
    """Our own flags, and the other words, which are for Hydra."""
    parser = Parser(add_help=False, allow_abbrev=False)
    parser.add_argument("--no-measure", action="store_true")
    parser.add_argument("--processes", type=at_least_one, default=3)
    parser.add_argument("--seconds", type=float, default=1.0)
    parser.add_argument("--out", type=Path, default=None)
    return parser.parse_known_args(argv)


def at_least_one(text: str) -> int:
    if not text.isdecimal() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"{text}: not a number of processes; 1 or more works")
    return int(text)


def main() -> None:
    asked, sys.argv[1:] = options(sys.argv[1:])

    def job(runs: list[Run], twins: list[Run]) -> None:
        for line in same(runs, twins):
            print(line)
        if costs(runs, asked, console()):
            sys.exit(3)

    cli.main(hydra_versions.main("cost")(job))


def same(runs: list[Run], twins: list[Run]) -> list[str]:
    """Cells that equal another one under another name, a line each."""
    names = {run.id: label(run.cell) for run in runs}
    return list(dict.fromkeys(f"{label(run.cell)} is the same as {names[run.id]}" for run in twins))


def costs(runs: list[Run], asked: argparse.Namespace, console: Console) -> int:
    """Prints and keeps what each cell costs; returns how many cells could not be measured."""
    from ablate.cost import conditions, files, isolate, rows, table
    from ablate.study.runs import cells

    each = {label(cell, telling(shown(run.overrides))): run for cell, run in cells(runs).items()}
    found = {name: rows.counted(run) for name, run in each.items()}
    if not asked.no_measure:
        with console.status("") as status:
            measured = isolate.in_turn(
                {name: run.config for name, run in each.items()},
                processes=asked.processes,
                seconds=asked.seconds,
                say=lambda text: status.update(Text(text)) if console.is_terminal else None,
            )
        for name, row in found.items():
            rows.fill(row, measured[name])
    every, config = list(found.values()), runs[0].config
    exponents = rows.exponents(every)
    table.show(console, every, exponents)
    about = conditions.conditions(every, processes=asked.processes, seconds=asked.seconds)
    console.print(f"\n{conditions.one_line(about)}")
    for name, row in found.items():
        if row.error:
            console.print(f"failed: {name}: {row.error}", style="red", soft_wrap=True)
    folder = asked.out or Path("cost") / (config["name"] or name_of(runs[0].cell))
    with writing.into(folder, "--out FOLDER puts the files elsewhere"):
        files.save(folder, every, exponents, {"command": sys.argv[1:]} | about)
    console.print(f"files: {folder}/cost.{{json,csv,svg,png}}", soft_wrap=True)
    return sum(row.error is not None for row in every)
