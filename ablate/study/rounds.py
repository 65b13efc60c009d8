"""Which runs of a study are to be launched. Their records decide, and not what a launcher returns.

A launcher may lose a run in any way: its process is killed, its node fails, the launcher itself raises an error.
So runs are launched again and again until none is due.
"""

import os
import signal
import socket
import time
from collections import Counter
from pathlib import Path
from types import FrameType

from ablate.records import attempt, record, turns
from ablate.records.claim import claimed, owner
from ablate.records.stop import Stopped
from ablate.study.options import Sweep
from ablate.study.runs import Run
from ablate.study.study_file import StudyFile

STOP_S = 10.0  # for runs to finish their step, be saved and close their tracker
LOST = "its process died (killed, or out of memory)"


class Rounds:
    """The runs of one command, which `file` counts; `options` are the keys of `sweep`."""

    def __init__(self, folder: Path, runs: list[Run], options: Sweep, file: StudyFile) -> None:
        self.folder, self.runs, self.options, self.file = folder, runs, options, file
        self.unwritable: set[str] = set()
        self.crashes: Counter[str] = Counter()  # by the id of a run
        self.suspects: set[str] = set()  # runs that go alone from now on
        self.stopping = False

    def due(self) -> list[Run]:
        """Runs that are not finished and that no process works on.

        Waits while other processes work on all of the rest.
        """
        said = False
        while True:
            due: list[Run] = []
            elsewhere: list[Run] = []
            for run in self.runs:
                if not self.is_settled(run):
                    (elsewhere if owner(self.folder / run.id) else due).append(run)
            # A run may have ended in the meantime.
            due = [run for run in due if not self.is_settled(run)]
            if self.options.fail_fast and turns.failed_since(self.folder, self.file.turn):
                return []
            if due or not elsewhere:
                return sorted(due, key=self.has_failed)  # with fail_fast a run that fails again would end all
            if not said:
                who = owner(self.folder / elsewhere[0].id)
                at = f"process {who.pid} on {who.host}" if who else "its process has just ended"
                print(f"waiting for another command: {at}", flush=True)
                said = True
            time.sleep(1)

    def has_failed(self, run: Run) -> bool:
        found = record.find(self.folder / run.id)
        return found is not None and found.state == "failed"

    def is_settled(self, run: Run) -> bool:
        if run.id in self.unwritable:
            return True
        return self.options.settles(record.find(self.folder / run.id), self.file.turn)

    def judge(self, batch: list[Run], pooled: bool) -> bool:
        """After a launch: gives up runs whose process died too often. False if the launcher started no run.

        If several runs of a pool were cut off, perhaps only one of them died and took the others with it. Each
        then goes on alone, and only the death of a run that was alone counts.
        """
        began, cut = False, []
        for run in batch:
            with claimed(self.folder / run.id) as free:
                found = record.find(self.folder / run.id)
                ours = found if found and turns.turn_of(found) >= self.file.turn else None
                began |= bool(ours) or not free
                if free and ours and ours.state == "running" and ours.error != attempt.ANEW:
                    cut.append(run)
        self.suspects |= {run.id for run in cut}
        for run in cut if len(cut) == 1 or not pooled else ():
            self.count(run)
        return began

    def count(self, run: Run) -> None:
        """Counts one more death of a run's process, and gives the run up if there were too many."""
        self.crashes[run.id] += 1
        if self.crashes[run.id] <= self.options.crash_retries:
            return
        with claimed(self.folder / run.id) as free:
            found = record.find(self.folder / run.id)
            if not free or not found or found.state != "running":
                return  # another command has it
            try:
                record.save(self.folder / run.id, attempt.ended(found, "failed", found.error or LOST))
            except OSError as e:
                print(f"{self.folder / run.id}: no record can be written: {e.strerror}", flush=True)
                self.unwritable.add(run.id)

    def stop(self, number: int, _: FrameType | None) -> None:
        """Signal handler: asks the runs that this process has started to end, waits for them, raises Stopped."""
        if self.stopping:  # a second signal
            raise Stopped(number)
        self.stopping = True
        until = time.monotonic() + STOP_S
        asked: set[int] = set()
        while (pids := self.own()) and time.monotonic() < until:
            for pid in pids - asked:
                os.kill(pid, signal.SIGTERM)
            asked |= pids
            time.sleep(0.05)
        raise Stopped(number)

    def own(self) -> set[int]:
        """Processes on this host that this one has started and that work on a run."""
        owners = [owner(file.parent) for file in self.folder.glob("*/claim")]
        mine = (socket.gethostname(), os.getpid())
        return {who.pid for who in owners if who and who.pid and (who.host, who.parent) == mine}
