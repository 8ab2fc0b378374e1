"""One dialog to be read: who the customer was, what was said when, what became of it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date, datetime
from zoneinfo import ZoneInfo

from salesbot.dialog.model import Author, Purpose
from salesbot.rehearsal import figures, labels
from salesbot.rehearsal.html.markup import NOTHING, Html, el, join
from salesbot.rehearsal.profile import Profile
from salesbot.rehearsal.record import Event, Line, Verdict, Violation

_PURPOSES = {
    Purpose.OPENING: "opening",
    Purpose.FOLLOW_UP: "follow-up",
    Purpose.COURTESY: "while a human is awaited",
    Purpose.FAREWELL: "farewell",
}


def folded(verdict: Verdict, currency: str, begins: date | None, *, name: str = "") -> Html:
    """A dialog behind a line that tells who, how it ended, and what was wrong with it."""
    record = verdict.record
    return el(
        "details",
        el("summary", *_summary(verdict, name)),
        el(
            "div",
            _profile(record.profile, currency),
            _faults(verdict.violations),
            _chat(verdict, begins),
            _end(verdict),
            class_="inside",
        ),
        class_="dialogue",
    )


def _summary(verdict: Verdict, name: str) -> Iterator[Html]:
    record = verdict.record
    profile = record.profile
    if name:
        yield el("span", name, class_="whose")
    yield el("span", f"{profile.person}, {profile.kind.value}", class_="who")
    yield el("span", f"customer {profile.number}, repeat {record.repeat}", class_="which")
    rules = dict.fromkeys(violation.rule for violation in verdict.violations)
    judged = [_chip(rule.value.replace("_", " "), "bad") for rule in rules] or [
        _chip("as hoped", "good") if verdict.good else _chip("not as hoped", "bad")
    ]
    yield el("span", _chip(labels.ENDS[figures.end(record)]), *judged, class_="chips")


def _chip(text: str, look: str = "") -> Html:
    return el("span", text, class_=f"chip {look}".strip())


def _profile(profile: Profile, currency: str) -> Html:
    money = f"{profile.budget:,} {currency} a month".replace(",", "\u202f")
    told = {
        "needs": profile.need,
        "for": f"{profile.size} people" if profile.size else "",
        "budget": money if profile.budget else "",
        "doubt": profile.objection,
        "trust": f"{profile.trust:.1f} of 1",
        "patience": f"{profile.patience} lines",
        "habits": ", ".join(sorted(habit.value.replace("_", " ") for habit in profile.habits)),
        "lives in": profile.timezone,
        "played by": profile.model,
    }
    return _list({name: value for name, value in told.items() if value})


def _list(told: dict[str, str]) -> Html:
    return el("dl", *(el("div", el("dt", name), el("dd", value, dir="auto")) for name, value in told.items()))


def _faults(violations: Sequence[Violation]) -> Html:
    """Which rules were broken; what exactly stands here only where no line shows it."""
    if not violations:
        return NOTHING
    told = ((labels.RULES[one.rule], f" (line {one.line})" if one.line else f": {one.what}") for one in violations)
    return el("ul", *(el("li", el("strong", rule), where) for rule, where in told), class_="faults")


def _chat(verdict: Verdict, begins: date | None) -> Html:
    record = verdict.record
    zone = ZoneInfo(record.profile.timezone)
    said: list[Html] = list(_events(record.events, 0))
    day: date | None = None
    for line in record.lines:
        at = line.at.astimezone(zone)
        if at.date() != day:
            day = at.date()
            said.append(el("li", _day(day, begins), class_="day"))
        found = [violation for violation in verdict.violations if violation.line == line.id]
        said.append(_line(line, at, record.profile, found))
        said += _events(record.events, line.id)
    return el("ol", *said, class_="chat")


def _day(day: date, begins: date | None) -> str:
    number = f"day {(day - begins).days + 1}, " if begins else ""
    return f"{number}{labels.day(day)}"


def _line(line: Line, at: datetime, profile: Profile, found: Sequence[Violation]) -> Html:
    theirs = line.author is Author.CONTACT
    who = profile.person if theirs else "Seller" if line.author is Author.MODEL else line.author.value
    about = [f"{at:%H:%M}", _PURPOSES.get(line.purpose, "") if line.purpose else "", _kind(line)]
    said = [el("del", was, dir="auto") for was in line.was]
    return el(
        "li",
        el("p", el("b", who), " ", " · ".join(one for one in about if one), el("i", f"{line.id}"), class_="about"),
        el("div", *said, el("span", line.text or f"({_kind(line)})", dir="auto"), class_="bubble"),
        *(el("p", violation.what, class_="fault") for violation in found),
        class_=("theirs" if theirs else "ours") + (" flagged" if found else ""),
    )


def _kind(line: Line) -> str:
    return "" if line.kind == "text" else f"{line.kind} message" if line.kind == "voice" else line.kind


def _events(events: Sequence[Event], at_line: int) -> Iterator[Html]:
    for event in events:
        if event.at_line == at_line and event.kind in labels.EVENTS:
            why = f": {event.reason.replace('_', ' ')}" if event.reason else ""
            yield el("li", labels.EVENTS[event.kind] + why, class_="event")


def _end(verdict: Verdict) -> Html:
    record = verdict.record
    learnt = [
        f"{one.field.replace('_', ' ')}: {one.value}" + (f" (line {one.line})" if one.line else "")
        for one in record.learnt
    ]
    refused = [f"{times} × {labels.code(code)}" for code, times in record.interventions.items()]
    told = {
        "ended": f"{record.status.value}, {labels.ENDS_EXPLAINED[figures.end(record)]}",
        "hoped for": "" if verdict.good else labels.hoped(record.profile.kind),
        "in stage": record.stage,
        "learnt": "; ".join(learnt),
        "promised": "; ".join(task.what for task in record.tasks),
        "refused drafts": "; ".join(refused),
        "never again": "is on the list of those who are not written to" if record.suppressed else "",
        "cost": labels.dollars(figures.cost([record])),
    }
    return join([el("h4", "What became of it"), _list({name: value for name, value in told.items() if value})])
