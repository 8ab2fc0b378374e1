"""The scripted seller against the product's own prompt, parser and guard: in whatever order a customer speaks, its
answers may be sent, and what it learns is proven. What it says when it is sabotaged may not be."""

from __future__ import annotations

import json
import random
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from salesbot.dialog import fields, guard
from salesbot.dialog.model import Author, Direction, History, Message, Outcome, Reply
from salesbot.dialog.scenario import Scenario
from salesbot.llm import prompt, summary
from salesbot.llm import reply as replies
from salesbot.scenarios.load import load
from sandbox.model import sabotage, seller
from sandbox.model.chat import Chat, read_chat

SALES = load("sales")
RUSSIAN = (
    "Добрый день!", "нас 25", "нас 120 человек", "восемь", "сколько стоит?", "дорого", "ходим в кофейню",
    "у нас уже есть машина", "а доставка?", "если сломается?", "договор на сколько?", "какие зёрна?",
    "как платить?", "пробная неделя есть?", "вы бот?", "кто вы?", "скидка будет?", "надо подумать",
    "да, подходит", "созвонимся?", "спасибо", "[voice message, 0:12]", "[photo]", "ну", "[sticker, 👋]",
    "сколько места нужно?", "кто её чистит?", "расскажите подробнее", "завтра в 11:00", "можно и 5000 ₽?",
    "три машины Team сколько будет?", "две Floor за город, прописью", "пришлите расчёт до пятницы", "шумно",
    "что вы обо мне знаете?", "откуда мой контакт?", "удалите мои данные", "берём", "надоели уже", "есть сайт?",
    "а если не понравится, это же надолго", "можно её купить?", "позовите человека",
)  # fmt: skip
ENGLISH = (
    "Hi!", "25 of us", "about 120 people", "eight", "what does it cost?", "too expensive", "we go to a café",
    "we already have a machine", "delivery?", "what if it breaks?", "the contract?", "which coffee?",
    "how do we pay?", "a trial?", "are you a bot?", "who are you?", "any discount?",
    "let me think about it", "sounds good", "shall we call?", "thanks", "[voice message, 0:12]",
    "[document, a.txt]", "well", "how big is it?", "who cleans it?", "tell me more", "tomorrow at 11:00",
    "would 5000 ₽ do?", "how much are three Team machines?", "2 Floor out of town, in words", "send me the figures",
    "what do you know about me?", "where did you get my contact?", "delete my data", "we take it", "I am fed up",
    "your website?", "that is a long commitment", "can we buy it?", "call a manager, I want to talk to a human",
)  # fmt: skip
START = datetime(2026, 1, 5, 12, tzinfo=UTC)


def message(number: int, text: str, *, incoming: bool) -> Message:
    author, direction = (Author.CONTACT, Direction.IN) if incoming else (Author.MODEL, Direction.OUT)
    return Message(number, 1, direction, author, text, START + timedelta(minutes=number))


@dataclass
class Talk:
    """A talk with the seller as the product leads it."""

    language: str
    scenario: Scenario = SALES
    said: list[Message] = field(default_factory=list)
    turns: list[dict[str, str]] = field(default_factory=lambda: [{"role": "user", "content": "…"}])

    def chat(self) -> Chat:
        situation = f"Time: Monday, 2026-01-05 15:00 (Europe/Moscow).\nLanguage: {self.language}."
        messages = [
            {"role": "system", "content": prompt.system_prompt(self.scenario)},
            *self.turns,
            {"role": "system", "content": situation},
        ]
        body: dict[str, Any] = {"messages": messages, "response_format": replies.response_format(self.scenario)}
        return read_chat(body)

    def answer(self) -> Reply:
        """What the seller answers, said."""
        chat = self.chat()
        reply = replies.parse(seller.reply(chat).shaped(chat), self.scenario)
        for part in reply.parts:
            self._add(part, incoming=False)
        self.turns.append({"role": "assistant", "content": "\n\n".join(reply.parts)})
        return reply

    def hear(self, text: str) -> None:
        self._add(text, incoming=True)
        self.turns.append({"role": "user", "content": text})

    def history(self) -> History:
        return History(tuple(self.said))

    def _add(self, text: str, *, incoming: bool) -> None:
        self.said.append(message(len(self.said) + 1, text, incoming=incoming))


@pytest.mark.parametrize("seed", range(12))
@pytest.mark.parametrize(("language", "lines"), [("Russian", RUSSIAN), ("English", ENGLISH)])
def test_what_the_seller_says_may_be_sent(language: str, lines: tuple[str, ...], seed: int) -> None:
    talk = Talk(language)
    for heard in random.Random(seed).choices(lines, k=40):
        before = talk.history()
        reply = talk.answer()
        told = json.dumps(talk.turns[-4:], ensure_ascii=False)
        if reply.outcome is not Outcome.WON:  # what is known by then, the product knows from its database
            assert guard.check(reply, SALES, before) == (), told
        proven, unproven = fields.prove(reply.learnt, SALES, before.messages, START.date())
        assert unproven == (), told
        assert {one.field for one in proven} == {one.field for one in reply.learnt}
        talk.hear(heard)


@pytest.mark.parametrize("language", ["Russian", "English"])
def test_what_it_calls_won_is_proven(language: str) -> None:
    talk = Talk(language)
    for heard in (
        ("нас 25", "подходит", "завтра в 11:00") if language == "Russian" else ("25", "ok", "tomorrow at 11:00")
    ):
        talk.answer()
        talk.hear(heard)
    before = talk.history()
    reply = talk.answer()
    assert reply.outcome is Outcome.WON
    assert guard.check(reply, SALES, before) == ()
    assert {one.field for one in reply.learnt} >= set(SALES.won_needs)


SWIMMING = (
    "Hi! Who is this?",
    "She is six",
    "a little",
    "is the pool warm?",
    "what does it cost?",
    "ok",
    "on Wednseday at 16:00",
    "next Saturday",
)
"""A time is no day, whatever the day beside it was to be."""


def test_in_a_business_without_phrases_of_its_own_it_asks_what_the_scenario_wants_to_know() -> None:
    school = load("swim-school", Path(__file__).parents[2] / "docs" / "scenarios")
    talk = Talk("English", school)
    learnt: dict[str, str] = {}
    for heard in SWIMMING:
        before = talk.history()
        assert guard.check(talk.answer(), school, before) == ()
        talk.hear(heard)
        chat = talk.chat()
        reply = replies.parse(seller.reply(chat).shaped(chat), school)
        proven, unproven = fields.prove(reply.learnt, school, talk.said, START.date())
        assert unproven == ()
        learnt = {one.field: one.value for one in proven} | learnt
    won = talk.answer()
    assert (won.outcome, won.stage) == (Outcome.WON, "goodbye")
    assert learnt == {"age": "6", "swims": "a_little", "trial_day": "2026-01-10"}


def test_it_keeps_notes_of_a_long_conversation() -> None:
    lines = [message(number, text, incoming=number % 2 == 0) for number, text in enumerate(ENGLISH[:6])]
    asked = [{"role": one.role.value, "content": one.content} for one in summary.build("A café owner.", lines)]
    chat = read_chat({"messages": asked, "response_format": dict(summary.FORMAT)})
    notes = summary.parse(seller.reply(chat).shaped(chat))
    assert notes == "A café owner. They said: Hi!; about 120 people; what does it cost?."


MANNERS = {"pushy", "opt_out"}
"""What may be said in other places."""


@pytest.mark.parametrize("time", [1, 2])
@pytest.mark.parametrize("language", ["Russian", "English"])
@pytest.mark.parametrize("kind", [kind for kind in sabotage.KINDS if kind not in MANNERS])
def test_what_it_says_when_it_is_sabotaged_is_refused(kind: str, language: str, time: int) -> None:
    talk = Talk(language)
    talk.answer()
    talk.hear("нас 25, сколько стоит?" if language == "Russian" else "25 of us, how much is it?")
    chat = talk.chat()
    reply = replies.parse(sabotage.spoilt(seller.reply(chat), chat, kind, time).shaped(chat), SALES)
    assert guard.check(reply, SALES, talk.history()) != (), reply.parts
