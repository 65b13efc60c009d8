"""Data sets that are published as files: what is known before anything is read, the formats, the real files."""

import subprocess
import sys
from dataclasses import replace
from functools import partial
from types import ModuleType
from typing import Any, NamedTuple

import made_files
import numpy as np
import pytest
import torch
import yaml

from ablate import CONF
from ablate.config.hydra_versions import instantiate
from ablate.data import cifar, emnist, fashion_mnist, kmnist, mnist, svhn
from ablate.data.fetch import Published, Unavailable, fetch, folder
from ablate.data.files import locate


class Set(NamedTuple):
    """A data set: where its files are pinned, how a test writes small ones, and how many it really has."""

    module: ModuleType
    attribute: str
    write: Any
    train: int
    test: int

    @property
    def published(self) -> Published:
        return getattr(self.module, self.attribute)


SETS = {
    "mnist": Set(mnist, "PUBLISHED", None, 60_000, 10_000),
    "fashion_mnist": Set(fashion_mnist, "PUBLISHED", None, 60_000, 10_000),
    "kmnist": Set(kmnist, "PUBLISHED", made_files.of_kmnist, 60_000, 10_000),
    "emnist": Set(emnist, "PUBLISHED", partial(made_files.of_emnist, "balanced"), 112_800, 18_800),
    "cifar10": Set(cifar, "CIFAR10", made_files.of_cifar10, 50_000, 10_000),
    "cifar100": Set(cifar, "CIFAR100", made_files.of_cifar100, 50_000, 10_000),
    "svhn": Set(svhn, "PUBLISHED", made_files.of_svhn, 73_257, 26_032),
}
WRITTEN = [name for name, one in SETS.items() if one.write]


def made(name, **knobs):
    """The choice as conf/ has it, with some knobs turned."""
    return instantiate(yaml.safe_load((CONF / "data" / f"{name}.yaml").read_text()) | knobs)


def small(name, tmp_path, monkeypatch, write=None, classes=None):
    """Files of a few images in the place of the published ones -> train x, y, test x, y as they should be read."""
    choice = made(name)
    shape = choice.image[choice.image[0] == 1 :]
    n, classes = 60, classes or choice.classes
    values = (
        *(made_files.images(n, *shape), (np.arange(n) % classes).astype(np.uint8)),
        *(made_files.images(20, *shape, seed=1), (np.arange(20)[::-1] % classes).astype(np.uint8)),
    )
    contents = (write or SETS[name].write)(*values)
    for file, content in contents.items():
        (tmp_path / file).write_bytes(content)
    published = made_files.of(SETS[name].published, contents)
    monkeypatch.setattr(SETS[name].module, SETS[name].attribute, published)
    return values


def test_every_choice_that_fetches_is_here():
    fetching = {f.stem for f in CONF.glob("data/*.yaml") if "scripts/fetch_data.py" in f.read_text()}
    assert fetching == set(SETS)
    assert {name: one.published.name for name, one in SETS.items()} == {name: name for name in SETS}


def test_what_is_known_before_anything_is_loaded_needs_no_torch():
    nodes = [yaml.safe_load((CONF / "data" / f"{name}.yaml").read_text()) for name in SETS]
    code = f"""
import sys
from importlib import import_module
for node in {nodes}:
    module, _, name = node.pop("_target_").rpartition(".")
    made = getattr(import_module(module), name)(**node)
    assert len(made.image) == 3 and made.classes >= 10
    names = getattr(made, "names", None)
    assert names is None or len(names) == len(set(names)) == made.classes, names
    channels = made.image[0]
    values = [made.mean, made.std] if channels == 1 else [*made.mean, *made.std]
    assert len(values) == 2 * channels and all(isinstance(v, float) and 0 < v < 1 for v in values)
assert not {{"torch", "torchvision", "scipy"}} & set(sys.modules)
"""
    subprocess.run([sys.executable, "-c", code], check=True)


@pytest.mark.parametrize("name", WRITTEN)
def test_files_of_the_published_format_are_read(name, tmp_path, monkeypatch):
    x, y, test_x, test_y = small(name, tmp_path, monkeypatch)
    choice = made(name, root=str(tmp_path), val=10)
    data = choice.load()
    assert [len(part) for part in (data.train, data.val, data.test)] == [50, 10, 20]
    both = torch.cat([data.train.x, data.val.x]), torch.cat([data.train.y, data.val.y])
    assert (both[0].dtype, both[0].shape[1:], both[1].dtype) == (torch.uint8, choice.image, torch.int64)
    assert pairs(*both) == pairs(torch.from_numpy(x), torch.from_numpy(y))
    assert data.test.x.flatten(1).equal(torch.from_numpy(test_x).flatten(1))
    assert data.test.y.equal(torch.from_numpy(test_y).long())


def pairs(x, y):
    return sorted((label, image.numpy().tobytes()) for image, label in zip(x, y.tolist(), strict=True))


@pytest.mark.parametrize("split", emnist.SPLITS)
def test_each_split_of_emnist_is_read_upright_and_numbered_from_zero(split, tmp_path, monkeypatch):
    classes = len(emnist.SPLITS[split].names)
    write = partial(made_files.of_emnist, split)
    x, _, _, test_y = small("emnist", tmp_path, monkeypatch, write, classes)
    choice = made("emnist", split=split, root=str(tmp_path), val=10)
    data = choice.load()
    assert choice.classes == classes == {"byclass": 62, "letters": 26, "digits": 10, "mnist": 10}.get(split, 47)
    assert data.test.y.equal(torch.from_numpy(test_y).long())
    both = {image.numpy().tobytes() for image in torch.cat([data.train.x, data.val.x])}
    assert both == {image.tobytes() for image in x}


def test_a_word_that_is_no_split_of_emnist_is_told(train):
    said = train("data=emnist", "data.split=capitals")
    assert said.code == 2
    line = "ablate: data.split=capitals: not one of byclass, bymerge, balanced, letters, digits, mnist"
    assert said.err.strip() == line


def test_the_addresses_and_sums_are_those_of_torchvision():
    from torchvision import datasets

    sums = {file.name: file.md5 for file in kmnist.FILES}
    assert [*sums.items()] == datasets.KMNIST.resources
    assert [f"{source}/" for source in kmnist.PUBLISHED.sources()] == datasets.KMNIST.mirrors
    assert f"{emnist.PUBLISHED.sources()[0]}/{emnist.ZIP.name}" == datasets.EMNIST.url
    assert emnist.ZIP.md5 == datasets.EMNIST.md5
    assert {split: list(s.names) for split, s in emnist.SPLITS.items()} == {
        split: [name for name in names if name != "N/A"]
        for split, names in datasets.EMNIST.classes_split_dict.items()
    }
    urls = [(f"{svhn.PUBLISHED.sources()[0]}/{file.name}", file.name, file.md5) for file in svhn.FILES]
    assert urls == [tuple(datasets.SVHN.split_list[part]) for part in ("train", "test")]
    # torchvision reads CIFAR's pickles; the binary version lies beside them.
    for data, theirs in ((cifar.CIFAR10, datasets.CIFAR10), (cifar.CIFAR100, datasets.CIFAR100)):
        address = f"{data.sources()[0]}/{data.files[0].name}"
        assert address == theirs.url.replace("python", "binary")


def test_an_archive_is_not_looked_for_packed_once_more(tmp_path, lines):
    nowhere = replace(cifar.CIFAR10, sources=lambda: [])
    with pytest.raises(Unavailable) as error:
        fetch(nowhere, tmp_path, say=lines.append)
    assert f"Put into {tmp_path} (as they are):\n  cifar-10-binary.tar.gz  170,052,171 bytes" in str(error.value)
    (tmp_path / "cifar-10-binary.tar.gz").write_bytes(b"half")
    assert locate(tmp_path, nowhere.files, nowhere.places)[1] == [
        "cifar-10-binary.tar.gz is truncated (4 of 170,052,171 bytes)"
    ]


@pytest.mark.parametrize("name", SETS)
def test_the_real_images_have_the_facts_that_the_choice_states(name):
    published = SETS[name].published
    if locate(folder(None, name), published.files, published.places)[1]:
        pytest.skip(f"{published.title} is not on this machine: python scripts/fetch_data.py {name}")
    choice = made(name)
    data = choice.load()
    whole = torch.cat([data.train.x, data.val.x])
    assert (len(whole), len(data.test)) == (SETS[name].train, SETS[name].test)
    assert whole.shape[1:] == choice.image
    share = torch.stack([channel.flatten().bincount(minlength=256) for channel in whole.unbind(1)]).double()
    share, pixel = share / share.sum(1, keepdim=True), torch.arange(256) / 255
    mean = share @ pixel.double()
    std = (share @ pixel.double() ** 2 - mean**2).sqrt()
    stated = choice.mean if choice.image[0] == 3 else (choice.mean,)
    assert mean.tolist() == pytest.approx(stated, abs=5e-4 if name == "emnist" else 5e-5)
    stated = choice.std if choice.image[0] == 3 else (choice.std,)
    assert std.tolist() == pytest.approx(stated, abs=5e-4 if name == "emnist" else 5e-5)
    for part in (data.train, data.val, data.test):
        assert len(part.y.bincount()) == choice.classes
