"""A composed config as plain dicts, and the choice of each of its groups."""

from typing import Any

from omegaconf import DictConfig, OmegaConf


def choices_of(hydra: Any) -> dict[str, str]:
    """The choice of every config group but Hydra's own; one that is switched off is left out."""
    chosen = hydra.runtime.choices.items()
    return {k: str(v) for k, v in chosen if v is not None and not k.startswith("hydra/")}


def plain(cfg: DictConfig, *, resolve: bool) -> dict[str, Any]:
    """The config without Hydra's part, as plain dicts."""
    keys = [str(key) for key in cfg if key != "hydra"]
    container: Any = OmegaConf.to_container(
        OmegaConf.masked_copy(cfg, keys), resolve=resolve, throw_on_missing=resolve
    )
    return container


def part(cfg: DictConfig, name: str) -> dict[str, Any]:
    """One node as plain dicts. Other nodes may refer to values that only the runs of a study have."""
    container: Any = OmegaConf.to_container(cfg[name], resolve=True)
    return container
