"""Trouble of Telegram's made over the control API, as an unmodified Telethon meets it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest
from telethon import TelegramClient, errors
from telethon.crypto import rsa
from telethon.sessions import StringSession
from telethon.tl import functions

from sandbox.app import Sandbox
from sandbox.control.client import Control

Send = functions.messages.SendMessageRequest
SEND = "messages.sendMessage"


@asynccontextmanager
async def signed_in(sandbox: Sandbox, control: Control, user: str = "sales", **options: Any) -> AsyncIterator[Any]:
    """A client of this user that tries nothing twice by itself."""
    rsa.add_key(sandbox.state()["mtproto"]["public_key"], old=False)
    session = StringSession((await control.call("POST", "/session", user=user))["session"])
    settings: dict[str, Any] = {
        "flood_sleep_threshold": 0, "request_retries": 0, "raise_last_call_error": True,
        "auto_reconnect": False, "connection_retries": 0, "timeout": 3,
    }  # fmt: skip
    client = TelegramClient(session, 1, "hash", **settings | options)
    await client.connect()
    try:
        yield client
    finally:
        await client.disconnect()


@pytest.fixture
async def sales(sandbox: Sandbox, control: Control) -> AsyncIterator[Any]:
    """The account's own client."""
    async with signed_in(sandbox, control) as client:
        yield client


async def heard(control: Control, who: str = "anna") -> list[str]:
    """What the account's messages to somebody say."""
    return [one["text"] for one in (await control.chat(who, "sales"))["messages"] if not one["out"]]


async def test_a_forgotten_random_id_makes_a_second_message(sales: Any, control: Control) -> None:
    request = Send(await sales.get_input_entity("anna"), "hello", random_id=7)
    await sales(request)
    with pytest.raises(errors.RandomIdDuplicateError):
        await sales(request)
    await control.call("POST", "/forget", user="sales")
    await sales(request)
    assert await heard(control) == ["hello", "hello"]
