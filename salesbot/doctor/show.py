"""What was found, for a terminal and for programs."""

from __future__ import annotations

import json
import textwrap
from collections import Counter
from collections.abc import Mapping, Sequence

from rich.console import Console
from rich.text import Text

from salesbot import __version__
from salesbot.doctor.checks import CHECKS
from salesbot.finding import Finding, State, counts
from salesbot.i18n import Lang

_MARKS: Mapping[State, tuple[str, str]] = {
    State.PASS: ("✓", "green"),
    State.WARN: ("!", "yellow"),
    State.FAIL: ("✗", "red"),
    State.SKIPPED: ("·", "dim"),
}
_COLUMN = max(len(check.name) for check in CHECKS) + 4
_NARROWEST = 20


def line(console: Console, finding: Finding) -> None:
    """One finding in columns; what mends it stands below, in a line that can be copied whole."""
    mark, colour = _MARKS[finding.state]
    quiet = "dim" if finding.state is State.SKIPPED else ""
    first, *more = textwrap.wrap(finding.said, max(_NARROWEST, console.width - _COLUMN)) or [""]
    console.print(
        Text.assemble((mark, colour), " ", (finding.name.ljust(_COLUMN - 2), quiet), (first, quiet)), soft_wrap=True
    )
    for rest in more:
        console.print(Text(" " * _COLUMN + rest, quiet), soft_wrap=True)
    if finding.mend:
        console.print(Text(f"  → {finding.mend}", "bold"), soft_wrap=True)


def total(console: Console, lang: Lang, findings: Sequence[Finding]) -> None:
    console.print()
    console.print(Text(counts(lang, findings), "bold red" if failed(findings) else "bold"))


def failed(findings: Sequence[Finding]) -> bool:
    return any(finding.state is State.FAIL for finding in findings)


def as_json(findings: Sequence[Finding]) -> str:
    """For programs: names and states are for ever, sentences are not."""
    number = Counter(finding.state.value for finding in findings)
    told = {
        "ok": not failed(findings),
        "version": __version__,
        "counts": {state.value: number[state.value] for state in State},
        "findings": [
            {"name": one.name, "state": one.state.value, "said": one.said, "mend": one.mend} for one in findings
        ],
    }
    return json.dumps(told, ensure_ascii=False, indent=2)
