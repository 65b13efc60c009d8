"""Colours that the model sees, (B, C, Y, X) -> (B, channels, Y, X); both choices take gray and RGB images."""

from torch import Tensor


class Gray:
    """One channel: gray images as they are, RGB images as luma (ITU-R BT.601), (B, C, Y, X) -> (B, 1, Y, X)."""

    channels = 1

    def __call__(self, x: Tensor) -> Tensor:
        if x.shape[1] == 1:
            return x
        return (x * x.new_tensor([0.299, 0.587, 0.114]).view(3, 1, 1)).sum(1, keepdim=True)


class Rgb:
    """Three channels: RGB images as they are, gray images repeated three times, (B, C, Y, X) -> (B, 3, Y, X)."""

    channels = 3

    def __call__(self, x: Tensor) -> Tensor:
        return x if x.shape[1] == 3 else x.expand(-1, 3, -1, -1)
