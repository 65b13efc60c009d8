"""Doubles of the sources: a mirror on the loopback interface, an npm client that is a real executable."""

import contextlib
import gzip
import hashlib
import io
import sys
import tarfile
import threading
from collections.abc import Iterator, Mapping
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from ablate.data.files import File

CONTENTS = {"images": bytes(range(256)) * 40, "labels": b"\x00\x01\x02\x03" * 5}
FILES = tuple(File(n, len(c), hashlib.sha256(c).hexdigest()) for n, c in CONTENTS.items())


class Web:
    """A mirror whose pages a test may change while it runs.

    `cut` pages end after half of what was promised; `hung` pages pause there until `release` is set.
    """

    def __init__(self, url: str, contents: Mapping[str, bytes]) -> None:
        self.url = url
        self.pages = {f"{name}.gz": gzip.compress(content, 1) for name, content in contents.items()}
        self.asked: list[str] = []
        self.cut: set[str] = set()
        self.hung: set[str] = set()
        self.half_sent: set[str] = set()
        self.release = threading.Event()


@contextlib.contextmanager
def serve(contents: Mapping[str, bytes] = CONTENTS) -> Iterator[Web]:
    """A mirror that has all of `contents` as .gz."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            name = self.path.strip("/")
            web.asked.append(name)
            if name not in web.pages:
                self.send_error(404)
                return
            page = web.pages[name]
            half = len(page) // 2
            self.send_response(200)
            self.send_header("Content-Length", str(len(page)))
            self.end_headers()
            with contextlib.suppress(ConnectionError):  # a client that was killed or gave up, as it should
                self.wfile.write(page[:half])
                web.half_sent.add(name)
                if name in web.hung:
                    web.release.wait(30)
                if name not in web.cut:
                    self.wfile.write(page[half:])

        def log_message(self, *args: object) -> None: ...

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        web = Web(f"http://127.0.0.1:{server.server_port}", contents)
        thread = threading.Thread(target=server.serve_forever, args=(0.02,))
        thread.start()
        try:
            yield web
        finally:
            web.release.set()
            server.shutdown()
            thread.join()


def pack(archive: Path, contents: Mapping[str, bytes]) -> None:
    """Write an npm package with `contents` in its folder data."""
    with tarfile.open(archive, "w:gz") as tar:
        for name, content in contents.items():
            info = tarfile.TarInfo(f"package/data/{name}")
            info.size = len(content)
            tar.addfile(info, io.BytesIO(content))


def client(folder: Path, script: str, name: str = "npm") -> None:
    """Put an executable `name` into `folder` that runs `script` with this Python."""
    folder.mkdir(exist_ok=True)
    (folder / name).write_text(f"#!{sys.executable}\n{script}\n")
    (folder / name).chmod(0o755)
