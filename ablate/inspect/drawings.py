"""Figures of the inside of a model."""

import numpy as np
from matplotlib.figure import Figure
from torch import Tensor

from ablate.inspect.errors import Errors
from ablate.report.figures.style import WIDTH, look, styled

MOST_CLASSES = 30  # with numbers in the table


def tiles(figure: Figure, pictures: list[Tensor], columns: int, titles: list[str], **how: object) -> None:
    """Pictures (C, Y, X) or (Y, X) in rows of `columns`."""
    rows = -(-len(pictures) // columns)
    axes = figure.subplots(rows, columns, squeeze=False)
    for place in axes.flat:
        place.set_axis_off()
    for place, picture, title in zip(axes.flat, pictures, titles, strict=False):
        shown = picture.movedim(0, -1).squeeze(-1) if picture.ndim == 3 else picture
        place.imshow(shown.numpy(), interpolation="nearest", **({"cmap": "gray"} | how))
        place.set_title(title, fontsize=7, pad=2)


@styled
def positions(similarity: Tensor) -> Figure:
    """A tile for each patch: how similar its position is to that of every other, from -1 (dark) to 1."""
    rows, columns = similarity.shape[:2]
    figure = Figure((WIDTH, WIDTH * rows / columns))
    tiles(
        figure, list(similarity.flatten(0, 1)), columns, [""] * (rows * columns), cmap="viridis", vmin=-1, vmax=1
    )
    return figure


@styled
def filters(kernel: Tensor) -> Figure:
    """Each filter scaled to 0..1 by itself."""
    low, high = (kernel.flatten(1).aminmax(dim=1)[i][:, None, None, None] for i in (0, 1))
    scaled = (kernel - low) / (high - low).clamp(min=1e-12)
    if scaled.shape[1] not in (1, 3):
        scaled = scaled.mean(1, keepdim=True)
    figure = Figure((WIDTH, WIDTH * -(-len(scaled) // 7) / 7))
    tiles(figure, list(scaled), 7, [""] * len(scaled))
    return figure


@styled
def attention(images: Tensor, columns: dict[str, Tensor], names: list[str]) -> Figure:
    """A row for each image (n, C, Y, X) in 0..1: it, then what is looked at in it, (n, rows, columns) each."""
    figure = Figure((WIDTH, WIDTH * len(images) / (1 + len(columns))))
    axes = figure.subplots(len(images), 1 + len(columns), squeeze=False)
    for row, (image, name) in enumerate(zip(images, names, strict=True)):
        axes[row, 0].imshow(image.movedim(0, -1).squeeze(-1).numpy(), cmap="gray")
        axes[row, 0].set_title(name, fontsize=7, pad=2)
        for place, (title, seen) in zip(axes[row, 1:], columns.items(), strict=True):
            place.imshow(seen[row].numpy(), cmap="viridis", interpolation="nearest")
            place.set_title(title if row == 0 else "", fontsize=7, pad=2)
    for place in axes.flat:
        place.set_axis_off()
    return figure


@styled
def distances(by_block: list[Tensor]) -> Figure:
    """A dot for each head: how far its patches look, by block."""
    figure = Figure((WIDTH, 2.8))
    axes = figure.subplots()
    how = look(0) | {"linestyle": "none", "markersize": 4}
    for block, heads in enumerate(by_block, 1):
        axes.plot(np.full(len(heads), block), heads.numpy(), **how)
    axes.set_xticks(range(1, len(by_block) + 1))
    axes.set_xlabel("block")
    axes.set_ylabel("mean attention distance, pixels")
    return figure


@styled
def confusion(found: Errors, names: list[str]) -> Figure:
    """Rows: the true class. Right answers are left out of the colours, so that errors show."""
    table = found.table.numpy()
    wrong = np.where(np.eye(len(table), dtype=bool), 0, table)
    side = min(12.0, max(WIDTH, 0.45 * len(table) + 1.5))
    figure = Figure((side, side))
    axes = figure.subplots()
    axes.imshow(wrong, cmap="Blues")
    axes.set_xticks(range(len(names)), names, rotation=45, ha="right", rotation_mode="anchor")
    axes.set_yticks(range(len(names)), names)
    axes.set_xlabel("taken for")
    axes.set_ylabel("is")
    if len(names) <= MOST_CLASSES:
        dark = wrong > 0.6 * max(1, wrong.max())
        for (y, x), count in np.ndenumerate(table):
            if count:
                axes.text(
                    x, y, str(count), ha="center", va="center", fontsize=7, color="white" if dark[y, x] else None
                )
    return figure


@styled
def mistakes(found: Errors, images: Tensor, names: list[str]) -> Figure:
    """The images (n, C, Y, X) in 0..1 of which the model is surest and wrong."""
    titles = [f"{names[true]}, not {names[taken]}\n{sure:.0%} sure" for _, true, taken, sure in found.worst]
    figure = Figure((WIDTH, 1.6 * -(-len(images) // 5)))
    tiles(figure, list(images), 5, titles)
    return figure
