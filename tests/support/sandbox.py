"""Fixtures: a sandbox of its own for each test, in this process, and the clients that talk to it."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
from aiogram import Bot
from aiogram.client.session.aiohttp import AiohttpSession
from aiogram.client.telegram import TelegramAPIServer
from aiogram.types import Message

from sandbox.app import Options, Sandbox
from sandbox.control.client import Control
from sandbox.mtproto.crypto import ServerKey


@pytest.fixture(scope="session")
def server_key() -> ServerKey:
    """One RSA key for all: making one takes a while."""
    return ServerKey.load(None)


@pytest.fixture
async def sandbox(server_key: ServerKey) -> AsyncIterator[Sandbox]:
    async with Sandbox.running(Options(seed=1, key=server_key)) as running:
        yield running


@pytest.fixture
async def control(sandbox: Sandbox) -> AsyncIterator[Control]:
    async with Control(sandbox.state()["control"]) as client:
        yield client


@pytest.fixture(scope="session")
async def bot_session() -> AsyncIterator[AiohttpSession]:
    """One HTTP session of aiogram for all: closing it takes a quarter of a second."""
    async with AiohttpSession() as session:
        yield session


@pytest.fixture
def bot(sandbox: Sandbox, bot_session: AiohttpSession) -> Bot:
    """An unmodified aiogram Bot, pointed at the sandbox."""
    state = sandbox.state()
    bot_session.api = TelegramAPIServer.from_base(state["bot_api"])
    return Bot(state["bot"]["token"], session=bot_session)


@pytest.fixture
def operator(sandbox: Sandbox) -> int:
    """The operator's id."""
    user = sandbox.world.users.by_username("operator")
    assert user is not None
    return user.id


@pytest.fixture
async def started(control: Control, bot: Bot) -> int:
    """The operator has written to the bot, so it may answer; the offset is past that. The message's id."""
    await control.say("operator", "sales_desk_bot", "/start")
    return (await told(bot)).message_id


async def told(bot: Bot) -> Message:
    """The one message that waits for the bot."""
    (update,) = await bot.get_updates(timeout=5)
    await bot.get_updates(offset=update.update_id + 1)
    assert update.message is not None
    return update.message
