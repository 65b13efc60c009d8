"""python -m ablate.audit [-m] [axis=choice ...]: does each arm do what its name says, and nothing else?"""

import sys
from typing import Any

import hydra

from ablate import CONF
from ablate.audit.audit import audit
from ablate.config import cli
from ablate.console import console
from ablate.study.runs import Run


def job(runs: list[Run], twins: list[Run]) -> None:
    """What the survey (hydra/sweeper=survey) hands the runs to."""
    if audit(runs, twins, console()):
        sys.exit(3)


def main() -> None:
    survey: Any = hydra.main(version_base="1.3", config_path=str(CONF), config_name="audit")
    cli.main(survey(job))


if __name__ == "__main__":
    main()
