"""The loader with a memory loads what Hydra's own does: every key, kind, flag and word, or the same error."""

import os
import pickle
from collections.abc import Callable, Iterator
from typing import Any

import fuzz
import pytest
from hydra import initialize_config_dir
from hydra.core.global_hydra import GlobalHydra
from hydra.types import RunMode
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from omegaconf import DictConfig, OmegaConf
from tiny import TINY

from ablate import CONF
from ablate.config.hydra_versions import MINOR, VERSION_BASE
from ablate.config.loader import Loader

pytestmark = pytest.mark.hydra
REFUSED = pytest.mark.skipif(MINOR >= (1, 4), reason="Hydra refuses it, and only ours has a use for it")
COMMAND = ["hydra.launcher.workers=2", "hydra/job_logging=none", "hydra.sweep.dir=of_the_command"]


@pytest.fixture(scope="module")
def loaders() -> Iterator[tuple[Any, Loader, DictConfig]]:
    """(Hydra's own, ours around it, the config of a command that has some words of its own)."""
    with initialize_config_dir(str(CONF), **VERSION_BASE):
        own = GlobalHydra.instance().config_loader()
        yield own, Loader(own), own.load_configuration("config", [*COMMAND, "pos=none"], run_mode=RunMode.MULTIRUN)


def outcome(load: Callable[[], DictConfig]) -> tuple[object, ...]:
    try:
        config = load()
    except Exception as e:
        return type(e), str(e)
    return OmegaConf.to_container(config, resolve=False), list(kinds(config))


def kinds(node: Any, key: str = "") -> Iterator[tuple[object, ...]]:
    """Every node of a config with its kind and flags."""
    flags = [node._get_flag(flag) for flag in ("struct", "readonly", "allow_objects")]
    yield key, type(node), node._metadata.ref_type, node._metadata.object_type, node._metadata.optional, *flags
    if OmegaConf.is_dict(node) and not node._is_none() and not node._is_interpolation():
        for name in node:
            yield from kinds(node._get_node(name), f"{key}.{name}")


def agree(loaders: tuple[Any, Loader, DictConfig], words: list[str]) -> None:
    own, ours, master = loaders
    for _ in range(2):  # made, and copied
        assert outcome(lambda: ours.load_sweep_config(master, words)) == outcome(
            lambda: own.load_sweep_config(master, words)
        )


@pytest.mark.parametrize(
    "words",
    [
        [],
        [*TINY],
        ["pos='none'", "seed=3", "pos=learned", "seed=4"],
        ["seed=3", "+extra.a=1", "seed=4", "extra.a=2", "model=timm_vit_tiny"],
        ["~model.dim", "model.depth=2"],
        ["model.depth=2", "~model.depth"],
        ["+study=position", "model={dim: 16, heads: 4}", "optim.betas=[0.5,0.9]"],
        ["++model.new={a: [1, 2]}", "++seed=7", "hydra.sweep.subdir='a b'"],
        pytest.param(
            ["hydra.sweeper.run='{\"a\": 1}'"],
            marks=pytest.mark.skipif(MINOR >= (1, 4), reason="Hydra refuses it"),
        ),
        ["hydra.job.config.override_dirname.exclude_keys=[seed]", "seed=3", "epochs=1", "hydra.sweep.dir=there"],
        ["hydra.job.env_copy=[HOME]", "epochs=${seed}", "clip=null", "name='x=y,z'"],
        ["hydra.searchpath=[pkg://somewhere]", "seed=1"],
        ["hydra.mode=RUN", "hydra={}", "seed=1"],
        ["seed=1,2"],
        ["pos=lerned", "seed=1"],
        ["optim.lrr=1"],
        ["epochs={a: 1}", "model.dim.x=1"],
        ["+seed=1"],
        ["model@here=vit", "seed=1"],
        ["pos=", "seed="],
        ["pos", "seed=1"],
        ["seed", "a b=c"],
    ],
    ids=" ".join,
)
@pytest.mark.filterwarnings("ignore:provider=hydra.searchpath")
def test_it_is_what_hydra_loads(loaders, words):
    agree(loaders, words)


@settings(
    max_examples=int(os.environ.get("ABLATE_FUZZ", 8)),
    deadline=None,
    derandomize=True,
    database=None,
    suppress_health_check=list(HealthCheck),
)
@given(words=st.lists(st.one_of(fuzz.fitting(), fuzz.words(), fuzz.mistyped()), max_size=5))
@pytest.mark.filterwarnings("ignore:provider=hydra.searchpath")
def test_so_it_is_for_random_words(loaders, words):
    agree(loaders, words)


def test_hydra_composes_each_choice_of_groups_once(loaders, monkeypatch):
    own, _, master = loaders
    ours, asked = Loader(own), []
    load = own.load_sweep_config
    monkeypatch.setattr(own, "load_sweep_config", lambda m, words: asked.append(words) or load(m, words))
    for words in (["pos=none", "seed=1"], ["seed=2", "pos=none", "optim.lr=1"], ["pos=rope"], ["pos=none"]):
        ours.load_sweep_config(master, words)
    assert asked == [["pos=none"], ["pos=rope"]]


def test_what_was_loaded_may_be_changed(loaders):
    _, ours, master = loaders
    words = ["pos=none", "optim.betas=[0.1,0.2]"]
    first = ours.load_sweep_config(master, words)
    first.optim.betas.append(0.3)
    first.model.dim = 1
    agree(loaders, words)


def test_a_job_is_not_given_its_memory(loaders):
    own, ours, master = loaders
    ours.load_sweep_config(master, [])
    assert ours.memory.made
    there = pickle.loads(pickle.dumps(ours))
    assert not there.memory.made
    assert outcome(lambda: there.load_sweep_config(master, [*TINY])) == outcome(
        lambda: own.load_sweep_config(master, [*TINY])
    )
