"""Which of some published files are in a folder, complete and unchanged."""

import hashlib
import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class File:
    """A file as published: its size in bytes, its SHA-256 and, where that was published too, its MD5.

    A file whose name ends as archives do is kept as it is. The sums of any other file are those of its content,
    so a raw file and a .gz of it are checked in the same way.
    """

    name: str
    size: int
    sha256: str
    md5: str | None = None

    @property
    def may_be_packed(self) -> bool:
        return not self.name.endswith(ARCHIVES)


ARCHIVES = (".gz", ".zip", ".mat")


class Damaged(ValueError):
    """A file is not what was published. The text names it and says how it differs, in one line."""


def locate(root: Path, files: Sequence[File], places: Sequence[str]) -> tuple[dict[str, bytearray], list[str]]:
    """Contents of the good files by name, and one line for each of the others.

    A file may lie in any of the `places` below `root`, raw or as .gz; the first good copy is taken.
    """
    found: dict[str, bytearray] = {}
    problems = []
    for file in files:
        try:
            found[file.name] = _read(root, file, places)
        except Damaged as error:
            problems.append(str(error))
    if len(problems) == len(files) and all(p.endswith(" is missing") for p in problems):
        problems = [f"none of the {len(files)} files"]
    return found, problems


def check(file: File, content: bytes | bytearray, name: str) -> None:
    """Raise Damaged unless `content`, found under `name`, is the published one."""
    if len(content) < file.size:
        raise Damaged(f"{name} is truncated ({len(content):,} of {file.size:,} bytes)")
    if len(content) > file.size:
        raise Damaged(f"{name} is not the published file (more than {file.size:,} bytes)")
    for kind, wanted in (("SHA-256", file.sha256), ("MD5", file.md5)):
        if wanted and (digest := hashlib.new(kind, content, usedforsecurity=False).hexdigest()) != wanted:
            raise Damaged(f"{name} is not the published file ({kind} {digest[:8]}..., not {wanted[:8]}...)")


def unpack(file: File, packed: bytes | bytearray, name: str) -> bytearray:
    """Content of a .gz, as far as it goes; `check` finds what is missing. Raises Damaged if it is no gzip."""
    try:
        # One byte more than expected is enough to see that a file is too long. wbits=31 reads the header of gzip.
        return bytearray(zlib.decompressobj(wbits=31).decompress(packed, file.size + 1))
    except zlib.error as error:
        raise Damaged(f"{name} is not the published file (broken gzip)") from error


def _read(root: Path, file: File, places: Sequence[str]) -> bytearray:
    problem = f"{file.name} is missing"
    ends = ("", ".gz") if file.may_be_packed else ("",)
    for path in [root / place / (file.name + end) for place in places for end in ends]:
        try:
            content = _content(path, file)
            check(file, content, path.name)
            return content
        except (FileNotFoundError, NotADirectoryError):
            continue
        except Damaged as error:
            problem = str(error)
        except OSError as error:
            problem = f"{path.name} cannot be read ({error.strerror})"
    raise Damaged(problem)


def _content(path: Path, file: File) -> bytearray:
    if path.name != file.name:
        return unpack(file, path.read_bytes(), path.name)
    content = bytearray(min(path.stat().st_size, file.size + 1))  # writable, as torch.frombuffer wants it
    with path.open("rb") as stream:
        read = stream.readinto(content)
    return content[:read] if read < len(content) else content
