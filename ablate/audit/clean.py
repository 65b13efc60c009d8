"""Whether two arms differ only in their axis, or something else changes with it."""

from collections.abc import Iterator

import torch
from torch import Tensor, nn

from ablate.audit.built import SHAPING, Built
from ablate.audit.wiring import MISSING, Wiring
from ablate.config import locate

# Choices of these axes do not change the number of tokens.
SIZE = 0.1  # a part may have a few more weights; a tenth of the model is too much
NO_TOKENS = ("pos", "attn", "norm", "mlp", "color", "aug", "optim", "sched", "tracker")


def faults(axis: str, a: Built, b: Built) -> Iterator[str]:
    """Everything that changed and does not belong to the axis, a few words each."""
    wiring = Wiring(axis, a.config, b.config)
    yield from groups(axis, a, b)
    changed = {key for key, x in a.run.choices.items() if b.run.choices.get(key) != x}
    copies = ("model.net.", *(f"{key}." for key in changed))  # of nodes at the root, which are reported themselves
    for path, x, y in wiring.strange:
        if not path.startswith(copies):
            yield f"{path} {x} -> {y}"
    if any(a.config[key] != b.config[key] for key in SHAPING):
        yield from in_blocks(axis, wiring, a, b)
        yield from in_weights(wiring, a, b)
        yield from in_size(wiring, a, b)


def groups(axis: str, a: Built, b: Built) -> Iterator[str]:
    """Other groups whose choice one of the two files changes."""
    if axis in a.config:
        for group in {**a.run.choices, **b.run.choices}:
            x, y = (cell.run.choices.get(group, MISSING) for cell in (a, b))
            if x != y and group != axis:
                yield f"{group} {x} -> {y}"


def in_blocks(axis: str, wiring: Wiring, a: Built, b: Built) -> Iterator[str]:
    if not (a.seen and b.seen) or owns_all(wiring, a, b):
        return
    x, y = a.seen[0], b.seen[0]
    if x.width != y.width:
        yield f"width {x.width} -> {y.width}"
    if x.tokens != y.tokens and axis.split(".")[0] in NO_TOKENS:
        yield f"tokens {x.tokens} -> {y.tokens}"


def in_weights(wiring: Wiring, a: Built, b: Built) -> Iterator[str]:
    """Parameters outside the parts that the axis reaches: gone, new, of another shape, or drawn anew."""
    if owns_all(wiring, a, b):
        return
    mine, other = owned(wiring, a), owned(wiring, b)
    is_known = bool(mine or other)  # a part of a model that is not made of our parts: any weight may belong to it
    left = {name: p for name, p in a.parameters.items() if not name.startswith(tuple(mine))}
    right = {name: p for name, p in b.parameters.items() if not name.startswith(tuple(other))}
    found = {
        "is gone": [n for n in left if n not in b.parameters],
        "is new": [n for n in right if n not in a.parameters],
    }
    both = [name for name in left if name in right]
    odd = {name: shape_fault(left[name], right[name], a, b) for name in both}
    moved = [n for n in both if left[n].shape == right[n].shape and not torch.equal(left[n], right[n])]
    for what, names in found.items():
        if names and is_known:
            yield first_of(names, what)
    if strange := [name for name, what in odd.items() if what]:
        yield first_of(strange, odd[strange[0]])
    if moved:
        yield first_of(moved, "starts from other numbers")


def in_size(wiring: Wiring, a: Built, b: Built) -> Iterator[str]:
    """A part that became wider or narrower although no number in the config says so."""
    apart = a.size - b.size
    if owns_all(wiring, a, b) or abs(apart) <= SIZE * min(a.size, b.size) or wiring.changes_numbers():
        return
    own = [n for n in a.parameters if n in b.parameters and n.startswith(tuple(owned(wiring, a)))]
    if wider := [n for n in own if a.parameters[n].shape != b.parameters[n].shape]:
        yield first_of(wider, f"{tuple(a.parameters[wider[0]].shape)} -> {tuple(b.parameters[wider[0]].shape)}")


def first_of(names: list[str], what: str) -> str:
    more = f", and {len(names) - 1} more" if len(names) > 1 else ""
    return f"{names[0]} {what}{more}"


def shape_fault(x: Tensor, y: Tensor, a: Built, b: Built) -> str:
    """Why a weight has another shape, unless it follows the tokens, the channels or the classes."""
    if x.shape == y.shape:
        return ""
    facts = [(a.inputs.shape[0], b.inputs.shape[0]), (a.data.classes, b.data.classes)]
    ratios = {n * 1.0 / m for m, n in facts if m != n}
    if x.ndim == y.ndim:
        apart = [(m, n) for m, n in zip(x.shape, y.shape, strict=True) if m != n]
        follows_tokens = [s.tokens for s in a.seen[:1]] != [s.tokens for s in b.seen[:1]] and x.shape[
            -1
        ] == y.shape[-1]
        if follows_tokens or all(n / m in ratios for m, n in apart):
            return ""
    return f"{tuple(x.shape)} -> {tuple(y.shape)}"


def owns_all(wiring: Wiring, a: Built, b: Built) -> bool:
    """Whether the axis reaches the model as a whole: its width, its depth, another model."""
    return any(prefix == "" for cell in (a, b) for prefix in owned(wiring, cell))


def owned(wiring: Wiring, cell: Built) -> list[str]:
    """Prefixes of the parameters in the parts that the axis reaches; "" for the model itself."""
    classes = []
    for target in wiring.targets():
        try:
            classes.append(locate.target(target))
        except (ImportError, AttributeError, ValueError):
            continue
    named = cell.model.named_modules()
    return [f"{name}." if name else "" for name, m in named if any(is_made_by(m, c) for c in classes)]


def is_made_by(module: nn.Module, made: object) -> bool:
    return isinstance(made, type) and type(module) is made
