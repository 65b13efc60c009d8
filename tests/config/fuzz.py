"""Random commands of real keys, choices, numbers and slips of the keyboard. Each is planned, none trains."""

import contextlib
import io
import os
import signal
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple
from unittest import mock

from hypothesis import strategies as st
from tiny import HERE, TINY

from ablate import CONF
from ablate.study.study import Study
from ablate.train.__main__ import main

SECONDS = 30  # for one command; the longest plans some dozens of runs
GROUPS = {
    folder.name: sorted(file.stem for file in folder.glob("*.yaml"))
    for folder in sorted(CONF.iterdir())
    if folder.is_dir() and folder.name not in ("hydra", "study")
}
KEYS = (
    *(
        "seed",
        "epochs",
        "batch",
        "device",
        "precision",
        "label_smoothing",
        "clip",
        "name",
        "image.size",
        "image.fit",
    ),
    *("model.dim", "model.depth", "model.heads", "model.registers", "model.name", "patch.size", "patch.stride"),
    *(
        "optim.lr",
        "optim.weight_decay",
        "optim.momentum",
        "sched.warmup",
        "aug.pixels",
        "aug.degrees",
        "aug.scale",
    ),
    *(
        "attn.window",
        "attn.heads",
        "pos.std",
        "mlp.ratio",
        "data.train",
        "data.root",
        "data.classes",
        "tracker.mode",
    ),
    *("sweep.fresh", "sweep.retry_failed", "sweep.fail_fast", "sweep.crash_retries", "sweep.design", "sweep.zip"),
    *("sweep.seeds", "sweep.seeds_min", "sweep.seeds_max", "sweep.seeds_step", "sweep.tune", "sweep.tune_seeds"),
    *(
        "sweep.budget",
        "sweep.run",
        "image",
        "model",
        "optim",
        "sweep",
        "model.net",
        "optim._target_",
        "pos._partial_",
    ),
    *("hydra.mode", "hydra/sweeper", "hydra/launcher", "hydra.launcher.workers", "hydra.sweeper.max_batch_size"),
    *("hydra.job.chdir", "hydra.sweep.dir", "hydra.run.dir", "hydra.sweeper.params", "hydra.searchpath", "hydra"),
)
FITTING = {  # values that a key takes, with all else as it is
    "seed": ("0", "3", "range(2)", "0,1"),
    "epochs": ("1", "2", "1,2"),
    "batch": ("32", "64,128"),
    "device": ("cpu",),
    "precision": ("fp32", "auto,fp32"),
    "label_smoothing": ("0", "0.1", "0,0.1"),
    "clip": ("0", "5.0", "1,5"),
    "name": ("mine", '"two words"'),
    "image.size": ("28", "32", "null"),
    "model.dim": ("8", "16", "8,16"),
    "model.depth": ("1", "2", "range(1,3)"),
    "model.heads": ("1", "2,4"),
    "optim.lr": ("1e-3", "4e-3,1e-2", "0"),
    "optim.weight_decay": ("0", "0,0.05"),
    "sched.warmup": ("0", "0.1"),
    "sweep.fresh": ("true",),
    "sweep.fail_fast": ("false", "true"),
    "sweep.seeds": ("2", "auto"),
    "sweep.tune": ("lr", "{optim.lr:[1e-3,4e-3]}", "null"),
    "sweep.budget": ("flops", "epochs"),
}
NUMBERS = ("0", "1", "2", "3", "4", "7", "8", "16", "-1", "0.1", "1e-3", "-0.5", "1e9", "1_000", "0.10", "007")
STRANGE = (
    "inf",
    "nan",
    "null",
    "true",
    "99999999999999999999",
    "1000000000",
    "",
    "none",
    "lr",
    "auto",
    "full",
    "fraction",
)
WORDS = (
    "one_at_a_time",
    "flops",
    "seconds",
    "cpu",
    "bf16",
    "basic",
    "ablate",
    "RUN",
    "größe",
    "~/x",
    "a b",
    "it's",
    "[]",
)
LISTS = (
    "[patch,model.dim]",
    "[pos]",
    "{optim.lr:[1e-3,4e-3]}",
    "{lr:[1]}",
    "{}",
    "[1,2]",
    "${epochs}",
    "${nope}",
    "{a: 1}",
)
CALLS = (
    "range(3)",
    "range(0)",
    "range(5,0)",
    "range(0,1,0)",
    "choice(1,2)",
    "glob(*)",
    "glob(n*)",
    "interval(0,1)",
    "sort(2,1)",
)
FLAGS = (
    "--multirun",
    "--cfg",
    "--cfg job",
    "--resolve",
    "--config-dir nowhere",
    "--info",
    "--run",
    "--help",
    "-x",
    "--epochs",
)
LETTERS = "=,:;~+@ .-_/[](){}'\"$\\#*aZ09äß\t"


def values(key: str) -> st.SearchStrategy[str]:
    """What one may give a key: mostly a choice of it or a number, now and then a strange thing."""
    scalar = st.sampled_from(NUMBERS + STRANGE + WORDS)
    if key in GROUPS:
        scalar = st.one_of(st.sampled_from(GROUPS[key]), st.sampled_from(GROUPS[key]), scalar)
    several = st.lists(scalar, min_size=2, max_size=3).map(",".join)
    return st.one_of(scalar, scalar, several, st.sampled_from(LISTS), st.sampled_from(CALLS))


def fitting() -> st.SearchStrategy[str]:
    """A word that is right by itself; two of them may still not go together."""
    choices = st.sampled_from(list(GROUPS)).flatmap(
        lambda group: st.lists(st.sampled_from(GROUPS[group]), min_size=1, max_size=2, unique=True).map(
            lambda names: f"{group}={','.join(names)}"
        )
    )
    numbers = st.sampled_from([f"{key}={value}" for key, values in FITTING.items() for value in values])
    return st.one_of(choices, numbers)


def words() -> st.SearchStrategy[str]:
    sign = st.sampled_from(["", "", "", "", "", "+", "++", "~"])
    key = st.sampled_from([*GROUPS, *GROUPS, *KEYS])
    return key.flatmap(lambda k: st.builds(lambda s, v: f"{s}{k}={v}", sign, values(k)))


@st.composite
def mistyped(draw: Any) -> str:
    """A word with a letter too many, too few, or another one."""
    word = draw(st.one_of(fitting(), words()))
    place, letter = draw(st.integers(0, len(word) - 1)), draw(st.sampled_from(LETTERS))
    kept = draw(st.sampled_from([0, 1]))  # 1 takes a letter away
    return word[:place] + draw(st.sampled_from(["", letter])) + word[place + kept :]


@st.composite
def commands(draw: Any) -> list[str]:
    """One to four words; of two commands one has strange or mistyped words, or is torn by a space."""
    if draw(st.booleans()):
        return [
            "-m",
            *draw(st.lists(fitting(), min_size=1, max_size=4, unique_by=lambda word: word.split("=")[0])),
        ]
    found = draw(st.lists(st.one_of(fitting(), words(), mistyped()), min_size=1, max_size=4))
    if draw(st.integers(0, 9)) == 0:
        found = [part for word in found for part in word.split(" ")]
    flags = draw(st.sampled_from([*8 * ("-m",), *6 * ("",), *FLAGS])).split()
    return [*flags, *found]


class Planned(NamedTuple):
    code: int
    out: str
    err: str


def plan(given: list[str]) -> Planned:
    """What a command says that is composed, checked and built, and ends where it would write and train."""
    keys = {word.split("=")[0].lstrip("+~") for word in given}
    recipe = [w for w in (*TINY, "tracker=none", HERE) if w.split("=")[0] not in keys]
    argv, environment = ["ablate.train", *given, *recipe], {"HYDRA_FULL_ERROR": "0"}
    out, err = io.StringIO(), io.StringIO()
    with (
        mock.patch.object(sys, "argv", argv),
        mock.patch.dict(os.environ, environment),
        mock.patch.object(Study, "begin", planned),
        contextlib.redirect_stdout(out),
        contextlib.redirect_stderr(err),
        limit(SECONDS),
    ):
        try:
            main()
        except SystemExit as end:
            code = int(end.code or 0)
    return Planned(code, out.getvalue(), err.getvalue())


def planned(study: Study) -> None:
    assert study.runs
    sys.exit(0)


@contextlib.contextmanager
def limit(seconds: int) -> Iterator[None]:
    def late(*_: Any) -> None:
        raise BaseException("it hangs")  # nothing on the way up takes this for its own

    before = signal.signal(signal.SIGALRM, late)
    signal.alarm(seconds)
    try:
        yield
    finally:
        signal.alarm(0)
        signal.signal(signal.SIGALRM, before)


def judge(given: list[str]) -> Planned:
    """Exit 0, or 2 with one to five lines that are all ours; nothing is written."""
    before = set(Path().iterdir())
    said = plan(given)
    assert said.code in (0, 2), f"{given}: exit {said.code}\n{said.err}"
    if said.code == 2:
        lines = said.err.splitlines()
        assert 1 <= len(lines) <= 5, f"{given}: {len(lines)} lines\n{said.err}"
        assert not said.out or "--info" in given, f"{given}: {said.out}"  # Hydra shows its plugins, then composes
        assert all(line.startswith("ablate: ") for line in lines), f"{given}: {said.err}"
    assert set(Path().iterdir()) == before, given
    return said
