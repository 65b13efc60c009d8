"""Hydra's launchers and our sweeper with the defaults of this house: `hydra/launcher=joblib` and so on.

A file conf/hydra/launcher/joblib.yaml would hide the plugin's own of that name, and Hydra warns of it at each
start. So ours goes where theirs is, once all plugins have been found: keys and types are the plugin's. Only for
our own conf/: the launchers of other programs in this environment are left as they are.
"""

from typing import Any

from hydra.core.config_search_path import ConfigSearchPath
from hydra.plugins.search_path_plugin import SearchPathPlugin
from omegaconf import DictConfig, OmegaConf

from ablate import CONF

PLUGINS = {
    "joblib": "hydra_joblib_launcher.joblib_launcher.JoblibLauncher",
    "submitit_local": "hydra_submitit_launcher.submitit_launcher.LocalLauncher",
    "submitit_slurm": "hydra_submitit_launcher.submitit_launcher.SlurmLauncher",
    "ray": "hydra_ray_launcher.ray_launcher.RayLauncher",
}
OURS: dict[str, dict[str, Any]] = {
    "joblib": {
        "n_jobs": "${ablate.workers:${device}}",
        # A worker takes one run, when it is free.
        "batch_size": "1",
        "pre_dispatch": "n_jobs",
    },
    "submitit_local": {
        "name": "ablate",
        "timeout_min": 7 * 24 * 60,  # there is no queue on this machine, so a limit would only cut runs off
        "gpus_per_node": "${ablate.gpus:${device}}",  # those a run sees; it takes one of them
    },
    "submitit_slurm": {
        "name": "ablate",
        "timeout_min": 240,  # a run that needs longer is requeued and goes on from its checkpoint,
        "max_num_timeout": 20,  # at most so often,
        "signal_delay_s": 120,  # and gets so many seconds to write one
        "cpus_per_task": 2,
    },
    "ray": {
        "ray": {
            "init": {
                # "local": a cluster of this machine's own for as long as the study takes. By itself ray would join
                # the one that was started last here, and wait for many minutes where that is gone.
                "address": "${oc.env:RAY_ADDRESS,local}",
                "include_dashboard": False,
                "log_to_driver": False,
                "object_store_memory": None,  # the plugin would set one, which a cluster that runs refuses
            },
            # sweep.crash_retries decides whether a run is tried again, not ray.
            "remote": {"num_cpus": 1, "num_gpus": "${ablate.one_gpu:${device}}", "max_retries": 0},
        }
    },
}


SWEEPER = {
    "experiment": "ablate.train.experiment.VisionTransformer",
    "audit": "ablate.audit.audit.warnings",
    "inspect": "ablate.inspect.after.look_into_best",
    "options": "sweep",  # at the root of our own config
}


class Launchers(SearchPathPlugin):
    """Adds nothing to the search path; Hydra calls this when every plugin is known and before it composes."""

    def manipulate_search_path(self, search_path: ConfigSearchPath) -> None:
        if not any(is_ours(one.path) for one in search_path.get_path() if one.provider == "main"):
            return
        from ablate.config.hydra_versions import store
        from ablate.study.launch import machine

        machine.register()
        store("hydra/sweeper", "ablate", merged("hydra/sweeper", "ablate", SWEEPER))
        for name, ours in OURS.items():
            store("hydra/launcher", name, merged("hydra/launcher", name, ours))


def is_ours(path: str | None) -> bool:
    """Whether the main entry of a search path is our conf/."""
    return path is not None and path.removeprefix("file://") == str(CONF)


def merged(group: str, name: str, ours: dict[str, Any]) -> DictConfig:
    """The plugin's own config with our defaults; if it is not installed, one that names it for the error."""
    from hydra.core.config_store import ConfigStore

    known = ConfigStore.instance()
    if f"{name}.yaml" not in known.list(group):
        return OmegaConf.create({"_target_": f"hydra_plugins.{PLUGINS[name]}"} | ours)
    whole = OmegaConf.merge(known.load(f"{group}/{name}.yaml").node, ours)
    assert isinstance(whole, DictConfig)
    return whole
