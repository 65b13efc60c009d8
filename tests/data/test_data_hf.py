"""Data sets of Hugging Face's `datasets`, from folders of parquet files that the tests write."""

import importlib
import io
import json
from pathlib import Path

import made_pictures
import pytest
from PIL import Image

from ablate.data.folder import Folder
from ablate.data.hf import Hf, by_part

pyarrow = pytest.importorskip("pyarrow", reason='needs the extra: pip install "vit-ablate[hf]"')
GIVEN = {"val": 0.1, "test": 0.1, "size": None, "fit": "crop", "broken": "refuse", "memory": 4.0, "workers": 2}
NAMES = ("ant", "bee", "cat")
importlib.import_module("pyarrow.parquet")


@pytest.fixture(autouse=True)
def cache(tmp_path, monkeypatch):
    monkeypatch.setenv("ABLATE_CACHE", str(tmp_path / "cache"))


def png(label, seed):
    file = io.BytesIO()
    Image.fromarray(made_pictures.picture(label, seed)).save(file, "png")
    return file.getvalue()


def written(place, sizes, *, names=NAMES, start=0, damage=lambda rows: None):
    """A parquet file for each split of `sizes`, (split, images of each class)."""
    place.mkdir(parents=True, exist_ok=True)
    for number, (split, n) in enumerate(sizes.items()):
        labels = [label for label in range(len(names)) for _ in range(n)]
        images = [{"bytes": png(label, start + 1000 * number + i % n)} for i, label in enumerate(labels)]
        rows = {"image": images, "label": labels}
        damage(rows)
        kinds = {"image": {"_type": "Image"}, "label": {"_type": "ClassLabel", "names": list(names)}}
        table = pyarrow.table(rows).replace_schema_metadata(
            {"huggingface": json.dumps({"info": {"features": kinds}})}
        )
        pyarrow.parquet.write_table(table, place / f"{split}-00000-of-00001.parquet")
    return place


def hf(root, **other):
    return Hf(root=root and str(root), **({"config": None, "picture": None, "label": None} | GIVEN | other))


def test_splits_names_and_pixels_are_those_of_the_files(tmp_path):
    data = hf(written(tmp_path / "hf", {"train": 20, "validation": 5, "test": 6}))
    assert data.names == NAMES
    assert data.image == (1, 8, 8)
    parts = data.load()
    assert [len(part) for part in (parts.train, parts.val, parts.test)] == [60, 15, 18]
    same = made_pictures.parts(tmp_path / "folder", 20, 5, 6)
    folder = Folder(root=str(same), **GIVEN)
    found = folder.load()
    assert data.mean == folder.mean
    for mine, theirs in ((parts.train, found.train), (parts.test, found.test)):
        assert (mine.x == theirs.x).all()
        assert (mine.y == theirs.y).all()
    assert data.content == folder.content


def test_one_split_is_split_by_the_fixed_rule(tmp_path):
    parts = hf(written(tmp_path / "hf", {"train": 20})).load()
    assert [len(part) for part in (parts.train, parts.val, parts.test)] == [49, 5, 6]


def test_train_and_validation_are_training_and_test():
    assert set(by_part({"train": 1, "validation": 2}, "x")) == {"train", "test"}
    assert set(by_part({"training": 1, "valid": 2, "test": 3}, "x")) == {"train", "val", "test"}
    assert set(by_part({"everything": 1}, "x")) == {""}
    with pytest.raises(
        ValueError, match="has the splits a, b; train with validation or test does, or one split alone"
    ):
        by_part({"a": 1, "b": 2}, "x")


def test_images_are_looked_at_once(tmp_path, monkeypatch):
    place = written(tmp_path / "hf", {"train": 5})
    first = hf(place).content
    monkeypatch.setattr("ablate.data.seen.examined", lambda content: pytest.fail("looked again"))
    assert hf(place).content == first


def test_what_cannot_be_read_is_one_line_with_what_would_do(tmp_path):
    def line(root, **other):
        with pytest.raises(ValueError, match=r".") as caught:
            hf(root, **other).load()
        assert len(str(caught.value).splitlines()) == 1
        return str(caught.value).replace(str(tmp_path), "T")

    does = "data.root=OWNER/NAME of the hub, or a folder of parquet files, does"
    assert line(None) == f"data.root=null: data=hf needs data.root; {does}"
    assert line(tmp_path / "none") == f"data.root=T/none is no folder; {does}"
    (tmp_path / "empty").mkdir()
    assert line(tmp_path / "empty") == f"data.root=T/empty holds no parquet files; {does}"
    (tmp_path / "broken").mkdir()
    (tmp_path / "broken" / "train.parquet").write_bytes(b"no parquet")
    assert line(tmp_path / "broken").startswith("data.root=T/broken: cannot be read (")
    good = written(tmp_path / "good", {"train": 20})
    assert line(good, label="labels").startswith(
        "data.label=labels: data.root=T/good has no such column; image, label"
    )

    def out_of_range(rows):
        rows["label"][3] = None

    bad = written(tmp_path / "bad", {"train": 20}, damage=out_of_range)
    assert line(bad) == "data.root=T/bad: label None in row 3; 0 to 2 do"

    def no_image(rows):
        rows["image"][7] = {"bytes": b"no image"}

    odd = written(tmp_path / "odd", {"train": 20}, damage=no_image)
    assert line(odd) == (
        "data.root=T/odd: 1 of 60 files is no image: 7; "
        "remove what is no image, or leave it out with data.broken=skip"
    )
    one = written(tmp_path / "one", {"train": 20}, names=("ant",))
    assert line(one) == "data.root=T/one has one class, ant; two or more folders of images are needed"


def test_a_hub_that_does_not_answer_is_asked_once(monkeypatch):
    monkeypatch.setattr("ablate.data.hf.silence", lambda url: f"no answer from {url}")
    pytest.importorskip("datasets")
    with pytest.raises(ValueError, match=r"the hub does not answer: no answer from .*datasets/owner/name"):
        hf("owner/name").load()


def test_a_run_on_it(tmp_path, train):
    place = written(tmp_path / "hf", {"train": 20, "test": 6})
    said = train("data=hf", f"data.root={place}", "patch=4")
    assert said.code == 0, said.err
    (file,) = Path("runs").glob("*/*/record.json")
    record = json.loads(file.read_text())
    assert record["data"]["classes"] == list(NAMES)
    assert record["content"]["data"] == hf(place).content
    assert train("data=hf", "data.root=nowhere", "patch=4").code == 2
