"""What the names of known choices promise. A choice with another name promises nothing.

A claim looks at a cell with the choice. It returns what is wrong, or None if the promise holds. If it cannot know,
it raises NotAsked, with why. The name makes the promise, not the class: a `pos=none` of the user's own
must be blind to places too.
"""

from collections.abc import Callable
from dataclasses import dataclass

from ablate.audit import promises_pool, promises_pos, promises_rest
from ablate.audit.built import Built


@dataclass(frozen=True)
class Promise:
    """`says` goes into the table when the claim holds."""

    says: str
    fault: Callable[[Built], str | None]


CLAIMS = {
    ("pos", "none"): Promise("blind to the order of patches", promises_pos.none),
    ("pos", "learned"): Promise("trained, sees the order", promises_pos.learned),
    ("pos", "sinusoidal"): Promise("fixed, sees the order", promises_pos.fixed),
    ("pos", "sinusoidal2d"): Promise("fixed, sees the order", promises_pos.fixed),
    ("pos", "rope"): Promise("fixed, depends on offsets only", promises_pos.rope),
    ("pos", "relative"): Promise("trained, depends on offsets only", promises_pos.relative),
    ("pool", "cls"): Promise("reads its own token only", promises_pool.cls),
    ("pool", "mean"): Promise("the average of the patches", promises_pool.mean),
    ("pool", "max"): Promise("the maximum of the patches", promises_pool.maximum),
    ("pool", "map"): Promise("a query, blind to the order", promises_pool.attention),
    ("color", "gray"): Promise("one channel, the luma", promises_rest.gray),
    ("color", "rgb"): Promise("three channels as they are", promises_rest.rgb),
    ("attn", "full"): Promise("every token sees every token", promises_rest.full),
    ("attn", "linear"): Promise("every token sees every token", promises_rest.full),
    ("attn", "window"): Promise("patches see some of the patches", promises_rest.local),
    ("attn", "axial"): Promise("patches see some of the patches", promises_rest.local),
    ("tokens", "all"): Promise("as many tokens in every block", promises_rest.all_tokens),
    ("tokens", "merge"): Promise("fewer tokens from block to block", promises_rest.merge),
    ("tokens", "drop"): Promise("fewer tokens, in training only", promises_rest.drop),
    ("norm", "layernorm"): Promise("zero mean, unit variance", promises_rest.layernorm),
    ("norm", "rmsnorm"): Promise("unit mean square, mean kept", promises_rest.rmsnorm),
    ("mlp", "gelu"): Promise("each token by itself", promises_rest.by_itself),
    ("mlp", "swiglu"): Promise("each token by itself", promises_rest.by_itself),
    ("aug", "none"): Promise("images as they are", promises_rest.no_aug),
    ("sched", "constant"): Promise("ends at the full rate", promises_rest.constant),
    ("sched", "cosine"): Promise("ends at zero", promises_rest.cosine),
}
NUMBER = Promise("squares of this size", promises_rest.patch)


def promise_of(axis: str, choice: str) -> Promise | None:
    if axis == "patch" and choice.isdecimal():
        return NUMBER
    return CLAIMS.get((axis, choice))
