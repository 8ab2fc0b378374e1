"""Unmodified clients of the sandbox, signed in without a login."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from telethon import TelegramClient
from telethon.crypto import rsa
from telethon.sessions import StringSession

from sandbox.app import Sandbox
from sandbox.control.client import Control


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
