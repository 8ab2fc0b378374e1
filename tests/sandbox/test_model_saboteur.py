"""The seller that errs: whatever it spoils the product refuses, and the talk ends as it would have ended without it."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from functools import cache
from typing import Any

import pytest
from openai import AsyncOpenAI

from salesbot.dialog import optout
from salesbot.dialog.guard.refusals import is_no
from salesbot.dialog.guard.words import read
from salesbot.scenarios.load import load
from sandbox.app import Sandbox
from sandbox.model import sabotage, seller
from sandbox.model.chat import Chat, Said
from sandbox.model.customers.scene import LINES
from tests.sandbox.duet import Drafted, Duet, checked
from tests.sandbox.test_model_customers import KINDS, person

SALES = load("sales")


@cache
def plain(kind: str, language: str, number: int) -> Duet:
    return Duet(SALES, person(number, kind, language)).run()


def everywhere(language: str) -> Iterator[Drafted]:
    """Drafts of the seller at all points that a talk comes to."""
    for kind in KINDS:
        for number in range(2):
            yield from plain(kind, language, number).drafts


@pytest.mark.parametrize("language", ["ru", "en"])
def test_whatever_is_spoilt_wherever_the_product_refuses_it(language: str) -> None:
    tried: Counter[str] = Counter()
    for at in everywhere(language):
        usual = seller.reply(at.chat)
        for kind in dict.fromkeys(sabotage.fitting(at.chat)):
            for time in range(1, len(sabotage.PHRASES[kind][language]) + 1):
                spoilt = sabotage.spoilt(usual, at.chat, kind, time)
                refused = checked(spoilt.shaped(at.chat), SALES, at.history, at.known)[0]
                assert refused, (kind, spoilt.parts, at.chat.unanswered)
                tried[kind] += 1
    assert set(tried) == set(sabotage.KINDS)


@pytest.mark.parametrize("language", ["ru", "en"])
def test_one_draft_in_ten_is_spoilt_and_nobody_notices(language: str) -> None:
    drafts: list[sabotage.Draft] = []

    def script(chat: Chat) -> Said:
        drafts.append(sabotage.draft(chat))
        return drafts[-1].said

    refused = 0
    for kind in KINDS:
        for number in range(4):
            spoilt = Duet(SALES, person(number, kind, language), script).run()
            usual = plain(kind, language, number)
            assert (spoilt.outcome, spoilt.transcript) == (usual.outcome, usual.transcript)
            refused += sum(bool(one.refused) for one in spoilt.drafts)
    kinds = Counter(one.kind for one in drafts if one.kind)
    assert refused == kinds.total(), "what is spoilt is refused, and nothing else"
    assert len(kinds) >= 8


def test_which_draft_is_spoilt_and_how_is_the_talk_s_own() -> None:
    (first, *_) = plain("warm", "en", 1).drafts
    chats = [_at(first.chat, minute) for minute in range(1200)]
    kinds = [sabotage.draft(chat).kind for chat in chats]
    assert kinds == [sabotage.draft(chat).kind for chat in chats]
    share = sum(map(bool, kinds)) / len(kinds)
    assert 0.08 < share < 0.14, "one in nine of the first drafts, since none is that is mended"
    assert {one for one in kinds if one} == set(sabotage.fitting(first.chat))


def _at(chat: Chat, minute: int) -> Chat:
    """The same request at another time."""
    time = f"{minute // 60 % 24:02}:{minute % 60:02} ({minute})"
    systems = (*chat.systems[:-1], re.sub(r"\d\d:\d\d", time, chat.systems[-1], count=1))
    return Chat(systems, chat.turns, chat.schema)


def test_a_draft_that_was_not_sent_is_mended() -> None:
    (first, *_) = plain("warm", "en", 1).drafts
    spoilt = next(chat for minute in range(100) if sabotage.draft(chat := _at(first.chat, minute)).kind)
    told = "Your first draft was not sent. The amount 3333 is not in the facts. Write a new answer, as the JSON object."
    again = Chat((*spoilt.systems[:-1], f"{spoilt.systems[-1]}\n{told}"), spoilt.turns, spoilt.schema)
    mended = sabotage.draft(again)
    assert (mended.kind, mended.said) == ("", seller.reply(spoilt))


@pytest.mark.parametrize("language", ["ru", "en"])
def test_it_goes_on_after_a_no_only_where_the_product_hears_one(language: str) -> None:
    lines = [line for key in ("no", "no_answer", "too_dear", "fed_up") for line in LINES[language][key]]
    heard = [line for line in lines if is_no([read(line)])]
    assert len(heard) >= 3
    for line in lines:
        talk = plain("hot", language, 1)
        chat = talk.drafts[1].chat
        asked = Chat(chat.systems, (*chat.turns[:-1], type(chat.turns[-1])(chat.turns[-1].role, line)), chat.schema)
        assert ("pushy" in sabotage.fitting(asked)) <= (line in heard), line


def test_an_opt_out_that_the_list_knows_is_no_matter_of_the_model_s() -> None:
    """It never comes to a draft: the product closes the dialog when the message is stored."""
    for language in ("ru", "en"):
        for kind in ("stop", "rude_stop"):
            assert [line for line in LINES[language][kind] if not optout.is_opt_out(line)] == []


async def test_the_endpoint_counts_what_it_spoilt(sandbox: Sandbox) -> None:
    (first, *_) = plain("warm", "en", 1).drafts
    expected: Counter[str] = Counter()
    async with AsyncOpenAI(base_url=sandbox.state()["model"], api_key="any", max_retries=0, timeout=5) as client:
        for minute in range(60):
            chat = _at(first.chat, minute)
            roles: Any = [{"role": "system", "content": one} for one in chat.systems]
            said: Any = [{"role": turn.role.value, "content": turn.text} for turn in chat.turns]
            shape: Any = {"type": "json_schema", "json_schema": {"name": "reply", "schema": chat.schema}}
            await client.chat.completions.create(
                model="sandbox/saboteur", messages=[roles[0], *said, roles[1]], response_format=shape
            )
            expected[sabotage.draft(chat).kind] += 1
        counted: Any = await client.get("/sabotage", cast_to=object)
    del expected[""]
    assert counted == {"drafts": 60, "spoilt": dict(sorted(expected.items()))}
    assert expected.total() >= 3
