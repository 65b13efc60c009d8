"""A program's own function with a record around it: what a launcher is given in its place."""

import sys
from pathlib import Path
from typing import Any

from hydra.types import TaskFunction
from omegaconf import DictConfig

MAIN = "__main__"


class Recorded:
    """Called with a config it is one run of a study: claimed, recorded, and not done if it was done before.

    `program` is the module that the function is of, by the name under which other processes find its file in
    `folder`.
    """

    def __init__(self, task: TaskFunction) -> None:
        self.task = task
        self.__name__ = getattr(task, "__name__", type(task).__name__)
        self.__module__ = getattr(task, "__module__", MAIN)
        self.program, self.folder = program_of(self.__module__)

    def __call__(self, cfg: DictConfig) -> Any:
        from ablate.records.stop import Stopped, pass_on
        from ablate.study.job import one_run

        if self.folder and self.folder not in sys.path:
            sys.path.append(self.folder)
        try:
            return one_run(cfg, self.task, self.program)
        except Stopped as e:  # submitit may queue it again
            pass_on(e.number)
            raise


def typed() -> tuple[str, ...]:
    """The first words of this program's command: `python train.py` or `python -m package.train`.

    A program may have taken some of its words away before Hydra saw the rest, as in `tool train -m a=1,2`.
    """
    given, whole = sys.argv[1:], sys.orig_argv
    if given and whole[-len(given) :] == given and (before := whole[1 : -len(given)]):
        return ("python", *before)
    module, _ = program_of(MAIN)
    spec = getattr(sys.modules.get(MAIN), "__spec__", None)
    return ("python", "-m", str(module)) if spec and module else ("python", sys.argv[0])


def program_of(module: str) -> tuple[str | None, str | None]:
    """The name of a module and the folder to find it in: of the program's file its own instead of `__main__`."""
    main = sys.modules.get(MAIN)
    if module != MAIN or main is None:
        return module, None
    if spec := getattr(main, "__spec__", None):
        return str(spec.name).removesuffix(f".{MAIN}"), None
    file = getattr(main, "__file__", None)
    return (Path(file).stem, str(Path(file).resolve().parent)) if file else (None, None)
