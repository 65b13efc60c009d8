"""A program's function as another process gets it.

One that a module holds goes by its name, so that all of its module is there. Any other, such as one within a
function, or of a program that would begin anew if it were imported, goes as it is, with all that it refers to.
"""

import ast
import importlib
import inspect
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from operator import attrgetter
from pathlib import Path
from types import ModuleType

import cloudpickle
from hydra.core.singleton import Singleton
from hydra.types import HydraContext, TaskFunction
from omegaconf import DictConfig

from ablate.config.errors import UserError
from ablate.config.loader import Loader
from ablate.study.recorded import Recorded

MAIN = "__main__"


def packed(task: TaskFunction, context: HydraContext, config: DictConfig) -> bytes:
    """All that a job needs: the function, and what the program has given Hydra and OmegaConf.

    UserError if it cannot be handed on.
    """
    recorded = task if isinstance(task, Recorded) else None
    own = recorded.task if recorded else task
    loader = context.config_loader
    memory = loader.memory if isinstance(loader, Loader) else None  # what was composed to plan the runs
    try:
        return cloudpickle.dumps((recorded, by_name(own), context, config, Singleton.get_state(), memory))
    except Exception as e:  # whatever the program's objects raise
        what = (str(e).splitlines() or [type(e).__name__])[0]
        name = getattr(own, "__name__", own)
        raise UserError(
            f"{name}: cannot be handed to another process ({what}); hydra/launcher=basic needs none"
        ) from e


def unpacked(data: bytes) -> tuple[TaskFunction, HydraContext, DictConfig]:
    """The other end of `packed`."""
    recorded, found, context, config, state, memory = cloudpickle.loads(data)
    Singleton.set_state(state)  # with what Hydra's own start would have registered
    if memory:
        context.config_loader.memory = memory
    task = looked_up(*found) if isinstance(found, tuple) else found
    if recorded is None:
        return task, context, config
    recorded.task = task
    return recorded, context, config


def by_name(task: TaskFunction) -> tuple[str, str, int] | TaskFunction:
    """(module, name, how many decorators stand around it), or the function where no name leads to it."""
    module = getattr(task, "__module__", None)
    name = getattr(task, "__qualname__", None)
    if not module or not name or (module == MAIN and not is_importable()):
        return task
    try:
        found = attrgetter(name)(sys.modules[module])
    except (AttributeError, KeyError):  # it stands within a function
        return task
    around = layers(found)
    return (module, name, around.index(task)) if task in around else task


def looked_up(module: str, name: str, depth: int) -> TaskFunction:
    return layers(attrgetter(name)(importlib.import_module(module)))[depth]


def layers(function: TaskFunction) -> list[TaskFunction]:
    """A function, and what its decorators stand around, the innermost last."""
    outer: list[TaskFunction] = []
    inner: TaskFunction = inspect.unwrap(function, stop=lambda one: bool(outer.append(one)))  # type: ignore[func-returns-value]
    return [*outer, inner]


def is_importable() -> bool:
    """Whether the program's file may be imported a second time: what it does is under `if __name__ == ...`."""
    main = sys.modules.get(MAIN)
    file = getattr(main, "__file__", None)
    spec = getattr(main, "__spec__", None)
    if not file or (
        spec and spec.name.endswith(f".{MAIN}")
    ):  # of a package, which multiprocessing does not import
        return False
    try:
        tree = ast.parse(Path(file).read_bytes())
    except (OSError, SyntaxError, ValueError):
        return False
    guards = (node.test for node in tree.body if isinstance(node, ast.If))
    return any(isinstance(part, ast.Name) and part.id == "__name__" for test in guards for part in ast.walk(test))


@contextmanager
def apart() -> Iterator[None]:
    """Inside, multiprocessing does not import the program's file in the processes it starts, unless it may."""
    main: ModuleType | None = sys.modules.get(MAIN)
    if main is None or is_importable():
        yield
        return
    kept = {name: getattr(main, name) for name in ("__file__", "__spec__") if hasattr(main, name)}
    main.__spec__ = None
    vars(main).pop("__file__", None)
    try:
        yield
    finally:
        for name, value in kept.items():
            setattr(main, name, value)
