"""python -m ablate.train [-m] [axis=choice ...]: one configured model, or with -m a study."""

from ablate.config import leaving


def main() -> None:
    from ablate.config import cli
    from ablate.train.job import job

    cli.main(job)


if __name__ == "__main__":
    leaving.at_once(main)
