"""What the names of known choices promise. A choice with another name promises nothing.

A claim looks at a cell with the choice. It returns what is wrong, or None if the promise holds. If it cannot know,
it raises NotAsked, with why. The name makes the promise, not the class: a `pos=none` of the user's own
must be blind to places too.
"""

from collections.abc import Callable
from dataclasses import dataclass

from ablate.audit import promises_pool, promises_pos, promises_rest
from ablate.audit.built import Cell


@dataclass(frozen=True)
class Claim:
    """`says` goes into the table when the claim holds."""

    says: str
    fault: Callable[[Cell], str | None]


CLAIMS = {
    ("pos", "none"): Claim("blind to the order of patches", promises_pos.none),
    ("pos", "learned"): Claim("trained, sees the order", promises_pos.learned),
    ("pos", "sinusoidal"): Claim("fixed, sees the order", promises_pos.fixed),
    ("pos", "sinusoidal2d"): Claim("fixed, sees the order", promises_pos.fixed),
    ("pos", "rope"): Claim("fixed, depends on offsets only", promises_pos.rope),
    ("pos", "relative"): Claim("trained, depends on offsets only", promises_pos.relative),
    ("pool", "cls"): Claim("reads its own token only", promises_pool.cls),
    ("pool", "mean"): Claim("the average of the patches", promises_pool.mean),
    ("pool", "max"): Claim("the maximum of the patches", promises_pool.maximum),
    ("pool", "map"): Claim("a query, blind to the order", promises_pool.attention),
    ("color", "gray"): Claim("one channel, the luma", promises_rest.gray),
    ("color", "rgb"): Claim("three channels as they are", promises_rest.rgb),
    ("attn", "full"): Claim("every token sees every token", promises_rest.full),
    ("attn", "linear"): Claim("every token sees every token", promises_rest.full),
    ("attn", "window"): Claim("patches see some of the patches", promises_rest.local),
    ("attn", "axial"): Claim("patches see some of the patches", promises_rest.local),
    ("tokens", "all"): Claim("as many tokens in every block", promises_rest.all_tokens),
    ("tokens", "merge"): Claim("fewer tokens from block to block", promises_rest.merge),
    ("tokens", "drop"): Claim("fewer tokens, in training only", promises_rest.drop),
    ("norm", "layernorm"): Claim("zero mean, unit variance", promises_rest.layernorm),
    ("norm", "rmsnorm"): Claim("unit mean square, mean kept", promises_rest.rmsnorm),
    ("mlp", "gelu"): Claim("each token by itself", promises_rest.by_itself),
    ("mlp", "swiglu"): Claim("each token by itself", promises_rest.by_itself),
    ("aug", "none"): Claim("images as they are", promises_rest.no_aug),
    ("sched", "constant"): Claim("ends at the full rate", promises_rest.constant),
    ("sched", "cosine"): Claim("ends at zero", promises_rest.cosine),
}
NUMBER = Claim("squares of this size", promises_rest.patch)


def claim_of(axis: str, choice: str) -> Claim | None:
    if axis == "patch" and choice.isdecimal():
        return NUMBER
    return CLAIMS.get((axis, choice))
