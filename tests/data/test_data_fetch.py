"""Files into a folder: what is fetched, what the user is told, and that nothing bad is kept."""

import errno
import os
from pathlib import Path

import platformdirs
import pytest
from data_doubles import CONTENTS, FILES, serve
from filelock import FileLock

from ablate.data.fetch import Published, Unavailable, fetch, folder
from ablate.data.mirror import Mirror


def digits(*urls):
    return Published("digits", "Digits", FILES, lambda: [Mirror(url=url, timeout=20, limit=20) for url in urls])


def no_sources():
    raise AssertionError("sources were asked for although all files are here")


def stored(root):
    return {path.name: path.read_bytes() for path in root.iterdir() if path.name != ".fetch.lock"}


def test_a_complete_folder_is_only_read(tmp_path, lines):
    for name, content in CONTENTS.items():
        (tmp_path / name).write_bytes(content)
    tmp_path.chmod(0o500)
    before = os.stat(tmp_path).st_mtime_ns
    assert fetch(Published("digits", "Digits", FILES, no_sources), tmp_path, say=lines.append) == CONTENTS
    assert lines == [], "each process of a study would say it"
    assert os.stat(tmp_path).st_mtime_ns == before, "something was written, if only a lock"


def test_a_mirror_fills_a_new_folder(tmp_path, lines, web):
    root, seen = tmp_path / "new" / "digits", {}

    def watch(name, done, total):
        seen[name] = (done, total)

    assert fetch(digits(web.url), root, say=lines.append, watch=watch) == CONTENTS == stored(root)
    assert lines == [
        f"Digits: none of the 2 files in {root}; trying {web.url} (time-out 20 s)",
        f"Digits: 2 files verified in {root}",
    ]
    assert seen == {name: (len(page), len(page)) for name, page in web.pages.items()}


def test_a_broken_file_is_named_and_alone_fetched_again(tmp_path, lines, web):
    (tmp_path / "labels").write_bytes(CONTENTS["labels"])
    (tmp_path / "images").write_bytes(b"half")
    assert fetch(digits(web.url), tmp_path, say=lines.append) == CONTENTS == stored(tmp_path)
    assert web.asked == ["images.gz"]
    problem = f"images is truncated (4 of 10,240 bytes) in {tmp_path}"
    assert lines[0] == f"Digits: {problem}; trying {web.url} (time-out 20 s)"


def test_the_next_source_is_asked_for_what_the_last_one_did_not_have(tmp_path, lines, web):
    web.pages["labels.gz"] = web.pages["images.gz"]
    with serve() as good:
        assert fetch(digits(web.url, good.url), tmp_path, say=lines.append) == CONTENTS == stored(tmp_path)
    assert good.asked == ["labels.gz"]
    problem = "labels is not the published file (more than 20 bytes)"
    assert lines[1] == f"Digits: {web.url}: {problem}; trying {good.url} (time-out 20 s)"


def test_when_no_source_answers_the_user_learns_what_to_put_where(tmp_path, lines, web):
    web.pages.clear()
    root = tmp_path / "my digits"
    with pytest.raises(Unavailable) as error:
        fetch(digits(web.url), root, say=lines.append)
    assert str(error.value) == "\n".join(
        [
            "Digits is not complete and no source has what is missing:",
            f"  none of the 2 files in {root}",
            f"  {web.url}: HTTP 404 Not Found",
            f"Put into {root} (as they are, or as .gz):",
            "  images      10,240 bytes",
            "  labels          20 bytes",
            "then run your command again. To try the sources once more:",
            f"  python scripts/fetch_data.py digits --root '{root}'",
        ]
    )
    assert stored(root) == {}


def test_a_folder_that_cannot_be_made_is_said_so(tmp_path, lines):
    (tmp_path / "file").write_text("")
    with pytest.raises(
        Unavailable, match=r"^Digits: cannot write to .*/file/digits \(Not a directory\); data.root=DIR or "
    ):
        fetch(Published("digits", "Digits", FILES, no_sources), tmp_path / "file" / "digits", say=lines.append)


def test_a_full_disk_is_said_so(tmp_path, lines, web, monkeypatch):
    def full(path, content):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(Path, "write_bytes", full)
    with pytest.raises(Unavailable, match=r"^Digits: cannot write to .* \(No space left on device\); "):
        fetch(digits(web.url), tmp_path, say=lines.append)


def test_another_process_is_waited_for_only_so_long(tmp_path, lines):
    with (
        FileLock(tmp_path / ".fetch.lock"),
        pytest.raises(Unavailable, match=r"^Digits: another process is still fetching into "),
    ):
        fetch(Published("digits", "Digits", FILES, no_sources), tmp_path, say=lines.append, patience=0.1)
    assert lines == [f"Digits: another process is fetching into {tmp_path}; waiting (time-out 0.1 s)"]


def test_where_a_data_set_lives(monkeypatch, tmp_path):
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("ABLATE_DATA", "~/all")
    assert folder("~/digits", "mnist") == tmp_path / "digits"
    assert folder("digits", "mnist") == Path.cwd() / "digits"
    assert folder(None, "mnist") == tmp_path / "all" / "mnist"
    monkeypatch.delenv("ABLATE_DATA")
    assert folder(None, "mnist") == Path(platformdirs.user_data_dir("ablate")) / "mnist"
