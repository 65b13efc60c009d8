"""Groups of runs that may be compared, because recipe, data set, code and device are the same."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from ablate.records import record
from ablate.records.run_record import RunRecord
from ablate.text import count

Facts = dict[str, str | None]

OWN = "code of "  # a module of the user's own
FACTS = ("recipe", "data", "code", "ablate", "torch", "device", "precision")


@dataclass(frozen=True)
class Group:
    """Records that agree in every known fact."""

    facts: Facts
    records: list[RunRecord]


def facts_of(run: RunRecord) -> Facts:
    """What must be equal so that two runs differ in their axes alone; None where the record does not know."""
    versions, code = run.versions, run.code
    commit = code.get("commit")
    return {
        "recipe": run.recipe,
        "data": run.choices.get("data"),
        # The digest is of the code that makes results; other commits do not matter to them.
        "code": code.get("digest")
        or (commit and commit[:7] + (" with uncommitted changes" if code.get("dirty") else "")),
        **{name: versions.get(name) for name in ("ablate", "torch", "device", "precision")},
        **{OWN + module: digest for module, digest in (code.get("own") or {}).items()},
    }


def apart(records: list[RunRecord], axes: list[str], together: tuple[str, ...] = ()) -> list[Group]:
    """Records -> groups that agree in all facts, the group with most finished runs first.

    Facts that are swept axes, or named in `together`, do not separate. A run that has not finished may not
    know its device yet, and one arm may be of a module that another does not use: such a run joins the first group
    that nothing speaks against.
    """
    left_out = {*axes, *together}
    groups: list[Group] = []
    finished = Counter(tuple(_facts(r, left_out).items()) for r in records if r.state == "done")
    done = [(dict(facts), True) for facts, _ in finished.most_common()]
    for facts, is_done in done + [(_facts(r, left_out), False) for r in records if r.state != "done"]:
        if group := _group(groups, facts, is_done):
            group.facts.update(facts if is_done else {})
        else:
            groups.append(Group(facts, []))
    for run in records:
        group = _group(groups, _facts(run, left_out), run.state == "done")
        assert group is not None
        group.records.append(run)
    return sorted(groups, key=lambda group: -sum(run.state == "done" for run in group.records))


def _group(groups: list[Group], facts: Facts, is_done: bool) -> Group | None:
    """The first group that runs of these facts belong to."""
    return next((group for group in groups if _agree(group.facts, facts, is_done)), None)


def _facts(run: RunRecord, left_out: set[str]) -> Facts:
    return {k: v for k, v in facts_of(run).items() if not {k, fact_of(k)} & left_out}


def _agree(one: Facts, two: Facts, is_done: bool) -> bool:
    """Whether no fact that both know is another; what a finished run does not know is a fact as well."""
    shared = one.keys() & two.keys()
    return all(one[f] == two[f] or (not is_done and None in (one[f], two[f])) for f in shared)


def fact_of(name: str) -> str:
    """The word that report.together takes: `code` for `code of mine.parts`."""
    return "code" if name.startswith(OWN) else name


def facts_apart(groups: Iterable[Facts]) -> list[str]:
    """Names of the facts in which groups differ; what only some of them know of is none."""
    values: dict[str, set[str | None]] = {}
    for facts in groups:
        for fact, value in facts.items():
            values.setdefault(fact, set()).add(value)
    return [fact for fact, found in values.items() if len(found) > 1]


def differences(groups: list[Group]) -> list[str]:
    """A line for each fact in which groups differ: `device: cpu: 2 cores (10 runs), NVIDIA H200 (3 runs)`."""
    lines = []
    for fact in facts_apart(group.facts for group in groups):
        counts: Counter[str] = Counter()
        for group in groups:
            knowing = [run for run in group.records if not fact.startswith(OWN) or fact in facts_of(run)]
            counts[group.facts.get(fact) or "unknown"] += len(knowing)
        lines.append(f"{fact}: " + ", ".join(f"{value} ({count(n, 'run')})" for value, n in counts.items() if n))
    if any(line.startswith("recipe: ") for line in lines):
        lines += _changed_keys(groups)
    return lines


def _changed_keys(groups: list[Group]) -> list[str]:
    """Keys of the config that differ between runs of one cell and seed in the first group and in another."""
    first = {(str(r.cell), r.seed): r for r in groups[0].records}
    changed: dict[str, list[str]] = {}
    for group in groups[1:]:
        twins = [(first[key], r) for r in group.records if (key := (str(r.cell), r.seed)) in first]
        if not twins or twins[0][0].recipe == twins[0][1].recipe:
            continue
        one, two = (_flat(twin.config) for twin in twins[0])
        for name in dict.fromkeys([*one, *two]):
            identity = not {name, name.split(".")[0]} & set(record.NOT_IDENTITY)
            if identity and one.get(name) != two.get(name):
                changed.setdefault(name, [str(one.get(name))]).append(str(two.get(name)))
    return [f"config {key}: {' | '.join(dict.fromkeys(values))}" for key, values in changed.items()]


def _flat(config: Mapping[str, object], prefix: str = "") -> dict[str, object]:
    flat: dict[str, object] = {}
    for key, value in config.items():
        flat |= _flat(value, f"{prefix}{key}.") if isinstance(value, dict) else {f"{prefix}{key}": value}
    return flat
