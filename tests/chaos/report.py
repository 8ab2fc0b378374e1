"""The results of runs as lines and as the table that README.md shows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from statistics import median
from typing import Any

Json = Mapping[str, Any]


def is_good(run: Json) -> bool:
    """Nothing that may not be; also of a run whose trouble did not come about."""
    return not run["error"] and not any(run["counts"].values())


def one_line(run: Json, number: str, left: float) -> str:
    """A run as its line on the terminal."""
    wrong = [f"{name} {count}" for name, count in run["counts"].items() if count]
    told = "  ".join(wrong + run["error"].splitlines()[:1]) or ("ok" if run["fired"] else "did not fire")
    line = f"{number:>9}  seed {run['seed']:<5} {run['kind']:24} {run['seconds']:6.1f} s  {told}"
    if is_good(run):
        return f"{line}  ({left / 60:.0f} min left)"
    return "\n".join(
        [line, f"           {dict(run['case'])}", *(f"           {one}" for one in run.get("evidence", []))]
    )


def table(runs: Sequence[Json], kinds: Sequence[str]) -> str:
    """Kinds, runs, counts. Counts that are zero everywhere are summed up in one column."""
    lines = [
        "| kind | runs | not fired | violations | stood | in flight, longest | calls a turn | seconds |",
        "|---|---|---|---|---|---|---|---|",
    ]
    for kind in [*(kind for kind in kinds if any(run["kind"] == kind for run in runs)), ""]:
        mine = [run for run in runs if not kind or run["kind"] == kind]
        if mine:
            lines.append(_row(kind or "**all**", mine))
    wrong: dict[str, int] = {}
    for run in runs:
        for name, count in run["counts"].items():
            wrong[name] = wrong.get(name, 0) + count
    lines += ["", "Counts over all: " + ", ".join(f"{name} {count}" for name, count in wrong.items())]
    kills = [run for run in runs if "places" in run["case"]]
    if kills:
        struck = sum(min(run.get("struck", 0), len(run["case"]["places"])) for run in kills)
        lines.append(f"Ends of transactions struck: {struck} of {sum(len(run['case']['places']) for run in kills)}")
    return "\n".join(lines)


def _row(name: str, runs: Sequence[Json]) -> str:
    fired = [run for run in runs if run["fired"]]
    bad = sum(1 for run in runs if not is_good(run))
    info = [run["info"] for run in fired if run["info"]]
    turns = sum(one["turns"] for one in info)
    late = max((one["longest_ms"] for one in info), default=0)
    return (
        f"| {name} | {len(fired)} | {len(runs) - len(fired)} | {bad} | {sum(one['stands'] for one in info)} "
        f"| {sum(one['in_flight'] for one in info)}, {late:.0f} ms "
        f"| {sum(one['calls'] for one in info) / turns if turns else 0:.2f} "
        f"| {median(run['seconds'] for run in runs):.1f} |"
    )
