"""Nobody but an admin moves anything: every handler there is and every kind of update there is, tried by strangers.

The handlers are found in the dispatcher as the product builds it, so that one that is added later is tried as well.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, get_args

import asyncpg
import pytest
from aiogram import Bot, Dispatcher, Router
from aiogram.dispatcher.event.bases import UNHANDLED
from aiogram.dispatcher.event.handler import HandlerObject
from aiogram.filters import Command
from aiogram.filters.callback_data import CallbackData, CallbackQueryFilter
from aiogram.types import Update

from salesbot.adminbot import bot as desk_bot
from salesbot.adminbot.access import UPDATES
from salesbot.adminbot.desk import Desk
from salesbot.adminbot.keyboards import Resume
from sandbox.app import Sandbox
from tests.adminbot.people import Operator, open_with, said, sign_in

Json = dict[str, Any]

OWNER = {"id": 0, "is_bot": False, "first_name": "Operator", "username": "operator"}
STRANGER = {"id": 999_000_111, "is_bot": False, "first_name": "Stranger", "username": "stranger"}
ANONYMOUS = {"id": 1_087_968_824, "is_bot": True, "first_name": "Group", "username": "GroupAnonymousBot"}
CHANNEL_BOT = {"id": 136_817_688, "is_bot": True, "first_name": "Channel", "username": "Channel_Bot"}
SERVICE = {"id": 777_000, "is_bot": False, "first_name": "Telegram"}
GROUP = {"id": -1_000_500, "type": "supergroup", "title": "Group"}
SMALL_GROUP = {"id": -500, "type": "group", "title": "Group"}
CHANNEL = {"id": -1_000_600, "type": "channel", "title": "Channel"}
WHEN = 1_790_000_000

ENVELOPES = ("message", "edited_message", "channel_post", "edited_channel_post", "business_message",
             "edited_business_message", "guest_message")  # fmt: skip
"""Kinds of updates that are messages."""


@dataclass(frozen=True)
class Entrance:
    """A handler, and the text or the button's data that it takes."""

    kind: str
    name: str
    trigger: str


@pytest.fixture
async def dispatcher(quiet_desk: Desk) -> Dispatcher:
    """The desk as the product builds it, with something at stake: a running dialog and a stopped one."""
    await sign_in(quiet_desk.pool, openings_blocked=True)
    await said(quiet_desk, await open_with(quiet_desk, 501, "anna"), "Hello")
    await open_with(quiet_desk, 502, "boris", status="stopped")
    return desk_bot.make_dispatcher(quiet_desk)


# --- the entrances


def routers(root: Router) -> Iterator[Router]:
    yield root
    for router in root.sub_routers:
        yield from routers(router)


def entrances(dispatcher: Dispatcher) -> list[Entrance]:
    """Every handler of every observer, each once for whatever opens it."""
    found = []
    for router in routers(dispatcher):
        for kind, observer in router.observers.items():
            for handler in observer.handlers if kind != "update" else ():
                found += [Entrance(kind, handler.callback.__name__, trigger) for trigger in triggers(kind, handler)]
    return found


def triggers(kind: str, handler: HandlerObject) -> list[str]:
    """What makes the handler run, read from its filters; without any that names it, anything does."""
    found: list[str] = []
    for one in handler.filters or ():
        match one.callback:
            case Command() as command:
                found += [f"/{name}{rest}" for name in command.commands for rest in ("", " 1", " 2", " @clara", " all")]
            case CallbackQueryFilter() as pressed:
                found.append(data_of(pressed.callback_data))
    return found or (["hello", "/anything 1"] if kind != "callback_query" else ["old-shape:1:2"])


def data_of(kind: type[CallbackData]) -> str:
    """Data of a button as the bot itself would make it, about the first dialog."""
    fields = {name: _value(field.annotation) for name, field in kind.model_fields.items()}
    return kind(**fields).pack()


def _value(annotation: Any) -> Any:
    annotation = next(iter(get_args(annotation)), annotation)  # the first of ``Mode | None``
    return next(iter(annotation)) if hasattr(annotation, "__members__") else annotation(1)


# --- who comes through them


def message(text: str, sender: Json | None, chat: Json, **fields: Any) -> Json:
    command = {"type": "bot_command", "offset": 0, "length": len(text.split(maxsplit=1)[0])}
    entities = [command] if text.startswith("/") else []
    made = {"message_id": 5, "date": WHEN, "chat": chat, "text": text, "entities": entities, **fields}
    return made | ({"from": sender} if sender else {})


def private(who: Json) -> Json:
    return {"id": who["id"], "type": "private", "first_name": who["first_name"]}


def messages(text: str, owner: Json) -> Iterator[Json]:
    """A message from everybody and everywhere but the owner's own chat."""
    yield message(text, STRANGER, private(STRANGER))
    yield message(
        text, STRANGER, private(STRANGER), forward_origin={"type": "user", "date": WHEN, "sender_user": owner}
    )
    yield message(text, STRANGER, private(STRANGER), reply_to_message=message("/stop 1", owner, private(owner)))
    yield message(text, STRANGER, private(STRANGER), via_bot=ANONYMOUS)
    yield message(text, STRANGER, private(owner))  # forged: the chat is the owner's, the sender is not
    yield message(text, None, private(owner))
    yield message(text, {**owner, "is_bot": True}, private(owner))
    yield message(text, owner, private(STRANGER))
    yield message(text, SERVICE, private(SERVICE))
    for group in (GROUP, SMALL_GROUP):
        yield message(text, STRANGER, group)
        yield message(text, owner, group)
        yield message(text, ANONYMOUS, group, sender_chat=group)  # an anonymous admin, who may be the owner
        yield message(text, CHANNEL_BOT, group, sender_chat=CHANNEL)  # on behalf of a channel
        yield message(text, SERVICE, group, sender_chat=CHANNEL, is_automatic_forward=True)
        yield message(text, owner, group, sender_business_bot=ANONYMOUS)
    yield message(text, None, CHANNEL, sender_chat=CHANNEL)
    yield message(text, owner, CHANNEL, sender_chat=CHANNEL, author_signature="Operator")


def presses(data: str, owner: Json) -> Iterator[Json]:
    """A press of a button under messages that were forwarded, forged, deleted, old, or are somebody else's."""

    def press(who: Json, **shown: Any) -> Json:
        return {"id": "77", "from": who, "chat_instance": "1", "data": data, **shown}

    desk = message("page", {**ANONYMOUS, "username": "sales_desk_bot"}, private(owner))
    yield press(STRANGER, message=message("page", ANONYMOUS, private(STRANGER)))
    yield press(STRANGER, message=desk)  # under the owner's own page
    yield press(STRANGER, message=desk | {"forward_origin": {"type": "user", "date": WHEN, "sender_user": owner}})
    yield press(STRANGER, message={"chat": private(owner), "message_id": 5, "date": 0})  # too old to be shown
    yield press(STRANGER, inline_message_id="inline")
    yield press(owner, inline_message_id="inline")
    yield press({**owner, "is_bot": True}, message=desk)
    for chat in (GROUP, CHANNEL, private(STRANGER)):
        yield press(STRANGER, message=message("page", ANONYMOUS, chat))
        yield press(owner, message=message("page", ANONYMOUS, chat))
        yield press(owner, message={"chat": chat, "message_id": 5, "date": 0})


def others(owner: Json) -> dict[str, Json]:
    """One update of each kind that is neither a message nor a press, by somebody who would like to be obeyed."""
    member = {"user": STRANGER, "status": "member"}
    changed = {"chat": private(owner), "from": STRANGER, "date": WHEN, "old_chat_member": member,
               "new_chat_member": member}  # fmt: skip
    reactions: Json = {"chat": private(owner), "message_id": 5, "date": WHEN}
    boost = {
        "boost_id": "1",
        "add_date": WHEN,
        "expiration_date": WHEN,
        "source": {"source": "premium", "user": STRANGER},
    }
    order = {"id": "1", "from": STRANGER, "currency": "EUR", "total_amount": 1, "invoice_payload": "/stop 1"}
    address = {"country_code": "DE", "state": "", "city": "", "street_line1": "", "street_line2": "", "post_code": ""}
    asked = {"id": "1", "question": "/stop 1", "options": [], "total_voter_count": 0, "is_closed": False,
             "is_anonymous": False, "type": "regular", "allows_multiple_answers": False,
             "allows_revoting": False, "members_only": False}  # fmt: skip
    return {
        "inline_query": {"id": "1", "from": STRANGER, "query": "/stop 1", "offset": "", "chat_type": "private"},
        "chosen_inline_result": {"result_id": "1", "from": STRANGER, "query": "/stop 1"},
        "my_chat_member": changed,
        "chat_member": changed,
        "chat_join_request": {"chat": GROUP, "from": STRANGER, "user_chat_id": STRANGER["id"], "date": WHEN},
        "message_reaction": reactions | {"user": STRANGER, "old_reaction": [], "new_reaction": []},
        "message_reaction_count": reactions | {"reactions": []},
        "poll": asked,
        "poll_answer": {"poll_id": "1", "user": STRANGER, "option_ids": [0], "option_persistent_ids": ["0"]},
        "shipping_query": {"id": "1", "from": STRANGER, "invoice_payload": "/stop 1", "shipping_address": address},
        "pre_checkout_query": order,
        "purchased_paid_media": {"from": STRANGER, "paid_media_payload": "/stop 1"},
        "chat_boost": {"chat": GROUP, "boost": boost},
        "removed_chat_boost": {"chat": GROUP, "boost_id": "1", "remove_date": WHEN, "source": boost["source"]},
        "business_connection": {"id": "1", "user": STRANGER, "user_chat_id": STRANGER["id"], "date": WHEN,
                                "can_reply": True, "is_enabled": True},
        "deleted_business_messages": {"business_connection_id": "1", "chat": private(owner), "message_ids": [5]},
        "subscription": {"user": STRANGER, "invoice_payload": "/stop 1", "state": "active"},
        "stopped_message_generation": {"chat": private(owner), "draft_id": 1},
        "managed_bot": {"user": STRANGER, "bot": ANONYMOUS},
    }  # fmt: skip


# --- the tests


async def everything(pool: asyncpg.Pool) -> dict[str, list[str]]:
    """Every row of every table, as text."""
    tables = await pool.fetch("select tablename from pg_tables where schemaname = 'public' order by 1")
    return {
        name: [row[0] for row in await pool.fetch(f'select t::text from "{name}" t order by 1')]  # noqa: S608 - our tables
        for (name,) in tables
    }


async def test_no_handler_can_be_reached_by_a_stranger(
    dispatcher: Dispatcher,
    bot: Bot,
    sandbox: Sandbox,
    quiet_desk: Desk,
    admin: int,
    poked: list[int],
) -> None:
    owner = OWNER | {"id": admin}
    found = entrances(dispatcher)
    assert {one.kind for one in found} == set(UPDATES), "the bot asks Telegram for what it handles and nothing else"
    before, number = await everything(quiet_desk.pool), 0
    for entrance in found:
        pressed = presses(entrance.trigger, owner) if entrance.kind == "callback_query" else ()
        written = messages(entrance.trigger, owner) if entrance.kind != "callback_query" else ()
        updates = [("callback_query", one) for one in pressed] + [(kind, one) for one in written for kind in ENVELOPES]
        for kind, event in updates:
            number += 1
            answer = await dispatcher.feed_raw_update(bot, {"update_id": number, kind: event})
            assert answer is UNHANDLED, f"{entrance} answered {json.dumps(event)}"
    assert number > 1_000
    assert await everything(quiet_desk.pool) == before
    assert list(sandbox.world.log.since(kind="bot")) == [] and poked == []


async def test_no_kind_of_update_that_telegram_has_moves_anything(
    dispatcher: Dispatcher,
    bot: Bot,
    sandbox: Sandbox,
    quiet_desk: Desk,
    admin: int,
    poked: list[int],
) -> None:
    """The kinds are aiogram's own list: one that comes with a new version fails here until it is written down."""
    owner = OWNER | {"id": admin}
    known = {name for name in Update.model_fields if name != "update_id"}
    crafted = others(owner)
    assert known == {*ENVELOPES, *crafted, "callback_query"}
    before = await everything(quiet_desk.pool)
    for number, (kind, event) in enumerate(crafted.items(), 1):
        for who in (STRANGER, owner):  # not even the owner: nothing but messages and buttons is a command
            told = json.loads(json.dumps(event).replace(str(STRANGER["id"]), str(who["id"])))
            update = Update.model_validate({"update_id": number, kind: told}, context={"bot": bot})
            assert update.event_type == kind
            assert await dispatcher.feed_update(bot, update) is UNHANDLED, kind
    assert await everything(quiet_desk.pool) == before
    assert list(sandbox.world.log.since(kind="bot")) == [] and poked == []


async def test_the_same_entrances_are_open_to_the_owner(
    dispatcher: Dispatcher, bot: Bot, sandbox: Sandbox, quiet_desk: Desk, admin: int, operator: Operator
) -> None:
    """Otherwise the tests above would prove nothing."""
    await operator.say("/start")  # a bot may write to whom has written to it
    owner = OWNER | {"id": admin}
    before = await everything(quiet_desk.pool)
    event = message("/stop 1", owner, private(owner))
    assert await dispatcher.feed_raw_update(bot, {"update_id": 1, "message": event}) is not UNHANDLED
    pressed = {"id": "77", "from": owner, "chat_instance": "1", "data": Resume(dialog=2).pack()}
    pressed["message"] = message("page", ANONYMOUS, private(owner))
    assert await dispatcher.feed_raw_update(bot, {"update_id": 2, "callback_query": pressed}) is not UNHANDLED
    after = await everything(quiet_desk.pool)
    assert after["dialogs"] != before["dialogs"]
    states = await quiet_desk.pool.fetch("select status from dialogs order by id")
    assert [row["status"] for row in states] == ["stopped", "active"]
    assert list(sandbox.world.log.since(kind="bot"))
