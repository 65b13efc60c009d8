"""Does each arm do what its name says, and nothing else?  python -m ablate.audit [-m] [axis=choice ...]

Nothing is trained, and no images are read unless the data are an axis. Exit 3 on a fault.
"""

from rich.console import Console

from ablate.study.runs import Run

LARGE = 20_000_000  # parameters; a study of larger models starts without `warnings`
PAIRED = "paired: same seeds, same order of the images, same augmentation in all arms"


def warnings(runs: list[Run]) -> list[str]:
    """The quick part, before a study trains: dead and confounded arms, a line each.

    One pair of cells for each pair of arms is built and shown a few made-up images.
    """
    from ablate.audit.arms import arms
    from ablate.audit.faults import builder, compare

    build = builder()
    found: list[str] = []
    for two in arms([run for run in runs if run.config]):  # a run that is done is not composed again
        pairs = [pair for pair in two.pairs[:1] if all(build(run).size <= LARGE for run in pair)]
        compared = compare(two, pairs, build)
        found += compared.faults() + compared.not_asked()
    return found


def audit(runs: list[Run], twins: list[Run], console: Console) -> list[str]:
    """Prints what was found and returns what is wrong, a line each. `twins` are runs that equal one of `runs`."""
    from ablate.audit import table
    from ablate.audit.answer import ask
    from ablate.audit.arms import arms
    from ablate.audit.faults import builder, compare, doubles, judge, unpaired
    from ablate.audit.paired import seed_faults
    from ablate.study.runs import cells

    build, looked_at, every = builder(), list(cells(runs).values()), arms(runs)
    compared = [compare(two, two.pairs, build) for two in every]
    judged = [judge(axis, choice, having, build) for (axis, choice), having in chosen(looked_at).items()]
    drawn, why = ask(unpaired, [build(run) for run in looked_at])
    odds = seed_faults(runs, every) + (drawn or [])
    paired = f"not asked whether the arms are paired: {why}" if why else "" if odds else PAIRED
    faults = doubles(twins, runs) + [fault for two in compared for fault in two.faults()]
    faults += [fault for arm in judged for fault in arm.faults()] + odds
    table.show(console, compared, judged, paired)
    table.conclude(console, faults, len(looked_at))
    return faults


def chosen(runs: list[Run]) -> dict[tuple[str, str], list[Run]]:
    """The cells that have each arm; of a lone run, its choice of every group."""
    found: dict[tuple[str, str], list[Run]] = {}
    for run in runs:
        for arm in (run.cell or run.choices).items():
            found.setdefault(arm, []).append(run)
    return found
