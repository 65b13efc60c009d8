"""An object of a config that a process needs once, however many runs it plans and trains."""

import json
from typing import Any

from ablate.config.hydra_versions import instantiate

_made: dict[str, Any] = {}


def once(node: dict[str, Any]) -> Any:
    """The object of a node; equal nodes give the same one. Raises what building it raises, each time."""
    key = json.dumps(node, sort_keys=True, default=repr)
    if key not in _made:
        _made[key] = instantiate(node)
    return _made[key]
