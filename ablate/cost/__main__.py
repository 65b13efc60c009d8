"""python -m ablate.cost [-m] [axis=choice ...]: what each cell costs."""

from ablate.config import leaving


def main() -> None:
    from ablate.cost import stages

    stages.main()


if __name__ == "__main__":
    leaving.at_once(main)
