"""python -m ablate.train [-m] [axis=choice ...]: one configured model, or with -m a study."""

import sys

from ablate.config import leaving


def main() -> None:
    from ablate.config import cli

    cli.main(begin)


def begin() -> None:
    from ablate.study.launch import ahead
    from ablate.train.experiment import VisionTransformer

    ahead.start(sys.argv[1:], VisionTransformer.preload)
    from ablate.train.job import job

    job()


if __name__ == "__main__":
    leaving.at_once(main)
