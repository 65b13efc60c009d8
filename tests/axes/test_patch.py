"""What makes each way from pixels to tokens that way."""

import pytest
import torch
import torch.nn.functional as F
from small_vit import randomised

from ablate.axes.patch import Conv, Overlap, Patch, tiling


@pytest.mark.parametrize("channels", [1, 3])
@pytest.mark.parametrize("size", [1, 2, 4, 7, 14])
def test_patch_is_unfold_and_a_matrix_product(size, channels):
    patch, image = randomised(Patch(image=(channels, 28, 28), dim=8, size=size)), torch.randn(2, channels, 28, 28)
    squares = F.unfold(image, size, stride=size).transpose(1, 2)  # (B, N, C * size * size)
    torch.testing.assert_close(patch(image), squares @ patch.proj.weight.T + patch.proj.bias, atol=1e-5, rtol=0)


def test_tokens_go_row_by_row():
    patch = Patch(image=(1, 4, 6), dim=1, size=2)
    torch.nn.init.constant_(patch.proj.weight, 0.25)  # a token is the mean of its patch
    image = torch.arange(6.0).reshape(1, 1, 2, 3).repeat_interleave(2, 2).repeat_interleave(2, 3)
    assert patch.grid == (2, 3)
    torch.testing.assert_close(patch(image).flatten(), torch.arange(6.0))


@pytest.mark.parametrize(
    ("size", "image", "message"),
    [
        (5, (1, 28, 28), "patch=5 does not tile 28x28 images; 2, 4, 7, 14 do"),
        (0, (1, 28, 28), "patch=0 does not tile 28x28 images; 2, 4, 7, 14 do"),
        (28, (3, 32, 32), "patch=28 does not tile 32x32 images; 2, 4, 8, 16 do"),
        (3, (1, 20, 30), "patch=3 does not tile 20x30 images; 2, 5, 10 do"),
        (2, (1, 29, 29), "patch=2 does not tile 29x29 images; 1, 29 do"),
        (2, (1, 7, 5), "patch=2 does not tile 7x5 images; 1 does"),
    ],
)
def test_a_size_that_does_not_tile_is_told_which_do(size, image, message):
    with pytest.raises(ValueError, match=f"^{message}$"):
        Patch(image=image, dim=8, size=size)


def test_every_proposed_size_works():
    for image in ((1, 28, 28), (3, 32, 32), (1, 20, 30), (1, 29, 29)):
        for size in tiling(image):
            Patch(image=image, dim=8, size=size)


@pytest.mark.parametrize(("size", "grid"), [(1, (28, 28)), (4, (7, 7)), (5, (6, 6)), (28, (1, 1))])
def test_overlap_is_a_convolution_that_sees_beyond_its_patch(size, grid):
    overlap, image = randomised(Overlap(image=(3, 28, 28), dim=8, size=size)), torch.randn(2, 3, 28, 28)
    side = 2 * size - 1
    slow = F.conv2d(
        image, overlap.proj.weight.view(8, 3, side, side), overlap.proj.bias, stride=size, padding=size - 1
    )
    assert overlap.grid == slow.shape[2:] == grid
    torch.testing.assert_close(overlap(image), slow.flatten(2).transpose(1, 2), atol=1e-4, rtol=0)


def test_conv_halves_with_convolution_norm_and_relu():
    conv, image = randomised(Conv(image=(1, 28, 28), dim=8, size=4)), torch.randn(2, 1, 28, 28)
    weights = [p for name, p in conv.named_parameters() if p.ndim == 4]
    norms = [(p, q) for p, q in zip(*[iter(p for p in conv.stem.parameters() if p.ndim == 1)] * 2, strict=True)]
    assert [tuple(w.shape) for w in weights] == [(4, 1, 3, 3), (8, 4, 3, 3)]
    assert conv.grid == (7, 7)
    x = image
    for weight, (scale, shift) in zip(weights, norms, strict=True):
        x = F.conv2d(x, weight, stride=2, padding=1)
        x = (x - x.mean((0, 2, 3), keepdim=True)) / (x.var((0, 2, 3), unbiased=False, keepdim=True) + 1e-5).sqrt()
        x = (x * scale[:, None, None] + shift[:, None, None]).relu()
    slow = x.flatten(2).transpose(1, 2) @ conv.proj.weight.T + conv.proj.bias
    torch.testing.assert_close(conv(image), slow, atol=1e-5, rtol=0)


@pytest.mark.parametrize(
    ("stem", "size", "image", "message"),
    [
        (Conv, 7, (1, 28, 28), "patch.size=7: patch=conv cannot halve 28x28 images to that; 2, 4 do"),
        (Conv, 8, (1, 28, 28), "patch.size=8: patch=conv cannot halve 28x28 images to that; 2, 4 do"),
        (Conv, 2, (1, 27, 27), "patch.size=2: patch=conv cannot halve 27x27 images to that"),
        (Overlap, 0, (1, 28, 28), "patch.size=0 does not fit 28x28 images; 1 to 28 do"),
        (Overlap, 29, (1, 28, 28), "patch.size=29 does not fit 28x28 images; 1 to 28 do"),
    ],
)
def test_a_stem_that_does_not_fit_says_which_does(stem, size, image, message):
    with pytest.raises(ValueError, match=f"^{message}$"):
        stem(image=image, dim=8, size=size)
