"""What a metric is: which way is better, in what it is counted, and which difference does not matter."""

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

MAXIMIZE, MINIMIZE = "maximize", "minimize"
FRACTION = "fraction"  # unit of an accuracy from 0 to 1: people read it in per cent, its differences in points

# Words of a name, as in `test/acc`, `val_loss` or `evalRMSE`.
HIGHER = {
    *("acc", "accuracy", "f1", "auc", "auroc", "r2", "reward", "return", "precision", "recall", "iou", "dice"),
    *("bleu", "psnr", "ssim"),
}
LOWER = {"loss", "error", "err", "rmse", "mse", "mae", "nll", "ppl", "perplexity", "fid", "wer", "cer"}
SHARES = {"acc", "accuracy"}
COSTS = {  # our records' costs: name -> direction, unit
    "tokens": (MINIMIZE, ""),
    "params": (MINIMIZE, ""),
    "flops_per_image": (MINIMIZE, ""),
    "train_flops": (MINIMIZE, ""),
    "images_per_s": (MAXIMIZE, ""),
    "train_s": (MINIMIZE, "s"),
    "peak_bytes": (MINIMIZE, "B"),
}


@dataclass(frozen=True, kw_only=True)
class MetricFacts:
    """The metric that a study is about, as its study.json has it; what is null follows from the name."""

    name: str  # a key of the records' `metrics` or `cost`
    direction: str | None = None  # maximize, minimize
    unit: str | None = None  # `fraction`, or what stands after a number: s, %, dB
    margin: float | None = None  # in the records' own numbers: 0.001 of a fraction is 0.1 points
    more: dict[str, Any] = field(default_factory=dict)


def words_of(name: str) -> set[str]:
    """`test/acc` -> test, acc; `evalRMSE` -> eval, rmse."""
    apart = re.sub(r"([a-z])([A-Z])", r"\1 \2", name)
    return set(re.findall(r"[a-z0-9]+", apart.lower()))


def direction_of(name: str) -> str | None:
    """Which way is better, as a well-known name says it; None for one that is not, or that says both."""
    if name in COSTS:
        return COSTS[name][0]
    words = words_of(name)
    up, down = bool(words & HIGHER), bool(words & LOWER)
    return None if up == down else MAXIMIZE if up else MINIMIZE


def unit_of(name: str, values: Iterable[float]) -> str:
    """The unit of a metric that nobody gave one: an accuracy with values from 0 to 1 is a fraction."""
    if name in COSTS:
        return COSTS[name][1]
    share = words_of(name) & SHARES and direction_of(name) == MAXIMIZE
    return FRACTION if share and all(0 <= value <= 1 for value in values) else ""
