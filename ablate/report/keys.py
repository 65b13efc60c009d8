"""Values of the report's own keys, from words; ValueError, one line, for those that do not fit."""


def positive(key: str, text: str) -> float:
    try:
        value = float(text)
    except ValueError:
        value = -1.0
    if not 0 < value < float("inf"):
        raise ValueError(f"{key}={text}: a number above 0 is wanted, as in {key}=0.1")
    return value


def baseline(text: str) -> dict[str, str]:
    pairs = [part.partition("=") for part in text.split(",")]
    if not all(axis and equals and arm for axis, equals, arm in pairs):
        raise ValueError(f"report.baseline={text}: an axis and its arm are wanted, as in report.baseline=pos=none")
    return {axis: arm for axis, _, arm in pairs}


def cost(text: str) -> str:
    from ablate.report.decision import COSTS

    if text not in COSTS:
        raise ValueError(f"report.cost={text}: no such cost; {', '.join(COSTS)} are")
    return text


def failures(text: str) -> str:
    from ablate.report.failures import HOW

    if text not in HOW:
        raise ValueError(f"report.failures={text}: {' or '.join(HOW)} is wanted")
    return text


def method(text: str) -> str:
    from ablate.report.numbers.method import METHODS

    if text not in METHODS:
        raise ValueError(f"report.method={text}: no such method; {', '.join(METHODS)} are")
    return text


def together(text: str) -> tuple[str, ...]:
    from ablate.report.read.groups import FACTS

    names = tuple(text.split(","))
    for name in names:
        if name not in FACTS:
            raise ValueError(f"report.together={text}: {name} sets no runs apart; {', '.join(FACTS)} do")
    return names
