"""What a study of somebody else's program is about: its metric, and which way that is better."""

import re

from omegaconf import DictConfig

from ablate.config.errors import UserError
from ablate.records.metric import MAXIMIZE, MetricFacts, direction_of
from ablate.study.home import THEIRS
from ablate.study.options import ProgramOptions, program_options
from ablate.study.program.metric import named


def said(sweeper: DictConfig) -> tuple[MetricFacts | None, bool]:
    """Says what the study is about -> (that, whether a run is done twice).

    An experiment that is named has our metric where it says no other. UserError with all that is wrong.
    """
    options = program_options(sweeper)
    if sweeper.experiment is not None and options.metric is None:
        return None, False
    print(line(options), flush=True)
    return facts(options), options.check


def facts(options: ProgramOptions) -> MetricFacts:
    """What study.json says of the metric. UserError where nobody can say which way is better."""
    name = named(options.metric)
    direction = options.direction or direction_of(name)
    if direction is None:
        what = f"hydra.sweeper.metric={options.metric}" if options.metric else "hydra.sweeper.metric is not set"
        both = "hydra.sweeper.direction=maximize or hydra.sweeper.direction=minimize says"
        raise UserError(f"{what}: is more of it better? {both}")
    if options.margin is not None and not options.margin > 0:
        raise UserError(f"hydra.sweeper.margin={options.margin}: the least difference that matters is more than 0")
    return MetricFacts(name=name, direction=direction, unit=options.unit, margin=options.margin)


def tuned_by(sweeper: DictConfig, metric: MetricFacts, tune: object) -> MetricFacts | None:
    """Says what tuning chooses by -> that; None where nothing is to `tune`.

    UserError where nobody can say which way is better, and for a metric to choose by where nothing is chosen.
    """
    asked = program_options(sweeper).tune_metric
    if not tune:
        if asked is not None:
            raise UserError(f"{THEIRS}.tune_metric={asked}: {THEIRS}.tune={{KEY:[...]}} says what to tune by it")
        return None
    if asked is None:
        keeps = f"{THEIRS}.tune_metric=NAME would choose by another number, such as one of validation data"
        print(f"tuned by {metric.name} itself; {keeps}", flush=True)
        return metric
    name = named(asked)
    alike = last_word(name) == last_word(metric.name)
    direction = metric.direction if alike else direction_of(name)
    if direction is None:
        raise UserError(f"{THEIRS}.tune_metric={asked}: is more of it better? A name such as val/acc would say so")
    print(f"tuned by {name}: {'more' if direction == MAXIMIZE else 'less'} is better", flush=True)
    return MetricFacts(name=name, direction=direction)


def last_word(name: str) -> str:
    """`acc` of val/acc and of test_acc: of two metrics with the same one the same way is better."""
    return re.split(r"[^a-z0-9]+", name.lower())[-1]


def line(options: ProgramOptions) -> str:
    """`rmse: less is better, as its name says`."""
    found = facts(options)
    way = "more" if found.direction == MAXIMIZE else "less"
    return f"{found.name}: {way} is better" + ("" if options.direction else ", as its name says")
