"""Telegram delivers an update again until it is confirmed: what was done is not done twice, the answer is the same."""

from __future__ import annotations

import asyncio

import pytest
from aiogram import Bot, Dispatcher

from salesbot.adminbot import actions, parse
from salesbot.adminbot import bot as desk_bot
from salesbot.adminbot.actions import Origin, Said
from salesbot.adminbot.desk import Desk
from tests.adminbot.people import BOT, Operator, open_with, sign_in, until, working


@pytest.fixture
async def ready(quiet_desk: Desk) -> Desk:
    await sign_in(quiet_desk.pool)
    return quiet_desk


async def deliver(bot: Bot, dispatcher: Dispatcher) -> None:
    """What is unconfirmed, handled and not confirmed: as before a kill."""
    for update in await bot.get_updates(offset=0):
        await dispatcher.feed_update(bot, update)


async def test_a_start_delivered_twice_opens_one_dialog_and_answers_the_same(
    ready: Desk, bot: Bot, operator: Operator
) -> None:
    await operator.say("/start @anna")
    await deliver(bot, desk_bot.make_dispatcher(ready))
    await deliver(bot, desk_bot.make_dispatcher(ready))
    assert [message["text"] for message in await operator.heard()] == ["№ 1: looking up @anna…"] * 2
    assert await ready.pool.fetchval("select count(*) from dialogs") == 1


async def test_a_stop_delivered_after_a_resume_does_not_stop_again(ready: Desk, bot: Bot, operator: Operator) -> None:
    await open_with(ready, 501, "anna")
    await operator.say("/stop 1")
    await deliver(bot, desk_bot.make_dispatcher(ready))
    other = Origin(5_000, 1, "x", "en")
    assert (await actions.resume(ready, other, 1)).said is Said.RESUMED
    await deliver(bot, desk_bot.make_dispatcher(ready))
    assert await ready.pool.fetchval("select status from dialogs") == "active"
    assert len({message["text"] for message in await operator.heard()}) == 1


async def test_a_button_delivered_twice_acts_once(ready: Desk, bot: Bot, operator: Operator) -> None:
    await open_with(ready, 501, "anna", status="stopped")
    dispatcher = desk_bot.make_dispatcher(ready)
    number = await operator.say("/start @anna")
    await deliver(bot, dispatcher)
    offer = await operator.next(number)
    pressed = asyncio.create_task(operator.press(offer, "Begin anew"))
    await operator.control.wait_event(kind="button_pressed", since=0)
    await deliver(bot, dispatcher)
    await pressed
    await deliver(bot, dispatcher)
    assert await ready.pool.fetchval("select count(*) from dialogs") == 2


async def test_the_same_update_handled_twice_at_once_acts_once(ready: Desk) -> None:
    origin = Origin(7, 1, "mark", "en")
    request = parse.start("anna")
    answers = await asyncio.gather(*(actions.start(ready, origin, request) for _ in range(5)))
    assert {answer.data["dialog"] for answer in answers} == {1}
    assert await ready.pool.fetchval("select count(*) from dialogs") == 1


async def test_another_update_under_the_same_number_is_not_mistaken_for_a_redelivery(ready: Desk) -> None:
    """A bot that was replaced, or whose numbers began anew, numbers its updates independently."""
    await open_with(ready, 501, "anna")
    assert (await actions.stop(ready, Origin(7, 1, "first", "en"), 1)).said is Said.STOPPED
    assert (await actions.resume(ready, Origin(7, 1, "second", "en"), 1)).said is Said.RESUMED


async def test_an_admin_cannot_use_the_button_of_anothers_start(ready: Desk) -> None:
    await open_with(ready, 501, "anna", status="stopped")
    await actions.start(ready, Origin(7, 1, "a", "en"), parse.start("anna"))
    assert (await actions.start_anew(ready, Origin(8, 2, "b", "en"), 7)).said is Said.EXPIRED


async def test_an_unconfirmed_command_is_carried_out_by_the_next_process(
    ready: Desk, bot: Bot, operator: Operator
) -> None:
    """Killed while the command is handled: the database is slow, the process goes, the next one gets the update."""
    await open_with(ready, 501, "anna")
    async with ready.pool.acquire() as connection, connection.transaction():
        await connection.execute("select from dialogs for update")
        async with working(ready):
            number = await operator.say("/stop 1")
            await until(lambda: ready.pool.fetchval("select true from pg_locks where not granted limit 1"))
        assert await operator.heard() == []
    assert len(await bot.get_updates(offset=0)) == 1, "Telegram does not deliver it again"
    async with working(ready):
        assert (await operator.next(number))["text"].startswith("№ 1: stopped.")


async def test_what_was_answered_is_confirmed_at_the_stop(ready: Desk, operator: Operator) -> None:
    async with working(ready):
        await operator.ask("/start @anna")
    async with working(ready):
        await operator.ask("/help")
    chat = await operator.control.chat(operator.name, BOT)
    assert [message["text"][:7] for message in chat["messages"]][:2] == ["/start ", "№ 1: lo"]
    assert len(chat["messages"]) == 4
