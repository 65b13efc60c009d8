"""What the parts of a ViT share: each axis is a module here, and this is the little that they have in common.

Choices never import each other, so a broken one cannot break another. The alphabet of the shapes: B batch,
C channels, Y X pixels, N tokens, D width, H heads, K width of a head.
"""

from typing import Protocol

from torch import Tensor, nn

__all__ = ["Dense", "Layout", "Position", "head_width"]


class Dense(nn.Linear):
    """Linear map drawn as Glorot and Bengio (2010) do, with a bias of zero, (..., in) -> (..., out).

    `stacked` maps that share one matrix (q, k and v, say) are drawn as if each had its own.
    """

    def __init__(self, inputs: int, outputs: int, *, stacked: int = 1) -> None:
        self.stacked = stacked
        super().__init__(inputs, outputs)

    def reset_parameters(self) -> None:
        # The bound is gain * sqrt(6 / (in + out)), where out is the width of one map.
        all_maps = self.in_features + self.out_features
        one_map = self.in_features + self.out_features // self.stacked
        nn.init.xavier_uniform_(self.weight, gain=(all_maps / one_map) ** 0.5)
        nn.init.zeros_(self.bias)


def head_width(*, dim: int, heads: int) -> int:
    """Width of each of `heads` heads that share `dim`; ValueError if they cannot share it evenly."""
    if heads < 1 or dim % heads:
        fitting = ", ".join(str(n) for n in range(1, dim + 1) if dim % n == 0)
        raise ValueError(f"model.heads={heads} does not divide model.dim={dim}; {fitting} do")
    return dim // heads


class Position(Protocol):
    """What attention asks of a position choice; `place` as in Layout."""

    def rotate(self, q: Tensor, k: Tensor, place: Tensor | None) -> tuple[Tensor, Tensor]: ...

    def bias(self, place: Tensor | None) -> Tensor | None: ...


class Layout:
    """The tokens of one forward pass: which are there, where they come from, how a pair of them is scored.

    The sequence is `prefix` tokens (CLS, then registers) and after them the patches, row by row. `place` is
    None as long as all are there in this order; else (B, N), the index that each had in the whole sequence.
    `size` is None as long as each token stands for one patch; else (B, N), how many it stands for.
    """

    def __init__(self, pos: Position, *, prefix: int) -> None:
        self.pos = pos
        self.prefix = prefix
        self.place: Tensor | None = None
        self.size: Tensor | None = None

    def rotate(self, q: Tensor, k: Tensor) -> tuple[Tensor, Tensor]:
        """Queries and keys as the position choice wants them, both (B, H, N, K)."""
        return self.pos.rotate(q, k, self.place)

    def bias(self) -> Tensor | None:
        """What is added to the scores before the softmax, broadcast to (B, H, N, N); None adds nothing.

        A token of several patches counts as often as they would (Bolya et al. 2023, "proportional attention").
        """
        bias = self.pos.bias(self.place)
        if self.size is None:
            return bias
        log_size = self.size.log()[:, None, None]  # (B, 1, 1, N)
        return log_size if bias is None else bias + log_size

    def thin(self, x: Tensor) -> Tensor:
        """Called between attention and MLP of each block: the tokens that go on, (B, N, D) -> (B, N', D)."""
        return x
