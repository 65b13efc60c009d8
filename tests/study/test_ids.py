"""Identities that runs on other people's disks already have: a change here would train all of them again."""

import pytest
from hydra import compose, initialize_config_dir

from ablate import CONF
from ablate.config.hydra_versions import VERSION_BASE
from ablate.config.plain import plain
from ablate.records import record

pytestmark = pytest.mark.hydra

KNOWN = {
    (): "c94933fcf885",
    ("pos=none",): "dd6e269346f5",
    ("patch='4'", "pos=none", "seed=1"): "437a1f771e38",
    ("model=timm_vit_tiny", "patch='7'"): "b01af8c366ac",
    ("data=synthetic", "optim.lr=1e-3", "color=rgb", "tracker=none"): "9cc81cb7358f",
    ("patch='7'", "pool=cls", "pos=sinusoidal", "seed=2"): "6af66fa2c792",
}


@pytest.mark.parametrize("words", KNOWN, ids=" ".join)
def test_a_run_keeps_its_id(words):
    with initialize_config_dir(str(CONF), **VERSION_BASE):
        config = plain(compose("config", list(words)), resolve=True)
    assert record.identity(config) == KNOWN[words]
