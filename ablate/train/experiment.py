"""Our own training as a study sees it: a vision transformer on images."""

import json
from collections.abc import Iterable

from ablate.config.check import Keys
from ablate.config.errors import UserError
from ablate.config.hydra_versions import instantiate
from ablate.records import record
from ablate.study.experiment import Attempt, Config, DryBuild
from ablate.train.keys import AT_LEAST, BELOW, BUILT, FACTORIES, MODEL_KNOBS, READ_BY_RUN, Fixed


class VisionTransformer:
    """The experiment of `python -m ablate.train`."""

    keys = Keys(
        fixed=Fixed,
        at_least=AT_LEAST,
        below=BELOW,
        read=READ_BY_RUN,
        may_idle=MODEL_KNOBS,
        factories=FACTORIES,
        built=BUILT,
    )
    preload = (
        "torch",
        "ablate.train.run",
        "ablate.train.build",
        "ablate.train.checkpoint",
        "ablate.train.warm",
        "ablate.vit",
        "hydra.utils",
    )
    metrics, costs = record.METRICS, record.COST

    def dry_build(self, config: Config) -> DryBuild:
        from ablate.train import build  # torch: only once there is something to build

        return build.dry_build(config)

    def content(self, config: Config) -> dict[str, str]:
        """Digests of a data set that lies in a folder of the user's, and of the weights that a run begins with.

        A published data set is known by its name.
        """
        found = {"data": getattr(instantiate(config["data"]), "content", None)}
        if "Scratch" not in config["init"]["_target_"]:
            from ablate.train import build

            found["init"] = build.content(config)
        return {key: digest for key, digest in found.items() if digest}

    def prepare(self, configs: Iterable[Config]) -> None:
        """Fetches each data set that is not here, and reads it once.

        UserError for labels out of range, for a `limit` above the number of images, and for a last batch that the
        model cannot train with.
        """
        from ablate.data import labels, limit
        from ablate.train import leftover

        images: dict[str, int] = {}
        for config in configs:
            key = json.dumps([config["data"], config["limit"]], sort_keys=True)
            if key not in images:
                made = instantiate(config["data"])
                data = made.load()
                if wrong := labels.problem(data, made.classes) or limit.problem(data, config["limit"]):
                    raise UserError(wrong)
                images[key] = config["limit"] or len(data.train)
            if wrong := leftover.problem(config, images[key]):
                raise UserError(wrong)

    def flops(self, config: Config) -> float | None:
        from ablate.train import build

        return build.train_flops(config)

    def train(self, config: Config, attempt: Attempt) -> None:
        from ablate.train.progress import Progress
        from ablate.train.run import within_memory

        with Progress(attempt.record, place=attempt.place) as show:
            within_memory(config, attempt, show)
            show.done(attempt.record)
