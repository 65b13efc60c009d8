"""Whether two arms differ in anything that could change a training. If nothing differs, one of them is dead."""

from collections import Counter

import torch
from torch import Tensor, nn

from ablate.audit.answer import NotAsked
from ablate.audit.built import SHAPING, Built
from ablate.config.hydra_versions import instantiate
from ablate.train import device

SAME = 1e-5  # relative to the logits in fp32; two ways to compute the same function differ by less
STEPS = 100  # of a schedule
PIECE = 1000  # images to compare at once


def difference(a: Built, b: Built) -> str | None:
    """The first thing found that differs, in a few words; None says that one of the two arms is dead."""
    for look in (in_model, in_images, in_optimiser, in_schedule, in_data, in_loop):
        if found := look(a, b):
            return found
    return None


def in_model(a: Built, b: Built) -> str | None:
    """Parameters, then tokens, then the function that the same weights give."""
    if all(a.config[key] == b.config[key] for key in SHAPING):
        return None
    mine, other = a.parameters, b.parameters
    if shapes(mine) != shapes(other):
        values = renamed(mine, other)
        same_by_another_name = values is not None and not function(a, b, values)
        return None if same_by_another_name else size(a, b)
    if [s.tokens for s in a.seen] != [s.tokens for s in b.seen]:
        return tokens(a.seen[0].tokens, b.seen[0].tokens) if a.seen and b.seen else "tokens"
    if found := function(a, b, mine):
        return found
    started = sum(not torch.equal(mine[name], other[name]) for name in mine)
    return f"first weights of {started}" if started else None


def size(a: Built, b: Built) -> str:
    more = b.size - a.size
    return f"{more:+,} parameters" if more else "other parameters"


def tokens(a: int, b: int) -> str:
    return f"tokens {a} -> {b}" if a != b else "tokens on the way"


def shapes(parameters: dict[str, Tensor]) -> dict[str, tuple[int, ...]]:
    return {name: tuple(p.shape) for name, p in parameters.items()}


def renamed(a: dict[str, Tensor], b: dict[str, Tensor]) -> dict[str, Tensor] | None:
    """The weights of a under the names that they have in b; None if b has other weights."""
    left, right = ([n for n in x if n not in y or x[n].shape != y[n].shape] for x, y in ((a, b), (b, a)))
    if Counter(tuple(a[n].shape) for n in left) != Counter(tuple(b[n].shape) for n in right):
        return None
    rest = list(left)
    values = {name: a[name] for name in b if name not in right}
    for name in right:
        match = next(n for n in rest if a[n].shape == b[name].shape)
        rest.remove(match)
        values[name] = a[match]
    return values


def function(a: Built, b: Built, values: dict[str, Tensor]) -> str | None:
    """How far apart the logits are when b has the weights that a has; in evaluation, or else in training."""
    if a.images.shape != b.images.shape:
        return "images"
    for training in (False, True):
        apart = distance(a.logits(training=training), b.logits(values, training=training))
        if apart > SAME:
            return f"function, {apart:.2g}" + (" in training" if training else "")
    return None


def distance(a: Tensor, b: Tensor) -> float:
    """|a - b| / |a|; infinite for tensors of two shapes. Raises NotAsked for numbers that are not finite."""
    if a.shape != b.shape:
        return float("inf")
    if not (a.isfinite().all() and b.isfinite().all()):
        raise NotAsked("its numbers are not finite")
    return ((a - b).norm() / a.norm().clamp(min=1e-30)).item()


def in_images(a: Built, b: Built) -> str | None:
    """The images that the model sees, with and without augmentation."""
    if all(a.config.get(key) == b.config.get(key) for key in ("data", "color", "image", "aug")):
        return None
    if distance(a.images, b.images) > SAME:
        return "images"
    if distance(a.augmented, b.augmented) > SAME or distance(a.mixed, b.mixed) > SAME:
        return "augmentation"
    return None


def in_optimiser(a: Built, b: Built) -> str | None:
    if a.config["optim"] == b.config["optim"]:
        return None
    apart = distance(update(a), update(b))
    if apart > SAME:
        return f"update, {apart:.2g}"
    return "learning rates of the layers" if rates(a) != rates(b) else None


def update(cell: Built) -> Tensor:
    """How far three steps with given gradients move a small layer: the first step does not show momentum."""
    made = torch.Generator().manual_seed(0)
    layer = nn.Linear(8, 8)
    for p in layer.parameters():
        p.data = torch.randn(p.shape, generator=made)
    before = nn.utils.parameters_to_vector(layer.parameters()).detach().clone()
    optimiser = instantiate(cell.config["optim"], _convert_="all")(layer)
    for _ in range(3):
        for p in layer.parameters():
            p.grad = torch.randn(p.shape, generator=made)
        optimiser.step()
    return nn.utils.parameters_to_vector(layer.parameters()).detach() - before


def rates(cell: Built) -> dict[str, float]:
    """The learning rate that each weight begins with."""
    names = {id(p): name for name, p in cell.model.named_parameters()}
    optimiser = instantiate(cell.config["optim"], _convert_="all")(cell.model)
    return {names[id(p)]: group["lr"] for group in optimiser.param_groups for p in group["params"]}


def in_schedule(a: Built, b: Built) -> str | None:
    if a.config["sched"] == b.config["sched"]:
        return None
    mine, other = (
        torch.tensor([schedule(step, STEPS) for step in range(STEPS)])
        for schedule in (instantiate(cell.config["sched"]) for cell in (a, b))
    )
    return "schedule" if distance(mine, other) > SAME else None


def in_data(a: Built, b: Built) -> str | None:
    """The facts of the data, then the images themselves."""
    if a.config["data"] == b.config["data"]:
        return None
    if (a.data.image, a.data.classes) != (b.data.image, b.data.classes):
        return "data"
    left, right = (cell.data.load() for cell in (a, b))
    parts = ((getattr(left, name), getattr(right, name)) for name in ("train", "val", "test"))
    if not all(same(x.x, y.x) for x, y in parts):
        return f"{len(left.train.x):,} -> {len(right.train.x):,} to train"
    return None


def same(x: Tensor, y: Tensor) -> bool:
    """Whether images are the same, a few at a time: they may lie on disk."""
    return len(x) == len(y) and all(torch.equal(a, b) for a, b in zip(x.split(PIECE), y.split(PIECE), strict=True))


def in_loop(a: Built, b: Built) -> str | None:
    """Numbers that the training loop itself reads. `auto` is compared as what it means on this machine."""
    for key in ("epochs", "batch", "label_smoothing", "clip", "freeze", "ema", "accumulate"):
        if a.config[key] != b.config[key]:
            return f"{key}, read by the loop"
    places = [device.pick(cell.config["device"]) for cell in (a, b)]
    formats = [device.precision(c.config["precision"], place) for c, place in zip((a, b), places, strict=True)]
    if places[0] != places[1]:
        return "device"
    return "precision" if formats[0] != formats[1] else None
