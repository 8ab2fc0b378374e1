"""A world with an MTProto server before it, and unmodified Telethon clients that speak to it."""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from telethon import TelegramClient
from telethon.network.connection import ConnectionTcpFull
from telethon.sessions import StringSession

from sandbox.mtproto import MTProtoServer
from sandbox.world import Role, User, World

PATIENCE = 10.0


class Clock:
    """The world's time: stands until it is moved."""

    def __init__(self) -> None:
        self.now = datetime(2026, 11, 21, 9, 0, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now

    def move(self, **by: float) -> None:
        self.now += timedelta(**by)


@dataclass
class Telegram:
    """What a test has in its hands: the world, its server, three people and a bot."""

    world: World
    server: MTProtoServer
    clock: Clock
    maria: User
    anna: User
    operator: User
    bot: User
    clients: list[TelegramClient] = field(default_factory=list)

    def stranger(self, session: str | None = None, **options: Any) -> TelegramClient:
        """A client not connected yet; without a session it has to sign in."""
        kept = StringSession(session)
        kept.set_dc(2, "127.0.0.1", self.server.port)
        settings: dict[str, Any] = {
            "connection": ConnectionTcpFull,
            "flood_sleep_threshold": 0,
            "request_retries": 0,
            "raise_last_call_error": True,
            "auto_reconnect": False,
            "timeout": 3,
        }
        client = TelegramClient(kept, 1, "hash", **settings | options)
        self.clients.append(client)
        return client

    async def client(self, user: User, **options: Any) -> TelegramClient:
        """A connected client, signed in as this user, that receives updates."""
        client = self.stranger(self.server.string_session(user.id), **options)
        await client.connect()
        assert (await client.get_me()).id == user.id
        return client


def people(world: World) -> tuple[User, User, User, User]:
    return (
        world.users.create(Role.ACCOUNT, "Maria", username="sales", last_name="Orlova"),
        world.users.create(Role.TARGET, "Anna", username="anna"),
        world.users.create(Role.OPERATOR, "Operator", username="operator"),
        world.users.create(Role.BOT, "Desk", username="sales_desk_bot"),
    )


class Heard:
    """Collects what a client's handlers are given."""

    def __init__(self, client: TelegramClient, *builders: Any) -> None:
        self._queue: asyncio.Queue[Any] = asyncio.Queue()
        for builder in builders:
            client.add_event_handler(self._put, builder)

    async def _put(self, event: Any) -> None:
        self._queue.put_nowait(event)

    async def next(self) -> Any:
        async with asyncio.timeout(PATIENCE):
            return await self._queue.get()

    async def take(self, count: int) -> list[Any]:
        return [await self.next() for _ in range(count)]

    def empty(self) -> bool:
        return self._queue.empty()


@contextlib.asynccontextmanager
async def logged(world: World, kind: str, method: str) -> AsyncIterator[None]:
    """Leaves once the server has seen one more packet of this kind."""
    seen = asyncio.Event()

    def listen(packet: Any) -> None:
        if packet.kind == kind and packet.method == method:
            seen.set()

    world.log.listeners.append(listen)
    yield
    async with asyncio.timeout(PATIENCE):
        await seen.wait()
    world.log.listeners.remove(listen)
