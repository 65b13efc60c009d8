"""Files that cannot be used: they are renamed and named to the user, and never deleted."""

import json
from contextlib import suppress
from hashlib import sha256
from itertools import count
from pathlib import Path
from typing import Any

SUM = "sum"  # the last field of a JSON file of ours: what the others should hash to


class Damaged(ValueError):
    """A file of ours does not hold what we wrote. The message says why, without the name of the file."""


class NewerFormat(Exception):
    """A newer version of ablate wrote this file. It is not damaged, and must not be guessed at or overwritten."""


def why(error: BaseException) -> str:
    """What an error says, in one line and without the file's name."""
    said = getattr(error, "strerror", None) or str(error)
    return (said.strip().splitlines() or [type(error).__name__])[0].rstrip(".")


def set_aside(path: Path, reason: str) -> None:
    """Renames a file or folder that is in our way, and says so."""
    names = (f"{path.name}.damaged" + (f"-{i}" if i > 1 else "") for i in count(1))
    new = next(path.with_name(name) for name in names if not present(path.with_name(name)))
    path.rename(new)
    print(f"{path} cannot be used ({reason}); it is now {new.name}", flush=True)


def make_way(path: Path, *, folder: bool = False) -> None:
    """Renames whatever is in the place of a file of ours and is no file (or is no folder where one is needed)."""
    if path.is_symlink() and not path.exists():
        set_aside(path, "a link that leads nowhere")
    elif path.exists() and folder != path.is_dir():
        set_aside(path, "a file" if folder else "a folder")


def present(path: Path) -> bool:
    """Whether there is something of this name, also a link that leads nowhere."""
    return path.is_symlink() or path.exists()


def remove(path: Path) -> None:
    """Removes a file of ours; what is no file, or cannot be removed, stays."""
    if path.is_symlink() or not path.is_dir():
        with suppress(OSError):
            path.unlink(missing_ok=True)


def sealed(data: dict[str, object]) -> str:
    """JSON whose last field, `sum`, shows whether anything in it was changed."""
    return json.dumps(data | {SUM: digest(data)}, indent=1, allow_nan=False)


def opened(path: Path) -> dict[str, Any]:
    """What a JSON file says, without `sum`. Raises OSError or Damaged; a file without a `sum` is believed."""
    try:
        data = json.loads(path.read_bytes())
    except ValueError as e:
        raise Damaged(f"no JSON: {why(e)}") from e
    if not isinstance(data, dict):
        raise Damaged("no JSON object")
    told = data.pop(SUM, None)
    if told is not None and told != digest_of_read(data):
        raise Damaged(f"it was changed after ablate wrote it; to use it as it is, remove its line `{SUM}`")
    return data


def digest(data: dict[str, object]) -> str:
    """12 hexadecimal digits, which do not change when the data are written and read again."""
    return digest_of_read(json.loads(json.dumps(data)))


def digest_of_read(data: dict[str, object]) -> str:
    """The same of data that come from JSON."""
    return sha256(json.dumps(data, sort_keys=True).encode()).hexdigest()[:12]
