"""The main story, from the first line to the export of all, played by three kinds of hands."""

from __future__ import annotations

import io
import zipfile
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from dataclasses import dataclass

import pytest
from playwright.async_api import Browser

from tests.support.actors import Actor, ByControl, ByPage, telethon
from tests.support.house import ACCOUNT, BOT, OPERATOR, House
from tests.support.ledger import agree

FRAGMENTS = ("Hello", "there are about 40 of us", "what would that cost?")


@dataclass(frozen=True)
class Cast:
    """Who plays: the operator at the bot, Anna, and a colleague who types from the account on another device."""

    operator: Actor
    anna: Actor
    colleague: Actor


@pytest.fixture(params=["control", "telethon"])
async def cast(request: pytest.FixtureRequest, house: House) -> AsyncIterator[Cast]:
    roles = ((OPERATOR, BOT), ("anna", ACCOUNT), (ACCOUNT, "anna"))
    if request.param == "control":
        yield Cast(*(ByControl(house, who, with_) for who, with_ in roles))
        return
    async with AsyncExitStack() as clients:
        yield Cast(*[await clients.enter_async_context(telethon(house, who, with_)) for who, with_ in roles])


@pytest.fixture
async def patient_house(quiet_house: House) -> House:
    """Everything is up, and whoever types their lines into a browser is let finish."""
    await quiet_house.product.start({"DEBOUNCE_SECONDS": "3", "DEBOUNCE_CAP_SECONDS": "20"})
    await quiet_house.bot_says("This bot is your desk")
    return quiet_house


@pytest.fixture
async def cast_at_the_page(browser: Browser, patient_house: House) -> AsyncIterator[Cast]:
    house = patient_house
    context = await browser.new_context(viewport={"width": 1280, "height": 800}, locale="en-GB")
    page = await context.new_page()
    await page.goto(house.state["web"])
    await page.locator(".chatitem", has_text=house.person("anna")["name"]).click()
    yield Cast(
        ByPage(page, "desk"),
        ByPage(page, "talk", house.person("anna")["name"].split()[0]),
        ByPage(page, "talk", "Maria"),
    )
    await context.close()


async def test_the_whole_story(house: House, cast: Cast) -> None:
    await play(house, cast)


async def test_the_whole_story_at_the_page(patient_house: House, cast_at_the_page: Cast) -> None:
    await play(patient_house, cast_at_the_page)


async def play(house: House, cast: Cast) -> None:
    operator, anna, colleague = cast.operator, cast.anna, cast.colleague

    told = await operator.say("/start @anna")
    await operator.hear("^№ 1: looking up @anna", above=told)
    first = await anna.hear("Brisk Corner")
    await operator.hear("the first message is on its way", above=told)
    await house.at_rest(1)
    opening = await house.heard("anna")
    assert first.text == opening[0]

    last = [await anna.say(fragment) for fragment in FRAGMENTS][-1]
    answer = await anna.hear("40", above=last)
    await house.at_rest(1)
    reply = await house.heard("anna", above=last)
    assert 1 <= len(reply) <= 3
    assert answer.text in reply
    assert await house.db.fetchval("select count(*) from model_calls where purpose = 'reply'") == 1, "one turn"
    assert all(one["read"] for one in await house.chat("anna") if one["out"]), "she sees that she was read"

    listed = await operator.hear("Open dialogs", above=await operator.say("/list"))
    assert "№ 1" in listed.text and "@anna" in listed.text
    viewed = await operator.hear(r"^\W*№ 1 .*@anna", above=await operator.say("/view 1"))
    exported = await operator.hear("№ 1", above=await operator.say("/export 1"))
    text = (await operator.file(exported)).decode()
    for line in (*FRAGMENTS, *(part for message in (*opening, *reply) for part in message.split("\n\n"))):
        assert line in viewed.text
        assert line in text

    await operator.hear("№ 1: yours", above=await operator.say("/take 1"))
    spoken = "Maria in person: shall I call you at ten?"
    await colleague.say(spoken)
    await anna.hear("Maria in person")
    await house.has_stored(1, spoken)
    await operator.hear("№ 1: the model speaks again", above=await operator.say("/give 1"))
    await house.at_rest(1)
    asked = await anna.say("And how long is the warranty?")
    await anna.hear(above=asked)
    await house.at_rest(1)
    sent = [one for one in await house.chat(ACCOUNT, "anna") if one["out"]]
    mine = sent[next(n for n, one in enumerate(sent) if one["text"] == spoken) :]
    assert mine[0]["text"].startswith("Maria in person")
    assert 2 <= len(mine) <= 4, "the colleague's line, then one answer of the model: to Anna's, not to the colleague's"

    await operator.hear("№ 1: stopped", above=(stopped := await operator.say("/stop 1")))
    before = await house.heard("anna")
    await anna.say("Are you still there?")
    await operator.hear("wrote. It is stored and not answered", above=stopped)
    await house.begin("boris")  # what is decided later is said: what was not said by now never will be
    await house.at_rest(1)
    assert await house.heard("anna") == before
    assert "Are you still there?" in (await operator.hear(r"^\W*№ 1 .*@anna", above=await operator.say("/view 1"))).text

    asked = await operator.say("/export_all")
    archive = await operator.hear("^$", above=asked)
    with zipfile.ZipFile(io.BytesIO(await operator.file(archive))) as files:
        assert [name.rpartition("/")[2] for name in files.namelist()] == [
            "dialog-000001-anna.txt", "dialog-000002-boris.txt",
        ]  # fmt: skip
        text = files.read(files.namelist()[0]).decode()
    assert "Are you still there?" in text and "Maria in person" in text
    await operator.hear("Exported 2 dialogs", above=asked)
    await agree(house, 1)
    await agree(house, 2)
