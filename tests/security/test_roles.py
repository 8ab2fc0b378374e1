"""What each role may do: every handler there is says what it needs, and it is held to that.

The handlers are found in the dispatcher as the product builds it, so that one that is added later is tried as well.
"""

from __future__ import annotations

import json
from collections.abc import Iterator

import asyncpg
import pytest
from aiogram import Bot, Dispatcher
from aiogram.client.session.middlewares.base import BaseRequestMiddleware, NextRequestMiddlewareType
from aiogram.filters.callback_data import CallbackQueryFilter
from aiogram.methods import AnswerCallbackQuery, Response, SendMessage, TelegramMethod
from aiogram.methods.base import TelegramType

from salesbot.adminbot import bot as desk_bot
from salesbot.adminbot.access import Role
from salesbot.adminbot.desk import Desk
from sandbox.app import Sandbox
from sandbox.world import Role as Played
from tests.adminbot.people import open_with, said, sign_in
from tests.security.test_strangers import ANONYMOUS, Entrance, Json, entrances, message, private, routers, triggers

COLLEAGUE = {"id": 910_001, "is_bot": False, "first_name": "Olga", "language_code": "en"}

THEIR_OWN = {"admins", "admin_updates", "draft_cards"}
"""What somebody who only looks may change: how the desk looks to them, and what they were answered."""

NAMELESS = {"hello", "/anything 1", "old-shape:1:2"}
"""What is tried on handlers that no command and no button names: who takes it depends on what else was sent."""

LOOKED_AT = ("seen_upto",)
"""Columns of a dialog that say what was looked at."""


@pytest.fixture
async def dispatcher(quiet_desk: Desk) -> Dispatcher:
    """The desk with something at stake: a running dialog and a stopped one, a promise, a limited account."""
    await sign_in(quiet_desk.pool, openings_blocked=True)
    await said(quiet_desk, await open_with(quiet_desk, 501, "anna"), "Hello")
    await open_with(quiet_desk, 502, "boris", status="stopped")
    await quiet_desk.pool.execute("insert into tasks (dialog_id, what, created_at) values (1, 'call', now())")
    return desk_bot.make_dispatcher(quiet_desk)


def needs(dispatcher: Dispatcher) -> Iterator[tuple[Role, Entrance]]:
    """Every handler with the role that it needs."""
    for router in routers(dispatcher):
        for kind, observer in router.observers.items():
            for handler in observer.handlers if kind in ("message", "edited_message", "callback_query") else ():
                role = handler.flags.get("role", Role.OPERATOR)
                for trigger in triggers(kind, handler):
                    yield role, Entrance(kind, handler.callback.__name__, trigger)


def update(entrance: Entrance, number: int) -> Json:
    """What a colleague sends or presses to get in there."""
    if entrance.kind == "callback_query":
        page = message("page", ANONYMOUS, private(COLLEAGUE))
        event = {"id": str(number), "from": COLLEAGUE, "chat_instance": "1", "data": entrance.trigger, "message": page}
    else:
        event = message(entrance.trigger, COLLEAGUE, private(COLLEAGUE)) | {"message_id": number}
    return {"update_id": number, entrance.kind: event}


async def rows(pool: asyncpg.Pool) -> dict[str, list[str]]:
    """Every row of every table, but what somebody who looks leaves behind."""
    tables = await pool.fetch("select tablename from pg_tables where schemaname = 'public' order by 1")
    return {
        name: [str(json.loads(row[0]) | dict.fromkeys(LOOKED_AT)) for row in await pool.fetch(
            f'select to_jsonb(t)::text from "{name}" t order by t::text'  # noqa: S608 - our tables
        )]
        for (name,) in tables if name not in THEIR_OWN
    }  # fmt: skip


def test_every_handler_is_found_and_its_role_is_one(dispatcher: Dispatcher) -> None:
    found = list(needs(dispatcher))
    assert {entrance for _role, entrance in found} == set(entrances(dispatcher))
    assert {role for role, _entrance in found} == set(Role), "a flag that is no Role lets nobody in"


def test_no_two_kinds_of_buttons_begin_alike(dispatcher: Dispatcher) -> None:
    """Or one would be taken for the other."""
    kinds = {
        one.callback.callback_data
        for router in routers(dispatcher)
        for handler in router.callback_query.handlers
        for one in handler.filters or ()
        if isinstance(one.callback, CallbackQueryFilter)
    }
    prefixes = [kind.__prefix__ for kind in kinds]
    assert sorted(set(prefixes)) == sorted(prefixes)


class Overheard(BaseRequestMiddleware):
    """What the bot says, beside saying it."""

    def __init__(self) -> None:
        self.texts: list[str] = []

    async def __call__(
        self, make_request: NextRequestMiddlewareType[TelegramType], bot: Bot, method: TelegramMethod[TelegramType]
    ) -> Response[TelegramType]:
        if isinstance(method, SendMessage | AnswerCallbackQuery):
            self.texts.append(method.text or "")
        return await make_request(bot, method)


@pytest.mark.parametrize("mine", [Role.VIEWER, Role.OPERATOR])
async def test_a_handler_that_needs_more_says_so_and_nobody_who_looks_changes_anything(
    dispatcher: Dispatcher, bot: Bot, sandbox: Sandbox, quiet_desk: Desk, mine: Role
) -> None:
    """A viewer tries all handlers; an operator those for owners."""
    olga = sandbox.world.users.create(Played.OPERATOR, "Olga", id=COLLEAGUE["id"], lang_code="en")
    sandbox.world.send(olga.id, (await bot.me()).id, "hello")  # a bot may write to whom has written to it
    await quiet_desk.pool.execute("insert into admins (id, role, name) values ($1, $2, 'Olga')", olga.id, mine.value)
    heard = Overheard()
    bot.session.middleware(heard)
    before = await rows(quiet_desk.pool)
    refused: dict[tuple[Role, str], set[bool]] = {}
    for number, (needed, entrance) in enumerate(needs(dispatcher), 1):
        if mine is Role.OPERATOR and mine.covers(needed):
            continue
        heard.texts.clear()
        await dispatcher.feed_raw_update(bot, update(entrance, number))
        told = any(text.startswith(REFUSALS) for text in heard.texts)
        if entrance.trigger not in NAMELESS:
            refused.setdefault((needed, entrance.name), set()).add(told)
        assert await rows(quiet_desk.pool) == before, entrance
    assert len(refused) > 5
    for (needed, name), told_each in refused.items():  # an entrance may lead to another handler of the same command
        assert (not mine.covers(needed)) in told_each, name


REFUSALS = ("You may look, and change nothing", "Only an owner of this desk may do that")
