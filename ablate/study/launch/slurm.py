"""Slurm jobs that die are seen to be dead.

submitit asks sacct, which needs a database that many clusters do not run; without it a job that was killed counts
as "unknown" for ever, and whoever waits for it hangs. squeue needs the controller alone.
"""

import getpass
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from submitit.core.utils import UncompletedJobError
from submitit.slurm.slurm import SlurmInfoWatcher, SlurmJob

from ablate.config.errors import UserError

# https://slurm.schedmd.com/squeue.html#SECTION_JOB-STATE-CODES; a preempted job may be queued again
ENDED = {"BOOT_FAIL", "CANCELLED", "COMPLETED", "DEADLINE", "FAILED", "NODE_FAIL", "OUT_OF_MEMORY", "TIMEOUT"}
# srun learns of the cores through this variable only (Slurm 22.05 and later).
SETUP = "export SRUN_CPUS_PER_TASK=$SLURM_CPUS_PER_TASK OMP_NUM_THREADS=$SLURM_CPUS_PER_TASK"
GONE = "GONE"  # ours: no longer in the queue, where Slurm keeps a job that ended for MinJobAge (300 s)


class Queue(SlurmInfoWatcher):
    """What submitit knows of its jobs, read from squeue at most every `delay_s` seconds."""

    def _make_command(self) -> list[str] | None:
        if not self._registered - self._finished:
            return None
        # One line a job, also for the elements of an array. Asked for by number, jobs that all are gone would
        # be an error like that of a controller which does not answer.
        return [
            "squeue",
            "--noheader",
            "--array",
            "--states=all",
            f"--user={getpass.getuser()}",
            "--format=%i|%T|%N",
        ]

    def read_info(self, string: bytes | str) -> dict[str, dict[str, str]]:
        """Job -> its JobID, State and NodeList."""
        text = string if isinstance(string, str) else string.decode()
        lines = [line.split("|") for line in text.splitlines() if line.count("|") == 2]
        found = {job: {"JobID": job, "State": state, "NodeList": nodes} for job, state, nodes in lines}
        return {job: found.get(job, {"JobID": job, "State": GONE}) for job in self._registered}

    def is_done(self, job_id: str, mode: str = "standard") -> bool:
        return self.get_state(job_id, mode=mode).upper() in ENDED | {GONE}


@contextmanager
def in_queue(folder: Path, delay_s: int = 30) -> Iterator[None]:
    """What is submitted inside has ended at its end, or is named as going on; `folder` is submitit's, with %j.

    Raises UncompletedJobError when a job failed or was killed, UserError when sbatch takes none.
    """
    SlurmJob.watcher = Queue(delay_s)
    before = jobs(folder)
    try:
        yield
    except UncompletedJobError as e:  # of the first job that failed
        submitted = sorted(jobs(folder) - before)
        if not submitted:
            raise UserError(f"Slurm refuses the jobs: {str(e).strip().splitlines()[-1]}") from e
        for job in submitted:
            SlurmJob(folder, job).wait()
        raise
    except KeyboardInterrupt:
        mine = sorted({job.split("_")[0] for job in jobs(folder) - before})
        print(f"the Slurm jobs go on; to end them: scancel {' '.join(mine)}", file=sys.stderr)
        raise


def jobs(folder: Path) -> set[str]:
    """Ids of the jobs whose folders stand where `folder` has %j."""
    return {found.name for found in folder.parent.glob("*") if found.name.replace("_", "").isdigit()}
