"""Which tokens go through the blocks. A choice may take some away before the first block or in each."""

from torch import Tensor, nn

from ablate.axes import Layout


class All(nn.Module):
    """Every token goes through every block, (B, N, D) -> (B, N, D)."""

    def __init__(self, *, depth: int, prefix: int, grid: tuple[int, int]) -> None:
        super().__init__()

    def forward(self, x: Tensor, layout: Layout) -> tuple[Tensor, Layout]:
        """Called before the first block: the tokens that go in, and the layout that goes with them."""
        return x, layout
