"""Telling the admins what happened: each notice at least once, waiting out whatever is transient (law 12)."""

from __future__ import annotations

import asyncio
from collections import defaultdict, deque
from collections.abc import Sequence
from datetime import datetime

from aiogram import Bot
from aiogram.exceptions import TelegramAPIError, TelegramBadRequest, TelegramForbiddenError
from loguru import logger

from salesbot.adminbot import grouping, news, reply
from salesbot.adminbot.desk import Desk
from salesbot.adminbot.views import Shown
from salesbot.log import summary
from salesbot.store import events, notices
from salesbot.store.admins import Admin
from salesbot.store.pool import UNAVAILABLE, transaction

ROUND = 20
"""Messages to one admin before it is the next one's turn."""
AGAIN_SECONDS = 1.0
"""After a round that was cut short."""
NET_SECONDS = 300.0
"""The lookout says when there is something; after so long nobody relies on it."""


async def loop(on: Desk, bot: Bot, stop: asyncio.Event) -> None:
    """Tell what is untold, whenever something is."""
    teller = Teller(on, bot, stop)
    while not stop.is_set():
        more, pause = False, NET_SECONDS
        try:
            more = await teller.tell()
        except UNAVAILABLE as away:
            logger.bind(error=summary(away)).warning("notices wait")
            pause = AGAIN_SECONDS
        if not more:
            await on.untold.wait(stop, timeout=pause)


class Teller:
    """What is remembered between the rounds; a process that starts anew may tell a few more one by one."""

    def __init__(self, on: Desk, bot: Bot, stop: asyncio.Event) -> None:
        self._on, self._bot, self._stop = on, bot, stop
        self._told: dict[tuple[int, str], deque[datetime]] = defaultdict(deque)
        self._begun = False

    async def tell(self) -> bool:
        """One round over the admins; whether there may be more to tell. Raises what is to be waited out."""
        on = self._on
        async with transaction(on.pool) as connection:
            present = await on.admins.present(connection, on.settings.admin_telegram_id)
            ids = [admin.id for admin in present]
            if not self._begun:
                await notices.hand_on(connection, ids)
            await events.fan_out(connection, ids, [admin for admin in ids if not on.admins.reachable(admin)])
        self._begun = True
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
            return await send(self._bot, admin_id, shown)
        except TelegramBadRequest as refused:
            logger.bind(event_id=found[0].event_id, error=summary(refused)).error("a notice was refused")
            return await send(self._bot, admin_id, news.plain(style.lang, found[0], count))


async def send(bot: Bot, admin: int, shown: Shown) -> bool:
    """False when the admin never started the bot, or blocked it. Raises whatever else went wrong."""
    try:
        await reply.say(bot, admin, shown)
    except (TelegramForbiddenError, TelegramBadRequest) as refused:
        if isinstance(refused, TelegramBadRequest) and "chat not found" not in refused.message:
            raise
        logger.bind(admin=admin).warning("this admin cannot be told anything until they start the bot")
        return False
    return True
