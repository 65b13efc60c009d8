"""Files and pipes are UTF-8 wherever we run: read from the source of every module."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
SOURCES = sorted(f for top in ("ablate", "hydra_plugins", "scripts") for f in (ROOT / top).rglob("*.py"))
BYTES = {"os", "tarfile", "zipfile", "Image", "webbrowser"}  # whose `open` is no text file's


def untold(source: str) -> Iterator[str]:
    """Calls that open, read or write text in whatever encoding the user's locale has, as `line: call`."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Call) and is_text(node) and "encoding" not in {k.arg for k in node.keywords}:
            yield f"{node.lineno}: {ast.unparse(node)[:80]}"


def is_text(call: ast.Call) -> bool:
    of = call.func.value if isinstance(call.func, ast.Attribute) else None
    name = call.func.attr if isinstance(call.func, ast.Attribute) else getattr(call.func, "id", "")
    given = {k.arg: k.value for k in call.keywords}
    if name in ("open", "fdopen"):
        if name == "open" and isinstance(of, ast.Name) and of.id in (*BYTES, "self"):
            return False
        place = 1 if of is None or name == "fdopen" else 0  # open(file, "rb") and file.open("rb")
        mode = given.get("mode") or (call.args[place] if len(call.args) > place else None)
        return not (isinstance(mode, ast.Constant) and "b" in str(mode.value))
    if name in ("run", "Popen", "check_output"):
        return bool({"text", "universal_newlines"} & set(given))
    return name in ("read_text", "write_text", "TextIOWrapper", "NamedTemporaryFile") and not (
        name == "NamedTemporaryFile" and "mode" not in given
    )


def test_every_text_file_names_its_encoding():
    assert len(SOURCES) > 150
    found = {f.relative_to(ROOT).as_posix(): list(untold(f.read_text(encoding="utf-8"))) for f in SOURCES}
    assert {file: calls for file, calls in found.items() if calls} == {}


@pytest.mark.parametrize(
    "code",
    ["open(f)", "f.open('w')", "f.read_text()", "f.write_text(t)", "os.fdopen(n, 'w')", "run(c, text=True)"],
)
def test_what_names_none_is_found(code):
    assert list(untold(code))


@pytest.mark.parametrize("code", ["open(f, 'rb')", "f.open('wb')", "os.open(f, 0)", "tarfile.open(f)", "run(c)"])
def test_what_needs_none_is_let_pass(code):
    assert not list(untold(code))
