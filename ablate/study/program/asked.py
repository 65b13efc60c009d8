"""What a study of somebody else's program is about: its metric, and which way that is better."""

from omegaconf import DictConfig

from ablate.config.errors import UserError
from ablate.records.metric import MAXIMIZE, MetricFacts, direction_of
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


def line(options: ProgramOptions) -> str:
    """`rmse: less is better, as its name says`."""
    found = facts(options)
    way = "more" if found.direction == MAXIMIZE else "less"
    return f"{found.name}: {way} is better" + ("" if options.direction else ", as its name says")
