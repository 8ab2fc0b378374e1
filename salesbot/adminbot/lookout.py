"""The look that the loops of the desk share: one cheap question every other second, and after each commit of news.

At rest nothing else is asked; of a busy process, which commits without end, it is asked a few times a second. That the
database does not answer shows here first, so this is where the admins are told of it.
"""

from __future__ import annotations

import asyncio
import time
from datetime import datetime, timedelta

from aiogram import Bot
from aiogram.exceptions import TelegramAPIError
from loguru import logger

from salesbot.adminbot import grouping, news, notify
from salesbot.adminbot.desk import Desk
from salesbot.lifecycle import beat, wait_any
from salesbot.log import summary
from salesbot.store import events, notices
from salesbot.store.pool import ACQUIRE_TIMEOUT, UNAVAILABLE, transaction

LOOK_SECONDS = 2.0
"""The net under the wake-ups, and how soon news of another process is seen."""
APART_SECONDS = 0.25
"""What is committed within so long of a look waits for the next one."""
OUTAGE = timedelta(seconds=30)
"""So long the database is away before anybody is told."""


async def loop(on: Desk, bot: Bot, stop: asyncio.Event) -> None:
    """Wake the loops that have something to do, until stop."""
    outage = Outage(on, bot)
    while not stop.is_set():
        looked = time.monotonic()
        try:
            await look(on)
            await outage.over()
        except UNAVAILABLE as away:
            logger.bind(error=summary(away)).debug("the desk sees nothing")
            await outage.lasts()
        await on.notices.wait(stop, timeout=beat(LOOK_SECONDS))
        if (rest := looked + APART_SECONDS - time.monotonic()) > 0:
            await wait_any(stop, timeout=rest)


async def look(on: Desk) -> notices.Glance:
    """Ask once, and wake those for whom there is something. Raises one of ``UNAVAILABLE``."""
    able = [admin.id for admin in on.admins.last if on.admins.reachable(admin.id)]
    async with on.pool.acquire(timeout=ACQUIRE_TIMEOUT) as connection:
        seen = await notices.glance(connection, able)
    if seen.notices:
        on.untold.wake()
    if seen.drafts:
        on.drafts.wake()
    return seen


class Outage:
    """A database that does not answer, as far as the admins know."""

    def __init__(self, on: Desk, bot: Bot) -> None:
        self._on, self._bot = on, bot
        self._since: datetime | None = None
        self._told = False

    async def lasts(self) -> None:
        """After a while the admins are told, by what is remembered of them: nobody can be asked."""
        on, now = self._on, self._on.clock.now()
        self._since = self._since or now
        if self._told or now - self._since < OUTAGE:
            return
        self._told = True
        for admin in on.admins.last:
            zone = on.admins.zone_of(admin)
            if on.admins.reachable(admin.id) and not grouping.rests(admin, zone, now):
                lang = on.admins.known_lang(admin.id, on.settings.admin_lang)
                try:
                    await notify.send(self._bot, admin.id, news.database_away(lang, self._since.astimezone(zone)))
                except TelegramAPIError as lost:
                    logger.bind(admin=admin.id, error=summary(lost)).warning("an outage could not be told")

    async def over(self) -> None:
        """Back to normal, for whoever heard that it was not."""
        if self._since is not None and self._told:
            seconds = round((self._on.clock.now() - self._since).total_seconds())
            async with transaction(self._on.pool) as connection:
                await events.record(connection, "database_back", actor="system", data={"seconds": seconds})
        self._since, self._told = None, False
