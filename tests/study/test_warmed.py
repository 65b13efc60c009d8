"""The server of processes has what a program imports, and runs nothing of it."""

import sys
from pathlib import Path

from ablate.study.launch import warmed


def test_only_installed_packages_are_imported(tmp_path, monkeypatch):
    monkeypatch.syspath_prepend(tmp_path)
    (tmp_path / "of_the_program.py").write_text("raise SystemExit('run')\n")
    program = tmp_path / "program.py"
    program.write_text(
        "import os, numpy.linalg, jax, tensorflow.keras\nimport of_the_program\n"
        "from omegaconf import OmegaConf as O\n"
        "from . import near\nimport not_there_at_all\nprint('run')\nif True:\n    import torch.fft\n"
    )
    assert list(warmed.packages(program)) == ["numpy.linalg", "omegaconf"]
    warmed.prepare(str(program))
    assert "of_the_program" not in sys.modules


def test_a_file_that_cannot_be_read_costs_nothing(tmp_path, capsys):
    (tmp_path / "broken.py").write_bytes(b"\xff def (")
    for file in ("broken.py", "absent.py"):
        warmed.prepare(str(tmp_path / file))
    warmed.prepare(None)
    assert capsys.readouterr().out == ""


def test_a_package_that_fails_is_left_to_the_program(tmp_path, monkeypatch):
    package = tmp_path / "failing.py"
    package.write_text("print('it says so')\nraise RuntimeError\n")
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.setattr(warmed, "INSTALLED", (str(tmp_path),))
    (tmp_path / "program.py").write_text("import failing\n")
    warmed.prepare(str(Path(tmp_path, "program.py")))
    assert "failing" not in sys.modules
