"""Build hook: conf/ travels inside the wheel as ablate/conf (an editable install reads ../conf instead)."""

from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface


class ConfHook(BuildHookInterface):
    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        if version == "standard":  # in an editable install a copy would go stale
            build_data["force_include"]["conf"] = "ablate/conf"
