"""The last batch of an epoch, which has what the others left: one image is too few for some models."""

from typing import Any

import torch

from ablate.config.hydra_versions import instantiate
from ablate.train import build


def problem(config: dict[str, Any], images: int) -> str | None:
    """Why an epoch over so many images would end in an error, in a line; None where it would not.

    Batch norm has no variance of one value a channel, which one image gives where it has become a single pixel.
    """
    batch = config["batch"]
    if fewest(images, batch, config["accumulate"]) > 1 or not refuses_one(config):
        return None
    others = [*range(batch, 1, -1), batch + 1, batch + 2]
    does = next((other for other in others if fewest(images, other, config["accumulate"]) > 1), None)
    works = f"batch={does} does" if does else "more images do"
    return f"batch={batch}: {images:,} training images leave a last batch of 1, and this model needs 2; {works}"


def fewest(images: int, batch: int, parts: int) -> int:
    """How many images go through the model at once at the least."""
    last = images % batch or batch
    part = -(-last // parts)
    return last % part or part


def refuses_one(config: dict[str, Any]) -> bool:
    """Whether the model trains with two images and not with one. No where the meta device cannot build it."""
    data = instantiate(config["data"])
    shape = build.inputs(config, data).shape
    try:
        with torch.device("meta"):
            model = build.factory(config, shape, data.classes)().train()
            model(torch.zeros(2, *shape))
    except Exception:
        return False
    try:
        model(torch.zeros(1, *shape, device="meta"))
    except Exception:
        return True
    return False
