"""Ways from pixels to tokens, (B, C, Y, X) -> (B, N, D); `grid` is the number of tokens down and across."""

from torch import Tensor, nn

from ablate.axes import Linear


def tiling(image: tuple[int, int, int]) -> list[int]:
    """Sides of the squares that tile the image, without 1 and the whole image if there are others."""
    y, x = image[1:]
    sides = [side for side in range(1, min(y, x) + 1) if y % side == 0 and x % side == 0]
    return [side for side in sides if side != 1 and (side, side) != (y, x)] or sides


class Patch(nn.Module):
    """One linear map of each square of `size` pixels (Dosovitskiy et al. 2021), (B, C, Y, X) -> (B, N, D).

    Raises ValueError if the squares do not tile the image.
    """

    def __init__(self, *, image: tuple[int, int, int], dim: int, size: int) -> None:
        super().__init__()
        channels, y, x = image
        if size < 1 or y % size or x % size:
            sizes = tiling(image)
            verb = "do" if len(sizes) > 1 else "does"
            raise ValueError(f"patch={size} does not tile {y}x{x} images; {', '.join(map(str, sizes))} {verb}")
        self.size = size
        self.grid = (y // size, x // size)
        self.proj = Linear(channels * size * size, dim)

    def forward(self, image: Tensor) -> Tensor:
        b, c = image.shape[:2]
        x = image.reshape(b, c, self.grid[0], self.size, self.grid[1], self.size)
        return self.proj(x.permute(0, 2, 4, 1, 3, 5).reshape(b, self.grid[0] * self.grid[1], -1))  # (B, N, D)
