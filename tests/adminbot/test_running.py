"""How the bot lives: it waits for Telegram and for the database, stops at once, and keeps its token to itself."""

from __future__ import annotations

import asyncio
import time
from dataclasses import replace

import pytest
from aiogram.exceptions import TelegramNetworkError

from salesbot.adminbot import bot
from salesbot.adminbot.desk import Desk
from salesbot.errors import SettingsError
from salesbot.store import pool as store_pool
from tests.adminbot.cable import Cable
from tests.adminbot.people import Operator, open_with, sign_in, working


def pointed_at(desk: Desk, **settings: object) -> Desk:
    return replace(desk, settings=desk.settings.model_copy(update=settings))


async def test_a_long_poll_does_not_hold_up_the_stop(quiet_desk: Desk, operator: Operator) -> None:
    async with working(quiet_desk) as stop:
        await operator.ask("/help")
        began = time.monotonic()
        stop.set()
    assert time.monotonic() - began < 3.0
    assert not [task for task in asyncio.all_tasks() if task.get_name() in ("notices", "exports")]


async def test_a_stop_before_telegram_answers_ends_the_start(quiet_desk: Desk) -> None:
    nowhere = pointed_at(quiet_desk, bot_api_url="http://127.0.0.1:9")
    stop = asyncio.Event()
    task = asyncio.create_task(bot.run(nowhere, stop))
    await asyncio.sleep(0)
    stop.set()
    await asyncio.wait_for(task, 5)


async def test_a_token_that_telegram_refuses_stops_the_start_with_a_clear_message(quiet_desk: Desk) -> None:
    wrong = pointed_at(quiet_desk, bot_token=type(quiet_desk.settings.bot_token)("700000002:AAwrong"))
    with pytest.raises(SettingsError, match="BOT_TOKEN is refused by Telegram"):
        await bot.run(wrong, asyncio.Event())


async def test_a_handler_under_way_is_finished_at_the_stop(quiet_desk: Desk, operator: Operator) -> None:
    await sign_in(quiet_desk.pool)
    async with working(quiet_desk) as stop:
        fault = await operator.control.fault("bot.sendMessage", "delay", seconds=0.1)
        number = await operator.say("/start @anna")
        await operator.control.fired(fault)
        stop.set()
    assert (await operator.next(number))["text"] == "№ 1: looking up @anna…"


async def test_failing_polls_are_waited_out(quiet_desk: Desk, operator: Operator) -> None:
    await sign_in(quiet_desk.pool)
    for action, fields in (("cut_before", {}), ("error", {"code": 500, "text": "x"}), ("flood_wait", {"seconds": 1})):
        await operator.control.fault("bot.getUpdates", action, count=2, **fields)
    await operator.control.fault("bot.getUpdates", "error", code=409, text="Conflict: terminated by other getUpdates")
    async with working(quiet_desk):
        assert (await operator.ask("/start @anna"))["text"] == "№ 1: looking up @anna…"


async def test_a_command_waits_for_the_database_and_is_carried_out(
    quiet_desk: Desk, operator: Operator, database: str
) -> None:
    """While the database is away the admin is told; the command is carried out once it is back."""
    await sign_in(quiet_desk.pool)
    await open_with(quiet_desk, 501, "anna")
    cable = Cable(database)
    pool = await store_pool.create(await cable.plug())
    async with working(replace(quiet_desk, pool=pool)):
        await operator.ask("/help")
        await cable.pull()
        number = await operator.say("/stop 1")
        await operator.next(number, "The database does not answer")
        await cable.plug()
        await operator.next(number, "№ 1: stopped.")
    await store_pool.close(pool)
    await cable.pull()


async def test_a_fault_of_ours_is_answered_and_the_desk_goes_on(quiet_desk: Desk, operator: Operator) -> None:
    await sign_in(quiet_desk.pool)
    await quiet_desk.pool.execute("alter table dialogs add constraint never check (false) not valid")
    async with working(quiet_desk):
        assert (await operator.ask("/start @anna"))["text"] == "Something went wrong here; the log says what."
        await quiet_desk.pool.execute("alter table dialogs drop constraint never")
        assert "looking up" in (await operator.ask("/start @anna"))["text"]


async def test_the_menu_is_set_for_the_admins_alone(quiet_desk: Desk, operator: Operator) -> None:
    await operator.say("/help")  # so that the bot may know the chat
    async with working(quiet_desk):
        await operator.next(1)
        menu = await operator.control.call("GET", "/commands", as_="operator")
        assert {"start", "list", "help"} <= {entry["command"] for entry in menu}
        assert await operator.control.call("GET", "/commands", as_="anna") == []


async def test_errors_do_not_name_the_token(quiet_desk: Desk) -> None:
    nowhere = pointed_at(quiet_desk, bot_api_url="http://127.0.0.1:9")
    made = bot.make_bot(nowhere)
    with pytest.raises(TelegramNetworkError) as failed:
        await made.get_me()
    await made.session.close()
    assert nowhere.settings.bot_token.get_secret_value() not in str(failed.value)
