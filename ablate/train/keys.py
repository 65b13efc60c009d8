"""Keys of the config that a training reads, and the types of those that are no config group."""

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True)
class Image:
    size: int | None
    fit: Literal["pad", "resize"]


@dataclass(frozen=True)
class Fixed:
    """The keys at the root of conf/config.yaml that are no config group."""

    seed: int
    epochs: int
    batch: int
    device: Literal["auto", "cpu", "cuda", "mps"]
    precision: Literal["auto", "fp32", "bf16"]
    compile: Literal["auto", "off", "on"]
    label_smoothing: float
    clip: float
    accumulate: int
    ema: float
    freeze: Literal["none", "backbone"]
    limit: int | None
    name: str | None
    image: Image


# Of every choice that has such a key.
AT_LEAST = {
    **{"seed": 0, "epochs": 1, "batch": 1, "limit": 1, "label_smoothing": 0, "clip": 0, "image.size": 1},
    **{"accumulate": 1, "ema": 0, "optim.layer_decay": 0, "model.drop_path": 0},
    **{"model.dim": 1, "model.depth": 1, "mlp.ratio": 0, "norm.eps": 0, "pos.std": 0, "pos.base": 1},
    **{"optim.lr": 0, "optim.weight_decay": 0, "optim.momentum": 0, "aug.degrees": 0},
}
BELOW = {
    **{"label_smoothing": 1, "seed": 2**64, "epochs": 2**31, "batch": 2**31, "model.depth": 10_001},
    **{"optim.momentum": 1, "ema": 1, "model.drop_path": 1, "accumulate": 2**31},
}


# What train.run() itself reads; every other key is read when one of these interpolates it.
READ_BY_RUN = (
    *(
        "seed",
        "epochs",
        "batch",
        "device",
        "precision",
        "compile",
        "label_smoothing",
        "clip",
        "accumulate",
        "ema",
        "freeze",
        "limit",
        "name",
        "image",
        "sweep",
    ),
    *("data", "color", "aug", "init", "optim", "sched", "tracker", "model.net"),
)


# Knobs of a model that another choice of an axis may leave unread.
MODEL_KNOBS = tuple(f"model.{key}" for key in ("dim", "depth", "heads", "registers", "name", "net"))


# Parts that the model or the training builds, and parts that are built from their files alone.
FACTORIES = ("model.net", "patch", "pos", "attn", "tokens", "norm", "mlp", "pool", "optim")
BUILT = ("data", "color", "aug", "init", "sched", "tracker")
