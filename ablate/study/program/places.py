"""What a run is, when its program says so only with its config: all of it that does not depend on place or time.

The config is resolved as if in two places at two moments. A value that differs says where and when a run is done,
not what it is; its text as it is written stands for it. The rest is the run's identity.
"""

import os
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from typing import Any, cast

from hydra.core.hydra_config import HydraConfig
from hydra.core.utils import setup_globals
from omegaconf import DictConfig, ListConfig, OmegaConf, open_dict, read_write
from omegaconf.errors import OmegaConfBaseException

from ablate.config.hydra_versions import add_resolver
from ablate.records.run_record import Config

ELSEWHERE = "/elsewhere"
OF_A_HOST = ("HOSTNAME", "HOST", "USER", "LOGNAME", "CUDA_VISIBLE_DEVICES")  # and all that Slurm sets
PROGRAM = "hydra.job.name"


def read(cfg: DictConfig, ignore: Iterable[str] = ()) -> tuple[Config, Config]:
    """A composed config with Hydra's part -> (as it is here and now, what of it says what the run is).

    The second is flat: dotted keys and their values.
    """
    config = plain(cfg)
    here, elsewhere = leaves(config), leaves(as_if_elsewhere(cfg))
    written = leaves(as_written(cfg))
    identity = {
        key: value if elsewhere.get(key, ELSEWHERE) == value else written.get(key)
        for key, value in here.items()
        if not inside(key, ignore)
    }
    return config, identity | {PROGRAM: str(cfg.hydra.job.name)}


def place_keys(cfg: DictConfig) -> list[str]:
    """The keys whose values change with place or time."""
    here, elsewhere = leaves(plain(cfg)), leaves(as_if_elsewhere(cfg))
    return [key for key, value in here.items() if elsewhere.get(key, ELSEWHERE) != value]


def inside(key: str, keys: Iterable[str]) -> bool:
    return any(key == one or key.startswith(f"{one}.") for one in keys)


def plain(cfg: DictConfig) -> Config:
    """A config without Hydra's part, resolved, as plain data."""
    with current(cfg):
        return {str(key): value_of(cfg, str(key)) for key in cfg if key != "hydra"}


def as_if_elsewhere(cfg: DictConfig) -> Config:
    """The same as if in another folder of another host, at another time."""
    moved = cfg.copy()
    OmegaConf.clear_cache(moved)
    with read_write(moved), open_dict(moved), read_write(moved.hydra), open_dict(moved.hydra):
        moved.hydra.job.id, moved.hydra.job.num = "elsewhere", 987_654
        for key in ("runtime.cwd", "runtime.output_dir", "sweep.dir", "sweep.subdir", "run.dir"):
            with suppress(OmegaConfBaseException):
                OmegaConf.update(moved.hydra, key, f"{ELSEWHERE}/{key}", force_add=True)
    with other_place():
        return plain(moved)


@contextmanager
def current(cfg: DictConfig) -> Iterator[None]:
    """Inside, `${hydra:...}` speaks of this config; that of a job has no such part, and needs none."""
    if "hydra" not in cfg:
        yield
        return
    known = HydraConfig.instance()
    before = known.cfg
    known.set_config(cfg)
    try:
        yield
    finally:
        known.cfg = before


@contextmanager
def other_place() -> Iterator[None]:
    """Inside, the folder, the paths of the environment and the time are others."""
    kept, folder = dict(os.environ), os.getcwd()
    os.environ.update({name: ELSEWHERE for name, value in kept.items() if is_of_place(name, value)})
    os.chdir("/")
    try:
        with other_time():
            yield
    finally:
        os.chdir(folder)
        os.environ.clear()
        os.environ.update(kept)


@contextmanager
def other_time() -> Iterator[None]:
    """Inside, `${now:...}` is another time."""
    add_resolver("now", lambda pattern: f"then {pattern}")
    try:
        yield
    finally:
        setup_globals()  # Hydra's own


def is_of_place(name: str, value: str) -> bool:
    """Whether a variable of the environment says where a program runs."""
    return name in OF_A_HOST or name.startswith("SLURM_") or value.startswith(("/", "~", "file:"))


def as_written(cfg: DictConfig) -> Config:
    copied = cfg.copy()
    with read_write(copied), open_dict(copied):
        copied.pop("hydra", None)
    found: Any = OmegaConf.to_container(copied, resolve=False, throw_on_missing=False)
    return {str(key): value for key, value in found.items()}


def value_of(node: DictConfig | ListConfig, key: str | int) -> Any:
    """A node as data that JSON can hold; a leaf that cannot be resolved stands as it is written."""
    try:
        child = cast(Any, node)[key]
    except Exception:  # a resolver of the program's own may raise anything
        written: Any = OmegaConf.to_container(node, resolve=False, throw_on_missing=False)
        return str(written[key])
    if OmegaConf.is_dict(child):
        return {str(name): value_of(child, name) for name in child}
    if OmegaConf.is_list(child):
        return [value_of(child, index) for index in range(len(child))]
    is_plain = child is None or isinstance(child, bool | int | str) or (isinstance(child, float) and finite(child))
    return child if is_plain else str(child)


def finite(number: float) -> bool:
    return number == number and abs(number) != float("inf")


def leaves(node: object, path: str = "") -> Config:
    """Dotted keys of all values; an empty dict or list is one."""
    if isinstance(node, dict | list) and node:
        children = node.items() if isinstance(node, dict) else enumerate(node)
        return {k: v for key, child in children for k, v in leaves(child, f"{path}.{key}").items()}
    return {path.removeprefix("."): node}
