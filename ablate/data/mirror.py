"""Published files from a folder on the web."""

import http.client
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator, Sequence
from functools import partial

from ablate.data.files import File, unpack
from ablate.data.source import NoAnswer, Watch


class Mirror:
    """A folder on the web that holds every file as NAME.gz, as torchvision's mirrors do, and archives as they are.

    timeout: seconds without any answer (the look-up of the name included) after which it is given up.
    limit: seconds after which a file that arrives too slowly is given up.
    """

    def __init__(self, *, url: str, timeout: float, limit: float) -> None:
        self.url, self.timeout, self.limit = url.rstrip("/"), timeout, limit

    def __str__(self) -> str:
        return self.url

    def fetch(self, files: Sequence[File], watch: Watch) -> Iterator[tuple[File, bytearray]]:
        for file in files:
            name = f"{file.name}.gz" if file.may_be_packed else file.name
            try:
                content = self._download(name, file.size, watch)
            except (OSError, http.client.HTTPException) as error:  # URLError and TimeoutError are OSErrors
                raise NoAnswer(self._reason(error)) from error
            yield file, unpack(file, content, name) if file.may_be_packed else content

    def _download(self, name: str, at_most: int, watch: Watch) -> bytearray:
        end = time.monotonic() + self.limit
        packed = bytearray()
        opened = partial(urllib.request.urlopen, f"{self.url}/{name}", timeout=self.timeout)
        with _within(self.timeout, opened) as web:
            total = web.length
            while chunk := web.read1(1 << 16):
                packed += chunk
                watch(name, len(packed), total)
                if time.monotonic() > end:
                    raise NoAnswer(f"{name} did not arrive within {self.limit:g} s")
                if len(packed) > at_most + 1024:  # a .gz is never much larger than its content
                    break
        return packed

    def _reason(self, error: Exception) -> str:
        if isinstance(error, urllib.error.HTTPError):
            error.close()
            return f"HTTP {error.code} {error.reason}"
        cause = error.reason if isinstance(error, urllib.error.URLError) else error
        if isinstance(cause, TimeoutError):
            return f"no answer within {self.timeout:g} s"
        return str(getattr(cause, "strerror", None) or cause or type(cause).__name__)


def _within(seconds: float, open_url: Callable[[], http.client.HTTPResponse]) -> http.client.HTTPResponse:
    """The result of `open_url`, or TimeoutError. A socket's own time-out covers neither the look-up of a
    name nor the sum over a host's many addresses, each of which may be silent.
    """
    outcome: list[http.client.HTTPResponse | Exception] = []

    def work() -> None:
        try:
            outcome.append(open_url())
        except Exception as error:  # handed to the caller below
            outcome.append(error)

    thread = threading.Thread(target=work, daemon=True)
    thread.start()
    thread.join(seconds)
    if not outcome:
        raise TimeoutError
    if isinstance(outcome[0], Exception):
        raise outcome[0]
    return outcome[0]
