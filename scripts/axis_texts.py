"""What new_axis.py writes: classes that do nothing yet, their tests, and lines in the config and the README."""

import re

# What a part on a hook gets besides `dim` (ablate/vit.py).
TOLD = {"prefix": "int", "grid": "tuple[int, int]", "index": "int"}


class Wrong(Exception):
    """What the user asked for cannot be; the text says what would work."""


def camel(name: str) -> str:
    return "".join(word[:1].upper() + word[1:] for word in name.split("_"))


def yaml_of(target: str) -> str:
    return f"_target_: {target}\n_partial_: true\n"


def module(acts_on: str, axis: str, classes: list[str]) -> str:
    where = (
        "the branches of a block, before they are added" if acts_on == "block" else "the tokens, with positions"
    )
    head = f'"""{axis.replace("_", " ").capitalize()}: acts on {where}, (B, N, D) -> (B, N, D)."""'
    return "\n\n\n".join([f"{head}\n\nfrom torch import Tensor, nn", *classes]) + "\n"


def stub(name: str, acts_on: str, test: str, *, does: bool = True, knob: tuple[str, str] | None = None) -> str:
    """The source of a class that is the identity."""
    told = {"dim": "int"} | {k: v for k, v in TOLD.items() if acts_on == "block" or k != "index"}
    told |= dict([knob] if knob else [])
    takes = ", ".join(f"{key}: {kind}" for key, kind in told.items())
    says = "What it does, and who described it (TODO)" if does else "Nothing"
    lines = [f"class {name}(nn.Module):", f'    """{says}, (B, N, D) -> (B, N, D)."""', ""]
    lines += [f"    def __init__(self, *, {takes}) -> None:", "        super().__init__()"]
    lines += [f"        self.{knob[0]} = {knob[0]}"] if knob else []
    lines += ["", "    def forward(self, x: Tensor) -> Tensor:"]
    return "\n".join(
        [*lines, f"        return x  # TODO: {test} fails until this does something"]
        if does
        else [*lines, "        return x"]
    )


def with_default(config: str, axis: str, choice: str) -> str:
    if not re.search(r"^  - model: ", config, re.M):
        raise Wrong("conf/config.yaml has no line '- model:' to write before")
    return re.sub(r"^  - model: ", f"  - {axis}: {choice}\n  - model: ", config, count=1, flags=re.M)


def hooked(vit: str, hook: str, lines: list[str]) -> str:
    """conf/model/vit.yaml with a further part at the end of a hook."""
    rows = vit.rstrip("\n").split("\n")
    at = next((i for i, row in enumerate(rows) if re.match(rf"  {hook}:", row)), None)
    if at is None:
        raise Wrong(f"conf/model/vit.yaml has no hook '{hook}:' to write into")
    rows[at] = rows[at].replace(f"{hook}: {{}}", f"{hook}:")
    end = at + 1
    while end < len(rows) and rows[end].startswith("    "):
        end += 1
    return "\n".join([*rows[:end], *(f"    {line}" for line in lines), *rows[end:]]) + "\n"


def table(readme: str) -> tuple[list[str], int, int]:
    """The README's lines, and where its table of axes begins and ends."""
    rows = readme.split("\n")
    if "| axis | choices |" not in rows:
        raise Wrong("README.md has no table '| axis | choices |' to write into")
    end = start = rows.index("| axis | choices |")
    while rows[end].startswith("|"):
        end += 1
    return rows, start, end


def with_row(readme: str, row: str) -> str:
    rows, _, end = table(readme)
    return "\n".join([*rows[:end], row, *rows[end:]])


def with_word(readme: str, axis: str, choice: str) -> str:
    """The choice after the last one of its axis; several axes may share a row, with ; between."""
    rows, start, end = table(readme)
    for i in range(start, end):
        _, names, words, _ = rows[i].split("|")
        axes = re.findall(r"`(\w+)`", names)
        if axis in axes:
            parts = words.strip().split("; ")
            parts[axes.index(axis)] += f", {choice}"
            rows[i] = f"|{names}| {'; '.join(parts)} |"
            return "\n".join(rows)
    raise Wrong(f"README.md has no row of `{axis}` in its table of axes")


def test_of(axis: str, key: str, choices: list[str]) -> str:
    first, *others = choices
    listed = ", ".join(f'"{choice}"' for choice in others)
    return f'''"""{axis.replace("_", " ").capitalize()}: no arm is another one under a new name."""

import pytest
from test_choices import SMALL, configured

from ablate.audit.alive import difference
from ablate.audit.built import Built
from ablate.study.runs import Run


def cell(choice: str) -> Built:
    config, _, choices = configured(f"{key}={{choice}}", *SMALL)
    return Built(Run("", {{}}, 0, "", [], choices, config))


@pytest.mark.parametrize("choice", [{listed}])
def test_does_something_that_{re.sub(r"[^a-z0-9]", "_", first)}_does_not(choice):
    """In its weights, its tokens or its function, in evaluation or in training. Add what makes it that choice."""
    assert difference(cell("{first}"), cell(choice)), f"{key}={{choice}} does what {first} does: a stub?"
'''


def next_steps(stub: str, test: str, key: str, choices: list[str]) -> str:
    study = f"python -m ablate.train -m {key}={','.join(choices)} data=synthetic"
    return f"\nNow fill in {stub}, until this passes:\n  python -m pytest {test}\nand compare:\n  {study}"
