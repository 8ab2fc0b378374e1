"""What the checks are given: the settings, and what several of them ask for, each asked once."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Generic, TypeAlias, TypeVar

import asyncpg

from salesbot.adminbot import probe as bot_probe
from salesbot.adminbot.probe import BotSeen
from salesbot.errors import SalesbotError
from salesbot.finding import Finding
from salesbot.i18n import Lang
from salesbot.lifecycle import end
from salesbot.llm import probe as llm_probe
from salesbot.llm.probe import Key
from salesbot.settings import Settings, file
from salesbot.store import checkup, pool
from salesbot.store.checkup import Server
from salesbot.store.pool import ACQUIRE_TIMEOUT, Connection
from salesbot.userbot import probe as user_probe
from salesbot.userbot.probe import Reached

CONNECTIONS, BORROWED = 4, 2
"""How many at a time: of the command's own, and of a process that has other things to do with them."""
NAME = "salesbot-doctor"
"""Of the doctor's own sessions at the server: none of the product's."""
SYSTEM_ENV = Path("/etc/sales_bot/env")
"""Where the installation keeps the settings."""

Found: TypeAlias = Finding | Sequence[Finding]
Answer = TypeVar("Answer")


class Skipped(Exception):
    """There is nothing to look at; the message says why."""


class Once(Generic[Answer]):
    """Asked for by several checks and done once: all get the same answer, or the same error."""

    def __init__(self, ask: Callable[[], Coroutine[None, None, Answer]]) -> None:
        self._ask = ask
        self._task: asyncio.Task[Answer] | None = None

    async def __call__(self) -> Answer:
        if self._task is None:
            self._task = asyncio.create_task(self._ask())
        return await asyncio.shield(self._task)  # one check's patience ends, the others' does not

    async def close(self, let_go: Callable[[Answer], Awaitable[None]] | None = None) -> None:
        if self._task is None:
            return
        if self._task.done() and not self._task.cancelled() and self._task.exception() is None:
            if let_go is not None:
                await let_go(self._task.result())
        else:
            await end(self._task)


@dataclass(frozen=True, slots=True)
class House:
    """One look around. Made by ``opened``."""

    settings: Settings
    lang: Lang
    pool: Once[asyncpg.Pool]
    server: Once[Server]
    bot: Once[BotSeen]
    telegram: Once[Reached]
    key: Once[Key]
    room: asyncio.Semaphore
    """For a connection to the database."""
    outside: bool = True
    """Whether anybody beyond the database is asked: Telegram, the model. Only the command does that."""
    free: bool = False
    """Whether what costs money is left out."""
    env_files: Sequence[Path] = ()

    @asynccontextmanager
    async def asking(self) -> AsyncIterator[Connection]:
        """A connection to the database; without one whoever asks is skipped."""
        try:
            await self.server()
            opened = await self.pool()
        except (*pool.UNAVAILABLE, asyncpg.PostgresError, ValueError) as exc:
            raise Skipped(self.lang("The database cannot be asked.")) from exc
        async with self.room, opened.acquire(timeout=ACQUIRE_TIMEOUT) as connection:
            yield connection

    @asynccontextmanager
    async def tables(self) -> AsyncIterator[Connection]:
        """The same, where the tables are there as this program knows them."""
        async with self.asking() as connection:
            if not (await checkup.migrations(connection)).current:
                raise Skipped(self.lang("The tables are not up to date."))
            yield connection


@asynccontextmanager
async def opened(
    settings: Settings,
    lang: Lang,
    *,
    database: asyncpg.Pool | None = None,
    outside: bool = True,
    free: bool = False,
    env_files: Sequence[Path] | None = None,
) -> AsyncIterator[House]:
    """A house to look around in; ``database`` is a pool that is open already."""

    async def connected() -> asyncpg.Pool:
        dsn = settings.database_url.get_secret_value()
        return database or await pool.create(dsn, max_size=CONNECTIONS, name=NAME)

    async def seen() -> Server:
        async with (await connections()).acquire(timeout=ACQUIRE_TIMEOUT) as connection:
            return await checkup.server(connection)

    async def accepted() -> Key:
        async with llm_probe.asking(settings) as client:
            return await llm_probe.key(client)

    connections, server, key = Once(connected), Once(seen), Once(accepted)
    bot, telegram = Once(lambda: bot_probe.look(settings)), Once(lambda: user_probe.application(settings))
    try:
        files = tuple(dict.fromkeys((SYSTEM_ENV, file()))) if env_files is None else env_files
        room = asyncio.Semaphore(BORROWED if database else CONNECTIONS)
        yield House(settings, lang, connections, server, bot, telegram, key, room, outside, free, files)
    finally:
        for one in (server, bot, telegram, key):
            with suppress(SalesbotError):
                await one.close()
        await connections.close(None if database else pool.close)
