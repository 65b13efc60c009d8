"""Augmentation: what moves, what is mirrored, what is mixed and how much of the label goes with it."""

import pytest
import torch

from ablate.axes.aug import Crop, Cutmix, Mixup, Shift


def made(seed=0):
    return torch.Generator().manual_seed(seed)


def images(b=64, y=8):
    return torch.rand(b, 1, y, y, generator=made(1))


def test_without_flips_it_is_a_shift():
    x = images()
    assert torch.equal(Crop(pixels=2, flip=False)(x, made()), Shift(pixels=2)(x, made()))


def test_half_of_the_images_are_mirrored():
    x = images(2000)
    out = Crop(pixels=0, flip=True)(x, made())
    same, mirrored = (out == x).flatten(1).all(1), (out == x.flip(-1)).flatten(1).all(1)
    assert (same ^ mirrored).all()
    assert 900 < mirrored.sum() < 1100


@pytest.mark.parametrize("kind", [Mixup, Cutmix])
def test_labels_are_mixed_as_the_pixels_are(kind):
    flat = torch.arange(8.0)[:, None, None, None].expand(8, 3, 16, 16)
    labels = torch.eye(8)
    for seed in range(20):
        x, y = kind(pixels=0, flip=False, alpha=1.0).mix(flat, labels, made(seed))
        torch.testing.assert_close(y.sum(1), torch.ones(8))
        torch.testing.assert_close(x.mean((1, 2, 3)), y @ torch.arange(8.0), atol=1e-5, rtol=0)


def test_a_box_is_taken_from_the_other_image():
    flat = torch.arange(2.0)[:, None, None, None].expand(2, 1, 16, 16)
    x, _ = Cutmix(pixels=0, flip=False, alpha=1.0).mix(flat, torch.eye(2), made(3))
    other = x[0, 0] == 1
    rows, columns = other.any(1).nonzero().flatten(), other.any(0).nonzero().flatten()
    assert other.sum() == len(rows) * len(columns) > 0


def test_the_same_generator_gives_the_same_shares_which_are_spread_as_beta_is():
    one, two = Mixup(pixels=0, flip=False, alpha=0.2), Mixup(pixels=0, flip=False, alpha=5.0)
    assert one.share(made(5)) == one.share(made(5))
    draws = made()
    shares = torch.tensor([[kind.share(draws) for _ in range(500)] for kind in (one, two)])
    assert shares[0].var() == pytest.approx(0.25 / (2 * 0.2 + 1), rel=0.1)
    assert shares[1].var() == pytest.approx(0.25 / (2 * 5 + 1), rel=0.2)


def test_an_impossible_share_is_refused():
    with pytest.raises(ValueError, match=r"aug.alpha=0: more than 0 does"):
        Mixup(pixels=0, flip=False, alpha=0)


@pytest.mark.parametrize(
    "aug", ["cutmix", *(pytest.param(aug, marks=pytest.mark.slow) for aug in ("mixup", "crop"))]
)
def test_a_run_of_it_trains_and_the_audit_sees_it(train, aug):
    said = train("-m", f"aug=shift,{aug}", "epochs=2")
    assert said.code == 0, said.err
    assert "audit" not in said.out
