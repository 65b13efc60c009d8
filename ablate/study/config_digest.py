"""What the config of a run is made of besides its own overrides: files, and values fixed for all runs."""

import hashlib
import json
from pathlib import Path

from omegaconf import DictConfig

from ablate import __version__
from ablate.config.plain import plain
from ablate.records import record


def digest(config: DictConfig) -> str | None:
    """Hash of all files and values that `config` is made of; None if a file reads the environment.

    As long as it is the same, equal overrides give an equal run.
    """
    folders = [Path(s.path) for s in config.hydra.runtime.config_sources if s.schema == "file"]
    texts = {str(f): f.read_text(encoding="utf-8") for folder in folders for f in sorted(folder.rglob("*.yaml"))}
    if any("${oc.env" in text or "${now" in text for text in texts.values()):
        return None
    fixed = {k: v for k, v in plain(config, resolve=False).items() if k not in ("sweep", "name", "tracker")}
    everything = [record.FORMAT, __version__, fixed, texts]
    return hashlib.sha256(json.dumps(everything, sort_keys=True).encode()).hexdigest()
