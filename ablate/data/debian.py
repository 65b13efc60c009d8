"""Published files from a Debian package, installed or not."""

import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path

from ablate.data.client import call
from ablate.data.files import File, unpack
from ablate.data.source import NoAnswer, Watch


class Debian:
    """A package that puts every file as NAME.gz into `folder`.

    Where it is not installed, the user's apt-get downloads it and dpkg-deb unpacks it in a temporary folder: no
    rights are needed, and nothing is installed. timeout: seconds after which a client is killed.
    """

    def __init__(self, *, package: str, folder: Path, timeout: float) -> None:
        self.package, self.folder, self.timeout = package, folder, timeout

    def __str__(self) -> str:
        return f"Debian package {self.package}"

    def installed(self) -> bool:
        return self.folder.is_dir()

    def fetch(self, files: Sequence[File], watch: Watch) -> Iterator[tuple[File, bytearray]]:
        if self.installed():
            yield from self._read(self.folder, files)
            return
        watch(str(self), 0, None)
        # A client that was killed may leave a child that still writes here: no reason to fail.
        with tempfile.TemporaryDirectory(prefix="ablate-debian-", ignore_cleanup_errors=True) as temp:
            place = Path(temp)
            self._call("apt-get", "-qq", "-oAcquire::Retries=0", "download", self.package, place=place)
            packages = list(place.glob("*.deb"))
            if not packages:
                raise NoAnswer("apt-get brought no package")
            size = packages[0].stat().st_size
            watch(str(self), size, size)
            self._call("dpkg-deb", "--extract", packages[0].name, "unpacked", place=place)
            yield from self._read(place / "unpacked" / self.folder.relative_to("/"), files)

    def _read(self, folder: Path, files: Sequence[File]) -> Iterator[tuple[File, bytearray]]:
        for file in files:
            name = f"{file.name}.gz"
            try:
                yield file, unpack(file, (folder / name).read_bytes(), name)
            except OSError as error:
                raise NoAnswer(f"{name} is not in the package ({error.strerror})") from error

    def _call(self, client: str, *words: str, place: Path) -> None:
        status, said = call(client, *words, place=place, timeout=self.timeout)
        if status:
            errors = [line for line in said.splitlines() if line.startswith("E: ")]
            raise NoAnswer(f"{client} failed ({errors[0][3:] if errors else f'exit status {status}'})")
