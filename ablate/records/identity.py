"""What a run is: a hash of its config, and of what the config names only by its place."""

import hashlib
import json
from collections.abc import Mapping
from types import MappingProxyType

from ablate.records.run_record import FORMAT, NOT_IDENTITY, Config

# Keys that were added later, with the value at which a run is the same as before.
WITHOUT = {
    "compile": "off",
    "init": {"_target_": "ablate.train.init.Scratch"},
    "freeze": "none",
    "limit": None,
    "accumulate": 1,
    "ema": 0.0,
    "model.recompute": False,
    "model.net.recompute": False,
    "optim.layer_decay": 1.0,
    "model.drop_path": 0.0,
    "model.net.drop_path": 0.0,
}


def identity(config: Config, content: Mapping[str, str] = MappingProxyType({})) -> str:
    """Hash of a resolved config without the keys that are not identity, 12 hexadecimal digits.

    `content` are digests of what the config names only by its place.
    """
    what = json.loads(json.dumps(config))
    for key in NOT_IDENTITY:
        node, leaf = above(what, key)
        node.pop(leaf, None)
    for key, value in WITHOUT.items():
        node, leaf = above(what, key)
        if leaf in node and node[leaf] == value:
            del node[leaf]
    return hashed(what, content)


def hashed(what: Mapping[str, object], content: Mapping[str, str] = MappingProxyType({})) -> str:
    """Hash of all that says what a run is, 12 hexadecimal digits."""
    whole = [FORMAT, what, dict(content)] if content else [FORMAT, what]
    text = json.dumps(whole, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()[:12]


def above(config: Config, key: str) -> tuple[Config, str]:
    """The node of a config in which a dotted key stands, an empty one if there is none, and its last word."""
    *path, leaf = key.split(".")
    node: object = config
    for word in path:
        node = node.get(word) if isinstance(node, dict) else None
    return (node if isinstance(node, dict) else {}), leaf
