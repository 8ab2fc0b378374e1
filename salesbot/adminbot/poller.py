"""Taking updates from Telegram: at least once, in order for each admin, and ready to stop at any moment.

aiogram's own polling confirms an update while its handler still runs, so that a kill loses the command; it also leaves
tasks behind when it is cancelled. Here a batch is confirmed (by the next request's offset) once all of it is handled;
what is delivered again after a kill changes nothing (law 7).
"""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine, Sequence
from itertools import groupby
from typing import TypeVar

from aiogram import Bot, Dispatcher
from aiogram.exceptions import AiogramError, TelegramConflictError
from aiogram.types import Update
from loguru import logger

from salesbot import metrics
from salesbot.adminbot.access import UPDATES, sender
from salesbot.adminbot.diary import Diary
from salesbot.clock import Clock
from salesbot.log import summary

POLL_SECONDS = 25
STOP_SECONDS = 1.0
PAUSES = (0.2, 1.0, 2.0, 5.0, 10.0)

T = TypeVar("T")


class Poller:
    """One long poll at a time, until stop."""

    def __init__(self, bot: Bot, dispatcher: Dispatcher, clock: Clock, diary: Diary, stop: asyncio.Event) -> None:
        self._bot, self._dispatcher, self._clock, self._stop = bot, dispatcher, clock, stop
        self._diary = diary
        self._offset: int | None = None
        self._failures = 0

    async def run(self) -> None:
        await self._diary.heard()  # who we are was answered just now
        while not self._stop.is_set():
            updates = await self._until_stop(self._fetch(POLL_SECONDS), budget=0.0)
            if updates:
                await self._until_stop(self._handle(updates), budget=STOP_SECONDS)

    async def _fetch(self, seconds: int) -> Sequence[Update]:
        """The next updates; none after a failure, which is waited out."""
        try:
            updates = await self._bot.get_updates(
                offset=self._offset,
                timeout=seconds,
                allowed_updates=list(UPDATES),
                request_timeout=seconds + 15,
            )
        except AiogramError as failed:
            await self._wait_out(failed)
            return ()
        metrics.LAST_POLL.mark()
        await self._diary.heard()
        if self._failures:
            logger.info("the bot hears again")
        self._failures = 0
        return updates

    async def _wait_out(self, failed: AiogramError) -> None:
        self._failures += 1
        if conflict := isinstance(failed, TelegramConflictError):
            await self._diary.disturbed()
        if self._failures in (1, 10) or self._failures % 100 == 0:
            text = "another program polls with this bot's token" if conflict else "the bot cannot fetch updates"
            logger.bind(failures=self._failures, error=summary(failed)).warning(text)
        await self._clock.sleep(PAUSES[min(self._failures, len(PAUSES)) - 1])

    async def _handle(self, updates: Sequence[Update]) -> None:
        """Handle a batch, each admin's updates in their order, then let the next request confirm it."""

        def who(update: Update) -> int:
            user = sender(update)
            return user.id if user else 0

        async def in_order(mine: Sequence[Update]) -> None:
            for update in mine:
                await self._one(update)

        groups = groupby(sorted(updates, key=lambda u: (who(u), u.update_id)), key=who)
        await asyncio.gather(*(in_order(list(mine)) for _who, mine in groups))
        self._offset = updates[-1].update_id + 1
        if self._stop.is_set():
            await self._fetch(0)  # confirm, so that the next start does not answer twice

    async def _one(self, update: Update) -> None:
        try:
            await self._dispatcher.feed_update(self._bot, update)
        except Exception:  # noqa: BLE001 - one update's trouble is logged and confirmed: the others go on
            logger.bind(update_id=update.update_id).exception("an update failed")

    async def _until_stop(self, work: Coroutine[None, None, T], budget: float) -> T | None:
        """The result of ``work``; once stop is set it has ``budget`` seconds, then it is cancelled."""
        task = asyncio.create_task(work)
        stopping = asyncio.create_task(self._stop.wait())
        try:
            await asyncio.wait((task, stopping), return_when=asyncio.FIRST_COMPLETED)
            if not task.done():
                await asyncio.wait((task,), timeout=budget)
            return task.result() if task.done() else None
        finally:
            stopping.cancel()
            task.cancel()
            await asyncio.gather(task, stopping, return_exceptions=True)
