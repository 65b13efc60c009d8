"""python -m ablate.inspect RUN ...: what a trained model looks at, and where it is wrong."""

import argparse
import sys
from pathlib import Path
from typing import NoReturn

from ablate import __version__
from ablate.config import leaving
from ablate.config.output import forgiving
from ablate.records.damage import NewerFormat

USAGE = """\
python -m ablate.inspect RUN|STUDY ...

Looks into finished runs, of a study into the one of each arm that is best in validation: how similar positions
are, what the patches see, attention maps and their rollout on test images, how far each head looks, a confusion
matrix with the names of the classes, and the worst mistakes. Figures go to RUN/inside as PNG and SVG. What a model
does not have is said in a line.
A study does this by itself for its page where it takes less than a fiftieth of its training
(hydra.sweeper.inspect=null: never).
python -m ablate.report STUDY shows the figures on its page, and the command of the study, given again, sends them
to W&B with its report.
Exit 0 all well, 2 wrong input.
"""


@forgiving()
def main(words: list[str] | None = None) -> int:
    try:
        folders = parse(sys.argv[1:] if words is None else words)
        return inspect(folders)
    except (ValueError, NewerFormat) as e:
        print(f"ablate: {e}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        print("ablate: stopped", file=sys.stderr)
        return 130


class Parser(argparse.ArgumentParser):
    def error(self, message: str) -> NoReturn:
        raise ValueError(f"{message}; python -m ablate.inspect --help")


def parse(words: list[str]) -> list[Path]:
    parser = Parser(prog="python -m ablate.inspect", usage=USAGE, add_help=True, allow_abbrev=False)
    parser.add_argument("--version", action="version", version=f"ablate {__version__}")
    parser.add_argument("runs", nargs="+", type=Path)
    found: list[Path] = parser.parse_args(words).runs
    return found


def inspect(folders: list[Path]) -> int:
    from ablate.inspect.inside import look
    from ablate.inspect.opened import opened
    from ablate.records.best import best, named
    from ablate.report.read.given import is_study

    asked: dict[Path, list[str]] = {}
    for folder in folders:
        asked |= best(folder) if is_study(folder) else {folder: []}
    for run, arms in [(opened(folder), arms) for folder, arms in asked.items()]:
        print(f"{run.folder}: {run.name}{named(arms)}")
        for name, what in look(run).items():
            print(f"  {name:10} {what if isinstance(what, Path) else f'none: {what}'}")
    for study in filter(is_study, folders):
        print(f"python -m ablate.report {study} shows them on its page")
    return 0


if __name__ == "__main__":
    leaving.at_once(main)
