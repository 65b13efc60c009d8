"""A lock on a file that the system gives back whatever ends its process, also where the file system has none.

NFS without a lock service and many FUSE and parallel file systems refuse locks. A file in this machine's temporary
folder is locked in place of theirs then: the processes of this machine see it, those of others do not.
"""

import errno
import os
import tempfile
from hashlib import sha256
from pathlib import Path

from filelock import FileLock

try:
    import fcntl
except ImportError:  # Windows, whose file systems all have locks
    fcntl = None  # type: ignore[assignment]

REFUSED = (errno.ENOLCK, errno.EOPNOTSUPP, errno.ENOTSUP, errno.ENOSYS, errno.EINVAL)


def lock_for(file: Path, poll_s: float = 0.05) -> FileLock:
    """The lock that stands for `file`, not yet acquired; its `lock_file` is another where there can be none."""
    place = file if can_lock(file.parent) else stand_in(file)
    return FileLock(place, poll_interval=poll_s)


def is_stand_in(lock: FileLock, file: Path) -> bool:
    return Path(lock.lock_file) != file


def stand_in(file: Path) -> Path:
    folder = Path(tempfile.gettempdir()) / f"ablate-locks-{os.getuid()}"
    folder.mkdir(exist_ok=True)
    return folder / sha256(str(file.resolve()).encode(errors="surrogateescape")).hexdigest()[:24]


def can_lock(folder: Path) -> bool:
    """Whether files in a folder can be locked; any other trouble is left to whoever locks one."""
    try:
        device = folder.stat().st_dev
        if device not in _known:
            _known[device] = fcntl is None or tried(folder)
        return _known[device]
    except OSError:
        return True


def tried(folder: Path) -> bool:
    with tempfile.TemporaryFile(dir=folder) as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as e:
            return e.errno not in REFUSED
    return True


_known: dict[int, bool] = {}  # by file system
