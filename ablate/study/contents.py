"""What runs read and their configs name only by its place, looked at once for all that are planned together."""

import json

from ablate.study.experiment import Config, Experiment

NO_CONTENT = (ValueError, OSError)  # the cells themselves say what is wrong


class Contents:
    """Digests by config; configs that differ only in what no content depends on share a look."""

    def __init__(self, experiment: Experiment) -> None:
        self.experiment = experiment
        self.seen: dict[str, dict[str, str]] = {}

    def __call__(self, config: Config) -> dict[str, str]:
        key = json.dumps({k: v for k, v in config.items() if k not in ("seed", "epochs", "name", "sweep")})
        if key not in self.seen:
            self.seen[key] = self.experiment.content(config)
        return self.seen[key]
