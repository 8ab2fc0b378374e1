"""The scripted seller against the product's own guard: in whatever order a customer speaks, its answers may be sent."""

from __future__ import annotations

import json
import random
from datetime import UTC, datetime, timedelta

import pytest

from salesbot.dialog import guard
from salesbot.dialog.model import Author, Direction, History, Message, Outcome, Reply
from salesbot.scenarios.load import load
from sandbox.model import seller
from sandbox.model.chat import read_chat

RUSSIAN = (
    "Добрый день!", "нас 25", "нас 120 человек", "восемь", "сколько стоит?", "дорого",
    "у нас уже есть машина", "а доставка?", "если сломается?", "договор на сколько?", "какие зёрна?",
    "как платить?", "пробная неделя есть?", "вы бот?", "кто вы?", "скидка будет?", "надо подумать",
    "да, подходит", "созвонимся?", "спасибо", "[voice message, 0:12]", "[photo]", "ну", "[sticker, 👋]",
    "сколько места нужно?", "кто её чистит?", "расскажите подробнее", "завтра в 11:00", "можно и 5000 ₽?",
)  # fmt: skip
ENGLISH = (
    "Hi!", "25 of us", "about 120 people", "eight", "what does it cost?", "too expensive",
    "we already have a machine", "delivery?", "what if it breaks?", "the contract?", "which coffee?",
    "how do we pay?", "a trial?", "are you a bot?", "who are you?", "any discount?",
    "let me think about it", "sounds good", "shall we call?", "thanks", "[voice message, 0:12]",
    "[document, a.txt]", "well", "how big is it?", "who cleans it?", "tell me more", "tomorrow at 11:00",
    "would 5000 ₽ do?",
)  # fmt: skip
START = datetime(2026, 1, 5, 12, tzinfo=UTC)


def message(number: int, text: str, *, incoming: bool) -> Message:
    author, direction = (Author.CONTACT, Direction.IN) if incoming else (Author.MODEL, Direction.OUT)
    return Message(number, 1, direction, author, text, START + timedelta(minutes=number))


@pytest.mark.parametrize("seed", range(12))
@pytest.mark.parametrize(("language", "lines"), [("Russian", RUSSIAN), ("English", ENGLISH)])
def test_what_the_seller_says_may_be_sent(language: str, lines: tuple[str, ...], seed: int) -> None:
    scenario = load("sales")
    prompt = f"Company: {scenario.company}\n\n# Facts\n{scenario.facts_text}\n\n# How to sell\n{scenario.instructions}"
    said: list[Message] = []
    turns: list[dict[str, str]] = [{"role": "user", "content": "…"}]
    for heard in random.Random(seed).choices(lines, k=30):
        body = {
            "messages": [
                {"role": "system", "content": prompt},
                *turns,
                {"role": "system", "content": f"Language: {language}."},
            ]
        }
        answer = seller.reply(read_chat(body))
        reply = Reply(answer.parts, answer.stage, Outcome(answer.outcome), answer.handoff)
        assert guard.check(reply, scenario, History(tuple(said))) == (), json.dumps(turns[-4:], ensure_ascii=False)
        assert answer.stage in {stage.name for stage in scenario.stages}
        said += [message(len(said) + at, part, incoming=False) for at, part in enumerate(answer.parts)]
        said.append(message(len(said), heard, incoming=True))
        turns += [{"role": "assistant", "content": "\n\n".join(answer.parts)}, {"role": "user", "content": heard}]
