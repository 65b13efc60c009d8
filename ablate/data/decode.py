"""An image file of any kind -> what a data set stores: its head for a first look, its pixels as uint8."""

import io
from typing import NamedTuple

import numpy as np
from PIL import Image, ImageOps

ORIENTATION, ON_ITS_SIDE = 0x0112, (5, 6, 7, 8)  # of EXIF: how the camera was held
GRAY, DEEP = ("1", "L", "LA", "La"), ("I", "I;16", "I;16B", "I;16L", "I;16N")


class Head(NamedTuple):
    """What a file says of itself before it is decoded."""

    gray: bool
    height: int
    width: int


def head(content: bytes) -> Head:
    """Raises whatever Pillow does where this is no image."""
    with Image.open(io.BytesIO(content)) as opened:
        width, height = opened.size
        if opened.getexif().get(ORIENTATION) in ON_ITS_SIDE:
            width, height = height, width
        return Head(is_gray(opened), height, width)


def is_gray(opened: Image.Image) -> bool:
    if opened.mode == "P":
        colors = np.reshape(opened.getpalette("RGB") or [], (-1, 3))
        return bool((colors == colors[:, :1]).all())
    return opened.mode in GRAY or opened.mode in DEEP


def pixels(content: bytes, channels: int, size: int | None, fit: str) -> np.ndarray:
    """(`channels`, Y, X) uint8. Upright as the camera was held; what is transparent is white.

    With a `size` the image is made a square of it: `crop` brings the shorter side to it and keeps the middle of
    the longer one, `stretch` brings both to it. Raises whatever Pillow does for a broken image.
    """
    with Image.open(io.BytesIO(content)) as opened:
        upright = ImageOps.exif_transpose(opened)
        flat = opaque(upright).convert("L" if channels == 1 else "RGB")
    if size is not None and flat.size != (size, size):
        square = (size, size)
        how = Image.Resampling.BICUBIC
        flat = ImageOps.fit(flat, square, how) if fit == "crop" else flat.resize(square, how)
    return np.asarray(flat).reshape(flat.height, flat.width, channels).transpose(2, 0, 1)


def opaque(image: Image.Image) -> Image.Image:
    """8 bits a channel, and white where it was transparent."""
    if image.mode in DEEP:
        values = np.asarray(image)
        if values.min() < 0 or values.max() > 65535:
            raise ValueError("it has more than 16 bits")
        return Image.fromarray((values / 257).round().astype(np.uint8))
    if image.mode == "F":
        raise ValueError("its pixels are no whole numbers")
    if not image.has_transparency_data:
        return image
    seen = image.convert("RGBA")
    return Image.alpha_composite(Image.new("RGBA", seen.size, "white"), seen)
