"""Where the versions of Hydra differ, and the private names of other packages that we cannot do without."""

import warnings
from collections.abc import Callable
from typing import Any

import hydra
from hydra.core.config_store import ConfigStore
from omegaconf import OmegaConf

from ablate import CONF

MINOR = tuple(int(part) for part in hydra.__version__.split(".")[:2])
# From 1.4 on Hydra has one behaviour, and warns of whoever names it; before, it warns of whoever does not.
VERSION_BASE: dict[str, Any] = {"version_base": "1.3"} if MINOR < (1, 4) else {}

# `package.module:Class.name`, or `package:module` -> why there is no public way.
# tests/config/test_hydra_versions.py finds each in the package that is installed, and no other in our code.
PRIVATE: dict[str, str] = {
    "hydra.core.override_parser.types:Override._value": (
        "only it knows whether a value was quoted (a word) or not (a number perhaps); value() drops the quotes"
    ),
    "hydra.core.utils:JobReturn._return_value": (
        "what a job returned or raised; its public name prints, and raises, what is only to be handed on"
    ),
    "submitit.core.core:InfoWatcher._registered": "the jobs that submitit waits for; squeue is asked for them",
    "submitit.core.core:InfoWatcher._finished": "those it waits for no more",
    "submitit.core.core:InfoWatcher._make_command": "the one place where submitit calls sacct; ours calls squeue",
    "torch:_dynamo": "the limit of compiled shapes in one process, which a study of many models passes",
    "wandb_workspaces.workspaces:Workspace._to_model": "what would be saved, for --json, without an account",
    "wandb_workspaces.workspaces:Workspace._internal_id": "a saved workspace is changed by its id, not made anew",
    "wandb_workspaces.workspaces:Workspace._internal_name": "the same, by the name that W&B gave it",
}


def main(config_name: str) -> Callable[[Callable[..., None]], Callable[..., None]]:
    """hydra.main for a config in conf/, without the warnings of any version."""
    decorator: Callable[..., Any] = hydra.main(config_path=str(CONF), config_name=config_name, **VERSION_BASE)
    return decorator


def add_resolver(name: str, function: Callable[..., Any]) -> None:
    """What `${name:argument}` of a config means from now on. OmegaConf 2.4, which Hydra 1.4 wants, renamed it."""
    known: Any = OmegaConf
    add = known.register_new_resolver if MINOR < (1, 4) else known.register_resolver
    add(name, function, replace=True)


def instantiate(node: Any, **more: Any) -> Any:
    """hydra.utils.instantiate. A config names its user's own classes, so there can be no list of what it may name.

    Hydra 1.4 warns where there is none. Its list of what no config may name (os.system, say) stays in force.
    """
    from hydra import utils

    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message=r"\s*hydra\.utils\.instantiate\(\) resolved _target_")
        return utils.instantiate(node, **more)


def store(group: str, name: str, node: Any) -> None:
    """Makes `group=name` a choice, in place of any that was there. Hydra 1.4 asks for the second to be said."""
    replace: dict[str, Any] = {} if MINOR < (1, 4) else {"replace": True}
    ConfigStore.instance().store(group=group, name=name, node=node, provider="ablate", **replace)
