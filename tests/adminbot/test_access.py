"""Nobody but the admins, each in the private chat with the bot, gets any answer or has any effect."""

from __future__ import annotations

from contextlib import suppress
from typing import Any

import pytest
from aiogram import Bot, Dispatcher
from aiogram.dispatcher.event.bases import UNHANDLED
from aiogram.exceptions import TelegramBadRequest
from aiogram.types import Update

from salesbot.adminbot import bot as desk_bot
from salesbot.adminbot.access import UPDATES
from salesbot.adminbot.desk import Desk
from sandbox.app import Sandbox
from tests.adminbot.people import open_with, sign_in

STRANGER = {"id": 999_000_111, "is_bot": False, "first_name": "Stranger"}
PRIVATE = {"id": 999_000_111, "type": "private", "first_name": "Stranger"}
GROUP = {"id": -100_500, "type": "supergroup", "title": "Group"}
CHANNEL = {"id": -100_600, "type": "channel", "title": "Channel"}
COMMANDS = ("/start @anna", "/stop 1", "/help", "hello")
KINDS = sorted(name for name in Update.model_fields if name != "update_id")


@pytest.fixture
async def dispatcher(quiet_desk: Desk) -> Dispatcher:
    await sign_in(quiet_desk.pool)
    await open_with(quiet_desk, 501, "anna")
    return desk_bot.make_dispatcher(quiet_desk)


def message(text: str, who: dict[str, Any] | None, chat: dict[str, Any]) -> dict[str, Any]:
    entities = (
        [{"type": "bot_command", "offset": 0, "length": len(text.split(maxsplit=1)[0])}] if text.startswith("/") else []
    )
    found = {"message_id": 5, "date": 1_790_000_000, "chat": chat, "text": text, "entities": entities}
    return found | ({"from": who} if who else {})


def query(data: str, who: dict[str, Any], chat: dict[str, Any] | None) -> dict[str, Any]:
    shown = {"message": message("page", None, chat)} if chat else {"inline_message_id": "inline"}
    return {"id": "77", "from": who, "chat_instance": "1", "data": data} | shown


async def nothing_happened(sandbox: Sandbox, desk: Desk) -> bool:
    """No request reached the Bot API and nothing changed."""
    calls = list(sandbox.world.log.since(kind="bot"))
    rows = await desk.pool.fetchval("select count(*) from admin_updates")
    changed = await desk.pool.fetchval("select count(*) from dialogs where id > 1 or status <> 'active'")
    return (calls, rows, changed) == ([], 0, 0)


async def feed(dispatcher: Dispatcher, bot: Bot, number: int, kind: str, event: dict[str, Any]) -> Any:
    return await dispatcher.feed_raw_update(bot, {"update_id": number, kind: event})


async def test_every_kind_of_update_from_a_stranger_is_dropped(
    dispatcher: Dispatcher, bot: Bot, sandbox: Sandbox, quiet_desk: Desk
) -> None:
    """Kinds that are messages are fed with each command; all others in the one shape that all of them share."""
    number = 0
    for kind in KINDS:
        for command in COMMANDS:
            number += 1
            event = message(command, STRANGER, PRIVATE)
            if kind == "callback_query":
                event = query("r:1", STRANGER, PRIVATE)
            try:
                assert await feed(dispatcher, bot, number, kind, event) is UNHANDLED, kind
            except ValueError:  # not a message: pydantic refuses the shape, and the bot never asks for the kind
                assert kind not in UPDATES
    assert await nothing_happened(sandbox, quiet_desk)


@pytest.mark.parametrize("chat", [GROUP, CHANNEL, PRIVATE], ids=["group", "channel", "a stranger's chat"])
@pytest.mark.parametrize("kind", ["message", "edited_message", "channel_post", "edited_channel_post"])
async def test_an_admin_is_heard_in_their_private_chat_only(
    dispatcher: Dispatcher, bot: Bot, sandbox: Sandbox, quiet_desk: Desk, admin: int, chat: dict[str, Any], kind: str
) -> None:
    who = {"id": admin, "is_bot": False, "first_name": "Operator"}
    for number, command in enumerate(COMMANDS, 1):
        assert await feed(dispatcher, bot, number, kind, message(command, who, chat)) is UNHANDLED
    assert await nothing_happened(sandbox, quiet_desk)


@pytest.mark.parametrize("chat", [GROUP, PRIVATE, None], ids=["group", "a stranger's chat", "inline"])
async def test_an_admins_buttons_work_in_their_private_chat_only(
    dispatcher: Dispatcher, bot: Bot, sandbox: Sandbox, quiet_desk: Desk, admin: int, chat: dict[str, Any] | None
) -> None:
    await quiet_desk.pool.execute("update dialogs set status = 'stopped'")
    who = {"id": admin, "is_bot": False, "first_name": "Operator"}
    assert await feed(dispatcher, bot, 1, "callback_query", query("r:1", who, chat)) is UNHANDLED
    assert await quiet_desk.pool.fetchval("select status from dialogs") == "stopped"
    assert not sandbox.world.log.since(kind="bot")


async def test_a_message_without_a_sender_is_dropped(
    dispatcher: Dispatcher, bot: Bot, sandbox: Sandbox, quiet_desk: Desk, admin: int
) -> None:
    chat = {"id": admin, "type": "private", "first_name": "Operator"}
    assert await feed(dispatcher, bot, 1, "message", message("/stop 1", None, chat)) is UNHANDLED
    assert await nothing_happened(sandbox, quiet_desk)


async def test_a_forwarded_command_is_not_carried_out(
    dispatcher: Dispatcher, bot: Bot, sandbox: Sandbox, quiet_desk: Desk, admin: int
) -> None:
    """An owner who forwards something may let its author in; nothing else comes of it."""
    who = {"id": admin, "is_bot": False, "first_name": "Operator"}
    chat = {"id": admin, "type": "private", "first_name": "Operator"}
    origin = {"type": "user", "date": 1_790_000_000, "sender_user": STRANGER}
    with suppress(TelegramBadRequest):  # they have not started the bot
        await feed(dispatcher, bot, 1, "message", message("/stop 1", who, chat) | {"forward_origin": origin})
    asked = [str(call) for call in sandbox.world.log.since(kind="bot")]
    assert len(asked) == 1 and "sendMessage" in asked[0]
    assert await quiet_desk.pool.fetchval("select count(*) from admin_updates") == 0
    assert await quiet_desk.pool.fetchval("select status from dialogs") == "active"


def test_the_bot_asks_telegram_for_the_kinds_it_handles_and_no_others(dispatcher: Dispatcher) -> None:
    assert sorted(dispatcher.resolve_used_update_types()) == sorted(UPDATES)
