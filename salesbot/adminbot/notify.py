"""Telling the admins what happened: each notice at least once, waiting out whatever is transient (law 12)."""

from __future__ import annotations

import asyncio
from collections import defaultdict, deque
from collections.abc import Sequence
from datetime import datetime, timedelta

from aiogram import Bot
from aiogram.exceptions import TelegramAPIError, TelegramBadRequest, TelegramForbiddenError
from loguru import logger

from salesbot.adminbot import grouping, news, reply
from salesbot.adminbot.desk import Desk
from salesbot.adminbot.views import Shown
from salesbot.log import summary
from salesbot.store import admins, events, notices
from salesbot.store.admins import Admin
from salesbot.store.pool import UNAVAILABLE, transaction

LOOK_SECONDS = 1.0
ROUND = 20
"""Messages to one admin before it is the next one's turn."""
OUTAGE = timedelta(seconds=30)
"""So long the database is away before anybody is told."""


async def loop(on: Desk, bot: Bot, stop: asyncio.Event) -> None:
    """Tell what is untold, at each wake-up and each second."""
    teller = Teller(on, bot, stop)
    while not stop.is_set():
        more = False
        try:
            more = await teller.tell()
            await teller.database_answers()
        except UNAVAILABLE as away:
            logger.bind(error=summary(away)).warning("notices wait")
            await teller.database_is_away()
        if not more:
            await on.notices.wait(stop, timeout=LOOK_SECONDS)


class Teller:
    """What is remembered between the rounds; a process that starts anew may tell a few more one by one."""

    def __init__(self, on: Desk, bot: Bot, stop: asyncio.Event) -> None:
        self._on, self._bot, self._stop = on, bot, stop
        self._told: dict[tuple[int, str], deque[datetime]] = defaultdict(deque)
        self._present: Sequence[Admin] = ()
        self._away_since: datetime | None = None
        self._away_told = False

    async def tell(self) -> bool:
        """One round over the admins; whether there may be more to tell. Raises what is to be waited out."""
        on = self._on
        async with transaction(on.pool) as connection:
            present = await admins.present(connection, on.settings.admin_telegram_id)
            ids = [admin.id for admin in present]
            if not self._present:
                await notices.hand_on(connection, ids)
            await events.fan_out(connection, ids, [admin for admin in ids if not on.admins.reachable(admin)])
        self._present = present
        rounds = [await self._tell_one(admin) for admin in present if on.admins.reachable(admin.id)]
        return any(rounds)

    async def _tell_one(self, admin: Admin) -> bool:
        """What goes wrong with one admin's messages does not keep the others waiting."""
        try:
            return await self._tell_admin(admin)
        except TelegramAPIError as lost:
            logger.bind(admin=admin.id, error=summary(lost)).warning("notices wait")
            return False

    async def _tell_admin(self, admin: Admin) -> bool:
        on, now = self._on, self._on.clock.now()
        async with transaction(on.pool) as connection:
            pending = await notices.pending(connection, admin.id)
            if not pending:
                return False
            lang = await on.admins.lang(connection, admin.id, on.settings.admin_lang)
        style = news.Style(lang, on.admins.zone_of(admin), now, on.titles)
        quiet = grouping.rests(admin, style.zone, now)
        messages = grouping.due(pending, lambda kind: self._lately(admin.id, kind, now), now, quiet=quiet)
        for event_ids in messages[:ROUND]:
            if self._stop.is_set() or not await self._say(admin.id, style, event_ids):
                return False
        return len(messages) > ROUND

    def _lately(self, admin_id: int, kind: str, now: datetime) -> int:
        """How many notices of this kind they were told just now."""
        times = self._told[admin_id, kind]
        while times and times[0] <= now - grouping.CALM:
            times.popleft()
        return len(times)

    async def _say(self, admin_id: int, style: news.Style, event_ids: Sequence[int]) -> bool:
        """One message about these events, all of a kind; False when this admin cannot be told anything."""
        on = self._on
        async with transaction(on.pool) as connection:
            found = await notices.read(connection, event_ids[: news.LINES])
        if found and not await self._deliver(admin_id, style, found, len(event_ids)):
            on.admins.refused(admin_id)
            return False
        now = on.clock.now()
        async with transaction(on.pool) as connection:
            await notices.told(connection, event_ids, admin_id, now)
        if found:
            self._told[admin_id, found[0].kind] += [now] * len(event_ids)
        return True

    async def _deliver(self, admin_id: int, style: news.Style, found: Sequence[notices.Notice], count: int) -> bool:
        """Whether the admin was told; what Telegram cannot show is told without anybody's words."""
        shown = news.group(style, found, count) if count > 1 else news.notice(style, found[0])
        try:
            return await _send(self._bot, admin_id, shown)
        except TelegramBadRequest as refused:
            logger.bind(event_id=found[0].event_id, error=summary(refused)).error("a notice was refused")
            return await _send(self._bot, admin_id, news.plain(style.lang, found[0], count))

    async def database_is_away(self) -> None:
        """After a while the admins are told, by what is remembered of them: nobody can be asked."""
        now = self._on.clock.now()
        self._away_since = self._away_since or now
        if self._away_told or now - self._away_since < OUTAGE:
            return
        self._away_told = True
        for admin in self._present:
            zone = self._on.admins.zone_of(admin)
            if self._on.admins.reachable(admin.id) and not grouping.rests(admin, zone, now):
                lang = self._on.admins.known_lang(admin.id, self._on.settings.admin_lang)
                try:
                    await _send(self._bot, admin.id, news.database_away(lang, self._away_since.astimezone(zone)))
                except TelegramAPIError as lost:
                    logger.bind(admin=admin.id, error=summary(lost)).warning("an outage could not be told")

    async def database_answers(self) -> None:
        """Back to normal, for whoever heard that it was not."""
        if self._away_since is not None and self._away_told:
            seconds = round((self._on.clock.now() - self._away_since).total_seconds())
            async with transaction(self._on.pool) as connection:
                await events.record(connection, "database_back", actor="system", data={"seconds": seconds})
        self._away_since, self._away_told = None, False


async def _send(bot: Bot, admin: int, shown: Shown) -> bool:
    """False when the admin never started the bot, or blocked it. Raises whatever else went wrong."""
    try:
        await reply.say(bot, admin, shown)
    except (TelegramForbiddenError, TelegramBadRequest) as refused:
        if isinstance(refused, TelegramBadRequest) and "chat not found" not in refused.message:
            raise
        logger.bind(admin=admin).warning("this admin cannot be told anything until they start the bot")
        return False
    return True
