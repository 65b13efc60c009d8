"""The command line of one run of a study, for whoever starts its program again, as Lightning's ddp does."""

import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from omegaconf import DictConfig

from ablate.config.words import OVERRIDE, quoted

SEVERAL = ("-m", "--multirun")


def words(argv: Sequence[str], hydra: DictConfig) -> list[str]:
    """`argv` with the words of this run alone, in its folder."""
    flags = [word for word in argv[1:] if not OVERRIDE.match(word) and word not in SEVERAL and word[:1] != "~"]
    where = f"hydra.run.dir={quoted(str(hydra.runtime.output_dir))}"
    return [argv[0], *flags, *hydra.overrides.task, "hydra.mode=RUN", where]


@contextmanager
def command(hydra: DictConfig) -> Iterator[None]:
    """Inside, `sys.argv` is that of this run alone."""
    before = sys.argv
    sys.argv = words(before, hydra)
    try:
        yield
    finally:
        sys.argv = before
