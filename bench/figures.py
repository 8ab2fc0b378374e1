"""What was measured: kept in figures.json, an entry for each row, and written as tables into the pages that show it."""

from __future__ import annotations

import json
import os
import platform
import re
import statistics
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path

from bench.house import ROOT
from bench.rows import BY_KEY, ROWS, Compared, Measured, Row, ratios
from sandbox import postgres

FILE = ROOT / "bench" / "figures.json"
PAGES = (ROOT / "bench" / "README.md", ROOT / "docs" / "scale.md")
MARK = re.compile(r"(<!-- (\w+): written by scripts/bench -->\n).*?(<!-- /\2 -->)", re.S)
MEASURED = ("salesbot", "sql", "sandbox", "requirements.txt", "bench/*.py")
NOT_YET = "*not measured yet*"

Figures = Mapping[str, Measured]


def load(file: Path = FILE) -> dict[str, Measured]:
    kept = json.loads(file.read_text(encoding="utf-8"))["rows"] if file.exists() else {}
    return {
        key: Measured(**{**one, "ours": tuple(one["ours"]), "theirs": tuple(one["theirs"])})
        for key, one in kept.items()
        if key in BY_KEY
    }


def save(figures: Figures, file: Path = FILE) -> None:
    rows = {row.key: asdict(figures[row.key]) for row in ROWS if row.key in figures}
    file.write_text(json.dumps({"rows": rows}, indent=1) + "\n", encoding="utf-8")


def measured(ours: Sequence[float], theirs: Sequence[float]) -> Measured:
    """Figures of this commit and day."""

    def rounded(values: Sequence[float]) -> tuple[float, ...]:
        return tuple(float(f"{value:.4g}") for value in values)

    return Measured(rounded(ours), rounded(theirs), commit(), f"{datetime.now(UTC):%Y-%m-%d}", machine())


def commit() -> str:
    """The commit, with a + when what is measured, or measures, differs from it."""

    def git(*words: str) -> str:
        command = ["/usr/bin/env", "git", *words]
        return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False).stdout.strip()

    changed = git("status", "--porcelain", "--untracked-files=no", *MEASURED)
    return (git("rev-parse", "--short", "HEAD") or "unknown") + ("+" if changed else "")


def machine() -> str:
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 1e9
    return (
        f"{os.cpu_count()} virtual cores, {memory:.0f} GB, CPython {platform.python_version()}, "
        f"PostgreSQL {postgres.VERSION} on the same machine"
    )


def put(made: Mapping[str, str]) -> None:
    """Write tables into the pages, each where its mark stands."""
    for page in PAGES:
        text = page.read_text(encoding="utf-8")
        page.write_text(MARK.sub(lambda mark: _marked(mark, made), text), encoding="utf-8")


def _marked(mark: re.Match[str], made: Mapping[str, str]) -> str:
    return f"{mark[1]}{made[mark[2]]}\n{mark[3]}" if mark[2] in made else mark[0]


def tables(figures: Figures) -> Mapping[str, str]:
    """What the figures write into the pages, by the name that the mark has."""
    return {"promises": promises(figures), "beside": beside(figures), "capacity": capacity(figures)}


def promises(figures: Figures) -> str:
    """The rows that have a target, with their verdicts, and where that was."""
    where = sorted({(one.day, one.machine) for one in figures.values()})
    told = "".join(f"\n\nMeasured on {day}: {machine}." for day, machine in where)
    return _table(figures, [row for row in ROWS if row.targets]) + told


def beside(figures: Figures) -> str:
    """The rows that are told for information."""
    return _table(figures, [row for row in ROWS if not row.targets])


def _table(figures: Figures, rows: Sequence[Row]) -> str:
    lines = [
        "| what | target | product | beside it | product against it | | commit |",
        "|---|---|---|---|---|---|---|",
        *(line(row, figures[row.key]) if row.key in figures else _missing(row) for row in rows),
    ]
    return "\n".join(lines)


def _missing(row: Row) -> str:
    return f"| {row.what} | {_target(row)} | {NOT_YET} | | | | |".replace("  ", " ")


def line(row: Row, found: Measured) -> str:
    verdict = ("met" if found.holds(row) else "**missed**") if row.targets else ""
    theirs = f"{_spread(found.theirs)} {row.unit} ({row.theirs})" if found.theirs else ""
    return (
        f"| {row.what} | {_target(row)} | {_spread(found.ours)} {row.unit} | {theirs} | {_against(row, found)} "
        f"| {verdict} | {found.commit} |"
    ).replace("  ", " ")


def _target(row: Row) -> str:
    return ", ".join(target.text(row.unit) for target in row.targets)


def _against(row: Row, found: Measured) -> str:
    """The ratio of the pairs, or by how much the product took more."""
    if not found.theirs:
        return ""
    if any(target.compared is Compared.MORE for target in row.targets):
        return _spread([one - other for one, other in zip(found.ours, found.theirs, strict=True)], sign="+")
    return _spread(ratios(found.ours, found.theirs)) + " ×"


def _spread(values: Sequence[float], sign: str = "") -> str:
    """Median, least and most, in four digits at most."""
    middle, least, most = (f"{value:{sign}.3g}" for value in (statistics.median(values), min(values), max(values)))
    return f"{middle} ({least} … {most})" if len(values) > 1 else middle


def capacity(figures: Figures) -> str:
    """What the measurements come to, for whoever asks how large a machine has to be."""
    return "\n".join(["| what | as much |", "|---|---|", *(f"| {what} | {much} |" for what, much in _carries(figures))])


def _carries(figures: Figures) -> list[tuple[str, str]]:
    middle = {key: statistics.median(found.ours) for key, found in figures.items()}

    def told(needed: str, text: str, value: float) -> str:
        return text.format(value) if needed in middle else NOT_YET

    rate, busy = middle.get("saturation", 0.0), middle.get("cpu", 1.0)
    database = middle.get("cpu.database", 1.0)
    return [
        ("turns a second, one process that shares the machine with its PostgreSQL and with the Telegram and the model "
         "of the benchmark", told("saturation", "{:.0f}", rate)),
        ("turns an hour of that", told("saturation", "{:,.0f}", 3600 * rate)),
        ("turns a second that one core carries of the process, all of it", told("cpu", "{:.0f}", 1000 / busy)),
        ("turns a second that one core carries of PostgreSQL", told("cpu.database", "{:.0f}", 1000 / database)),
        ("of a core, process and PostgreSQL, for one turn a second",
         told("cpu.database", "{:.1f} %", (busy + database) / 10)),
        ("100 people at the same instant: 95 of them have their first part within",
         told("hundred", "{:.0f} ms", middle.get("hundred", 0.0))),
        ("1,000 people at the same instant, a model that takes 2 s: 950 have theirs within",
         told("thousand", "{:.1f} s", middle.get("thousand", 0.0) / 1000)),
        ("resident memory with 10,000 open dialogs", told("memory", "{:.0f} MB", middle.get("memory", 0.0))),
        ("start to ready with 10,000 open dialogs", told("start", "{:.1f} s", middle.get("start", 0.0))),
        ("idle with 10,000 open dialogs, database included", told("idle", "{:.2f} % of a core", middle.get("idle", 0))),
    ]  # fmt: skip
