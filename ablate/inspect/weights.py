"""What the first weights have learnt: positions and patches."""

from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor

from ablate.inspect.attention import NoSuchThing


def positions(model: Any) -> Tensor:
    """Cosine similarity of any two positions of patches, (rows, columns, rows, columns). Raises NoSuchThing."""
    net = getattr(model, "net", model)
    if net is model:
        rows, grid = getattr(model.pos, "table", None), model.patch.grid
        if rows is None or tuple(rows.shape) != (model.tokens, model.head.in_features):
            raise NoSuchThing(f"pos={type(model.pos).__name__.lower()} has no table of positions")
    else:
        rows, grid = getattr(net, "pos_embed", None), getattr(getattr(net, "patch_embed", None), "grid_size", None)
        if rows is None or rows.ndim != 3 or grid is None:
            raise NoSuchThing("the model has no table of positions")
        rows = rows[0]
    patches = F.normalize(rows.detach()[-grid[0] * grid[1] :], dim=-1)
    return (patches @ patches.T).reshape(*grid, *grid)


def filters(model: Any, channels: int, most: int = 28) -> Tensor:
    """Principal components of the patch kernel, (n, channels, S, S), as in Dosovitskiy et al. (2021, figure 7).

    Raises NoSuchThing.
    """
    net = getattr(model, "net", model)
    if net is model:
        weight = getattr(getattr(model.patch, "proj", None), "weight", None)
        side = 0 if weight is None else round((weight.shape[1] / channels) ** 0.5)
        if weight is None or hasattr(model.patch, "stem") or side * side * channels != weight.shape[1]:
            raise NoSuchThing(f"patch={type(model.patch).__name__.lower()} has no kernel of pixels")
        kernel = weight.detach().reshape(len(weight), channels, side, side)
    else:
        first = next((p for p in net.parameters() if p.ndim == 4), None)
        if first is None:
            raise NoSuchThing("the model has no kernel of pixels")
        kernel = first.detach()
    flat = kernel.flatten(1)
    parts = torch.linalg.svd(flat - flat.mean(0), full_matrices=False).Vh
    return parts[:most].reshape(-1, *kernel.shape[1:])
