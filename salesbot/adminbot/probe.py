"""What BOT_TOKEN leads to, asked without taking an update: for the doctor, and while the token is typed.

``getUpdates`` is never asked here: it would end the poll of the program that runs.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from urllib.parse import urlsplit

from aiogram import Bot
from aiogram.exceptions import AiogramError, TelegramBadRequest, TelegramNotFound, TelegramUnauthorizedError

from salesbot.adminbot.bot import REFUSED, plain_bot
from salesbot.errors import SettingsError, Transient
from salesbot.log import summary
from salesbot.settings import Settings

SECONDS = 10
HALF = 0.5
"""Seconds that a ``Date`` header, which names whole ones, lies behind on average."""


@dataclass(frozen=True, slots=True)
class BotSeen:
    """The bot behind a token, and how its updates leave Telegram."""

    id: int
    username: str
    webhook: str
    """The host that Telegram hands the updates to; '' when there is none. Of the address no more: it may be secret."""
    waiting: int
    """Updates that nobody has fetched yet."""
    ahead: float | None
    """Seconds by which our clock is ahead of the Bot API's; None where that does not tell."""


async def look(settings: Settings) -> BotSeen:
    """Raises ``SettingsError`` when Telegram refuses the token, ``Transient`` when it cannot be asked."""
    async with _asking(settings) as bot:
        me = await bot.get_me(request_timeout=SECONDS)
        hook = await bot.get_webhook_info(request_timeout=SECONDS)
        ahead = await _ahead(bot, settings.bot_api_url)
    host = (urlsplit(hook.url).hostname or "?") if hook.url else ""
    return BotSeen(me.id, me.username or "", host, hook.pending_update_count, ahead)


async def strangers(settings: Settings) -> Sequence[int]:
    """The admins of ADMIN_TELEGRAM_ID whom the bot cannot write to: they never pressed Start. Raises as ``look``."""
    async with _asking(settings) as bot:
        return [admin for admin in settings.admin_telegram_id if not await _knows(bot, admin)]


@asynccontextmanager
async def _asking(settings: Settings) -> AsyncIterator[Bot]:
    bot = plain_bot(settings)
    try:
        yield bot
    except (TelegramUnauthorizedError, TelegramNotFound) as refused:
        raise SettingsError(REFUSED) from refused
    except AiogramError as failed:
        raise Transient(f"the Bot API cannot be asked ({summary(failed)})") from failed
    finally:
        await bot.session.close()


async def _knows(bot: Bot, admin: int) -> bool:
    try:
        await bot.get_chat(admin, request_timeout=SECONDS)
    except TelegramBadRequest:
        return False
    return True


async def _ahead(bot: Bot, address: str) -> float | None:
    http = await bot.session.create_session()  # type: ignore[attr-defined] # of the session that plain_bot made
    try:
        async with http.head(address, allow_redirects=False) as answer:
            there = parsedate_to_datetime(answer.headers["Date"])
    except Exception:  # noqa: BLE001 - whatever it is, of the clock nothing is known then
        return None
    return (datetime.now(UTC) - there).total_seconds() - HALF
