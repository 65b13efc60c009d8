"""Every test has a home, a W&B configuration and a decision of its own; none sees the user's."""

import os
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from wandb_archive import Archive
from wandb_double import KEY, Double

from ablate.records.run_record import RunRecord
from ablate.tracking import mode as modes

sys.path.append(str(Path(__file__).parents[1] / "report"))  # made_study: studies of known truth


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A fresh home folder with no credentials in it, in a process that has decided nothing."""
    for variable in [name for name in os.environ if name.startswith("WANDB_") or name.lower().endswith("_proxy")]:
        monkeypatch.delenv(variable)
    place = tmp_path / "home"
    for variable in ("HOME", "WANDB_DIR", "WANDB_CONFIG_DIR", "WANDB_CACHE_DIR", "WANDB_DATA_DIR"):
        (place / variable.lower()).mkdir(parents=True)
        monkeypatch.setenv(variable, str(place / variable.lower()))
    monkeypatch.setenv("NETRC", str(place / "netrc"))
    monkeypatch.setenv("WANDB_ERROR_REPORTING", "false")  # no telemetry among the requests
    monkeypatch.setattr(modes, "_decided", {})
    monkeypatch.chdir(tmp_path)
    yield place
    if "wandb" in sys.modules:
        import wandb
        from wandb.sdk.lib import wbauth

        wandb.teardown()
        wbauth.unauthenticate_session(update_settings=False)  # it would outlive the teardown


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[Double]:
    """A W&B server that this process has a key for."""
    with Double() as double:
        monkeypatch.setenv("WANDB_BASE_URL", double.url)
        monkeypatch.setenv("WANDB_API_KEY", KEY)
        yield double


@pytest.fixture
def archive(monkeypatch: pytest.MonkeyPatch) -> Iterator[Archive]:
    """The same, and it gives back what it was sent."""
    with Archive() as double:
        monkeypatch.setenv("WANDB_BASE_URL", double.url)
        monkeypatch.setenv("WANDB_API_KEY", KEY)
        yield double


@pytest.fixture
def study(tmp_path: Path) -> Path:
    """The folder of a study; its name has a space in it."""
    return tmp_path / "runs" / "patch pos"


@pytest.fixture
def record() -> Callable[..., RunRecord]:
    """The record of a run that begins: `record(pos="none", seed=1)`."""

    def make(seed: int = 0, patch: str = "4", pos: str = "learned") -> RunRecord:
        return RunRecord(
            id=f"{seed:012x}",
            study="patch pos",
            state="running",
            cell={"pos": pos, "patch": patch},
            seed=seed,
            overrides=[f"pos={pos}", f"patch={patch}", f"seed={seed}"],
            choices={"data": "mnist", "pos": pos, "patch": patch, "tracker": "wandb"},
            config={"seed": seed, "model": {"dim": 64, "depth": 4}, "optim": {"lr": 0.004}},
        )

    return make
