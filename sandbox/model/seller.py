"""The scripted seller: greets, asks how large the office is, proposes a plan, answers, agrees on a call.

Stateless, like a model: where the talk stands is read out of the conversation each time. What it says about the
business comes from the prompt's facts; where they are silent it says that it does not know.
"""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from sandbox.model.chat import Chat, Role, Said
from sandbox.model.facts import TOPICS, Facts, is_russian, read_facts
from sandbox.model.intents import Intent, intents, media, people

PHRASES: dict[str, dict[str, list[str]]] = tomllib.loads(
    (Path(__file__).parent / "phrases.toml").read_text(encoding="utf-8")
)
MOST_PARTS = 3


def language(chat: Chat) -> str:
    """The person's: of what they wrote; before that, of the request, or what the prompt says about them."""
    lines = [text for text in chat.said_by_user if media(text) is None and re.search(r"[^\W\d_]", text)]
    if lines and chat.said_by_assistant:
        return "ru" if is_russian(" ".join(lines)) else "en"
    told = re.search(r"(?:language|язык)\W{1,5}(?:is |code )?\W?(ru|en|рус|анг)", chat.system, re.I)
    if told:
        return "ru" if told[1].lower() in ("ru", "рус") else "en"
    return "ru" if is_russian(" ".join(lines) or chat.system) else "en"


@dataclass(frozen=True)
class Talk:
    """One conversation, as far as the seller needs it."""

    chat: Chat

    @cached_property
    def language(self) -> str:
        return language(self.chat)

    @cached_property
    def facts(self) -> Facts:
        return read_facts(self.chat.system)

    @cached_property
    def heard(self) -> str:
        return "\n".join(self.chat.unanswered)

    @cached_property
    def people(self) -> int | None:
        """The size of the office, the last one named."""
        found, asked = None, False
        for turn in self.chat.turns:
            if turn.role is Role.ASSISTANT:
                asked = self._holds(turn.text, "ask_size")
            else:
                found = people(turn.text, asked=asked) or found
        return found

    def told(self, key: str) -> bool:
        """Whether a phrase was said before."""
        return any(self._holds(text, key) for text in self.chat.said_by_assistant)

    def times(self, key: str) -> int:
        return sum(self._holds(text, key) for text in self.chat.said_by_assistant)

    def say(self, key: str, **fields: object) -> str:
        """The phrase's next variant, filled in."""
        variants = PHRASES[self.language][key]
        return variants[self.times(key) % len(variants)].format(company=self._company, **fields)

    def _holds(self, text: str, key: str) -> bool:
        """Whether a variant's longest fixed run of words stands in the text."""
        for phrases in PHRASES.values():
            for variant in phrases[key]:
                fixed = max(re.split(r"\{\w+\}", variant), key=len).strip()
                if fixed and fixed in text:
                    return True
        return False

    @property
    def _company(self) -> str:
        return self.facts.company or {"ru": "наша компания", "en": "our company"}[self.language]


def reply(chat: Chat) -> Said:
    """What the seller says next."""
    talk = Talk(chat)
    if not chat.said_by_assistant and not intents(talk.heard):
        return Said((talk.say("hello", name=""), talk.say("ask_size")))
    found = intents(talk.heard)
    return _final(talk, found) or _conversation(talk, found)


def _final(talk: Talk, found: list[Intent]) -> Said | None:
    """Answers after which nothing is asked."""
    agreed = talk.told("call_agreed")
    if Intent.HUMAN in found:
        return Said((talk.say("human"),), "closing", handoff="the customer asks for a person")
    if Intent.DISCOUNT in found and talk.told("discount"):
        return Said((talk.say("discount_handoff"),), "objections", handoff="the customer insists on a discount")
    if Intent.NO_INTEREST in found and not agreed:
        return Said((talk.say("no_interest"),), "done", "lost")
    if Intent.THINK in found and talk.told("think"):
        return Said((talk.say("think"),), "objections")
    offered = talk.told("ask_call") or Intent.CALL in found
    if Intent.TIME in found and offered and not agreed:
        return Said((talk.say("call_agreed", time=_time(talk.heard)),), "done", "won")
    if agreed and not _answers(talk, found):
        key = "bye_won" if Intent.THANKS in found or Intent.YES in found else "after_won"
        return Said((talk.say(key),), "done", "won")
    return None


def _conversation(talk: Talk, found: list[Intent]) -> Said:
    agreed = talk.told("call_agreed")
    parts = _answers(talk, found)
    if not parts and Intent.GREETING in found:
        parts = [talk.say("hello_back")]
    if not talk.chat.said_by_assistant and Intent.COMPANY not in found:
        parts = [talk.say("hello", name=""), *parts]
    stage = _stage(talk, found)
    if agreed:
        return Said(tuple(parts[:MOST_PARTS]), "done", "won")
    parts = [*parts[: MOST_PARTS - 1], *_next_step(talk, found, bool(parts))]
    return Said(tuple(parts[:MOST_PARTS]), stage)


def _answers(talk: Talk, found: list[Intent]) -> list[str]:
    """One answer for each thing that was asked or objected, without repeating a text."""
    said = [_media_answer(talk, line) for line in talk.chat.unanswered]
    said += [_answer(talk, intent) for intent in found]
    return list(dict.fromkeys(text for text in said if text))


def _media_answer(talk: Talk, line: str) -> str | None:
    kind = media(line)
    return talk.say(f"media_{kind}") if kind else None


def _answer(talk: Talk, intent: Intent) -> str | None:
    match intent:
        case Intent.PRICE:
            return _prices(talk)
        case Intent.EXPENSIVE:
            cheaper = talk.facts.cheaper_than(talk.people or 0)
            extra = " " + talk.say("expensive_cheaper", plan=cheaper.name, price=cheaper.price) if cheaper else ""
            return talk.say("expensive") + extra
        case Intent.THANKS:
            return talk.say("thanks") if len(intents(talk.heard)) == 1 else None
        case Intent.HUMAN | Intent.NO_INTEREST | Intent.CALL | Intent.TIME | Intent.YES | Intent.GREETING:
            return None
        case _ if intent in TOPICS:
            line = talk.facts.lines.get((intent, talk.language))
            return talk.say(intent, **{intent: line}) if line else talk.say(f"{intent}_unknown")
        case _:
            return talk.say(intent)


def _prices(talk: Talk) -> str | None:
    if talk.people and not talk.told("plan"):
        return None  # the proposal that follows names the price
    if not talk.facts.plans:
        return talk.say("prices_unknown")
    quote = ("«", "»") if talk.language == "ru" else ("“", "”")
    listed = ", ".join(f"{quote[0]}{plan.name}{quote[1]} {plan.price}" for plan in talk.facts.plans)
    return talk.say("prices", prices=listed)


def _next_step(talk: Talk, found: list[Intent], answered: bool) -> list[str]:
    """What moves the talk on: the size, then the plan, then the call."""
    if Intent.THINK in found:
        return []
    if talk.people is None:
        if talk.times("ask_size") < 2:
            return [talk.say("ask_size")]
        return [] if answered else [talk.say("unclear")]
    if not (talk.told("plan") or talk.told("plan_unknown")):
        return [_proposal(talk), talk.say("ask_call")]
    if Intent.YES in found or Intent.CALL in found:
        return [talk.say("call_when" if talk.told("ask_call") else "ask_call")]
    if talk.times("ask_call") < 3:
        return [talk.say("ask_call")]
    return [] if answered else [talk.say("unclear")]


def _proposal(talk: Talk) -> str:
    plan = talk.facts.plan_for(talk.people or 0)
    if plan is None:
        return talk.say("plan_unknown", people=talk.people)
    return talk.say("plan", people=talk.people, plan=plan.name, price=plan.price)


def _stage(talk: Talk, found: list[Intent]) -> str:
    if Intent.CALL in found or (Intent.YES in found and talk.told("ask_call")):
        return "closing"
    if {Intent.EXPENSIVE, Intent.HAVE, Intent.THINK, Intent.DISCOUNT} & set(found):
        return "objections"
    return "proposal" if talk.people is not None else "discovery"


def _time(text: str) -> str:
    """The words of the person that name the time."""
    found = re.findall(
        r"завтра|сегодня|послезавтра|tomorrow|today|(?:в|at|on|во)\s+[\w:.]+(?:\s?[ap]m)?|\d{1,2}[:.]\d\d|утром|днём|вечером"
        r"|monday|tuesday|wednesday|thursday|friday|(?:next week)|понедельник|вторник|среда|четверг|пятница",
        text,
        re.I,
    )
    return " ".join(dict.fromkeys(word.strip() for word in found)) or text.strip()
