"""How Telegram is dialled: Telethon's client with our options, for the service and for the login.

Telethon retries nothing for us (law 5): no reconnect, no repeated request, no sleep on a flood wait; and every call has
a time limit, its own ones included. A client is used for one connection and thrown away.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from telethon import TelegramClient, utils
from telethon.crypto import aes, rsa
from telethon.network.requeststate import RequestState
from telethon.sessions import Session
from telethon.tl import TLObject, types

from salesbot.errors import SettingsError
from salesbot.settings import Settings
from salesbot.store.sessions import Device
from salesbot.userbot import proxies
from salesbot.userbot.transport import Wire

CALL_TIMEOUT = 15.0
CONNECT_TIMEOUT = 20.0

_EXPECTED = "Automatic reconnection failed"
"""What Telethon reports as trouble and is our own doing: it shall not reconnect. The gateway logs why it ended."""


def _unsaid(record: logging.LogRecord) -> bool:
    """Whether to log it; requests and raw answers, in which people's words stand, become the names of their types."""
    if isinstance(record.args, tuple):
        record.args = tuple(type(one).__name__ if isinstance(one, bytes | TLObject) else one for one in record.args)
    return not str(record.msg).startswith(_EXPECTED)


logging.getLogger("telethon.network.mtprotosender").addFilter(_unsaid)


class Client(TelegramClient):  # type: ignore[misc] # Telethon has no types
    """Telethon's client for one connection; ``silent`` is told of a call that got no answer in time."""

    def __init__(
        self, session: Session, device: Device, settings: Settings, wire: Wire, silent: Callable[[str], None]
    ) -> None:
        if aes.cryptg is None:
            raise SettingsError(
                "The package cryptg is missing: without it Telethon blocks the process; pip install cryptg"
            )
        super().__init__(
            session,
            settings.api_id,
            settings.api_hash.get_secret_value(),
            connection=wire.connection_class(),
            use_ipv6=":" in (session.server_address or ""),
            proxy=proxies.parsed(settings.telegram_proxy),
            auto_reconnect=False,
            request_retries=0,
            connection_retries=1,
            retry_delay=1,
            flood_sleep_threshold=0,
            raise_last_call_error=True,
            catch_up=True,
            receive_updates=True,
            **asdict(device),
        )
        self._silent = silent

    async def __call__(self, request: Any, ordered: bool = False, flood_sleep_threshold: int | None = None) -> Any:
        try:
            async with asyncio.timeout(CALL_TIMEOUT):
                return await super().__call__(request, ordered)
        except TimeoutError:
            self._silent(f"{type(request).__name__}: no answer within {CALL_TIMEOUT:.0f} s")
            raise

    async def end(self) -> None:
        """Let go of Telethon's tasks. What it has to say about the end concerns nobody any more."""
        try:
            async with asyncio.timeout(2.0):
                await self.disconnect()
        except Exception:  # noqa: BLE001, S110 - why it ended was told by whoever ended it
            pass
        over = self._sender._disconnected
        if over.done() and not over.cancelled():
            over.exception()


class ListeningClient(Client):
    """Hands updates to ``listener`` in order, instead of dispatching each in a task of its own.

    Telethon's dispatch swallows what a handler raises and cancels handlers when it disconnects. Here the updates are
    taken where Telethon has just moved its state, before anything else can run. ``room`` holds Telethon back while much
    is waiting: a long absence comes in slices, as fast as the network gives.
    """

    listener: Callable[[Sequence[Any], Sequence[Any]], None]
    room: Callable[[], Awaitable[None]]

    async def _call(self, sender: Any, request: Any, ordered: bool = False, flood_sleep_threshold: Any = None) -> Any:
        """One request, one answer: Telethon would sleep two seconds on an error that it is not going to retry."""
        await request.resolve(self, utils)
        return await sender.send(request)

    def put(self, request: Any) -> asyncio.Future[Any]:
        """The answer to a request that names its peers in full; whoever asked sees to the time limit.

        What came in is acknowledged in the same packet: Telethon would send a second one behind it.
        """
        sender = self._sender
        if sender._pending_ack:
            ack = RequestState(types.MsgsAck([*sender._pending_ack]))
            sender._pending_ack.clear()
            sender._last_acks.append(ack)
            sender._send_queue.append(ack)
        answer: asyncio.Future[Any] = sender.send(request)
        return answer

    async def _preprocess_updates(self, updates: Any, users: Any, chats: Any) -> Any:
        self.listener(updates, users)
        await self.room()
        await super()._preprocess_updates(updates, users, chats)
        return []


def server(settings: Settings) -> tuple[int, str, int] | None:
    """(data centre, host, port) of TELEGRAM_SERVER, whose public key Telethon is taught; None for Telegram itself."""
    if settings.telegram_server is None or settings.telegram_server_key is None:
        return None
    _trust(settings.telegram_server_key)
    host, _, port = settings.telegram_server.rpartition(":")
    return settings.telegram_server_dc, host.strip("[]"), int(port)


def _trust(key_file: Path) -> None:
    try:
        rsa.add_key(key_file.read_bytes(), old=False)
    except (OSError, ValueError) as exc:
        raise SettingsError(
            f"TELEGRAM_SERVER_KEY: {key_file} is not a readable public key (PEM, BEGIN RSA PUBLIC KEY): {exc}"
        ) from exc
