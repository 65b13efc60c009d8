"""From the command to the end of the first step: a lone run, and a study that plans four runs first.

    python scripts/bench/first.py [--rounds 5]

Each command is stopped once its first step is done. Its schedule, `Noted`, writes down when that was. Prints the
median over the rounds with its range.
"""

import argparse
import os
import signal
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from ablate.axes.sched import Cosine
from ablate.study.launch import environment

COMMANDS = {"a lone run": ["patch=7"], "a study of 4 runs": ["-m", "pos=none,learned", "patch=4,7"]}
NOTE = "first"  # in the folder of the command


class Noted(Cosine):
    """The default schedule; it is asked for the second step when the first is done."""

    def __call__(self, step: int, steps: int) -> float:
        if step == 1 and not Path(NOTE).exists():
            Path(NOTE).write_text(str(time.time()), encoding="utf-8")
        return super().__call__(step, steps)


def seconds(words: list[str]) -> float:
    """In an environment as a user has it who has set nothing."""
    command = [sys.executable, "-m", "ablate.train", *words, "tracker=none", "sched._target_=first.Noted"]
    ours = {*environment.settings(), "OMP_NUM_THREADS"}
    environ = {name: value for name, value in os.environ.items() if name not in ours}
    environ["PYTHONPATH"] = str(Path(__file__).resolve().parent)
    with tempfile.TemporaryDirectory(prefix="ablate-bench-") as place:
        note, began = Path(place, NOTE), time.time()
        run = subprocess.Popen(command, cwd=place, env=environ, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
        while not (note.exists() and note.read_text(encoding="utf-8")):
            if run.poll() is not None:
                raise subprocess.CalledProcessError(run.returncode, command, stderr=run.communicate()[1])
            time.sleep(0.02)
        run.send_signal(signal.SIGINT)
        run.communicate()
        return float(note.read_text(encoding="utf-8")) - began


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=5)
    rounds = parser.parse_args().rounds
    for name, words in COMMANDS.items():
        took = [seconds(words) for _ in range(rounds)]
        spread = f"{statistics.median(took):.1f} ({min(took):.1f} to {max(took):.1f})"
        print(f"first step of {name:20} {spread} s", flush=True)


if __name__ == "__main__":
    main()
