"""Runs `python -m ablate.report` in this process: `told("runs/made") -> (exit code, out, err)`."""

from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import pytest


class Told(NamedTuple):
    code: int
    out: str
    err: str

    @property
    def text(self) -> str:
        """What was printed, on one line, so that a test need not know where lines were broken."""
        return " ".join(self.out.split())


@pytest.fixture
def told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture) -> Callable[..., Told]:
    from ablate.report.__main__ import main

    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "80")

    def call(*words: str) -> Told:
        code = main(list(words))
        said = capsys.readouterr()
        return Told(code, said.out, said.err)

    return call
