"""Many people at once: every word is answered once, in order, to the one who said it."""

from __future__ import annotations

import asyncio
import random
import re

import pytest

from tests.support.house import House
from tests.support.ledger import agree

PEOPLE = 24
LINES = 20
WORK = 90.0
"""Seconds for all of it on a machine that has other things to do; five are enough for one that has not."""
PAUSES = (0.0, 0.0, 0.05, 0.2, 0.5)
"""Seconds between two lines of one person: some come in bursts, shorter than the debounce, some alone."""

TOKEN = re.compile(r"\b[A-Z]+-\d+\b")


async def talk(house: House, who: str, chance: random.Random) -> None:
    """Twenty numbered lines, each a token of its own: who types longer ones at this speed is taken for a program."""
    for number in range(1, LINES + 1):
        await house.says(who, f"{who.upper()}-{number}")
        await asyncio.sleep(chance.choice(PAUSES))  # the story itself: people pause between lines


@pytest.mark.parametrize("typing", ["0", "0.4"])
async def test_every_token_comes_back_once_in_order_in_its_own_chat(quiet_house: House, typing: str) -> None:
    """Without typing replies go out at once; with it new lines keep coming while a reply is being typed."""
    house = quiet_house
    people = [f"guest{letter}" for letter in "abcdefghijklmnopqrstuvwx"[:PEOPLE]]
    assert len(people) == PEOPLE
    for who in people:
        await house.settle(who, first_name=who.capitalize())
    await house.product.start(
        {"LLM_MODELS": "sandbox/echo", "TYPING_MIN_SECONDS": typing, "TYPING_MAX_SECONDS": typing}
    )
    numbers = await asyncio.gather(*(house.begin(who) for who in people))
    assert sorted(numbers) == list(range(1, PEOPLE + 1))

    await asyncio.gather(*(talk(house, who, random.Random(who)) for who in people))
    for who, number in zip(people, numbers, strict=True):
        await house.has_stored(number, f"{who.upper()}-{LINES}", WORK)
    await house.at_rest(*numbers, seconds=WORK)

    heard = {who: TOKEN.findall("\n".join(await house.heard(who))) for who in people}
    assert heard == {who: [f"{who.upper()}-{number}" for number in range(1, LINES + 1)] for who in people}
    assert sum(len(tokens) for tokens in heard.values()) == PEOPLE * LINES
    for number in numbers:
        await agree(house, number)
    turns = await house.db.fetchval("select count(*) from model_calls where purpose = 'reply' and state = 'used'")
    assert PEOPLE < turns < PEOPLE * LINES, "bursts are one turn each"
