"""What a look at one thing found, and the way to mend it: the doctor's words, which the desk shows as well."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from salesbot.i18n import Lang


class State(StrEnum):
    PASS = "pass"
    WARN = "warn"
    """It works, and will not for long or not as well as it could."""
    FAIL = "fail"
    SKIPPED = "skipped"
    """It could not be looked at, or was not to be."""


@dataclass(frozen=True, slots=True)
class Finding:
    """``said`` and ``mend`` are sentences for the operator, without secrets."""

    state: State
    said: str
    mend: str = ""
    """What to do about it, in one line; of a warning or a failure."""
    name: str = ""
    """The check's, for programs; whoever asks the checks fills it in."""

    @property
    def wrong(self) -> bool:
        return self.state in (State.WARN, State.FAIL)


def good(said: str) -> Finding:
    return Finding(State.PASS, said)


def warning(said: str, mend: str) -> Finding:
    return Finding(State.WARN, said, mend)


def failure(said: str, mend: str) -> Finding:
    return Finding(State.FAIL, said, mend)


def skipped(said: str) -> Finding:
    return Finding(State.SKIPPED, said)


def counts(_: Lang, findings: Iterable[Finding]) -> str:
    """How many of each."""
    number = Counter(finding.state for finding in findings)
    return _("{passed} pass, {warned} warn, {failed} fail, {skipped} skipped").format(
        passed=number[State.PASS],
        warned=number[State.WARN],
        failed=number[State.FAIL],
        skipped=number[State.SKIPPED],
    )
