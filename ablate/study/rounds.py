"""Which runs of a study are to be launched, judged by their records and never by what a launcher returns.

A launcher may lose a run in any way: its process is killed, its node goes, the launcher itself raises. So runs are
launched in rounds until none is due.
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
        """Runs that nobody has finished and nobody works on; waits while others work on all that is left."""
        said = False
        while True:
            due: list[Run] = []
            elsewhere: list[Run] = []
            for run in self.runs:
                if not self.is_settled(run):
                    (elsewhere if owner(self.folder / run.id) else due).append(run)
            # A run may have come to its end between the two looks.
            due = [run for run in due if not self.is_settled(run)]
            if self.options.fail_fast and turns.failed_since(self.folder, self.file.turn):
                return []
            if due or not elsewhere:
                return due
            if not said:
                who = owner(self.folder / elsewhere[0].id)
                at = f"process {who.pid} on {who.host}" if who else "its process has just ended"
                print(f"waiting for another command: {at}", flush=True)
                said = True
            time.sleep(1)

    def is_settled(self, run: Run) -> bool:
        if run.id in self.unwritable:
            return True
        return self.options.settles(record.load(self.folder / run.id), self.file.turn)

    def judge(self, batch: list[Run], pooled: bool) -> bool:
        """After a launch: gives up runs whose process died too often; False if the launcher started none.

        Of several that were cut off in a pool, one may have taken the others with it. Each then goes on alone, and
        only a death alone counts.
        """
        began, cut = False, []
        for run in batch:
            with claimed(self.folder / run.id) as free:
                found = record.load(self.folder / run.id)
                ours = found if found and turns.turn_of(found) >= self.file.turn else None
                began |= bool(ours) or not free
                if free and ours and ours.state == "running":
                    cut.append(run)
        self.suspects |= {run.id for run in cut}
        for run in cut if len(cut) == 1 or not pooled else ():
            self.count(run)
        return began

    def count(self, run: Run) -> None:
        """One more death of a run's process, and the end of the run if it is one too many."""
        self.crashes[run.id] += 1
        if self.crashes[run.id] <= self.options.crash_retries:
            return
        with claimed(self.folder / run.id) as free:
            found = record.load(self.folder / run.id)
            if not free or not found or found.state != "running":
                return  # another command has it
            try:
                record.save(self.folder / run.id, attempt.ended(found, "failed", found.error or LOST))
            except OSError as e:
                print(f"{self.folder / run.id}: no record can be written: {e.strerror}", flush=True)
                self.unwritable.add(run.id)

    def stop(self, number: int, _: FrameType | None) -> None:
        """Signal handler: asks the runs that this process has started to end, waits for them, raises Stopped."""
        if self.stopping:  # asked twice
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
