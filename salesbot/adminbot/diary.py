"""Writes down how the asking for the bot's updates goes: the doctor cannot ask for them without disturbing it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta

import asyncpg
from loguru import logger

from salesbot.clock import Clock
from salesbot.log import summary
from salesbot.store import polls
from salesbot.store.pool import ACQUIRE_TIMEOUT, UNAVAILABLE, Connection

EVERY = timedelta(minutes=1)

Write = Callable[[Connection, int, datetime], Awaitable[None]]


class Diary:
    """Of one bot. Each kind of entry is made once a minute at most; without a database none is."""

    def __init__(self, pool: asyncpg.Pool, bot_id: int, clock: Clock) -> None:
        self._pool, self._bot_id, self._clock = pool, bot_id, clock
        self._written: dict[Write, datetime] = {}

    async def heard(self) -> None:
        """Telegram answered."""
        await self._note(polls.heard)

    async def disturbed(self) -> None:
        """Another program polls with this token, says Telegram."""
        await self._note(polls.disturbed)

    async def _note(self, write: Write) -> None:
        now = self._clock.now()
        if now - self._written.get(write, now - EVERY) < EVERY:
            return
        self._written[write] = now
        try:
            async with self._pool.acquire(timeout=ACQUIRE_TIMEOUT) as connection:
                await write(connection, self._bot_id, now)
        except UNAVAILABLE as away:
            logger.bind(error=summary(away)).debug("how the bot is polled was not written down")
