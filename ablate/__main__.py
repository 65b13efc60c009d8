"""The console script: `ablate train ...` is `python -m ablate.train ...`, and so on for each command."""

import importlib
import sys

from ablate import __version__
from ablate.config import leaving
from ablate.config.output import forgiving

COMMANDS = {
    "train": "one run, or with -m a study",
    "report": "the verdict of a study on disk",
    "inspect": "what a trained model looks at, and where it is wrong",
    "cost": "what each cell costs: FLOPs, memory, speed",
    "audit": "does each arm do what its name says, and nothing else",
}


@forgiving()
def main() -> None:
    """Hands the words after the command to its module; exit 2 for an unknown one."""
    word = sys.argv[1] if len(sys.argv) > 1 else "--help"
    if word in COMMANDS:
        module = importlib.import_module(f"ablate.{word}.__main__")
        sys.argv[0:2] = [f"ablate {word}"]
        sys.exit(module.main())
    if word == "--version":
        print(f"ablate {__version__}")
        sys.exit(0)
    lines = [f"  ablate {name:8} {what}" for name, what in COMMANDS.items()]
    usage = "\n".join(["usage: ablate COMMAND ...", *lines, "each with --help"])
    if word in ("-h", "--help"):
        print(usage)
        sys.exit(0)
    print(f"ablate: {word}: no such command. There are: {', '.join(COMMANDS)}.", file=sys.stderr)
    sys.exit(2)


def command() -> None:
    """`main`, for the console script."""
    leaving.at_once(main)


if __name__ == "__main__":
    command()
