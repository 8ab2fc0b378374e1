"""The menu of commands, for each admin in their own chat and language: strangers see none."""

from __future__ import annotations

from contextlib import suppress

from aiogram import Bot
from aiogram.exceptions import TelegramBadRequest, TelegramForbiddenError
from aiogram.types import BotCommand, BotCommandScopeChat

from salesbot.adminbot import views
from salesbot.adminbot.desk import Desk
from salesbot.i18n import Lang
from salesbot.store.pool import UNAVAILABLE, transaction


async def set_for_all(desk: Desk, bot: Bot) -> None:
    """At the start; without a database the admins keep the menu they have."""
    with suppress(*UNAVAILABLE):
        for admin in desk.settings.admin_telegram_id:
            async with transaction(desk.pool) as connection:
                lang = await desk.admins.lang(connection, admin, desk.settings.admin_lang)
            await set_for(bot, admin, lang)


async def set_for(bot: Bot, admin: int, _: Lang) -> None:
    """Nothing for an admin who has not started the bot yet: they get it with the help."""
    commands = [BotCommand(command=name, description=text) for name, text in views.commands(_).items()]
    with suppress(TelegramBadRequest, TelegramForbiddenError):
        await bot.set_my_commands(commands, scope=BotCommandScopeChat(chat_id=admin))
