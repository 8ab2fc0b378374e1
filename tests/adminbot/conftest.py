"""The desk, run against a sandbox of its own for each test: real updates, real requests, a real database."""

from __future__ import annotations

from collections.abc import AsyncIterator

import asyncpg
import pytest
from aiogram import Bot

from salesbot.adminbot import bot as desk_bot
from salesbot.adminbot.desk import Desk
from salesbot.keys import KeyRing
from salesbot.lifecycle import Pulse
from salesbot.settings import Settings
from salesbot.store import suppressions
from salesbot.store.pool import transaction
from sandbox.app import Sandbox
from sandbox.control.client import Control
from tests.adminbot.people import Hasty, Operator, sign_in, working

KEYS = KeyRing("a secret of the desk's tests which is long enough")


@pytest.fixture
def admin(sandbox: Sandbox) -> int:
    """The operator's id."""
    return next(user["id"] for user in sandbox.state()["users"] if user["role"] == "operator")


@pytest.fixture
def settings(sandbox: Sandbox, database: str, admin: int) -> Settings:
    state = sandbox.state()
    return Settings(
        api_id=1,
        api_hash="0" * 32,
        bot_token=state["bot"]["token"],
        admin_telegram_id=(admin,),
        openrouter_api_key="key",
        database_url=database,
        bot_api_url=state["bot_api"],
    )


@pytest.fixture
def poked() -> list[int]:
    """The dialogs of which the engine was told."""
    return []


@pytest.fixture
async def quiet_desk(pool: asyncpg.Pool, settings: Settings, poked: list[int]) -> Desk:
    """A desk at which nobody works yet."""
    async with transaction(pool) as connection:
        await suppressions.check_keys(connection, KEYS.key_ids)
    return Desk(pool, settings, Hasty(), KEYS, ("sales",), poke=poked.append, notices=Pulse())


@pytest.fixture
async def bot(quiet_desk: Desk) -> AsyncIterator[Bot]:
    """The desk's own bot, to be fed with updates by hand."""
    made = desk_bot.make_bot(quiet_desk)
    yield made
    await made.session.close()


@pytest.fixture
async def desk(quiet_desk: Desk) -> AsyncIterator[Desk]:
    """A desk with the bot at work and one account signed in."""
    await sign_in(quiet_desk.pool)
    async with working(quiet_desk):
        yield quiet_desk


@pytest.fixture
def operator(control: Control) -> Operator:
    return Operator(control)
