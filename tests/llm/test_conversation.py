"""Whole conversations: prompt → endpoint → reply → guard, with the sandbox's scripted models."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import pytest

from salesbot.dialog import guard
from salesbot.dialog.disclosure import disclosed
from salesbot.dialog.model import Contact, Kind, Outcome, Purpose, Reply
from salesbot.errors import InvalidReply, ModelRefused, ModelUnavailable
from salesbot.llm import prompt, reply
from salesbot.llm.client import ModelClient
from salesbot.scenarios.load import load
from sandbox.world.faults import Action, Rule
from tests.llm.conftest import MakeClient, Models
from tests.talk import DIALOG, NOON, Talk

SALES = load("sales")
OFFICE = replace(DIALOG, scenario="sales", stage="introduction")


class Chat:
    """A conversation with one model; every reply is parsed, guarded and remembered as sent."""

    def __init__(self, client: ModelClient, model: str, language: str) -> None:
        self.talk = Talk()
        self._client = client
        self._model = model
        self._contact = Contact(1, name="Anna", language=language)
        self._stage = "introduction"

    async def open(self) -> Reply:
        return await self._turn(Purpose.OPENING)

    async def hear(self, *lines: str, kind: Kind = Kind.TEXT) -> Reply:
        return await self._turn(Purpose.REPLY, *(self.talk.says(line, kind=kind).id for line in lines))

    async def _turn(self, purpose: Purpose, *unanswered: int) -> Reply:
        history = replace(self.talk.history(), unanswered=frozenset(unanswered))
        dialog = replace(OFFICE, stage=self._stage)
        messages = prompt.build(SALES, dialog, self._contact, history, NOON, purpose)
        answer = await self._client.complete(self._model, messages, reply.response_format(SALES))
        draft = reply.parse(answer.text, SALES)
        assert guard.check(draft, SALES, history) == ()
        said = disclosed(draft, SALES, history)
        for part in said.parts:
            self.talk.said(part)
        self._stage = said.stage
        return said


TO_A_DEAL = {
    "ru": ["Здравствуйте! А что это?", "Нас человек 25", "А доставка когда?", "Дороговато", "Хорошо, созвонимся"],
    "en": [
        "Hi, what is this?",
        "We are about 25 people",
        "And delivery?",
        "That is expensive",
        "Fine, let us have a call",
    ],
}
TIME = {"ru": "завтра в 11:00", "en": "tomorrow at 11:00"}


@pytest.mark.parametrize("language", ["ru", "en"])
async def test_the_seller_leads_a_person_to_a_deal(models: Models, make_client: MakeClient, language: str) -> None:
    chat = Chat(make_client(models.url), "sandbox/seller", language)
    opening = await chat.open()
    assert opening.parts[0].endswith(SALES.disclosure[language])
    assert "Brisk Corner" in opening.parts[0]
    replies = [await chat.hear(line) for line in TO_A_DEAL[language]]
    assert any("Team" in part and (8900, "RUB") in guard.amounts(part) for part in replies[1].parts)
    assert all(one.outcome is Outcome.NONE for one in replies)
    won = await chat.hear(TIME[language])
    assert won.outcome is Outcome.WON
    assert "11:00" in " ".join(won.parts)
    assert not any(SALES.disclosure[language] in part for one in (*replies, won) for part in one.parts)


@pytest.mark.parametrize(
    ("language", "line"), [("ru", "Спасибо, нам это не интересно"), ("en", "Thanks, we are not interested")]
)
async def test_a_no_is_taken_for_one(models: Models, make_client: MakeClient, language: str, line: str) -> None:
    chat = Chat(make_client(models.url), "sandbox/seller", language)
    await chat.open()
    assert (await chat.hear(line)).outcome is Outcome.LOST


@pytest.mark.parametrize(("language", "line"), [("ru", "Позовите человека"), ("en", "Can I talk to a human?")])
async def test_a_human_is_called_when_asked_for(
    models: Models, make_client: MakeClient, language: str, line: str
) -> None:
    chat = Chat(make_client(models.url), "sandbox/seller", language)
    await chat.open()
    assert (await chat.hear(line)).handoff


async def test_a_voice_message_is_answered_as_one(models: Models, make_client: MakeClient) -> None:
    chat = Chat(make_client(models.url), "sandbox/seller", "en")
    await chat.open()
    answer = await chat.hear("", kind=Kind.VOICE)
    assert "voice" in answer.parts[0]


async def test_every_token_comes_back_once_and_in_order(models: Models, make_client: MakeClient) -> None:
    chat = Chat(make_client(models.url), "sandbox/echo", "en")
    assert (await chat.open()).parts[0].startswith("ok")
    heard: list[str] = []
    for first in range(1, 21, 3):
        burst = [f"number {number}: ANNA-{number}" for number in range(first, min(first + 3, 21))]
        heard += (await chat.hear(*burst)).parts[0].split()
        heard += [word for word in (await chat.hear("and?")).parts[0].split() if word != "ok"]
    assert heard == [f"ANNA-{number}" for number in range(1, 21)]


@pytest.mark.parametrize(
    ("action", "also", "expected"),
    [
        (Action.ERROR, {"code": 500}, ModelUnavailable),
        (Action.ERROR, {"code": 402}, ModelRefused),
        (Action.ERROR, {"code": 403}, ModelRefused),
        (Action.FLOOD_WAIT, {"seconds": 7.0}, ModelUnavailable),
        (Action.HANG, {}, ModelUnavailable),
        (Action.CUT_BEFORE, {}, ModelUnavailable),
        (Action.CUT_AFTER, {}, ModelUnavailable),
        (Action.EMPTY, {}, ModelUnavailable),
        (Action.ERROR_BODY, {"code": 502}, ModelUnavailable),
        (Action.BROKEN_JSON, {}, InvalidReply),
        (Action.CONTENT, {"text": "Sure, here is my answer:"}, InvalidReply),
    ],
)
async def test_each_fault_of_the_sandbox_is_one_of_our_errors(
    models: Models, make_client: MakeClient, action: Action, also: dict[str, object], expected: type[Exception]
) -> None:
    models.world.faults.add(Rule("model.chat", action, count=1, **also))  # type: ignore[arg-type]
    chat = Chat(make_client(models.url, LLM_TIMEOUT="0.3"), "sandbox/seller", "en")
    with pytest.raises(expected):
        await chat.open()
    async with asyncio.timeout(5):
        assert await chat.open()
