"""`limit`: training with a part of the images, the same ones for every seed."""

import json
from pathlib import Path

import made_pictures
import numpy as np
import pytest
import torch

from ablate.data import Data, Part
from ablate.data.limit import limited
from ablate.data.stream import Streamed


def made(y):
    x = torch.arange(len(y), dtype=torch.uint8).view(-1, 1, 1, 1).expand(-1, 1, 2, 2).contiguous()
    part = Part(x, y)
    return Data(part, part, part)


def test_each_class_keeps_its_share_and_the_other_parts_are_whole():
    y = torch.tensor([0] * 60 + [1] * 30 + [2] * 10)[
        torch.randperm(100, generator=torch.Generator().manual_seed(1))
    ]
    few = limited(made(y), 20)
    assert few.train.y.bincount().tolist() == [12, 6, 2]
    assert torch.equal(y[few.train.x[:, 0, 0, 0].long()], few.train.y)
    assert len(few.val) == len(few.test) == 100
    assert torch.equal(few.train.x, limited(made(y), 20).train.x)


def test_null_is_all_and_more_than_there_are_is_refused():
    data = made(torch.arange(10))
    assert limited(data, None) is data
    assert len(limited(data, 10).train) == 10
    with pytest.raises(ValueError, match=r"limit=11: there are 10 training images; 1 to 10 or null would work"):
        limited(data, 11)


def test_of_images_on_disk_the_same_ones_are_streamed(tmp_path):
    y = torch.arange(40) % 4
    data = made(y)
    (tmp_path / "pixels").write_bytes(data.train.x.numpy().tobytes())
    x = Streamed(tmp_path / "pixels", (1, 2, 2), np.arange(40), 0)
    few = limited(Data(Part(x, y), data.val, data.test), 8).train
    kept = limited(data, 8).train
    assert len(few) == 8
    assert torch.equal(torch.cat(list(few.x.split(3))), kept.x)
    assert torch.equal(few.y, kept.y)


def test_a_study_over_the_number_of_images(train):
    said = train("-m", "limit=32,64", "data.train=128", "name=few")
    assert said.code == 0, said.err
    found = [json.loads(file.read_text()) for file in Path("runs/few").glob("*/record.json")]
    assert {record["cell"]["limit"]: record["data"]["train"] for record in found} == {"32": 32, "64": 64}


def test_too_many_are_refused_before_anything_trains(train):
    said = train("-m", "limit=64,129", "data.train=128", "name=few")
    assert said.code == 2
    assert "limit=129: there are 128 training images; 1 to 128 or null would work" in said.err
    assert not list(Path("runs").glob("few/*/record.json"))


def test_a_folder_has_it_too(train, tmp_path, monkeypatch):
    monkeypatch.setenv("ABLATE_CACHE", str(tmp_path / "cache"))
    place = made_pictures.folder(tmp_path / "a")
    said = train("data=folder", "patch=4", "name=one", f"data.root={place}", "limit=6")
    assert said.code == 0, said.err
    (record,) = (json.loads(file.read_text()) for file in Path("runs/one").glob("*/record.json"))
    assert record["data"]["train"] == 6
