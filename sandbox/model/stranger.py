"""The seller in a business that it has no phrases for: it asks what the scenario wants to learn, answers with the facts
whose words fit the question, and agrees on the day that it asked for."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import lru_cache

from sandbox.model import numbers, when
from sandbox.model.chat import Learnt, Promise, Said
from sandbox.model.endings import ending
from sandbox.model.facts import PRICE
from sandbox.model.intents import Intent
from sandbox.model.learning import EMAIL, PHONE
from sandbox.model.talk import Talk

MOST_PARTS = 2
_SECTION = re.compile(r"^# What to learn\b[^\n]*\n(?P<fields>(?:- .*\n?)+)", re.M)
_FIELD = re.compile(r"^- (?P<name>[\w-]+): (?P<what>.+) \((?P<kind>\w+)(?:: (?P<choices>[^)]*))?\)$", re.M)
_CLAUSE = re.compile(r"(?:how|what|whether|when|who|where|which|why|from|in)\b", re.I)
_THEY = {"they": "you", "their": "your", "them": "you", "them.": "you."}
_PLAIN = {Intent.GREETING, Intent.YES, Intent.THANKS, Intent.TIME, Intent.BOT, Intent.COMPANY, Intent.KNOWN}


@dataclass(frozen=True, slots=True)
class Field:
    name: str
    what: str
    kind: str
    choices: tuple[str, ...] = ()

    @property
    def question(self) -> str:
        """What is asked, said to the person instead of about them."""
        return " ".join(_THEY.get(word, word) for word in self.what.split())


@lru_cache(maxsize=64)
def fields(system: str) -> tuple[Field, ...]:
    """What the prompt wants to be learnt."""
    section = _SECTION.search(system)
    found = _FIELD.finditer(section["fields"]) if section else ()
    return tuple(
        Field(one["name"], one["what"], one["kind"], tuple((one["choices"] or "").split(", "))) for one in found
    )


def reply(talk: Talk) -> Said:
    """What the seller says next."""
    wanted = fields(talk.chat.instructions)
    known = tuple(_learnt(talk, wanted))
    if talk.is_repair:
        return Said((talk.say("topic_unknown"),), learnt=known)
    said = _agreed(talk, wanted, known) or (ending(talk) if talk.heard else None)
    said = said or _conversation(talk, wanted, known)
    used = [one for part in said.parts for one in talk.facts.used_in(part)]
    return replace(said, facts=tuple(dict.fromkeys(used)), learnt=known)


def _conversation(talk: Talk, wanted: tuple[Field, ...], known: tuple[Learnt, ...]) -> Said:
    """Who asked instead of answering is not asked more."""
    first = not talk.chat.said_by_assistant
    parts = [talk.say("hello_plain", name=talk.greeted_name)] if first else []
    parts += [talk.say(f"media_{kind}") for kind in talk.media]
    parts += [text for text in _answers(talk) if not talk.was_said(text)]
    if not talk.heard and not first:
        parts += [line for line in talk.facts.lines.values() if not talk.was_said(line)][:1]
    asked = [one for one in wanted if talk.was_said(one.question)]
    learnt = {*talk.known, *(one.field for one in known)}
    missing = [one for one in wanted if one not in asked and one.name not in learnt and one.kind != "email"]
    waits = any("?" in line for line in talk.words) and not known
    goes_on = first or (talk.heard and not waits and Intent.THINK not in talk.intents)
    step = [_ask(talk, missing[0])] if missing and goes_on else []
    stages = ("introduction", "qualification", "presentation", "next_step")
    stage = stages[0 if first else 1 + min(2, 3 * len(asked) // (len(wanted) + 1))]
    return Said((*parts[: MOST_PARTS - len(step)], *step) or (talk.say("unclear"),), stage)


def _ask(talk: Talk, field: Field) -> str:
    return talk.say("ask_whether" if _CLAUSE.match(field.what) else "ask_for", what=field.question)


def _answers(talk: Talk) -> Iterator[str]:
    """The facts that fit, at most two of them; to what is asked about ourselves, a phrase."""
    wants = talk.intents
    if not talk.heard:
        return
    yield from (talk.say(intent) for intent in (Intent.BOT, Intent.KNOWN) if intent in wants)
    if Intent.COMPANY in wants:
        yield talk.say("company_plain")
    if Intent.SOURCE in wants:
        yield talk.say("basis", basis=talk.basis)
    if Intent.PRICE in wants:
        yield from [line for line in talk.facts.lines.values() if PRICE.search(line)][:2]
    elif fitting := _fitting(talk):
        yield fitting
    elif any("?" in line for line in talk.words) and not set(wants) & (_PLAIN | {Intent.SOURCE}):
        yield talk.say("topic_unknown")


def _fitting(talk: Talk) -> str:
    """The fact that shares most words with what they said; empty where none does."""
    asked = _stems(" ".join(talk.words))
    scores = {line: len(asked & _stems(f"{one} {line}")) for one, line in talk.facts.lines.items()}
    best = max(scores, key=scores.__getitem__, default="")
    return best if best and scores[best] else ""


def _stems(text: str) -> set[str]:
    return {word[:5] for word in re.findall(r"[^\W\d_]{4,}", text.casefold())} - _COMMON


_COMMON = frozenset("that this with have your there about".split())


def _agreed(talk: Talk, wanted: tuple[Field, ...], known: tuple[Learnt, ...]) -> Said | None:
    """The day that was asked for is named: what the talk was for."""
    day = next((one for one in known if one.field in {field.name for field in wanted if _is_day(field)}), None)
    if day is None or Intent.OPT_OUT in talk.intents:
        return None
    until = when.moment(talk.time, talk.now, otherwise=when.NOON) if talk.now else None
    promise = Promise(f"Confirm it: {talk.time}", until)
    return Said((talk.say("agreed", time=talk.time),), "closing", "won", f"agreed: {talk.time}", promise=promise)


def _is_day(field: Field) -> bool:
    return field.kind == "date" or bool(re.search(r"day|time|when", field.name))


def _learnt(talk: Talk, wanted: tuple[Field, ...]) -> Iterator[Learnt]:
    """Answers to what was asked, and contact data wherever they stand."""
    newest = talk.chat.said_by_assistant[-1] if talk.chat.said_by_assistant else ""
    for field in wanted:
        open_still = talk.was_said(field.question) and field.name not in talk.known
        for line in talk.words:
            if value := _value(talk, field, line, was_asked=open_still, just_now=field.question in newest):
                yield Learnt(field.name, value, line)
                break


def _value(talk: Talk, field: Field, line: str, *, was_asked: bool, just_now: bool) -> str:
    if field.kind in ("phone", "email"):
        found = (PHONE if field.kind == "phone" else EMAIL).search(line)
        return found[0].strip() if found else ""
    if _is_day(field):
        told = when.names_a_day(line) if field.kind == "date" else when.named(line)
        moment = when.moment(line, talk.now, otherwise=when.NOON) if talk.now and told else None
        return (f"{moment:%Y-%m-%d}" if field.kind == "date" else when.named(line)) if moment and was_asked else ""
    if not was_asked or "?" in line:
        return ""
    match field.kind:
        case "number":
            return str(numbers.first(line) or "")
        case "choice":
            return next((one for one in field.choices if _stems(one.replace("_", " ")) & _stems(line)), "")
        case _:
            return line if just_now else ""
