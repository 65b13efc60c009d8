"""What the names of known choices promise. A choice of another name promises nothing and is not held to it.

A claim looks at a cell that has the choice and returns what is wrong, or None. It is held by the name, not by the
class: a `pos=none` of somebody else's must be blind to places too.
"""

from collections.abc import Callable
from dataclasses import dataclass

from ablate.auditing import claims_pool, claims_pos, claims_rest
from ablate.auditing.cell import Cell


@dataclass(frozen=True)
class Claim:
    """`says` goes into the table when the claim holds."""

    says: str
    fault: Callable[[Cell], str | None]


CLAIMS = {
    ("pos", "none"): Claim("blind to the order of patches", claims_pos.none),
    ("pos", "learned"): Claim("trained, sees the order", claims_pos.learned),
    ("pos", "sinusoidal"): Claim("fixed, sees the order", claims_pos.fixed),
    ("pos", "sinusoidal2d"): Claim("fixed, sees the order", claims_pos.fixed),
    ("pos", "rope"): Claim("fixed, depends on offsets only", claims_pos.rope),
    ("pos", "relative"): Claim("trained, depends on offsets only", claims_pos.relative),
    ("pool", "cls"): Claim("reads its own token only", claims_pool.cls),
    ("pool", "mean"): Claim("the average of the patches", claims_pool.mean),
    ("pool", "max"): Claim("the maximum of the patches", claims_pool.maximum),
    ("pool", "map"): Claim("a query, blind to the order", claims_pool.attention),
    ("color", "gray"): Claim("one channel, the luma", claims_rest.gray),
    ("color", "rgb"): Claim("three channels as they are", claims_rest.rgb),
    ("attn", "full"): Claim("every token sees every token", claims_rest.full),
    ("attn", "linear"): Claim("every token sees every token", claims_rest.full),
    ("attn", "window"): Claim("patches see some of the patches", claims_rest.local),
    ("attn", "axial"): Claim("patches see some of the patches", claims_rest.local),
    ("tokens", "all"): Claim("as many tokens in every block", claims_rest.all_tokens),
    ("tokens", "merge"): Claim("fewer tokens from block to block", claims_rest.merge),
    ("tokens", "drop"): Claim("fewer tokens, in training only", claims_rest.drop),
    ("norm", "layernorm"): Claim("zero mean, unit variance", claims_rest.layernorm),
    ("norm", "rmsnorm"): Claim("unit mean square, mean kept", claims_rest.rmsnorm),
    ("mlp", "gelu"): Claim("each token by itself", claims_rest.by_itself),
    ("mlp", "swiglu"): Claim("each token by itself", claims_rest.by_itself),
    ("aug", "none"): Claim("images as they are", claims_rest.no_aug),
    ("sched", "constant"): Claim("ends at the full rate", claims_rest.constant),
    ("sched", "cosine"): Claim("ends at zero", claims_rest.cosine),
}
NUMBER = Claim("squares of this size", claims_rest.patch)


def claim_of(axis: str, choice: str) -> Claim | None:
    if axis == "patch" and choice.isdecimal():
        return NUMBER
    return CLAIMS.get((axis, choice))
