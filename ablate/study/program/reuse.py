"""Runs that were done before in all but what `hydra.sweeper.ignore` leaves out, or might leave out.

A key that is ignored counts with the value that it had when the first run of the study was done. So a study goes
on, with all its runs, also when a key is ignored from its second command on.
"""

import re
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

from omegaconf import DictConfig

from ablate.config.explain import WRONG_INPUT
from ablate.records import record
from ablate.records.identity import hashed
from ablate.records.run_record import Config, RunRecord
from ablate.study.home import THEIRS, Home
from ablate.study.program import places
from ablate.study.runs import Run
from ablate.text import count

Load = Callable[[list[str]], DictConfig]
# Words of keys that say where results go or what a tracker calls them, not what is trained.
OF_PLACE = re.compile(
    r"(?:^|[._])(?:dir|dirs|path|paths|folder|out|output|outputs|root|cache|log|logs|logger|loggers|wandb|mlflow|"
    r"tensorboard|comet|neptune|aim|tracker|tracking|project|entity|group|tag|tags|notes|host|hostname|user)(?=[._]|$)"
)
A_PATH = ("/", "~", "./", "../", "file:", "s3:", "gs:")
ITEM = re.compile(r"(?:\.\d+)+$")  # of a list


def as_before(home: Home, rows: Sequence[list[str]], load: Load, folder: Path) -> Home:
    """The home with the values that ignored keys had in the runs of a folder, if those rows are among them."""
    if home.is_ours or not home.ignore or not (records := record.read_study(folder)):
        return home
    ids, whole = {one.id for one in records}, replace(home, ignore=())
    for row in rows:
        with suppress(*WRONG_INPUT):
            one = whole.read(load(row))
            here = places.leaves(one.config)
            rest = {k: v for k, v in one.identity.items() if not places.inside(k, home.ignore)}
            if hashed(rest) in ids:
                return home
            for old in records:
                fill = {
                    key: value
                    for key, value in swapped(one.identity, here, old, home.ignore).items()
                    if places.inside(key, home.ignore)
                }
                if hashed(rest | fill) in ids:
                    return replace(home, fill=fill)
    return home


def swapped(identity: Config, here: Config, old: RunRecord, keys: Iterable[str]) -> Config:
    """What says what a run is, with the values that the old one has of these keys."""
    keys, were = tuple(keys), places.leaves(old.config)
    of_now = {k: v for k, v in identity.items() if not places.inside(k, keys) or here.get(k) != v}
    return of_now | {k: v for k, v in were.items() if places.inside(k, keys) and k not in of_now}


def lines(runs: Iterable[Run], records: Sequence[RunRecord]) -> list[str]:
    """A line for each key by which runs are not those that were done, where its name says that it is a place."""
    found: dict[str, int] = {}
    for run in runs:
        key = next((key for old in records if (key := only_place(run, old))), None)
        if key:
            found[key] = found.get(key, 0) + 1
    return [
        f"{count(n, 'run')} {'was' if n == 1 else 'were'} done before with another {key} and all else the same; "
        f"{THEIRS}.ignore=[{key}] reuses {'it' if n == 1 else 'them'}"
        for key, n in found.items()
    ]


def only_place(run: Run, old: RunRecord) -> str | None:
    """The key that looks like a place and is all that two runs differ in, if there is one."""
    if old.state != "done" or (old.cell, old.seed) != (run.cell, run.seed) or old.id == run.id:
        return None
    here, were = places.leaves(run.config), places.leaves(old.config)
    missing = object()
    differ = [k for k, v in run.identity.items() if here.get(k) == v and were.get(k, missing) != v]
    keys = {ITEM.sub("", key) for key in differ}
    if len(keys) != 1:
        return None
    (key,) = keys
    said = (here.get(differ[0]), were.get(differ[0]))
    is_place = OF_PLACE.search(key) or all(isinstance(one, str) and one.startswith(A_PATH) for one in said)
    return key if is_place and hashed(swapped(run.identity, here, old, [key])) == old.id else None
