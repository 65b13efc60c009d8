"""Runs that may be compared: one recipe, one data set, one code, one device. Others are kept apart, and named."""

from collections import Counter
from dataclasses import dataclass

from ablate.records import record
from ablate.text import count

Facts = dict[str, str | None]

FACTS = ("recipe", "data", "code", "ablate", "torch", "device", "precision")


@dataclass(frozen=True)
class Group:
    """Records that agree in every known fact."""

    facts: Facts
    records: list[dict]


def facts_of(run: dict) -> Facts:
    """What must be equal for two runs to differ in their axes alone; None where the record does not know."""
    versions, code = run.get("versions") or {}, run.get("code") or {}
    commit = code.get("commit")
    return {
        "recipe": run.get("recipe"),
        "data": (run.get("choices") or {}).get("data"),
        # The digest is of the code that makes results; other commits do not matter to them.
        "code": code.get("digest")
        or (commit and commit[:7] + (" with uncommitted changes" if code.get("dirty") else "")),
        **{name: versions.get(name) for name in ("ablate", "torch", "device", "precision")},
    }


def apart(records: list[dict], axes: list[str], together: tuple[str, ...] = ()) -> list[Group]:
    """Records -> groups that agree in all facts, the group with most finished runs first.

    Facts that are swept axes, or named in `together`, do not separate. A run that has not finished may not
    know its device yet: it joins the first group that nothing speaks against.
    """
    kept = [fact for fact in FACTS if fact not in axes and fact not in together]
    groups: list[Group] = []
    finished = Counter(tuple(_facts(r, kept).values()) for r in records if r["state"] == "done")
    for values, _ in finished.most_common():
        groups.append(Group(dict(zip(kept, values, strict=True)), []))
    for run in records:
        facts = _facts(run, kept)
        same = (g for g in groups if g.facts == facts or (run["state"] != "done" and _agree(g.facts, facts)))
        group = next(same, None)
        if group is None:
            group = Group(facts, [])
            groups.append(group)
        group.records.append(run)
    return groups


def _facts(run: dict, kept: list[str]) -> Facts:
    facts = facts_of(run)
    return {fact: facts[fact] for fact in kept}


def _agree(one: Facts, two: Facts) -> bool:
    return all(one[fact] == two[fact] or None in (one[fact], two[fact]) for fact in one)


def differences(groups: list[Group]) -> list[str]:
    """A line for each fact in which groups differ: `device: cpu: 2 cores (10 runs), NVIDIA H200 (3 runs)`."""
    lines = []
    for fact in groups[0].facts if groups else ():
        counts: Counter[str] = Counter()
        for group in groups:
            counts[group.facts[fact] or "unknown"] += len(group.records)
        if len(counts) > 1:
            lines.append(f"{fact}: " + ", ".join(f"{value} ({count(n, 'run')})" for value, n in counts.items()))
    if any(line.startswith("recipe: ") for line in lines):
        lines += _changed_keys(groups)
    return lines


def _changed_keys(groups: list[Group]) -> list[str]:
    """Keys of the config that differ between runs of one cell and seed in the first group and in another."""
    first = {(str(r["cell"]), r["seed"]): r for r in groups[0].records}
    changed: dict[str, list[str]] = {}
    for group in groups[1:]:
        twins = [(first[key], r) for r in group.records if (key := (str(r["cell"]), r["seed"])) in first]
        if not twins or twins[0][0].get("recipe") == twins[0][1].get("recipe"):
            continue
        one, two = (_flat(twin["config"]) for twin in twins[0])
        for name in dict.fromkeys([*one, *two]):
            identity = not {name, name.split(".")[0]} & set(record.NOT_IDENTITY)
            if identity and one.get(name) != two.get(name):
                changed.setdefault(name, [str(one.get(name))]).append(str(two.get(name)))
    return [f"config {key}: {' | '.join(dict.fromkeys(values))}" for key, values in changed.items()]


def _flat(config: dict, prefix: str = "") -> dict[str, object]:
    flat: dict[str, object] = {}
    for key, value in config.items():
        flat |= _flat(value, f"{prefix}{key}.") if isinstance(value, dict) else {f"{prefix}{key}": value}
    return flat
