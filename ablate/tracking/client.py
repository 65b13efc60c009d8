"""The tracker that shows a study in Weights & Biases."""

import os
import secrets
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from ablate.records.damage import Damaged
from ablate.records.record import read_plan, read_study
from ablate.records.run_record import RunRecord
from ablate.records.study_plan import StudyPlan
from ablate.tracking import fields, report_page, theirs
from ablate.tracking import mode as modes
from ablate.tracking.closing import closing_lines
from ablate.tracking.nothing import Untracked
from ablate.tracking.run import Tracked
from ablate.tracking.terminal import scrub

# In seconds. A network that dies costs a process each of these once: after that it goes on offline. The end of a
# run is short, because a run that is asked to stop has 10 s; what was not sent by then lies on disk.
INIT_S, FINISH_S = 20, 5


class Wandb:
    """`tracker=wandb`: one W&B run a run, grouped by study, all in the study's folder.

    mode: auto, online, offline or disabled; auto goes online where there is an account and a network.
    project: None is `ablate-` and the data set. entity: None is W&B's own default.

    Raises ValueError for another mode.
    """

    def __init__(self, *, mode: str, project: str | None, entity: str | None) -> None:
        if mode not in modes.MODES:
            raise ValueError(f"tracker.mode={mode} is no mode; {', '.join(modes.MODES)} are")
        self.mode, self.project, self.entity = mode, project, entity

    def announce(self) -> str | None:
        """Which mode this process logs in, why, and how to change it, on one line; None if in none."""
        decision = modes.current(self.mode)
        return None if decision.mode == "disabled" else scrub(modes.sentence(decision))

    @contextmanager
    def run(
        self, record: RunRecord, folder: Path, history: Sequence[fields.Epoch] = ()
    ) -> Iterator[Tracked | Untracked]:
        """Track a run of the study in `folder`; an exception inside ends it, and no other, as failed.

        `history` has the rows of an earlier attempt that this one goes on from: the same W&B run goes on online.
        Elsewhere, where nothing can be continued, a new one begins with these rows.
        """
        run = self.open(record, folder, history)
        try:
            yield run
        except BaseException:  # sys.exit and Ctrl-C too: a run that did not reach its end has failed
            run.close(exit_code=1)
            raise
        run.close(exit_code=0)

    def report(self, folder: Path) -> None:
        """Send the report on the study in `folder` as a run of its group, unless it is there as it is now.

        Its tables and figures are those of FOLDER/report (ablate.report). Nothing happens without one, or under a
        sweep agent of W&B, for which a process is one run.
        """
        found = read_study(folder)
        if (
            self.mode == "disabled"
            or not found
            or os.environ.get("WANDB_SWEEP_ID")
            or not report_page.news(folder)
        ):
            return
        head = fields.report_head(found, asked(folder)) | self.whereabouts(
            found[0], f"report-{secrets.token_hex(3)}"
        )
        run = self.tracked(folder, lambda mode: self.init(head, folder, mode))
        if isinstance(run, Tracked):
            run.guard(lambda: report_page.send(run.run, folder))
            run.close(exit_code=0)
            if not run.broken:
                report_page.remember(folder)

    def closing(self, folder: Path) -> list[str]:
        """Lines for the end of a study: what W&B has of it, how to look at it and how to send it."""
        return [] if self.mode == "disabled" else closing_lines(folder)

    def open(self, record: RunRecord, folder: Path, history: Sequence[fields.Epoch]) -> Tracked | Untracked:
        """Start the W&B run of a record, or go on with it."""
        run = self.tracked(folder, lambda mode: self.start(record, folder, mode, resumed(record, history, mode)))
        if run.facts and not resumed(record, history, str(run.facts["mode"])):
            for row in history:
                run.epoch(row)
        return run

    def tracked(self, folder: Path, start: Callable[[str], theirs.Run]) -> Tracked | Untracked:
        """What `start` starts, in the best mode that works."""
        while (mode := modes.current(self.mode).mode) != "disabled":

            def failed(error: Exception, mode: str = mode) -> None:
                modes.step_down(self.mode, mode, error)

            try:
                return Tracked(run=start(mode), mode=mode, folder=folder, failed=failed)
            except Exception as error:  # whatever it is, the training goes on
                failed(error)
        return Untracked()

    def start(self, record: RunRecord, folder: Path, mode: str, resumed: str | None) -> theirs.Run:
        """A W&B run with our fields, a new one or one that goes on by its id."""
        where = self.whereabouts(record, resumed or fields.fresh_id(record))
        run = self.init(
            fields.head(record, asked(folder)) | where | {"resume": "allow" if resumed else None}, folder, mode
        )
        run.define_metric("epoch", hidden=True)
        for metric in fields.OVER_EPOCHS:
            run.define_metric(metric, step_metric="epoch")
        return run

    def init(self, head: fields.Sent, folder: Path, mode: str) -> theirs.Run:
        """`wandb.init` with `head` and what all our runs have in common."""
        wandb = modes.wandb_client()
        folder.mkdir(parents=True, exist_ok=True)
        settings = wandb.Settings(
            init_timeout=INIT_S,
            finish_timeout=FINISH_S,
            finish_timeout_raises=True,
            console="off",  # the terminal is ours, and the record keeps what matters of it
            quiet=True,  # else every online run first looks up the user, 10 s on a dead network
        )
        return wandb.init(
            mode=mode,
            dir=str(folder.absolute()),
            # By default a run that is still open is handed to whoever asks next. This costs nothing, lets
            # several be open at once, and leaves `wandb.run` and `wandb.log` alone.
            reinit="create_new",
            settings=settings,
            **head,
        )

    def whereabouts(self, record: RunRecord, id: str) -> dict[str, str | None]:
        """Project, entity and id; none of them under a sweep agent of W&B, which has fixed all three."""
        if os.environ.get("WANDB_SWEEP_ID"):
            return {}
        project = self.project or os.environ.get("WANDB_PROJECT") or fields.project(record)
        return {"project": project, "entity": self.entity, "id": id}


def asked(folder: Path) -> StudyPlan | None:
    """study.json, or None: other tools may leave records alone."""
    try:
        return read_plan(folder)
    except (OSError, Damaged):
        return None


def resumed(record: RunRecord, history: Sequence[fields.Epoch], mode: str) -> str | None:
    """The id of the W&B run that goes on: only online, and only if the earlier attempt was online too."""
    before = (record.wandb or {}) if history else {}
    return before.get("id") if mode == before.get("mode") == "online" else None
