"""python -m ablate.audit [-m] [axis=choice ...]: does each arm do what its name says, and nothing else?"""

import sys
from typing import TYPE_CHECKING

from ablate.config import leaving

if TYPE_CHECKING:
    from ablate.study.runs import Run


def job(runs: "list[Run]", twins: "list[Run]") -> None:
    """What the survey (hydra/sweeper=survey) hands the runs to."""
    from ablate.audit.audit import audit
    from ablate.console import console

    if audit(runs, twins, console()):
        sys.exit(3)


def main() -> None:
    from ablate.config import cli, hydra_versions

    cli.main(hydra_versions.main("audit")(job))


if __name__ == "__main__":
    leaving.at_once(main)
