"""Accuracies that lie far apart, on one axis."""

from collections.abc import Iterable

import numpy as np
from matplotlib.axes import Axes
from matplotlib.ticker import FixedLocator, FuncFormatter, NullLocator

FAR = 5.0  # times the smallest error: from there on the best would lie on each other
TICKS = [100 - step * 10.0**power for power in (1, 0, -1, -2) for step in (10, 5, 2)]
NAME = "test accuracy, %"


def accuracies(axes: Axes, which: str, values: Iterable[float]) -> None:
    """Names `which`, the x or y axis, of accuracies in per cent, and spaces it by the log of the error if need be.

    One bad arm would press all good ones together. With a value of 100, which has no place on such a scale, the
    axis stays as it is.
    """
    errors = 100 - np.array([value for value in values if not np.isnan(value)])
    spaced = len(errors) > 0 and errors.min() > 0 and errors.max() >= FAR * errors.min()
    between = "\n" if which == "y" else " "
    axes.set(**{f"{which}label": f"{NAME}{between}(log scale of the error)" if spaced else NAME})
    if not spaced:
        return
    pad = (errors.max() / errors.min()) ** 0.06
    axis = {"x": axes.xaxis, "y": axes.yaxis}[which]
    functions = (lambda acc: -np.log10(np.maximum(100 - acc, 1e-9)), lambda place: 100 - 10.0**-place)
    getattr(axes, f"set_{which}scale")("function", functions=functions)
    axes.set(**{f"{which}lim": (100 - errors.max() * pad, 100 - errors.min() / pad)})
    axis.set_major_locator(FixedLocator(TICKS))
    axis.set_minor_locator(NullLocator())
    axis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:g}"))
