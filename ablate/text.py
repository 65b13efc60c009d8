"""Numbers as people read them in a narrow column, and names that fit."""

import hashlib
import math

NONE = "–"  # nothing is known
PREFIXES = ["", "k", "M", "G", "T", "P"]


def si(value: float | None) -> str:
    """Three significant digits with an SI prefix: 49, 209k, 21.3M; a dash where nothing is known."""
    if value is None or not math.isfinite(value):
        return NONE
    exponent = 0
    while abs(float(f"{value:.3g}")) >= 1000 and exponent < len(PREFIXES) - 1:
        value, exponent = value / 1000, exponent + 1
    return (digits(value) + PREFIXES[exponent]).replace("-", "−")


def seconds(value: float | None) -> str:
    """Three significant digits, whole seconds from a hundred on: 0.412, 84.2, 1520."""
    if value is None or not math.isfinite(value):
        return NONE
    return f"{value:.0f}" if abs(value) >= 99.95 else digits(value)


def digits(value: float) -> str:
    """Three significant digits without an exponent; whole numbers stay whole."""
    if value == round(value) and abs(value) < 1000:
        return f"{value:.0f}"
    places = max(0, 2 - math.floor(math.log10(abs(float(f"{value:.3g}")))))
    return f"{value:.{places}f}"


def accuracy(mean: float, sd: float) -> str:
    """Fractions in, per cent out: `98.81 ± 0.07`; a single seed has no standard deviation (NaN)."""
    return percent(mean) if math.isnan(sd) else f"{percent(mean)} ± {percent(sd)}"


def percent(value: float) -> str:
    """A fraction in per cent: `98.81`."""
    return NONE if math.isnan(value) else f"{100 * value:.2f}"


def points(value: float, sign: bool = True) -> str:
    """A fraction in percentage points: `+7.62`, or `7.62` without the sign of a positive number."""
    if math.isnan(value):
        return NONE
    rounded = round(100 * value, 2) + 0.0  # no negative zero
    return (f"{rounded:+.2f}" if sign else f"{rounded:.2f}").replace("-", "−")


def span(low: float, high: float) -> str:
    """An interval in points: `+7.38 to +7.60`."""
    return NONE if math.isnan(low) or math.isnan(high) else f"{points(low)} to {points(high)}"


def change(arm: str, against: str) -> str:
    """What a difference is the size of: `learned − none`; `the step from 4 to 7`, as `7 − 4` would read as 3."""
    return f"the step from {against} to {arm}" if is_number(arm) and is_number(against) else f"{arm} − {against}"


def is_number(arm: str) -> bool:
    """Whether an arm is a number, or several of axes that move together: `7`, `28+7`."""
    try:
        return bool([float(part) for part in arm.split("+")])
    except ValueError:
        return False


def p_value(p: float) -> str:
    return "p < 0.0001" if p < 1e-4 else f"p = {p:.2g}"


def count(n: int, what: str) -> str:
    return f"{n} {what}" if n == 1 else f"{n} {what}s"


def fitted(name: str, longest: int) -> str:
    """A name of at most `longest` characters: one that is cut ends in a hash, so that two of them stay apart."""
    if len(name) <= longest:
        return name
    return f"{name[: longest - 9]}-{hashlib.sha256(name.encode()).hexdigest()[:8]}"
