"""Pictures that are packed come out as they went in, and take little memory."""

import tracemalloc

import pytest

from ablate.data.decode import Head
from ablate.data.packed import Packed, Picture


def pictures(n: int) -> list[Picture]:
    heads = [Head(True, 28, 28), Head(False, 30, 20), None]
    return [
        Picture(
            ("train", "test", "")[i % 3], i % 7, f"{i:064x}", heads[i % 2 + (i == 5)], f"train/é\udce4/{i}.png"
        )
        for i in range(n)
    ]


def test_they_come_out_as_they_went_in():
    given = pictures(100)
    packed = Packed(given)
    assert list(packed) == given
    assert (len(packed), packed[-1], packed[3:5]) == (100, given[-1], given[3:5])
    with pytest.raises(IndexError):
        packed[100]
    assert list(Packed([])) == []


def test_each_takes_a_hundred_bytes_or_less():
    given = pictures(20_000)
    tracemalloc.start()
    packed = Packed(given)
    kept, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert kept / len(packed) < 100
