"""A file is read again when it has changed, and only then."""

import os
import time
from pathlib import Path

import pytest

from ablate.records.unchanged import Unchanged


def test_a_file_is_read_again_only_when_it_has_changed(tmp_path):
    file, reads = tmp_path / "record.json", []

    def read(file: Path) -> str:
        reads.append(file)
        return file.read_text()

    look = Unchanged(read)
    old = time.time() - 60
    file.write_text("one")
    os.utime(file, (old, old))
    assert (look(file), look(file), len(reads)) == ("one", "one", 1)
    file.write_text("two")  # of the same length, in the same place
    os.utime(file, (old + 1, old + 1))
    assert (look(file), look(file), len(reads)) == ("two", "two", 2)
    other = tmp_path / "draft"
    other.write_text("six")
    os.utime(other, (old + 1, old + 1))
    other.replace(file)  # another file of the same length and time
    assert look(file) == "six"
    file.unlink()
    with pytest.raises(FileNotFoundError):
        look(file)


def test_a_file_that_was_just_written_is_not_kept(tmp_path):
    file = tmp_path / "record.json"
    look = Unchanged(Path.read_text)
    for text in ("one", "two", "six"):
        file.write_text(text)
        now = time.time()
        os.utime(file, (now, now))
        assert look(file) == text
        os.utime(file, (now, now))
