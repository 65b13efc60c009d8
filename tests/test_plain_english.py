"""Words that are retired from messages, documents and docstrings: each made a reader read a sentence twice."""

import ast
import io
import re
import tokenize
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
RETIRED = {
    r"\b(hangs?|hung|hanging) on\b": "depends on",
    r"\btold\b": "shown, named, kept apart",
    r"\bbeside\b": "next to; or, for what comes on top, besides",
    r"\bto the letter\b": "exactly",
    r"\b[Rr]uns with one seed\b": "runs with the same seed",
    r"\bthe same command again (?!and\b)\w+s\b": "run the same command again to ...",
}
CODE = sorted(file for wing in ("ablate", "hydra_plugins", "scripts") for file in (ROOT / wing).rglob("*.py"))
DOCUMENTS = [*(ROOT / "docs").glob("*.md"), *(ROOT / "conf").rglob("*.yaml"), *(ROOT / "ablate").rglob("*.j2")]
TEXTS = sorted([ROOT / "README.md", ROOT / "Makefile", *DOCUMENTS])


def prose(file: Path) -> list[tuple[int, str]]:
    """What a reader reads: comments and texts of a module, each with its line; every line of any other file."""
    source = file.read_text(encoding="utf-8")
    if file.suffix != ".py":
        return list(enumerate(source.splitlines(), 1))
    found = [(node.lineno, node.value) for node in ast.walk(ast.parse(source)) if is_text(node)]
    for token in tokenize.generate_tokens(io.StringIO(source).readline):
        if token.type == tokenize.COMMENT:
            found.append((token.start[0], token.string))
    return found


def is_text(node: ast.AST) -> bool:
    """Whether a node is a text of several words; a word alone is a key."""
    return isinstance(node, ast.Constant) and isinstance(node.value, str) and " " in node.value.strip()


def retired(text: str) -> list[str]:
    plain = " ".join(re.sub(r"`[^`]*`", "", text).split())  # what stands in backticks is a name
    return [
        f"{found[0]!r}: {better}" for pattern, better in RETIRED.items() for found in re.finditer(pattern, plain)
    ]


def test_the_words_are_found_where_they_stand():
    assert len(retired("What a run hangs on beside\n  its words, to the letter, is told. Runs with one seed")) == 5
    assert retired("A name: `told`, `beside`. Next to it, besides, exactly; it depends on this.") == []
    assert len(CODE) > 150
    assert len(TEXTS) > 30


@pytest.mark.parametrize("files", [CODE, TEXTS], ids=["code", "documents"])
def test_no_retired_word_is_used(files):
    wrong = [
        f"{file.relative_to(ROOT)}:{line}: {word}"
        for file in files
        for line, text in prose(file)
        for word in retired(text)
    ]
    assert not wrong, "\n".join(wrong)
