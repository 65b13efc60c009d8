"""What makes each colour that colour."""

import torch

from ablate.axes.color import Gray, Rgb


def test_gray_is_the_luma_of_rgb():
    red, green, blue = torch.eye(3).reshape(3, 3, 1, 1).expand(3, 3, 2, 2)
    luma = torch.stack([Gray()(pixels[None])[0, 0, 0, 0] for pixels in (red, green, blue)])
    torch.testing.assert_close(luma, torch.tensor([0.299, 0.587, 0.114]))


def test_white_stays_white_and_black_black():
    for level in (0.0, 1.0):
        torch.testing.assert_close(Gray()(torch.full((1, 3, 2, 2), level)), torch.full((1, 1, 2, 2), level))


def test_gray_images_are_gray_and_three_equal_channels_in_rgb():
    x = torch.rand(2, 1, 4, 4)
    assert torch.equal(Gray()(x), x)
    assert torch.equal(Rgb()(x), torch.cat([x, x, x], 1))


def test_rgb_images_stay_as_they_are_in_rgb():
    x = torch.rand(2, 3, 4, 4)
    assert torch.equal(Rgb()(x), x)


def test_channels_say_how_many_come_out():
    for color in (Gray(), Rgb()):
        for channels in (1, 3):
            assert color(torch.rand(2, channels, 4, 4)).shape == (2, color.channels, 4, 4)
