"""python -m ablate.report results.csv --axes model,lr --metric rmse: the verdict on a table of results."""

import argparse
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

if TYPE_CHECKING:
    import pandas as pd

USAGE = """\
python -m ablate.report FILE.csv [--axes AXIS,...] [--seed COLUMN] [--metric COLUMN] [--direction WAY]
                                 [--margin NUMBER] [--unit UNIT] [--method METHOD] [--baseline AXIS=ARM,...]

The verdict on a table with a row a run, whoever made it. An empty value of the metric is a run that failed.

  --axes model,lr        the columns that were varied; without it all columns but seed and metric
  --seed seed            runs with equal seeds are compared in pairs
  --metric test_acc      the number that decides
  --direction minimize   or maximize, where the metric's name does not say which way is better
  --margin 0.01          a difference below it does not matter, in the numbers of the table
  --method paired        each pair of arms by its own differences alone; else `auto` or `satterthwaite`
  --unit s               what the metric is counted in
"""


def is_asked(words: list[str]) -> bool:
    """Whether a command is about a table."""
    return any(word.lower().endswith(".csv") and "=" not in word for word in words)


class Parser(argparse.ArgumentParser):
    def error(self, message: str) -> NoReturn:
        raise ValueError(f"{message}; python -m ablate.report FILE.csv --help")


def tell(words: list[str]) -> int:
    """Prints the verdict on the table that the words name. Raises ValueError, one line, for what is not so."""
    parser = Parser(prog="python -m ablate.report", usage=USAGE, add_help=True, allow_abbrev=False)
    parser.add_argument("file", type=Path)
    parser.add_argument("--axes")
    parser.add_argument("--seed", default="seed")
    parser.add_argument("--metric", default="test_acc")
    parser.add_argument("--direction", choices=("maximize", "minimize"))
    parser.add_argument("--margin", type=float)
    parser.add_argument("--unit")
    parser.add_argument("--baseline")
    from ablate.report.door import verdict
    from ablate.report.numbers.method import AUTO, METHODS

    parser.add_argument("--method", default=AUTO, choices=METHODS)
    given = parser.parse_args(words)

    axes = [name for name in given.axes.split(",") if name] if given.axes else None
    found = verdict(
        read(given.file),
        metric=given.metric,
        seed=given.seed,
        axes=axes,
        margin=given.margin,
        baseline=pairs(given.baseline) if given.baseline else None,
        direction=given.direction,
        unit=given.unit,
        method=given.method,
    )
    print(found)
    return 0


def pairs(text: str) -> dict[str, str]:
    found = [part.partition("=") for part in text.split(",")]
    if not all(axis and equals and arm for axis, equals, arm in found):
        raise ValueError(f"--baseline {text}: an axis and its arm are wanted, as in --baseline model=small")
    return {axis: arm for axis, _, arm in found}


def read(file: Path) -> "pd.DataFrame":
    import pandas as pd

    try:
        return pd.read_csv(file)
    except (OSError, ValueError) as e:  # of pandas' own errors, all are ValueErrors
        reason = getattr(e, "strerror", None) or (str(e).splitlines() or [type(e).__name__])[0]
        raise ValueError(f"{file}: cannot be read ({reason})") from e
