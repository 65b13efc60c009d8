"""Training steps with the images of a folder, in memory and streamed, against MNIST's: how many images/s of each.

    python scripts/bench/folder.py FOLDER [--rounds 120]

FOLDER holds MNIST as files (data.root). The three take turns of 20 steps in one process, as the clock of a
machine drifts by more than they differ. Prints the median of the ratios to data=mnist, and its 95 % interval.
"""

import argparse
import time
from collections.abc import Iterator

import numpy as np
import torch
from hydra import compose, initialize_config_dir
from loop import STEPS

from ablate import CONF
from ablate.config.hydra_versions import VERSION_BASE, instantiate
from ablate.config.plain import plain
from ablate.train import build, device

BATCH = 64
WARM = 3  # turns that are not counted


def steps(words: list[str]) -> Iterator[None]:
    """Training steps of the default recipe at patch 7, for ever."""
    with initialize_config_dir(str(CONF), **VERSION_BASE):
        config = plain(compose("config", ["patch='7'", f"batch={BATCH}", "epochs=1000", *words]), resolve=True)
    data = instantiate(config["data"])
    inputs = build.inputs(config, data)
    model = build.model(config, inputs.shape, data.classes)
    precision = device.precision(config["precision"], torch.device("cpu"))
    fit = build.fit(config, model, inputs, data.load().train, precision, 1, lambda step, loss: None, lambda: None)
    while True:
        for images, labels in fit.batches():
            fit.step(images, labels)
            fit.done += 1
            yield
        fit.done = 0


def turn(of: Iterator[None]) -> float:
    began = time.perf_counter()
    for _ in range(STEPS):
        next(of)
    return time.perf_counter() - began


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder")
    parser.add_argument("--rounds", type=int, default=120)
    given = parser.parse_args()
    torch.set_num_threads(1)
    here = ["data=folder", f"data.root={given.folder}", "data.val=5000"]
    ways = {"mnist": ["data=mnist"], "folder": here, "streamed": [*here, "data.memory=0.001"]}
    running = {name: steps(words) for name, words in ways.items()}
    seconds = np.array([[turn(of) for of in running.values()] for _ in range(WARM + given.rounds)])[WARM:]
    rng = np.random.default_rng(0)
    for name, column in zip(running, seconds.T, strict=True):
        ratio = seconds[:, 0] / column
        again = np.median(rng.choice(ratio, (2000, len(ratio))), axis=1)
        low, high = np.quantile(again, (0.025, 0.975))
        rate = BATCH * STEPS / np.median(column)
        print(f"{name:9} {rate:6,.0f} images/s  {np.median(ratio):.3f} ({low:.3f} to {high:.3f}) of mnist")


if __name__ == "__main__":
    main()
