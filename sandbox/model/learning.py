"""What the seller learns about a person from the lines that it answers, each with the words that prove it."""

from __future__ import annotations

import re
from collections.abc import Iterator

from sandbox.model import when
from sandbox.model.chat import JsonObject, Learnt
from sandbox.model.intents import Intent, intents
from sandbox.model.talk import Talk

PHONE = re.compile(r"\+?\d[\d\s()-]{8,16}\d")
EMAIL = re.compile(r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+")
MATTERS = re.compile(r"важн|главное|хотелось бы|matters?\b|important|we(?:.d| would) like", re.I)
CITY = re.compile(
    r"(?:мы|офис\w*|находимся)\s+(?:сейчас\s+|находится\s+)?в\s+(?P<ru>[А-ЯЁ][а-яё-]+)"
    r"|(?:office is|we are|we.re|based|located) in (?P<en>[A-Z][a-z]+)"
)
START = re.compile(r"\b(?:с|начиная с|from|starting)\s+(?P<day>\w+)", re.I)
DECIDES = {
    "somebody_else": r"решает (?!сам)\w+|(?:спросить|посоветоваться)\w* (?:у|с) \w+|my (?:boss|manager)|decides\b",
    "together": r"решаем вместе|все вместе|we decide|decide together",
    "alone": r"решаю (?:я|сам)|я (?:сам\w? )?решаю|i decide|my decision|up to me",
}
DOUBTS = frozenset({Intent.EXPENSIVE, Intent.THINK, Intent.HAVE})
NAMES = {
    "team_size": ("team_size", "office_size", "people", "headcount", "size"),
    "call_time": ("call_time", "call_at", "appointment", "meeting", "when", "time"),
    "drinks_now": ("drinks_now", "current", "now"),
}
"""What a scenario may call the fields that the seller asks for; the others it knows by their one name."""
REPERTOIRE = frozenset(
    {
        "matters",
        "decides",
        "city",
        "email",
        "phone",
        "start_from",
        "doubt",
        *(one for names in NAMES.values() for one in names),
    }
)
"""All that it can learn."""


def learnt(talk: Talk) -> tuple[Learnt, ...]:
    """The fields that the unanswered lines tell, each once, as far as the answer's schema knows them."""
    known = fields(talk.chat.schema)
    found: dict[str, Learnt] = {}
    for line in talk.words:
        for field, value in _told(talk, line):
            names = [field] if known is None else [one for one in NAMES.get(field, (field,)) if one in known]
            if names:
                found[names[0]] = Learnt(names[0], value, line)
    return tuple(found.values())


def _told(talk: Talk, line: str) -> Iterator[tuple[str, str]]:
    wants = set(intents(line))
    if people := talk.people_in(line, asked=talk.asked_last("ask_size")):
        yield "team_size", str(people)
    elif Intent.HAVE in wants or Intent.CAFE in wants or (talk.asked_last("ask_needs") and not wants):
        yield "drinks_now", line
    if wants & DOUBTS:
        yield "doubt", line
    if MATTERS.search(line):
        yield "matters", line
    if (named := when.named(line)) and (Intent.CALL in wants or (talk.told("ask_call") and Intent.SEND not in wants)):
        yield "call_time", named
    for who, words in DECIDES.items():
        if re.search(words, line, re.I):
            yield "decides", who
            break
    if city := CITY.search(line):
        yield "city", city["ru"] or city["en"]
    if email := EMAIL.search(line):
        yield "email", email[0]
    if phone := PHONE.search(EMAIL.sub(" ", line)):
        yield "phone", phone[0].strip()
    if (start := START.search(line)) and talk.now and (day := when.moment(start["day"], talk.now, otherwise=when.NOON)):
        yield "start_from", f"{day:%Y-%m-%d}"


def fields(schema: JsonObject | None) -> frozenset[str] | None:
    """The fields that an answer may tell of; None where the schema leaves that open."""
    at: object = schema
    for step in ("properties", "learnt", "items", "properties", "field", "enum"):
        at = at.get(step) if isinstance(at, dict) else None
    return frozenset(map(str, at)) if isinstance(at, list) else None
