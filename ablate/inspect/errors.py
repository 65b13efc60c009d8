"""Where a model is wrong: which classes it takes for which, and the images of which it is surest and wrong."""

from dataclasses import dataclass

import torch
from torch import Tensor

from ablate.inspect.opened import Opened


@dataclass(frozen=True)
class Errors:
    """`table` (classes, classes): test images of a class (row) by what they were taken for (column).

    `worst`: (number of the test image, true class, class taken for, its probability), the surest first.
    """

    table: Tensor
    worst: list[tuple[int, int, int, float]]


def errors(run: Opened, most: int = 20, batch: int = 500) -> Errors:
    """What the model makes of all test images, once more."""
    truth, found = run.parts.test.y, []
    with torch.no_grad():
        for images in run.parts.test.x.split(batch):
            found.append(run.model(run.inputs(images)).float().softmax(-1))
    sure, taken = torch.cat(found).max(-1)
    classes = run.data.classes
    table = torch.bincount(truth * classes + taken, minlength=classes**2).reshape(classes, classes)
    wrong = (taken != truth).nonzero().flatten()
    order = wrong[sure[wrong].argsort(descending=True, stable=True)][:most]
    return Errors(table, [(int(i), int(truth[i]), int(taken[i]), float(sure[i])) for i in order])
