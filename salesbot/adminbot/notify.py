"""Telling the admins what happened: each notice at least once, in order, waiting out whatever is transient (law 12)."""

from __future__ import annotations

import asyncio
from datetime import timedelta

from aiogram import Bot
from aiogram.exceptions import TelegramAPIError, TelegramBadRequest, TelegramForbiddenError
from loguru import logger

from salesbot.adminbot import news, reply
from salesbot.adminbot.desk import Desk
from salesbot.adminbot.views import Shown
from salesbot.i18n import Lang
from salesbot.log import summary
from salesbot.store import events, notices
from salesbot.store.notices import Notice
from salesbot.store.pool import UNAVAILABLE, transaction

LOOK_SECONDS = 1.0
STALE = timedelta(days=1)
"""What an admin could not be told for so long is summed up in one line."""


async def loop(on: Desk, bot: Bot, stop: asyncio.Event) -> None:
    """Tell what is untold, at each wake-up and each second."""
    while not stop.is_set():
        try:
            more = await tell(on, bot, stop)
        except (*UNAVAILABLE, TelegramAPIError) as away:
            logger.bind(error=summary(away)).warning("notices wait")
            more = False
        if not more:
            await on.notices.wait(stop, timeout=LOOK_SECONDS)


async def tell(on: Desk, bot: Bot, stop: asyncio.Event) -> bool:
    """One round over the admins; whether there may be more to tell. Raises what is to be waited out."""
    admins = on.settings.admin_telegram_id
    async with transaction(on.pool) as connection:
        await events.fan_out(connection, admins)
    rounds = [await _tell_admin(on, bot, admin, stop) for admin in admins if on.admins.reachable(admin)]
    return any(rounds)


async def _tell_admin(on: Desk, bot: Bot, admin: int, stop: asyncio.Event) -> bool:
    now = on.clock.now()
    async with transaction(on.pool) as connection:
        waiting = await notices.untold(connection, admin)
        _ = await on.admins.lang(connection, admin, on.settings.admin_lang)
    if waiting and waiting[0].created_at < now - STALE:
        return await _sum_up(on, bot, admin, _)
    for notice in waiting:
        if stop.is_set():
            return False
        if not await _send(bot, admin, _, notice):
            on.admins.refused(admin)
            return False
        async with transaction(on.pool) as connection:
            await notices.told(connection, notice.event_id, admin, on.clock.now())
    return bool(waiting)


async def _send(bot: Bot, admin: int, _: Lang, notice: Notice) -> bool:
    """Whether the admin was told; what Telegram cannot show is told without anybody's words."""
    try:
        return await _say(bot, admin, news.notice(_, notice))
    except TelegramBadRequest as refused:
        logger.bind(event_id=notice.event_id, error=summary(refused)).error("a notice was refused")
        return await _say(bot, admin, news.plain(_, notice))


async def _say(bot: Bot, admin: int, shown: Shown) -> bool:
    """False when the admin never started the bot, or blocked it. Raises whatever else went wrong."""
    try:
        await reply.say(bot, admin, shown)
    except (TelegramForbiddenError, TelegramBadRequest) as refused:
        if isinstance(refused, TelegramBadRequest) and "chat not found" not in refused.message:
            raise
        logger.bind(admin=admin).warning("this admin cannot be told anything until they start the bot")
        return False
    return True


async def _sum_up(on: Desk, bot: Bot, admin: int, _: Lang) -> bool:
    """One line instead of everything that is older than a day."""
    now = on.clock.now()
    async with transaction(on.pool) as connection:
        missed = await notices.count_older(connection, admin, now - STALE)
    text = _.plural(
        "{n} notice could not be delivered in time. /list shows how things stand.",
        "{n} notices could not be delivered in time. /list shows how things stand.",
        missed,
    )
    if not await _say(bot, admin, Shown(text)):
        on.admins.refused(admin)
        return False
    async with transaction(on.pool) as connection:
        await notices.told_older(connection, admin, now - STALE, now)
    return True
