"""Fetch a data set beforehand:  python scripts/fetch_data.py NAME [--root DIR]

Asks the same sources as training does. Exit codes: 0 all files are there and verified, 1 no source has them,
2 the command line is wrong.
"""

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import NoReturn

from ablate.config.output import forgiving
from ablate.data import cifar, emnist, fashion_mnist, kmnist, mnist, svhn
from ablate.data.fetch import Published, Say, Unavailable, fetch, folder, on_stderr, verified

DIGITS = (module.PUBLISHED for module in (mnist, fashion_mnist, kmnist, emnist, svhn))
DATA = {data.name: data for data in (*DIGITS, cifar.CIFAR10, cifar.CIFAR100)}


class Parser(argparse.ArgumentParser):
    """Argument parser whose complaint is one line."""

    def error(self, message: str) -> NoReturn:
        self.exit(2, f"fetch_data: {message}; try --help\n")


@forgiving()
def main(argv: Sequence[str] | None = None) -> int:
    """Fetch what the command line names; the exit code."""
    parser = Parser(prog="fetch_data.py", description="Fetch a data set and verify it.")
    parser.add_argument("dataset", choices=sorted(DATA), help="what to fetch: %(choices)s")
    parser.add_argument(
        "--root",
        metavar="DIR",
        help="folder for the files (default: where training looks, $ABLATE_DATA or per user)",
    )
    args = parser.parse_args(argv)
    try:
        _fetch(DATA[args.dataset], folder(args.root, args.dataset))
    except Unavailable as error:
        print(error, file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("fetch_data: stopped; run the same command again to go on from here", file=sys.stderr)
        return 130
    return 0


def _fetch(data: Published, root: Path) -> None:
    """With progress bars on a terminal, with plain lines elsewhere; both on stderr."""
    lines: list[str] = []

    def say(line: str) -> None:
        lines.append(line)
        on_stderr(line)

    if sys.stderr.isatty():
        _with_bars(data, root, say)
    else:
        fetch(data, root, say=say)
    if not lines:  # all was there
        say(verified(data, root))


def _with_bars(data: Published, root: Path, say: Say) -> None:
    from rich.console import Console
    from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TransferSpeedColumn

    columns = TextColumn("{task.description}"), BarColumn(), DownloadColumn(), TransferSpeedColumn()
    with Progress(*columns, console=Console(stderr=True)) as bars:
        tasks = {}

        def watch(name: str, done: int, total: int | None) -> None:
            if name not in tasks:
                tasks[name] = bars.add_task(name, total=total)
            bars.update(tasks[name], completed=done, total=total)

        fetch(data, root, say=say, watch=watch)


if __name__ == "__main__":
    sys.exit(main())
