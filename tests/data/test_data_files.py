"""Which copies of a published file are believed."""

import gzip
import re

import pytest
from data_doubles import CONTENTS, FILES

from ablate.data.files import locate


def put(folder, end="", **contents):
    folder.mkdir(parents=True, exist_ok=True)
    for name, content in contents.items():
        (folder / (name + end)).write_bytes(gzip.compress(content) if end == ".gz" else content)


@pytest.mark.parametrize("place", ["", "MNIST/raw"])
@pytest.mark.parametrize("end", ["", ".gz"])
def test_raw_and_packed_files_are_found_in_both_layouts(tmp_path, place, end):
    put(tmp_path / place, end, **CONTENTS)
    assert locate(tmp_path, FILES, ("", "MNIST/raw")) == (CONTENTS, [])


def test_a_bad_copy_does_not_hide_a_good_one(tmp_path):
    put(tmp_path, **CONTENTS)
    put(tmp_path, images=b"short")
    put(tmp_path / "MNIST/raw", ".gz", images=CONTENTS["images"])
    assert locate(tmp_path, FILES, ("", "MNIST/raw")) == (CONTENTS, [])


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        (CONTENTS["images"][:4321], r"images is truncated \(4,321 of 10,240 bytes\)"),
        (b"", r"images is truncated \(0 of 10,240 bytes\)"),
        (CONTENTS["images"] + b"!", r"images is not the published file \(more than 10,240 bytes\)"),
        (
            CONTENTS["images"].replace(b"A", b"B"),
            r"images is not the published file \(SHA-256 \w{8}\.\.\., not \w{8}\.\.\.\)",
        ),
    ],
    ids=["truncated", "empty", "longer", "changed"],
)
@pytest.mark.parametrize("end", ["", ".gz"])
def test_a_broken_file_is_named(tmp_path, content, problem, end):
    put(tmp_path, **CONTENTS)
    (tmp_path / "images").unlink()
    put(tmp_path, end, images=content)
    found, problems = locate(tmp_path, FILES, ("", "MNIST/raw"))
    assert list(found) == ["labels"]
    assert len(problems) == 1
    assert re.fullmatch(problem.replace("images", f"images{end}", 1), problems[0])


@pytest.mark.parametrize(
    ("packed", "problem"),
    [
        (gzip.compress(CONTENTS["images"])[:100], "images.gz is truncated"),
        (b"<html>sign in to the hotel's network</html>", "images.gz is not the published file (broken gzip)"),
        (gzip.compress(bytes(10**7)), "images.gz is not the published file (more than 10,240 bytes)"),
    ],
    ids=["cut", "html", "bomb"],
)
def test_a_broken_gzip_is_named(tmp_path, packed, problem):
    put(tmp_path, labels=CONTENTS["labels"])
    (tmp_path / "images.gz").write_bytes(packed)
    _, problems = locate(tmp_path, FILES, ("", "MNIST/raw"))
    assert len(problems) == 1
    assert problems[0].startswith(problem)


def test_what_cannot_be_read_is_named(tmp_path):
    put(tmp_path, labels=CONTENTS["labels"])
    (tmp_path / "images").mkdir()
    assert locate(tmp_path, FILES, ("", "MNIST/raw"))[1] == ["images cannot be read (Is a directory)"]


def test_missing_files_are_named_unless_all_are_missing(tmp_path):
    assert locate(tmp_path, FILES, ("", "MNIST/raw")) == ({}, ["none of the 2 files"])
    put(tmp_path, labels=CONTENTS["labels"])
    assert locate(tmp_path, FILES, ("", "MNIST/raw"))[1] == ["images is missing"]
