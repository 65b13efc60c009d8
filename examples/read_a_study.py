"""A study, read in Python: its verdict, its effects as a data frame, and accuracies from elsewhere.

    python examples/read_a_study.py [FOLDER]

Without a folder it reads docs/example, a study of 36 runs.
"""

import sys
from pathlib import Path

import pandas as pd

import ablate

EXAMPLE = Path(__file__).resolve().parents[1] / "docs" / "example"


def main(folder: Path) -> None:
    study = ablate.read(folder)
    print(study)  # the sentences of the report

    print("\npoints of accuracy, with the 95 % interval over seeds:")
    for pair in study.effects.itertuples():
        ends = f"{100 * pair.low:+.2f} to {100 * pair.high:+.2f}"
        print(
            f"  {pair.axes[0]}: {pair.arm[0]} - {pair.against[0]}: {100 * pair.mean:+.2f} ({ends}), {pair.verdict}"
        )

    # Any accuracies will do: a row a run, columns for the axes, for the seed and for the accuracy.
    accuracies = [0.971, 0.969, 0.970, 0.983, 0.985, 0.982]
    frame = pd.DataFrame({"norm": ["post"] * 3 + ["pre"] * 3, "seed": [0, 1, 2] * 2, "test_acc": accuracies})
    print("\nfrom a table of another program:")
    print(ablate.verdict(frame, margin=0.002))


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else EXAMPLE)
