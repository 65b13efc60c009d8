"""Published files, fetched into a folder from the first source that has them, and verified by their sums."""

import os
import shlex
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import platformdirs
from filelock import Timeout

from ablate.config.errors import CannotStart
from ablate.data.files import Damaged, File, check, locate
from ablate.data.source import NoAnswer, Source, Watch
from ablate.records.lock import lock_for

Say = Callable[[str], None]
CHOOSE = "data.root=DIR or ABLATE_DATA=DIR chooses another folder"


class Unavailable(CannotStart):
    """Data is not here and cannot be fetched. The text is for the user and says what to do."""


@dataclass(frozen=True)
class Published:
    """A data set as published: the choice of `data`, the name that the user reads, its files, and where to ask.

    `sources`, best first, is called only when there is something to fetch. `places` are where below its folder the
    files may lie: our own layout, then that of torchvision.
    """

    name: str
    title: str
    files: tuple[File, ...]
    sources: Callable[[], Sequence[Source]]
    places: tuple[str, ...] = ("", "MNIST/raw")


def folder(root: str | None, name: str) -> Path:
    """Where a data set lives: `root`; else $ABLATE_DATA/name; else name in the per-user data folder.

    Raises Unavailable for a user without a home folder, where one is needed.
    """
    try:
        if root:
            return Path(root).expanduser().absolute()
        base = os.environ.get("ABLATE_DATA") or platformdirs.user_data_dir("ablate", appauthor=False)
        return Path(base).expanduser().absolute() / name
    except RuntimeError as error:
        what = f"data.root={root}" if root else f"{name}: the folder for data"
        raise Unavailable(f"{what} lies in a home folder, and there is none here; {CHOOSE}") from error


def on_stderr(line: str) -> None:
    """Prints a line on standard error, so that it does not mix with results."""
    print(line, file=sys.stderr, flush=True)


def unwatched(name: str, done: int, total: int | None) -> None:
    """Shows nothing of a download."""


def fetch(
    data: Published, root: Path, *, say: Say = on_stderr, watch: Watch = unwatched, patience: float = 900
) -> dict[str, bytearray]:
    """Content of every file by name, each verified; what is missing or broken in `root` is fetched into it.

    A folder that is complete is only read, so it may be read-only, and nothing is said of it. `patience` is how
    many seconds to wait for another process that fetches into the same folder. Raises Unavailable if no source has
    what is missing, or if the folder cannot be written.
    """
    found, problems = locate(root, data.files, data.places)
    if not problems:
        return found
    with _alone(data, root, say, patience):
        # Look again: another process may have fetched them while this one waited.
        found, problems = locate(root, data.files, data.places)
        if problems:
            found |= _ask(data, root, set(found), f"{', '.join(problems)} in {root}", say, watch)
    say(verified(data, root))
    return found


def verified(data: Published, root: Path) -> str:
    return f"{data.title}: {len(data.files)} files verified in {root}"


def _ask(
    data: Published, root: Path, have: set[str], problem: str, say: Say, watch: Watch
) -> dict[str, bytearray]:
    """What the sources brought, also stored in `root`. For each source it says why it has to be asked."""
    brought: dict[str, bytearray] = {}
    missing = [file for file in data.files if file.name not in have]
    story = [problem]
    for source in data.sources():
        say(f"{data.title}: {story[-1]}; trying {source} (time-out {source.timeout:g} s)")
        try:
            for file, content in source.fetch(missing, watch):
                check(file, content, file.name)
                with _explained(data, root):
                    _store(root / file.name, content)
                brought[file.name] = content if isinstance(content, bytearray) else bytearray(content)
            return brought
        except (NoAnswer, Damaged) as error:
            story.append(f"{source}: {error}")
            missing = [file for file in missing if file.name not in brought]
    raise Unavailable(_what_to_do(data, root, missing, story))


def _what_to_do(data: Published, root: Path, missing: Sequence[File], story: Sequence[str]) -> str:
    width = max(len(file.name) for file in missing)
    return "\n".join(
        [
            f"{data.title} is not complete and no source has what is missing:",
            *(f"  {line}" for line in story),
            f"Put into {root} (as they are{', or as .gz' if missing[0].may_be_packed else ''}):",
            *(f"  {file.name:{width}}  {file.size:>10,} bytes" for file in missing),
            "then run your command again. To try the sources once more:",
            f"  python scripts/fetch_data.py {data.name} --root {shlex.quote(str(root))}",
        ]
    )


def _store(path: Path, content: bytes | bytearray) -> None:
    """Writes to another name and then renames it, so that a process that is killed leaves no half file."""
    part = path.with_name(f"{path.name}.part")
    part.write_bytes(content)
    os.replace(part, path)


@contextmanager
def _alone(data: Published, root: Path, say: Say, patience: float) -> Iterator[None]:
    """Holds the lock of the folder. The system frees it when the process ends, however that happens."""
    with _explained(data, root):
        root.mkdir(parents=True, exist_ok=True)
        lock = lock_for(root / ".fetch.lock")
        try:
            held = lock.acquire(timeout=0)
        except Timeout:
            say(f"{data.title}: another process is fetching into {root}; waiting (time-out {patience:g} s)")
            held = lock.acquire(timeout=patience)
    with held:
        yield


@contextmanager
def _explained(data: Published, root: Path) -> Iterator[None]:
    """Turns the errors of writing into one line for the user."""
    try:
        yield
    except Timeout as error:  # is an OSError too
        raise Unavailable(f"{data.title}: another process is still fetching into {root}") from error
    except OSError as error:
        raise Unavailable(f"{data.title}: cannot write to {root} ({error.strerror}); {CHOOSE}") from error
