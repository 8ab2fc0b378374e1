"""Does the errands of the desk beside its handlers, so that no command waits for another one's figures."""

from __future__ import annotations

import asyncio
from contextlib import suppress

from aiogram import Bot
from aiogram.exceptions import TelegramAPIError
from loguru import logger

from salesbot.adminbot.desk import Desk
from salesbot.adminbot.errands import Errand
from salesbot.adminbot.reply import say
from salesbot.adminbot.views import Shown
from salesbot.log import summary
from salesbot.store.pool import UNAVAILABLE


async def loop(desk: Desk, bot: Bot, stop: asyncio.Event) -> None:
    """One after the other, until stop."""
    while errand := await desk.errands.take(stop):
        await _run(bot, errand)


async def _run(bot: Bot, errand: Errand) -> None:
    _ = errand.lang
    try:
        await errand.work()
    except TelegramAPIError as refused:
        logger.bind(admin=errand.chat_id, error=summary(refused)).warning("an answer could not be sent")
    except UNAVAILABLE as away:
        logger.bind(admin=errand.chat_id, error=summary(away)).warning("the database did not answer in time")
        await _tell(bot, errand, _("The database did not answer in time. Ask again in a while."))
    except Exception:  # noqa: BLE001 - a fault of ours in one errand: logged, the admin told, the desk goes on
        logger.bind(admin=errand.chat_id).exception("an errand failed")
        await _tell(bot, errand, _("Something went wrong here; the log says what."))


async def _tell(bot: Bot, errand: Errand, text: str) -> None:
    with suppress(TelegramAPIError):
        await say(bot, errand.chat_id, Shown(text))
