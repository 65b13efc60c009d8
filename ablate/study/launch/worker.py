"""What a process of hydra/launcher=processes does: one job after the other, until there are no more."""

import multiprocessing
import os
import signal
import sys
import threading
from contextlib import suppress
from multiprocessing.connection import Connection, wait

import cloudpickle
from hydra.core.utils import JobReturn, JobStatus, run_job
from hydra.types import HydraContext, TaskFunction
from omegaconf import DictConfig, open_dict

from ablate.config.output import forgiving


@forgiving()
def work(
    pipe: Connection, printing: Connection | None, packed: bytes, environ: dict[str, str], once: bool
) -> None:
    """Runs what comes through the pipe, each a job's number and overrides; with `once` a single one.

    What it prints goes into `printing`, where there is such a pipe.
    """
    try:
        if printing:
            from ablate.study.launch.board import divert  # rich: only at a terminal

            divert(printing.fileno())
        as_if_started_anew()
        threading.Thread(target=follow_parent, daemon=True).start()
        os.environ.clear()
        os.environ.update(environ)
        jobs(pipe, packed, once=once)
    except KeyboardInterrupt as e:  # the run is saved and closed; the parent prints the line for all
        os._exit(128 + getattr(e, "number", signal.SIGINT))


def jobs(pipe: Connection, packed: bytes, *, once: bool) -> None:
    """The jobs that come through the pipe, until it is closed; with `once` a single one."""
    from ablate.study.launch.handed import unpacked

    task, context, config = unpacked(packed)
    with suppress(EOFError, OSError):
        while True:
            number, overrides = pipe.recv()
            pipe.send((number, sent(one_job(context, task, config, overrides, number))))
            if once:
                return


def as_if_started_anew() -> None:
    """Undoes what a fork shares with its siblings, or with its server, and a process of its own would not.

    That is random numbers of a program that does not seed them, how it starts processes of its own, and that the
    server does not hear Ctrl-C.
    """
    if hasattr(signal, "pthread_sigmask"):
        signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGINT})
    multiprocessing.set_start_method(None, force=True)
    if torch := sys.modules.get("torch"):
        torch.default_generator.seed()
    if numpy := sys.modules.get("numpy"):
        numpy.random.seed()


def one_job(
    context: HydraContext, task: TaskFunction, config: DictConfig, overrides: list[str], number: int
) -> JobReturn:
    """One job, as Hydra's own launchers run it. What it raises stays in the JobReturn."""
    composed = context.config_loader.load_sweep_config(config, overrides)
    with open_dict(composed):
        composed.hydra.job.id, composed.hydra.job.num = str(number), number
    return run_job(
        hydra_context=context,
        task_function=task,
        config=composed,
        job_dir_key="hydra.sweep.dir",
        job_subdir_key="hydra.sweep.subdir",
    )


def sent(job: JobReturn) -> bytes:
    """What became of a job, as the parent can read it."""
    try:
        return cloudpickle.dumps(job)
    except Exception as e:  # of a value or an error that is bound to its process
        lost = JobReturn()
        value = job._return_value
        is_error = job.status == JobStatus.FAILED
        lost.status = JobStatus.FAILED
        lost.return_value = RuntimeError(
            f"{type(value).__name__}: {value}" if is_error else f"its result cannot leave its process: {e}"
        )
        return cloudpickle.dumps(lost)


def follow_parent() -> None:
    """Asks this process to stop when its parent has gone."""
    parent = multiprocessing.parent_process()
    assert parent is not None
    wait([parent.sentinel])
    os.kill(os.getpid(), signal.SIGTERM)
