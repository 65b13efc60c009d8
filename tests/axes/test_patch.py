"""What makes each way from pixels to tokens that way."""

import pytest
import torch
import torch.nn.functional as F
from small_vit import randomised

from ablate.axes.patch import Patch, tiling


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
