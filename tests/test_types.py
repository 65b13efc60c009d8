"""How much of the four wings that serve any training is typed: a misspelt field is then found by mypy."""

import ast
from pathlib import Path

import ablate

ROOT = Path(ablate.__file__).parent
WINGS = ("study", "records", "report", "tracking")
MOST = 20


def is_loose(annotation: ast.expr, aliases: dict[str, ast.expr]) -> bool:
    """Whether a type holds `Any`, or a dict of anything; names of the module's own are looked through."""
    for node in ast.walk(annotation):
        quoted = isinstance(node, ast.Constant) and isinstance(node.value, str)
        if quoted and is_loose(ast.parse(node.value, mode="eval").body, aliases):
            return True
        name = node.id if isinstance(node, ast.Name) else node.attr if isinstance(node, ast.Attribute) else ""
        if name == "Any" or (name in aliases and is_loose(aliases[name], {})):
            return True
    inside = {id(node.value) for node in ast.walk(annotation) if isinstance(node, ast.Subscript)}
    names = [node for node in ast.walk(annotation) if isinstance(node, ast.Name) and id(node) not in inside]
    return any(node.id in ("dict", "Dict", "Mapping") for node in names)


def aliases() -> dict[str, ast.expr]:
    """Types that a module names: `Config = dict[str, Any]`."""
    found: dict[str, ast.expr] = {}
    for file in ROOT.rglob("*.py"):
        for node in ast.parse(file.read_text(encoding="utf-8")).body:
            if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name):
                name = node.targets[0].id
                if name[0].isupper() and not name.isupper() and isinstance(node.value, ast.Subscript | ast.Name):
                    found[name] = node.value
    return found


def loose_parameters() -> list[str]:
    known, found = aliases(), []
    for file in sorted(file for wing in WINGS for file in (ROOT / wing).rglob("*.py")):
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                a = node.args
                every = [*a.posonlyargs, *a.args, *a.kwonlyargs, *(x for x in (a.vararg, a.kwarg) if x)]
                found += [
                    f"{file.relative_to(ROOT)}:{node.lineno} {node.name}({one.arg}: {ast.unparse(one.annotation)})"
                    for one in every
                    if one.annotation and is_loose(one.annotation, known)
                ]
    return found


def test_few_parameters_are_typed_as_anything():
    found = loose_parameters()
    print(f"{len(found)} parameters typed dict or Any in {', '.join(WINGS)}")
    assert len(found) <= MOST, "\n".join(found)


def test_the_count_sees_through_names_and_quotes():
    known = {"Row": ast.parse("Any", mode="eval").body}
    for text, loose in {
        "Any": True,
        "dict": True,
        "list[dict]": True,
        "dict[str, Any]": True,
        "'dict | None'": True,
        "Row": True,
        "Callable[[int], Any]": True,
        "dict[str, str]": False,
        "Mapping[str, float | None]": False,
        "object": False,
    }.items():
        assert is_loose(ast.parse(text, mode="eval").body, known) is loose, text
