"""How many bytes are kept of an image for the backward pass."""

import copy
from typing import Any

import torch
from torch import Tensor, nn
from torch.autograd.graph import saved_tensors_hooks

from ablate.train.evaluate import autocast


def bytes_per_image(model: nn.Module, image: tuple[int, int, int], precision: str) -> int:
    """Bytes of the tensors that autograd saves in training, for one image: what one more image adds to them.

    Counted on the model's device on black images, in the number format of the training. What does not grow
    with the batch (weights, their copies in bf16) is not in the difference.
    """
    device = next(model.parameters()).device
    model = copy.deepcopy(model).train()
    two, four = (saved(model, torch.zeros(n, *image, device=device), precision) for n in (2, 4))
    return (four - two) // 2


def saved(model: nn.Module, images: Tensor, precision: str) -> int:
    """Bytes of all storages saved for the backward pass, each counted once."""
    found: dict[int, int] = {}
    kept: list[Any] = []  # a storage that is freed would give its address to the next one

    def pack(tensor: Tensor) -> Tensor:
        storage = tensor.untyped_storage()
        found[storage.data_ptr()] = storage.nbytes()
        kept.append(storage)
        return tensor

    with saved_tensors_hooks(pack, lambda tensor: tensor), autocast(images.device, precision):
        model(images).float().sum().backward()
    return sum(found.values())
