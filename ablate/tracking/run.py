"""One W&B run: what training sends it, and how it ends. Errors of wandb go no further than here."""

import os
from collections.abc import Callable
from pathlib import Path
from urllib.parse import quote

from ablate.records.run_record import Numbers
from ablate.tracking import fields, theirs
from ablate.tracking.closing import SENT, UNSENT
from ablate.tracking.terminal import without_password


class Tracked:
    """A run that W&B sees. Its first exception goes to `failed`; after it comes an end but no more data."""

    def __init__(self, *, run: theirs.Run, mode: str, folder: Path, failed: Callable[[Exception], None]) -> None:
        place = Path(run.dir).parent
        online = mode == "online"
        self.facts: dict[str, str | None] | None = {
            "id": run.id,
            "mode": mode,
            "folder": Path(os.path.relpath(place, folder)).as_posix(),  # within the study, which may move
            "url": without_password(run.url or "") if online else None,
        }
        self.run, self.failed, self.broken = run, failed, False
        self.mark = place / UNSENT if online else None  # an offline run needs none, its folder's name says it
        if self.mark:
            self.mark.write_text(
                without_password(f"{run.project_url}/groups/{quote(run.group or '')}"), encoding="utf-8"
            )

    def epoch(self, row: fields.Epoch) -> None:
        """Log a row of history.csv."""
        if not self.broken:
            self.guard(lambda: self.run.log(fields.history(row)))

    def end(self, metrics: Numbers, cost: Numbers) -> None:
        """Write the record's `metrics` and `cost` as summary scalars."""
        if not self.broken:
            self.guard(lambda: self.run.summary.update(fields.summary(metrics, cost)))

    def close(self, exit_code: int) -> None:
        """End the run as 0, finished, or 1, failed; waits 5 s at most for what is still to be sent."""
        self.guard(lambda: self.run.finish(exit_code=exit_code))
        if self.mark and not self.broken:
            self.mark.rename(self.mark.with_name(SENT))

    def guard(self, call: Callable[[], object]) -> None:
        """Call wandb; of what it raises, pass on the first and swallow the rest."""
        try:
            call()
        except Exception as error:  # whatever it is, the training goes on
            if not self.broken:
                self.broken = True
                self.failed(error)
