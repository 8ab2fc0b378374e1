"""Who the bot and its admins are in Telegram, asked of Telegram: a name may be anybody's, an id is one person's."""

from __future__ import annotations

from dataclasses import dataclass

from aiogram import Bot
from aiogram.exceptions import (
    AiogramError,
    TelegramBadRequest,
    TelegramForbiddenError,
    TelegramNotFound,
    TelegramUnauthorizedError,
)

from salesbot.adminbot.bot import REFUSED, plain_bot
from salesbot.errors import SettingsError, Transient
from salesbot.settings import Settings


@dataclass(frozen=True, slots=True)
class Admin:
    """An admin as the bot sees them. ``usernames`` is None while they have not written to the bot yet."""

    id: int
    usernames: tuple[str, ...] | None


@dataclass(frozen=True, slots=True)
class Introduction:
    """The bot's username, and the admins in the order of the settings."""

    bot: str
    admins: tuple[Admin, ...]


async def introduce(settings: Settings) -> Introduction:
    """Raises ``SettingsError`` when Telegram refuses the token, ``Transient`` when it cannot be reached."""
    bot = plain_bot(settings)
    try:
        me = await bot.me()
        admins = [await _admin(bot, admin_id) for admin_id in settings.admin_telegram_id]
    except (TelegramUnauthorizedError, TelegramNotFound) as refused:
        raise SettingsError(REFUSED) from refused
    except AiogramError as failed:
        raise Transient(f"The Bot API cannot be reached ({type(failed).__name__}). Try again later.") from failed
    finally:
        await bot.session.close()
    return Introduction(me.username or "", tuple(admins))


async def _admin(bot: Bot, admin_id: int) -> Admin:
    try:
        chat = await bot.get_chat(admin_id)
    except (TelegramBadRequest, TelegramForbiddenError):  # they never started the bot, or blocked it
        return Admin(admin_id, None)
    names = [chat.username or "", *(chat.active_usernames or ())]
    return Admin(admin_id, tuple(dict.fromkeys(filter(None, names))))
