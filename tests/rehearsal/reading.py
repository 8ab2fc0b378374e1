"""The transcripts of this folder, and how one becomes a record that the judge looks at.

A case is a text. A line of it is said by somebody, at a time where the person lives (two minutes later, if none stands
there; ``d3`` is the third day):

    d3 09:20 we       Good morning! {disclosure}

who: ``they`` (``they/voice``: a voice note), ``opening``, ``we`` (a reply), ``follow_up``, ``courtesy``, ``farewell``,
``human`` (a colleague). ``text <- other``: it said the other before it was edited. A line that begins with a star says
what the database holds, as of there: ``* learnt field = value`` (proven by their last line, by ``@3`` or by nothing,
``@-``), ``* task what``, or an event with its reason: ``* handoff asked``, ``* close won``.
"""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from salesbot.dialog.model import Author, Outcome, Purpose, Status
from salesbot.dialog.scenario import Scenario
from salesbot.rehearsal.profile import Kind, Profile
from salesbot.rehearsal.record import Call, Event, Learnt, Line, Record, Task
from tests.cases.cases import GuardCase

FOLDER = Path(__file__).parent / "transcripts"
FIRST_DAY = datetime(2026, 3, 2)  # noqa: DTZ001 - a calendar's day; each case gives it its zone
SPEAKERS = {
    "opening": Purpose.OPENING, "we": Purpose.REPLY, "follow_up": Purpose.FOLLOW_UP, "courtesy": Purpose.COURTESY,
    "farewell": Purpose.FAREWELL,
}  # fmt: skip
LEADS_TO = {
    "opt_out": Status.CLOSED, "close": Status.CLOSED, "handoff": Status.HANDOFF, "take": Status.TAKEN,
    "give": Status.ACTIVE, "returned": Status.ACTIVE,
}  # fmt: skip
SAID = re.compile(
    r"(?:d(?P<day>\d+) )?(?:(?P<time>\d\d:\d\d) )?(?P<who>[a-z_]+)(?:/(?P<kind>\w+))?(?:\s+(?P<text>.*))?"
)
STAR = re.compile(r"\* (?P<what>\w+)(?: (?P<rest>.*?))?(?: @(?P<at>\d+|-))?")


@dataclass
class Transcript:
    """A case as it stands in its file."""

    name: str
    language: str
    said: str
    planted: str = ""
    line: int | None = None
    kind: str = "warm"
    timezone: str = "Europe/Moscow"
    phone: str = "79161234567"
    ceiling: str | None = None
    calls: list[str] = field(default_factory=list)
    outcome: str | None = None
    good: bool | None = None


def transcripts(file: str) -> list[Transcript]:
    """The cases of one file; the end of its name is their language."""
    cases = tomllib.loads((FOLDER / f"{file}.toml").read_text(encoding="utf-8"))["case"]
    return [Transcript(language=file[-2:], **case) for case in cases]


def of_guard(case: GuardCase, scenario: Scenario) -> Record:
    """A draft that was written for the guard, as if it had been said."""
    rows = ["12:00 opening  Hello! {disclosure}"]
    who = {"person": "they", "we": "we", "colleague": "human"}
    for line in case.said:
        speaker, _, words = line.partition(": ")
        rows.append(f"{who[speaker]}  {' '.join(words.split())}")
    rows += [f"we  {' '.join(part.split())}" for part in case.reply.parts]
    rows += [f"* task {case.reply.promise.what}"] if case.reply.promise else []
    rows += ["* handoff asked"] if case.reply.handoff else []
    told = record(Transcript(case.name, "en", "\n".join(rows), timezone="UTC", phone=""), scenario)
    return replace(told, events=tuple(one for one in told.events if one.at_line == len(told.lines)))


class _Reader:
    def __init__(self, case: Transcript, scenario: Scenario) -> None:
        self.case, self.scenario = case, scenario
        self.at = FIRST_DAY.replace(tzinfo=ZoneInfo(case.timezone))
        self.lines: list[Line] = []
        self.learnt: list[Learnt] = []
        self.tasks: list[Task] = []
        self.events: list[Event] = []
        self.status, self.outcome = Status.ACTIVE, Outcome.NONE

    def read(self) -> Record:
        for row in self.case.said.strip().splitlines():
            if star := STAR.fullmatch(row.strip()):
                self._star(star)
            else:
                said = SAID.fullmatch(row.strip())
                assert said is not None, row
                self._say(said)
        return self._record()

    def _say(self, said: re.Match[str]) -> None:
        if said["time"]:
            hours, minutes = map(int, said["time"].split(":"))
            day = int(said["day"]) - 1 if said["day"] else (self.at.date() - FIRST_DAY.date()).days
            self.at = (FIRST_DAY + timedelta(days=day, hours=hours, minutes=minutes)).replace(tzinfo=self.at.tzinfo)
        else:
            self.at += timedelta(minutes=2)
        if self.lines and self.lines[-1].at >= self.at:
            self.at = self.lines[-1].at + timedelta(seconds=3)
        text, *was = (said["text"] or "").split(" <- ")
        purpose = SPEAKERS.get(said["who"])
        author = Author.MODEL if purpose else Author.HUMAN if said["who"] == "human" else Author.CONTACT
        kind = said["kind"] or "text"
        self.lines.append(Line(len(self.lines) + 1, self.at, author, self._filled(text), purpose, kind, tuple(was)))

    def _filled(self, text: str) -> str:
        scenario, language = self.scenario, self.case.language
        text = text.replace(" {disclosure}", f"\n\n{scenario.disclosure[language]}")
        text = text.replace("{identity} ", f"{scenario.identity[language]}\n\n")
        sentences = {"identity": scenario.identity, "farewell": scenario.farewell, "waiting": scenario.waiting}
        for name, texts in {**sentences, "safe": scenario.safe_sentence}.items():
            text = text.replace(f"{{{name}}}", texts[language])
        return text

    def _star(self, star: re.Match[str]) -> None:
        what, rest = star["what"], star["rest"] or ""
        if what == "learnt":
            name, value = rest.split(" = ")
            self.learnt.append(Learnt(name, value, self._proof(star["at"])))
        elif what == "task":
            self.tasks.append(Task(rest, self._reply()))
        else:
            self.events.append(Event(what, len(self.lines), "" if what == "close" else rest))
            self.status = LEADS_TO[what]
            if what in ("close", "opt_out"):
                self.outcome = Outcome(rest or "opted_out")

    def _proof(self, at: str | None) -> int | None:
        if at:
            return None if at == "-" else int(at)
        return max(line.id for line in self.lines if line.author is Author.CONTACT)

    def _reply(self) -> int:
        """The first part of the reply that stands last."""
        parts = [line.id for line in self.lines if line.purpose]
        theirs = max((line.id for line in self.lines if line.author is Author.CONTACT), default=0)
        return next(one for one in parts if one > theirs)

    def _record(self) -> Record:
        case = self.case
        calls = tuple(Call("reply", "model", "used", "", Decimal(cost)) for cost in case.calls)
        return Record(
            profile=profile(case),
            repeat=1,
            scenario=self.scenario.name,
            status=self.status,
            outcome=Outcome(case.outcome) if case.outcome else self.outcome,
            stage="closing",
            stages=("introduction", "closing"),
            lines=tuple(self.lines),
            learnt=tuple(self.learnt),
            tasks=tuple(self.tasks),
            calls=calls,
            events=tuple(self.events),
            suppressed=self.outcome is Outcome.OPTED_OUT,
            ceiling=Decimal(case.ceiling) if case.ceiling else None,
        )


def record(case: Transcript, scenario: Scenario) -> Record:
    return _Reader(case, scenario).read()


def profile(case: Transcript) -> Profile:
    values: dict[str, Any] = {"number": 1, "name": f"somebody-{case.kind}", "person": "Somebody", "need": "", "size": 9}
    return Profile(
        kind=Kind(case.kind), language=case.language, timezone=case.timezone, phone=case.phone, budget=9000,
        patience=9, trust=0.5, objection="", **values,
    )  # fmt: skip
