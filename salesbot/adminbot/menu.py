"""The menu of commands, for each admin in their own chat and language: strangers see none."""

from __future__ import annotations

from contextlib import suppress

from aiogram import Bot
from aiogram.exceptions import TelegramBadRequest, TelegramForbiddenError
from aiogram.types import BotCommand, BotCommandScopeChat

from salesbot.adminbot import manual
from salesbot.adminbot.desk import Desk
from salesbot.i18n import Lang
from salesbot.store import admins
from salesbot.store.admins import Role
from salesbot.store.pool import UNAVAILABLE, transaction


async def set_for_all(desk: Desk, bot: Bot) -> None:
    """At the start; without a database the admins keep the menu they have."""
    owners = desk.settings.admin_telegram_id
    with suppress(*UNAVAILABLE):
        async with transaction(desk.pool) as connection:
            present = await admins.present(connection, owners)
            langs = [await desk.admins.lang(connection, admin.id, desk.settings.admin_lang) for admin in present]
        for admin, lang in zip(present, langs, strict=True):
            await set_for(bot, admin.id, lang, Role.OWNER if admin.id in owners else admin.role or Role.VIEWER)


async def set_for(bot: Bot, admin: int, _: Lang, role: Role) -> None:
    """What this admin may use. Nothing for one who has not started the bot yet: they get it with the help."""
    commands = [
        BotCommand(command=entry.name, description=f"{entry.text}: {entry.shown}" if entry.example else entry.text)
        for entry in manual.entries(_, role)
    ]
    with suppress(TelegramBadRequest, TelegramForbiddenError):
        await bot.set_my_commands(commands, scope=BotCommandScopeChat(chat_id=admin))


async def refresh(desk: Desk, bot: Bot, admin_id: int) -> None:
    """After somebody's role was changed: what they may use now, or no menu at all."""
    owners = desk.settings.admin_telegram_id
    async with transaction(desk.pool) as connection:
        admin = await admins.get(connection, admin_id)
        lang = await desk.admins.lang(connection, admin_id, desk.settings.admin_lang)
    role = Role.OWNER if admin_id in owners else admin.role if admin else None
    if role is not None:
        await set_for(bot, admin_id, lang, role)
        return
    with suppress(TelegramBadRequest, TelegramForbiddenError):
        await bot.delete_my_commands(scope=BotCommandScopeChat(chat_id=admin_id))
