"""The case files of this folder, and how a case becomes a draft that the guard judges."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from salesbot.dialog import guard
from salesbot.dialog.model import Author, Outcome, Promise, Reply
from salesbot.dialog.scenario import Scenario
from tests.talk import Talk

FOLDER = Path(__file__).parent
SPEAKERS = {"we": Author.MODEL, "colleague": Author.HUMAN}


@dataclass(frozen=True, slots=True)
class GuardCase:
    """A draft, what was said before it, and whether it must be refused."""

    name: str
    refused: bool
    why: str
    said: tuple[str, ...]
    reply: Reply

    def judge(self, scenario: Scenario) -> tuple[str, ...]:
        """The codes of what the guard finds. What a deal needs is known, unless its absence is the fault."""
        talk = Talk()
        for line in self.said:
            speaker, _, words = line.partition(": ")
            if speaker == "person":
                talk.says(words)
            else:
                talk.said(words, SPEAKERS[speaker])
        known = frozenset[str]() if self.why == "unproven" else frozenset(scenario.won_needs)
        return tuple(one.code for one in guard.check(self.reply, scenario, talk.history(), known))

    @property
    def texts(self) -> tuple[str, ...]:
        return (*self.said, *self.reply.parts)


def guard_cases(file: str) -> list[GuardCase]:
    return [_guard_case(case) for case in read(file)]


def read(file: str) -> list[dict[str, Any]]:
    """The cases of a file, as they are written."""
    cases: list[dict[str, Any]] = tomllib.loads((FOLDER / f"{file}.toml").read_text(encoding="utf-8"))["case"]
    return cases


def _guard_case(case: Mapping[str, Any]) -> GuardCase:
    reply = Reply(
        parts=tuple(case["parts"]),
        stage=case.get("stage", "proposal"),
        outcome=Outcome(case.get("outcome", "none")),
        facts=tuple(case.get("facts", ())),
        sums=tuple(case.get("sums", ())),
        promise=_promise(case.get("promise")),
    )
    return GuardCase(case["name"], case["refused"], case.get("why", ""), tuple(case.get("said", ())), reply)


def _promise(said: Mapping[str, str] | None) -> Promise | None:
    if said is None:
        return None
    return Promise(said["what"], datetime.fromisoformat(said["until"]) if "until" in said else None)
