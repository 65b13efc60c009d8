"""The parts of a run from its resolved config, in the order in which they need each other."""

from collections.abc import Callable
from functools import partial
from typing import Any

from torch import nn

from ablate.config import raised
from ablate.config.hydra_versions import instantiate
from ablate.config.once import once
from ablate.study.experiment import DryBuild
from ablate.train import blame, count, device, frozen, init, weights
from ablate.train.fill import Filled
from ablate.train.fit import Fit, Mix
from ablate.train.gradient import Gradient, gradient
from ablate.train.inputs import Inputs, on_cpu, statistics


def inputs(config: dict, data: Any) -> Inputs:
    color = instantiate(config["color"])
    mean, std = statistics(data, color)
    return Inputs(
        image=data.image,
        mean=mean,
        std=std,
        color=color,
        channels=color.channels,
        augment=instantiate(config["aug"]),
        **config["image"],
    )


def factory(config: dict, image: tuple[int, int, int], classes: int) -> partial[nn.Module]:
    """The model, still to be built: the parts are factories too (`_partial_`)."""
    return partial(instantiate(config["model"]["net"], _convert_="all"), image=image, classes=classes)


def start(config: dict) -> init.Scratch:
    """Where the first weights come from."""
    made: init.Scratch = instantiate(config["init"])
    return made


def content(config: dict) -> str | None:
    """Digest of the weights that the training begins with; None where they are drawn."""
    return start(config).digest(config["model"].get("name"))


def model(config: dict, image: tuple[int, int, int], classes: int) -> nn.Module:
    """The model with weights drawn by name, on the CPU."""
    return weights.by_name(factory(config, image, classes), config["seed"], start(config).stream)


def filled(config: dict, image: tuple[int, int, int], classes: int) -> tuple[nn.Module, Filled | None]:
    """The model with its first weights, on the CPU, frozen as asked for -> what was loaded, None for nothing."""
    made = model(config, image, classes)
    done = init.fill_model(made, start(config))
    frozen.freeze(made, config["freeze"], done)
    return made, done


def as_trained(config: dict, image: tuple[int, int, int], classes: int) -> Callable[[], nn.Module]:
    """A factory whose models know which of their weights are trained, for what counts FLOPs."""
    build = factory(config, image, classes)
    if config["freeze"] == "none":
        return build

    def built() -> nn.Module:
        made = build()
        frozen.freeze(made, config["freeze"], start(config).fitted(made)[1])
        return made

    return built


def fit(
    config: dict,
    model: nn.Module,
    inputs: Inputs,
    train: Any,
    precision: str,
    accumulate: int,
    watch: Callable[[int, float], None],
    pause: Callable[[], None],
    gradient: Gradient = gradient,
    classes: int = 0,
    mix: Mix | None = None,
) -> Fit:
    """The training, before its first step."""
    return Fit(
        model=model,
        optimizer=instantiate(config["optim"], _convert_="all")(model),
        schedule=instantiate(config["sched"]),
        inputs=inputs,
        x=train.x,
        y=train.y,
        order=on_cpu(config["seed"], "order"),
        augmentation=on_cpu(config["seed"], "augmentation"),
        precision=precision,
        accumulate=accumulate,
        watch=watch,
        pause=pause,
        gradient=gradient,
        mix=mix,
        classes=classes,
        **{key: config[key] for key in ("epochs", "batch", "clip", "label_smoothing", "ema")},
    )


def costs(config: dict, image: tuple[int, int, int], classes: int, images: int) -> dict[str, int | None]:
    """What the record says of the arithmetic: tokens, parameters, FLOPs of an image and of the training."""
    one = count.count(as_trained(config, image, classes), image)
    step = one.train_flops_per_image
    return {
        "tokens": one.tokens,
        "params": one.params,
        "flops_per_image": one.flops_per_image,
        "train_flops": step and step * images * config["epochs"],
    }


def train_flops(config: dict) -> int | None:
    """FLOPs of training with one image, forward and backward; None where they cannot be counted."""
    data = instantiate(config["data"])
    shape = inputs(config, data).shape
    return count.count(as_trained(config, shape, data.classes), shape).train_flops_per_image


def dry_build(config: dict) -> DryBuild:
    """Builds all parts, without memory where that can be: what the first that refuses says, and which it is."""
    try:
        device.pick(config["device"])
        data = instantiate(config["data"])
        image = inputs(config, data).shape
        one = count.count(as_trained(config, image, data.classes), image)
        init.check(factory(config, image, data.classes), start(config))
        instantiate(config["optim"], _convert_="all")(nn.Linear(2, 2))
        instantiate(config["sched"])
        once(config["tracker"])
    except Exception as e:  # whatever a part of the user's own raises, it is about this config
        error = raised.own(e)
        return DryBuild([raised.line(error)], part=blame.part(error, config))
    flops = one.train_flops_per_image
    return DryBuild(unread=one.unread, step_flops=flops and flops * config["batch"])
