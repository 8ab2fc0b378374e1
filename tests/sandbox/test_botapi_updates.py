"""What a bot is told: once written, again and again until its offset confirms it, by one poller at a time."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest
from aiogram import Bot
from aiogram.client.session.aiohttp import AiohttpSession
from aiogram.client.telegram import TelegramAPIServer
from aiogram.exceptions import TelegramBadRequest, TelegramConflictError, TelegramNotFound, TelegramUnauthorizedError
from aiogram.methods import GetUpdates
from aiogram.types import BotCommand, Update

from sandbox.app import Options, Sandbox
from sandbox.control.client import Control
from sandbox.mtproto.crypto import ServerKey


def other_bot(sandbox: Sandbox, token: str) -> Bot:
    return Bot(token, session=AiohttpSession(api=TelegramAPIServer.from_base(sandbox.state()["bot_api"])))


async def test_a_bot_learns_who_it_is(bot: Bot) -> None:
    me = await bot.get_me()
    assert (me.username, me.is_bot) == ("sales_desk_bot", True)


async def test_a_wrong_token_is_unauthorized(sandbox: Sandbox) -> None:
    async with other_bot(sandbox, "700000002:AAwrong") as bot:
        with pytest.raises(TelegramUnauthorizedError, match="Unauthorized"):
            await bot.get_me()


async def test_what_a_user_says_arrives_as_an_update(bot: Bot, control: Control) -> None:
    await control.say("operator", "sales_desk_bot", "/start @anna")
    (update,) = await bot.get_updates()
    message = update.message
    assert message is not None and message.from_user is not None
    assert (message.text, message.chat.type, message.from_user.username) == ("/start @anna", "private", "operator")
    assert [(entity.type, entity.extract_from("/start @anna")) for entity in message.entities or []] == [
        ("bot_command", "/start"), ("mention", "@anna"),
    ]  # fmt: skip


async def test_an_update_comes_again_until_the_offset_confirms_it(bot: Bot, control: Control) -> None:
    await control.say("operator", "sales_desk_bot", "one")
    await control.say("operator", "sales_desk_bot", "two")
    first, second = await bot.get_updates()
    assert [update.update_id for update in await bot.get_updates()] == [first.update_id, second.update_id]
    assert [update.update_id for update in await bot.get_updates(offset=second.update_id)] == [second.update_id]
    assert await bot.get_updates(offset=second.update_id + 1) == []
    assert await bot.get_updates() == []


async def test_what_is_confirmed_is_seen_read_by_the_person(bot: Bot, control: Control) -> None:
    await control.say("operator", "sales_desk_bot", "one")
    (update,) = await bot.get_updates()
    assert not (await control.chat("operator", "sales_desk_bot"))["messages"][0]["read"]
    await bot.get_updates(offset=update.update_id + 1)
    assert (await control.chat("operator", "sales_desk_bot"))["messages"][0]["read"]


async def test_a_negative_offset_keeps_the_last_ones(bot: Bot, control: Control) -> None:
    for text in ("one", "two", "three"):
        await control.say("operator", "sales_desk_bot", text)
    assert [texts(update) for update in await bot.get_updates(offset=-1)] == ["three"]


async def test_a_long_poll_ends_with_the_first_update(sandbox: Sandbox, bot: Bot, control: Control) -> None:
    poll = asyncio.create_task(bot.get_updates(timeout=30))
    await polled(sandbox)
    await control.say("operator", "sales_desk_bot", "hello")
    assert [texts(update) for update in await asyncio.wait_for(poll, 5)] == ["hello"]


async def test_a_second_poller_ends_the_first_with_409(sandbox: Sandbox, bot: Bot) -> None:
    first = asyncio.create_task(bot.get_updates(timeout=30))
    await polled(sandbox)
    assert await bot.get_updates(timeout=0) == []
    with pytest.raises(TelegramConflictError, match="terminated by other getUpdates request"):
        await first


async def test_only_the_kinds_that_were_asked_for_are_queued(bot: Bot, control: Control) -> None:
    await bot(GetUpdates(allowed_updates=["callback_query"]))
    await control.say("operator", "sales_desk_bot", "hello")
    assert await bot.get_updates() == []


async def test_an_edit_arrives_as_an_edited_message(bot: Bot, control: Control) -> None:
    said = await control.say("operator", "sales_desk_bot", "helo")
    await control.call("POST", "/edit", as_="operator", message_id=said["id"], text="hello")
    _, edited = await bot.get_updates()
    assert edited.edited_message is not None
    assert edited.edited_message.text == "hello" and edited.edited_message.edit_date


async def test_updates_outlive_a_restart_and_their_numbers_never_come_twice(
    tmp_path: Path, server_key: ServerKey
) -> None:
    options = Options(data=tmp_path, key=server_key)
    async with Sandbox.running(options) as sandbox, other_bot(sandbox, sandbox.state()["bot"]["token"]) as bot:
        async with Control(sandbox.state()["control"]) as control:
            await control.say("operator", "sales_desk_bot", "one")
            await control.say("operator", "sales_desk_bot", "two")
        first, second = await bot.get_updates()
        await bot.get_updates(offset=second.update_id)
        await bot.set_my_commands([BotCommand(command="list", description="dialogs")])
    async with Sandbox.running(options) as sandbox, other_bot(sandbox, sandbox.state()["bot"]["token"]) as bot:
        assert [update.update_id for update in await bot.get_updates()] == [second.update_id]
        await bot.get_updates(offset=second.update_id + 1)
        assert [one.command for one in await bot.get_my_commands()] == ["list"]
    async with Sandbox.running(options) as sandbox, other_bot(sandbox, sandbox.state()["bot"]["token"]) as bot:
        async with Control(sandbox.state()["control"]) as control:
            await control.say("operator", "sales_desk_bot", "three")
        (third,) = await bot.get_updates()
        assert third.update_id == second.update_id + 1 and first.update_id < second.update_id


async def test_there_are_no_webhooks_here(bot: Bot) -> None:
    assert await bot.delete_webhook()
    assert (await bot.get_webhook_info()).url == ""
    with pytest.raises(TelegramBadRequest, match="bad webhook"):
        await bot.set_webhook("https://example.org/")


async def test_an_unknown_method_is_named(bot: Bot, operator: int) -> None:
    with pytest.raises(TelegramNotFound, match="no method sendDice"):
        await bot.send_dice(operator)


def texts(update: Update) -> str | None:
    return update.message.text if update.message else None


async def polled(sandbox: Sandbox) -> None:
    """Return once a long poll waits."""
    desk = sandbox.bots.desk(next(user for user in sandbox.world.users if user.is_bot))
    while not desk.updates.waited_for:  # noqa: ASYNC110 - it comes within a turn or two of the loop
        await asyncio.sleep(0)


async def test_what_was_handed_out_may_come_again(bot: Bot, control: Control) -> None:
    fault = await control.fault("bot.getUpdates", "duplicate")
    assert await bot.get_updates() == []
    await control.say("operator", "sales_desk_bot", "/start @anna")
    (first,) = await bot.get_updates()
    (again,) = await bot.get_updates(offset=first.update_id + 1, timeout=5)
    assert again == first
    assert (await control.fired(fault))["fired"] == 1
    assert await bot.get_updates(offset=first.update_id + 1) == []
