"""Debian's package as a source: installed, downloaded by the user's apt-get, or not to be had."""

import gzip
import re
import shutil
from pathlib import Path

import pytest
from data_doubles import CONTENTS, FILES, client

from ablate.data.debian import Debian
from ablate.data.fetch import Published, fetch, unwatched
from ablate.data.source import NoAnswer

UNPACK = (
    "import shutil, sys; assert sys.argv[1] == '--extract'; shutil.unpack_archive(sys.argv[2], sys.argv[3], 'tar')"
)


def put(folder):
    folder.mkdir(parents=True)
    for name, content in CONTENTS.items():
        (folder / f"{name}.gz").write_bytes(gzip.compress(content))


def debian(folder, timeout=20):
    return Debian(package="dataset-digits", folder=folder, timeout=timeout)


@pytest.fixture
def clients(tmp_path, monkeypatch):
    """Where a test puts its apt-get and dpkg-deb; there are no others."""
    monkeypatch.setenv("PATH", str(tmp_path / "bin"))
    return tmp_path / "bin"


def test_an_installed_package_is_read_without_a_client(tmp_path, lines, clients):
    put(tmp_path / "share")
    source = debian(tmp_path / "share")
    assert source.installed()
    digits = Published("digits", "Digits", FILES, lambda: [source])
    assert fetch(digits, tmp_path / "digits", say=lines.append) == CONTENTS
    assert lines[0].endswith("trying Debian package dataset-digits (time-out 20 s)")


def test_apt_get_downloads_what_is_unpacked_without_rights(tmp_path, lines, clients, monkeypatch):
    put(tmp_path / "package" / "usr" / "share" / "digits")
    package = tmp_path / "made.deb"
    shutil.move(shutil.make_archive(str(package), "tar", tmp_path / "package"), package)
    client(clients, f"import shutil; shutil.copy({str(package)!r}, '.')", "apt-get")
    client(clients, UNPACK, "dpkg-deb")
    source = debian(Path("/usr/share/digits"))
    assert not source.installed()
    seen = []
    digits = Published("digits", "Digits", FILES, lambda: [source])
    root = tmp_path / "digits"
    assert fetch(digits, root, say=lines.append, watch=lambda *progress: seen.append(progress)) == CONTENTS
    size = package.stat().st_size
    assert seen == [(str(source), 0, None), (str(source), size, size)]


@pytest.mark.parametrize(
    ("script", "reason"),
    [
        (
            "import sys; sys.exit('W: slow\\nE: Unable to locate package dataset-digits')",
            "apt-get failed (Unable to locate package dataset-digits)",
        ),
        ("import sys; sys.exit(7)", "apt-get failed (exit status 7)"),
        ("", "apt-get brought no package"),
        ("open('a.deb', 'w').write('no archive')", "dpkg-deb failed (exit status 1)"),
    ],
)
def test_a_client_that_fails_says_why(tmp_path, clients, script, reason):
    client(clients, script, "apt-get")
    client(clients, UNPACK, "dpkg-deb")
    with pytest.raises(NoAnswer, match="^" + re.escape(reason)):
        list(debian(tmp_path / "share").fetch(FILES, unwatched))


def test_a_machine_without_apt_says_so(tmp_path, clients):
    with pytest.raises(NoAnswer, match=r"^no apt-get on this machine$"):
        list(debian(tmp_path / "share").fetch(FILES, unwatched))


def test_an_apt_get_that_hangs_is_given_up(tmp_path, clients):
    client(clients, "import time; time.sleep(8)", "apt-get")
    with pytest.raises(NoAnswer, match=r"^apt-get was not done within 0\.5 s$"):
        list(debian(tmp_path / "share", timeout=0.5).fetch(FILES, unwatched))


def test_a_package_without_the_file_says_so(tmp_path, clients):
    (tmp_path / "share").mkdir()
    with pytest.raises(NoAnswer, match=r"^images.gz is not in the package \(No such file or directory\)$"):
        list(debian(tmp_path / "share").fetch(FILES, unwatched))


@pytest.mark.network
def test_debian_has_the_real_clothes(tmp_path, lines):
    from ablate.data.fashion_mnist import FILES as REAL
    from ablate.data.fashion_mnist import _sources

    clothes = Published(
        "fashion_mnist", "Fashion-MNIST", REAL, lambda: [s for s in _sources() if "Debian" in str(s)]
    )
    assert len(fetch(clothes, tmp_path, say=lines.append)) == 4
