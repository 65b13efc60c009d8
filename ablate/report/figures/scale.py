"""Values of a metric that lie far apart, on one axis."""

from collections.abc import Iterable

import numpy as np
from matplotlib.axes import Axes
from matplotlib.ticker import FixedLocator, FuncFormatter, LogLocator, NullFormatter, NullLocator

from ablate.report.measure import Measure

FAR = 5.0  # times the smallest error: from there on the best would lie on each other
TICKS = [100 - step * 10.0**power for power in (1, 0, -1, -2) for step in (10, 5, 2)]


def values_along(axes: Axes, which: str, values: Iterable[float], measure: Measure) -> None:
    """Names `which`, the x or y axis, of values as people read them; good ones lie apart on it.

    One bad arm would press all good ones together: accuracies stand by the log of their error, and where less is
    better by their own. With a value of 100 per cent or of 0, which have no place there, the axis stays as it is.
    """
    there = np.array([value for value in values if not np.isnan(value)])
    if measure.is_fraction and measure.sign > 0:
        _by_error(axes, which, 100 - there, measure)
        return
    spaced = measure.sign < 0 and len(there) > 0 and there.min() > 0 and there.max() >= FAR * there.min()
    axes.set(**{f"{which}label": measure.label + (" (log scale)" if spaced else "")})
    if spaced:
        getattr(axes, f"set_{which}scale")("log")
        axis = {"x": axes.xaxis, "y": axes.yaxis}[which]
        axis.set_major_locator(LogLocator(subs=(1, 2, 5)))
        axis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:g}"))
        axis.set_minor_formatter(NullFormatter())


def _by_error(axes: Axes, which: str, errors: np.ndarray, measure: Measure) -> None:
    spaced = len(errors) > 0 and errors.min() > 0 and errors.max() >= FAR * errors.min()
    between = "\n" if which == "y" else " "
    axes.set(**{f"{which}label": f"{measure.label}{between}(log scale of the error)" if spaced else measure.label})
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
