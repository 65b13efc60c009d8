"""Runs on images of a user's own: what a run is hangs on the images and on nothing else."""

import json
import shutil
from pathlib import Path

import made_pictures
import numpy as np
import pytest
import torch
from PIL import Image

from ablate.train.experiment import VisionTransformer


@pytest.fixture(autouse=True)
def cache(tmp_path, monkeypatch):
    monkeypatch.setenv("ABLATE_CACHE", str(tmp_path / "cache"))


def records(study="single"):
    found = [json.loads(file.read_text()) for file in Path("runs", study).glob("*/record.json")]
    return {record["id"]: record for record in found}


def ran(train, *words):
    """-> the ids of the runs that are there now."""
    said = train("data=folder", "patch=4", "name=one", *words)
    assert said.code == 0, said.err
    return set(records("one")), said


@pytest.mark.slow
def test_other_images_are_another_run_and_the_same_elsewhere_the_same(tmp_path, train):
    first = made_pictures.folder(tmp_path / "a")
    ids, _ = ran(train, f"data.root={first}")
    assert len(ids) == 1
    shutil.copytree(first, tmp_path / "elsewhere")
    again, said = ran(train, f"data.root={tmp_path / 'elsewhere'}")
    assert again == ids
    assert "1 finished before" in said.out
    others = made_pictures.folder(tmp_path / "b", start=500)
    both, _ = ran(train, f"data.root={others}")
    assert len(both) == 2
    contents = {record["content"]["data"] for record in records("one").values()}
    assert len(contents) == 2
    assert {tuple(record["data"]["classes"]) for record in records("one").values()} == {("ant", "bee", "cat")}


def test_the_same_words_after_a_change_of_the_images_are_another_run(tmp_path, train):
    place = made_pictures.folder(tmp_path / "a")
    before, _ = ran(train, f"data.root={place}")
    Image.fromarray(made_pictures.picture(0, 777)).save(place / "ant" / "000.png")
    after, _ = ran(train, f"data.root={place}")
    assert len(after) == 2
    assert before < after


@pytest.mark.slow
def test_recipes_of_two_folders_are_never_in_one_table(tmp_path, train):
    one, two = made_pictures.folder(tmp_path / "a"), made_pictures.folder(tmp_path / "b", start=500)
    for place in (one, two):
        said = train("-m", "data=folder", "patch=4", "pos=none,learned", f"data.root={place}")
        assert said.code == 0, said.err
    assert "not shown: 2 runs of another recipe in the same folder" in said.out
    assert len({record["recipe"] for record in records("pos").values()}) == 2


def test_images_that_change_while_a_study_waits_fail_the_run(tmp_path, train, monkeypatch):
    place = made_pictures.folder(tmp_path / "a")
    real = VisionTransformer.prepare

    def then_change(self, configs):
        real(self, configs)
        Image.fromarray(made_pictures.picture(0, 777)).save(place / "ant" / "000.png")

    monkeypatch.setattr(VisionTransformer, "prepare", then_change)
    said = train("data=folder", "patch=4", f"data.root={place}")
    assert said.code == 3
    (record,) = records().values()
    assert record["state"] == "failed"
    assert record["error"].startswith(
        "RuntimeError: data: changed since the study began; run the same command again"
    )


def test_a_streamed_run_is_the_resident_one_to_the_bit(tmp_path, train):
    place = made_pictures.parts(tmp_path / "a", channels=3)
    words = ("data=folder", "patch=4", "color=rgb", "epochs=2", "batch=16", f"data.root={place}")
    results = []
    for memory in ("data.memory=4", "data.memory=0"):
        said = train(*words, memory, "sweep.fresh=true")
        assert said.code == 0, said.err
        (record,) = records().values()
        (file,) = Path("runs/single").glob("*/weights.pt")
        results.append((record["id"], record["metrics"], torch.load(file, weights_only=True)))
    assert results[0][:2] == results[1][:2], "neither is another run"
    assert all(results[0][2][name].equal(results[1][2][name]) for name in results[0][2])


def test_the_record_of_other_data_has_no_content(train):
    assert train().code == 0
    (record,) = records().values()
    assert "content" not in record


@pytest.mark.mnist
@pytest.mark.slow
def test_a_folder_of_mnist_is_mnist(tmp_path, mnist):
    from ablate.data.folder import Folder
    from ablate.data.mnist import Mnist

    digits = Mnist(root=None, val=5000).load()
    for name, part, n in (("train", digits.train, 3000), ("val", digits.val, 500), ("test", digits.test, 500)):
        for i, (x, y) in enumerate(zip(part.x[:n, 0].numpy(), part.y[:n].tolist(), strict=True)):
            (tmp_path / "m" / name / str(y)).mkdir(parents=True, exist_ok=True)
            Image.fromarray(x).save(tmp_path / "m" / name / str(y) / f"{i}.png")
    knobs = {"val": 0.1, "test": 0.1, "size": None, "fit": "crop", "broken": "refuse", "memory": 4.0, "workers": 2}
    found = Folder(root=str(tmp_path / "m"), **knobs).load()
    for part, was, n in ((found.train, digits.train, 3000), (found.val, digits.val, 500)):
        assert pairs(part.x, part.y) == pairs(was.x[:n], was.y[:n])


def pairs(x, y):
    return sorted((label, np.asarray(image).tobytes()) for image, label in zip(x, y.tolist(), strict=True))
