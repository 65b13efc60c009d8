"""A user at the command line, in this process: `train("-m", "pos=none,learned")` -> (exit code, out, err)."""

import gc
import os
import signal
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

import hangs
import pytest
from tiny import HERE, TINY
from trouble import KINDS


class Said(NamedTuple):
    code: int
    out: str
    err: str


def pytest_collection_finish() -> None:
    """What is imported by now stays; looking through it for garbage took each test longer."""
    import ablate.train.job  # noqa: F401

    gc.collect()
    gc.freeze()


def pytest_unconfigure() -> None:
    gc.unfreeze()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call() -> Iterator[None]:
    """No test stands still for ever; those of ABLATE_LARGE may take as long as they like."""
    if os.environ.get("ABLATE_LARGE") or not hasattr(signal, "SIGALRM"):
        return (yield)
    os.environ["PYTHONFAULTHANDLER"] = "1"  # processes that it starts say where they are when they are aborted
    with hangs.ended_after(hangs.LIMIT_S):
        yield
    blocked = signal.pthread_sigmask(signal.SIG_SETMASK, [])
    assert not blocked, "processes of the tests that follow would not hear these signals"


@pytest.fixture
def train(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture) -> Callable[..., Said]:
    """Runs `python -m ablate.train WORDS` on the tiny recipe in a fresh folder, tracker off unless asked for."""
    from ablate.train.__main__ import main

    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "80")

    def call(*words: str, recipe: tuple[str, ...] = (*TINY, "tracker=none", HERE)) -> Said:
        given = {word.split("=")[0] for word in words}
        rest = [word for word in recipe if word.split("=")[0] not in given]
        monkeypatch.setattr(sys, "argv", ["ablate.train", *words, *rest])
        monkeypatch.setenv("HYDRA_FULL_ERROR", "0")
        with pytest.raises(SystemExit) as end:
            main()
        said = capsys.readouterr()
        return Said(int(end.value.code or 0), said.out, said.err)

    return call


@pytest.fixture
def trouble(tmp_path: Path) -> str:
    """`--config-dir` of a user with an `aug=` of each kind of trouble (trouble.py)."""
    (tmp_path / "mine" / "aug").mkdir(parents=True)
    for kind in KINDS:
        (tmp_path / "mine" / "aug" / f"{kind}.yaml").write_text(f"_target_: trouble.Trouble\nkind: {kind}\n")
    return "--config-dir=mine"


@pytest.fixture(scope="session")
def mnist() -> Path:
    """The folder of the real digits; skips without them, unless $ABLATE_REQUIRE_MNIST says they must be there."""
    from ablate.data.fetch import folder
    from ablate.data.files import locate
    from ablate.data.mnist import FILES, PUBLISHED

    place = folder(None, "mnist")
    if locate(place, FILES, PUBLISHED.places)[1]:
        if os.environ.get("ABLATE_REQUIRE_MNIST"):
            pytest.fail("MNIST must be here: python scripts/fetch_data.py mnist")
        pytest.skip("MNIST is not on this machine: python scripts/fetch_data.py mnist")
    return place
