"""All figures of the inside of a run, saved next to its record; what there is not is said."""

from collections.abc import Callable
from pathlib import Path

import torch
from matplotlib.figure import Figure
from torch import Tensor

from ablate.inspect import attention, drawings, errors, weights
from ablate.inspect.attention import NoSuchThing
from ablate.inspect.opened import Opened
from ablate.report.pages import render

FOLDER = "inside"
SHOWN, AVERAGED = 8, 64  # images with maps; images over which distances are averaged
COLUMNS = 4  # blocks with a map


def look(run: Opened) -> dict[str, Path | str]:
    """Saves NAME.png and NAME.svg below RUN/inside -> the PNG of each figure, or why there is none."""
    out = run.folder / FOLDER
    out.mkdir(exist_ok=True)
    found: dict[str, Path | str] = {}
    for name, draw in FIGURES.items():
        try:
            figure = draw(run)
        except NoSuchThing as e:
            found[name] = str(e)
            for old in out.glob(f"{name}.*"):
                old.unlink()
            continue
        standalone = render.svg(figure, name)
        render.save(figure, standalone, out, name)
        found[name] = out / f"{name}.png"
    return found


def positions(run: Opened) -> Figure:
    return drawings.positions(weights.positions(run.model))


def filters(run: Opened) -> Figure:
    return drawings.filters(weights.filters(run.model, run.inputs.shape[0]))


def maps(run: Opened) -> Figure:
    which = first_of_each_class(run)
    stored = run.test(which)
    seen = attention.maps(run.model, run.inputs(stored))
    has_cls = seen.prefix > 0 and is_read(run)
    step = max(1, -(-len(seen.blocks) // COLUMNS))
    blocks = [*range(0, len(seen.blocks) - 1, step), len(seen.blocks) - 1][-COLUMNS:]
    columns = {f"block {index + 1}": seen.blocks[index].mean(1) for index in blocks}
    columns["rollout"] = attention.rollout(seen.blocks)
    columns = {
        title: attention.seen_by(block, seen.prefix, seen.grid, has_cls=has_cls)
        for title, block in columns.items()
    }
    names = [run.names[int(run.parts.test.y[i])] for i in which]
    return drawings.attention(stored.float() / 255, columns, names)


def is_read(run: Opened) -> bool:
    """Whether the first token is a CLS token: registers come after it, and are not what the head reads."""
    net = getattr(run.model, "net", None)
    return (
        bool(getattr(run.model.pool, "prefix", ())) if net is None else getattr(net, "cls_token", None) is not None
    )


def distances(run: Opened) -> Figure:
    images: Tensor = run.inputs(run.test(list(range(min(AVERAGED, len(run.parts.test))))))
    seen = attention.maps(run.model, images)
    patch = run.inputs.shape[1] / seen.grid[0]
    return drawings.distances([attention.distance(block, seen.prefix, seen.grid, patch) for block in seen.blocks])


def confusion(run: Opened) -> Figure:
    return drawings.confusion(errors.errors(run), run.names)


def mistakes(run: Opened) -> Figure:
    found = errors.errors(run)
    if not found.worst:
        raise NoSuchThing("no test image is wrong")
    return drawings.mistakes(found, run.test([one[0] for one in found.worst]).float() / 255, run.names)


def first_of_each_class(run: Opened) -> list[int]:
    """Numbers of test images: the first of each class, a few of them."""
    y = run.parts.test.y
    return [int((y == label).nonzero()[0]) for label in torch.unique(y)[:SHOWN]]


FIGURES: dict[str, Callable[[Opened], Figure]] = {
    "positions": positions,
    "patches": filters,
    "attention": maps,
    "distance": distances,
    "confusion": confusion,
    "mistakes": mistakes,
}
