"""python -m ablate.report [DIR ...]: the verdict of studies on disk, on the terminal and as pages."""

import argparse
import difflib
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

from ablate import __version__
from ablate.config import garbage, leaving
from ablate.config.output import forgiving
from ablate.records.damage import NewerFormat
from ablate.report import csv_file
from ablate.report import keys as values

if TYPE_CHECKING:
    from rich.console import Console

USAGE = """\
python -m ablate.report [DIR ...] [report.KEY=VALUE ...] [--plan effect=NUMBER]

The verdict of the study in a folder (without one, of the study written last in runs/): on the terminal, and
as pages in DIR/report. Works while the study runs. Several folders are taken as one study; for a folder of
studies, as runs/, there is an index of them all.
wandb:ENTITY/PROJECT/GROUP in place of a folder fetches a study from Weights & Biases into runs/wandb/.

  report.margin=0.1              a difference that does not matter: two arms within it count as equivalent; in
                                 points of accuracy, or in the unit of the metric
  report.metric=test_loss        the number to compare, of the records' metrics and costs
  report.direction=minimize      which way is better, where the metric's name does not say it
  report.cost=train_s            what the cheapest cell is cheapest in: flops, params, train_s, images_per_s
  report.method=paired           each pair of arms by its own differences alone; `auto` (the default) asks the
                                 other arms of its axis too, where three or more arms have 2 or 3 seeds
  report.failures=chance         count a failed run as chance accuracy; `missing` (the default) leaves it out
  report.baseline=pos=none       hold every arm of an axis against one of them; more with commas
  report.together=code,device    compare runs although they differ in this
  report.out=FOLDER              where the pages go
  --plan effect=0.1              only: how many seeds each pair needs to show a difference of so much
"""
WANDB = "wandb:"
KEYS = ("margin", "metric", "direction", "unit", "cost", "method", "failures", "baseline", "together", "out")


@forgiving()
def main(words: list[str] | None = None) -> int:
    """0 well, 1 if the pages cannot be written, 2 for wrong input, with one line that says what would work."""
    try:
        words = sys.argv[1:] if words is None else words
        if csv_file.is_asked(words):
            return csv_file.tell(words)
        folders, keys, effect = parse(words)
        return report(folders, keys, effect)
    except (ValueError, NewerFormat) as e:
        print(f"ablate: {e}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        print("ablate: stopped", file=sys.stderr)
        return 130


class Parser(argparse.ArgumentParser):
    def error(self, message: str) -> NoReturn:
        raise ValueError(f"{message}; python -m ablate.report --help")


def parse(words: list[str]) -> tuple[list[Path], dict[str, str], float | None]:
    """Words of the command line -> folders, report keys, the effect to plan for (as people read the metric)."""
    parser = Parser(prog="python -m ablate.report", usage=USAGE, add_help=True, allow_abbrev=False)
    parser.add_argument("--version", action="version", version=f"ablate {__version__}")
    parser.add_argument("--plan")
    parser.add_argument("words", nargs="*")
    given = parser.parse_intermixed_args(words)
    folders, keys = [], {}
    for word in given.words:
        key, equals, value = word.partition("=")
        if word.startswith(WANDB):
            folders.append(Path(word))
        elif equals and (key.startswith("report.") or not Path(word).exists()):
            keys[known(key)] = value
        else:
            folders.append(Path(word))
    if given.plan is None:
        return folders, keys, None
    name, _, value = given.plan.partition("=")
    if name != "effect":
        raise ValueError(f"--plan {given.plan}: --plan effect=0.1 asks for the seeds to see 0.1 points")
    return folders, keys, values.positive("--plan effect", value)


def known(key: str) -> str:
    name = key.removeprefix("report.")
    if name not in KEYS:
        near = difflib.get_close_matches(name, KEYS, n=1)
        hint = (
            f"did you mean report.{near[0]}?" if near else f"the keys are {', '.join(f'report.{k}' for k in KEYS)}"
        )
        raise ValueError(f"{key}: no such key; {hint}")
    return name


@garbage.seldom()
def report(folders: list[Path], keys: dict[str, str], effect: float | None) -> int:
    """The report on `folders` as `keys` ask for it, or for an `effect` the seeds that it needs; the exit code."""
    from ablate.config.errors import CannotStart
    from ablate.console import console as plain_console
    from ablate.report.findings import Criteria
    from ablate.report.pipeline import plan_seeds, tell
    from ablate.report.read.given import holds_studies, home, studies_of
    from ablate.report.read.studies import studies_below

    folders = [fetched(folder) for folder in folders]
    console = plain_console(soft_wrap=True)
    if not folders:
        folders = studies_below(Path("runs"))[:1]
        if not folders:
            raise ValueError("runs/ holds no study; python -m ablate.report DIR, with the folder of one")
        console.print(f"the study written last: {folders[0]}")
    if len(folders) == 1 and effect is None and holds_studies(folders[0]):
        return index_of(folders[0], console)
    folders, others = studies_of(folders)
    if others:
        console.print(f"no study, left out: {', '.join(map(str, others))}")
    asked: Any = {}
    if "margin" in keys:
        asked["margin_shown"] = values.positive("report.margin", keys["margin"])
    asked |= {name: keys[name] for name in ("metric", "direction", "unit") if keys.get(name)}
    if "cost" in keys:
        asked["cost"] = values.cost(keys["cost"])
    if "failures" in keys:
        asked["failures"] = values.failures(keys["failures"])
    if "method" in keys:
        asked["method"] = values.method(keys["method"])
    if "baseline" in keys:
        asked["baseline"] = values.baseline(keys["baseline"])
    if "together" in keys:
        asked["together"] = values.together(keys["together"])
    if effect is not None:
        plan_seeds(folders, effect, Criteria(**asked), console)
        return 0
    out = Path(keys["out"]) if "out" in keys else home(folders)
    try:
        tell(folders, out, Criteria(**asked), console, whole=True)
    except CannotStart as e:
        print(f"ablate: {e}", file=sys.stderr)
        return 1
    return 0


def index_of(folder: Path, console: "Console") -> int:
    """The studies of a folder, in lines and as FOLDER/index.html."""
    from ablate.config import writing
    from ablate.config.errors import CannotStart
    from ablate.report.findings import Criteria
    from ablate.report.index import entries, write

    found = entries(folder, Criteria())
    for one in found:
        console.print(f"{one.name}  {one.date}  {one.state}\n  {one.question}\n  {one.decision}")
    try:
        with writing.into(folder, "a folder that can be written"):
            console.print(f"index: {write(folder, found)}")
    except CannotStart as e:
        print(f"ablate: {e}", file=sys.stderr)
        return 1
    return 0


def fetched(folder: Path) -> Path:
    """A folder, or the one that a study in W&B was fetched into."""
    if not str(folder).startswith(WANDB):
        return folder
    from ablate.report.read.from_wandb import fetch

    return fetch(str(folder))


if __name__ == "__main__":
    leaving.at_once(main)
