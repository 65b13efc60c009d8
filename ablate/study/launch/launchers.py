"""A batch of runs, handed to one of Hydra's launchers; returns when all of them have ended, well or not.

A launcher stops at the first run that failed. Other jobs of submitit may then still be running or
waiting, and it would be too early to judge them or to launch them again.
"""

import os
import shutil
import signal
from collections.abc import Callable, Sequence
from functools import cache
from pathlib import Path

from omegaconf import DictConfig, OmegaConf, open_dict, read_write

from ablate.config.errors import UserError
from ablate.config.words import key_of
from ablate.study.home import home_of
from ablate.study.launch import environment
from ablate.study.launch.elsewhere import Elsewhere, Here
from ablate.study.launch.hydra_launcher import Batch, HydraLauncher
from ablate.study.launch.local import each, on_this_machine
from ablate.study.launch.share import Share

AT_LEAST_ONE = ("workers", "n_jobs", "cpus_per_task", "nodes", "tasks_per_node", "timeout_min")


def refuse_none(hydra: DictConfig) -> None:
    """UserError for settings of Hydra's with which no run would start; -1 may stand for all there are."""
    for key in AT_LEAST_ONE:
        if key in hydra.launcher and hydra.launcher[key] == 0:
            raise UserError(f"hydra.launcher.{key}=0: too small; 1 or more works")
    if (most := hydra.sweeper.max_batch_size) is not None and most < 1:
        raise UserError(f"hydra.sweeper.max_batch_size={most}: too small; 1 or more works, null for all at once")


def isolated(config: DictConfig) -> bool:
    """Whether each run has a process of its own: those of somebody else's program have.

    Hydra's basic launcher, unless the command names it, then gives way to ours: with it a run that dies, or that
    calls sys.exit, would take all others with it.
    """
    if home_of(config.hydra.sweeper).is_ours:
        return False
    named = any(key_of(word) == "hydra/launcher" for word in config.hydra.overrides.hydra)
    if not named and str(config.hydra.launcher.get("_target_")) == BASIC:
        with read_write(config.hydra), open_dict(config.hydra):
            config.hydra.launcher = {"_target_": OWN, "workers": "auto"}
    return True


BASIC = "hydra._internal.core_plugins.basic_launcher.BasicLauncher"
OWN = "hydra_plugins.ablate_launcher.processes.ProcessesLauncher"


def launch(
    launcher: HydraLauncher, batch: Batch, first: int, share: Share, stop: Callable[[], None] = lambda: None
) -> None:
    """Trains a batch with a launcher of Hydra's; `first` is the number of its first run.

    `stop` is called before runs are asked to end: those that have not begun by then are not to.
    Raises what the launcher raised first: an exception of a run, or that the process of one died.
    """
    kind = type(launcher).__name__
    if kind == "ProcessesLauncher":
        from ablate.study.launch import pool

        launcher.workers, launcher.threads = share.workers, share.threads
        if error := pool.first_error(launcher.launch(batch, initial_job_idx=first)):
            raise error
        return
    if kind != "SlurmLauncher":  # whose nodes know how many cores they gave
        os.environ.setdefault("OMP_NUM_THREADS", str(share.threads))  # the jobs inherit it
    if kind in ("LocalLauncher", "SlurmLauncher"):
        # Hydra made the launcher before the study had a name, and with it a folder.
        launcher.params["submitit_folder"] = str(launcher.config.hydra.launcher.submitit_folder)
    if kind == "LocalLauncher":
        on_this_machine(launcher, batch, first, share, stop)
    elif kind == "SlurmLauncher":
        if shutil.which("srun") is None:
            raise UserError("hydra/launcher=submitit_slurm: no Slurm commands here; a login node has them")
        from ablate.study.launch.slurm import SETUP, in_queue

        theirs = [line for line in launcher.params["setup"] or [] if line != SETUP]
        launcher.params["setup"] = [SETUP, *theirs]
        with in_queue(Path(launcher.params["submitit_folder"])):
            launcher.launch(batch, initial_job_idx=first)
    elif kind == "RayLauncher":
        on_ray(launcher, batch, first)
    else:
        launcher.launch(batch, initial_job_idx=first)


def calls(launcher: HydraLauncher, modules: Sequence[str]) -> Here:
    """What the planning calls with what may need `modules`, which the runs import too.

    Where the launcher starts the processes of runs itself, they get ready while the study is still planned.
    """

    @cache
    def warm() -> None:
        environment.prepare()
        if is_own:
            launcher.warm(modules)

    is_own = type(launcher).__name__ == "ProcessesLauncher"
    is_apart = is_own and launcher.can_fork and home_of(launcher.config.hydra.sweeper).is_ours
    return Elsewhere(warm) if is_apart else Here(warm)


def is_pool(launcher: HydraLauncher) -> bool:
    """Whether a worker that dies takes the launcher's others with it."""
    return type(launcher).__name__ == "JoblibLauncher"


def on_ray(launcher: HydraLauncher, batch: Batch, first: int) -> None:
    """All at once: ray starts a run when there is room for it, in whatever folder and by whatever process."""
    told = {"ABLATE_FOLDER": os.getcwd(), "ABLATE_PARENT": str(os.getpid())}
    env = {"env_vars": told, "worker_process_setup_hook": "ablate.study.launch.launchers.to_folder"}
    OmegaConf.update(launcher.ray_cfg, "init.runtime_env", env, force_add=True)
    kept = signal.getsignal(signal.SIGTERM)
    launcher.launch([], first)  # begins ray, which takes this signal
    signal.signal(signal.SIGTERM, kept)
    try:
        each(launcher, batch, first, len(batch))
    except KeyboardInterrupt:
        import ray

        ray.shutdown()
        raise


def to_folder() -> None:
    """Changes to the folder that the command was given in, for a worker of ray."""
    os.chdir(os.environ["ABLATE_FOLDER"])
