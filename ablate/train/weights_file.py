"""Weights in a file, as tensors by name: safetensors, or torch's own format. Nothing is unpickled."""

import hashlib
import pickle
import warnings
import zipfile
from functools import lru_cache
from pathlib import Path
from types import MappingProxyType
from typing import Any

import torch
from torch import Tensor

Tensors = dict[str, Tensor]
NAMES = ("model.safetensors", "pytorch_model.bin", "model.pth")  # in a folder, best first
DOES = "a .safetensors file does, or a .pt, .pth or .bin of tensors alone"
WRAPPED = ("model", "state_dict", "model_state_dict")  # under which training scripts keep them


def read(path: str, typed: str) -> tuple[Tensors, str]:
    """The tensors of a file, or of the first known name in a folder, and their digest.

    `typed` is how the user named it, `init.path=...`. Raises ValueError, one line.
    """
    place = Path(path).expanduser().absolute()
    if place.is_dir():
        found = next((place / name for name in NAMES if (place / name).is_file()), None)
        if found is None:
            raise ValueError(f"{typed} holds none of {', '.join(NAMES)}; {DOES}")
        place = found
    if not place.is_file():
        raise ValueError(f"{typed}: no such file; {DOES}")
    state = place.stat()
    try:
        tensors, digest = _read(place, state.st_size, state.st_mtime_ns)
    except pickle.UnpicklingError as e:
        raise ValueError(f"{typed} holds more than tensors, and nothing is unpickled here; {DOES}") from e
    except Exception as e:  # safetensors, zipfile and torch each raise their own
        why = (str(e).splitlines() or [type(e).__name__])[0].rstrip(".")
        raise ValueError(f"{typed} is damaged, cut short or no file of weights ({why}); {DOES}") from e
    if not tensors:
        raise ValueError(f"{typed} holds no tensors by name; {DOES}")
    return dict(tensors), digest


@lru_cache(maxsize=2)  # a study asks for the same file in each cell
def _read(place: Path, size: int, changed: int) -> tuple[MappingProxyType[str, Tensor], str]:
    tensors = _safetensors(place) if place.suffix == ".safetensors" else _torch(place)
    return MappingProxyType(tensors), digest(tensors)


def _safetensors(place: Path) -> Tensors:
    from safetensors.torch import load_file

    return load_file(place)


def _torch(place: Path) -> Tensors:
    if zipfile.is_zipfile(place):
        with zipfile.ZipFile(place) as archive:
            if bad := archive.testzip():
                raise ValueError(f"{bad} in it was changed since it was written")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of torch, on the dialect of a pickle: what it cannot read it refuses
        held: Any = torch.load(place, weights_only=True, map_location="cpu")
    inner = next(
        (held[key] for key in WRAPPED if isinstance(held, dict) and isinstance(held.get(key), dict)), held
    )
    if not isinstance(inner, dict):
        return {}
    return {name: value for name, value in inner.items() if isinstance(value, Tensor)}


def digest(tensors: Tensors) -> str:
    """Of names, shapes and values, so that it is the same for the same weights in another file or format."""
    whole = hashlib.sha256()
    for name in sorted(tensors):
        tensor = tensors[name].detach().contiguous()
        whole.update(f"{name} {tensor.dtype} {tuple(tensor.shape)}\n".encode())
        whole.update(tensor.reshape(-1).view(torch.uint8).numpy().data)
    return whole.hexdigest()
