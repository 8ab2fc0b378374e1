"""Who may use the desk: the owners of the settings and whom they let in, each in the private chat with the bot.
Nobody else gets an answer.

An outer middleware on updates, so that whatever kind of update a handler is ever written for passes here first. What
a handler needs is its flag ``role``; without one it needs an operator.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from typing import TypeAlias

from aiogram import BaseMiddleware, Bot
from aiogram.dispatcher.event.bases import UNHANDLED
from aiogram.dispatcher.flags import get_flag
from aiogram.enums import ChatType
from aiogram.types import CallbackQuery, Chat, Message, TelegramObject, Update, User

from salesbot import i18n
from salesbot.adminbot.actions import Origin
from salesbot.adminbot.desk import Desk
from salesbot.adminbot.reply import say, settle
from salesbot.adminbot.views import Shown
from salesbot.i18n import Lang
from salesbot.store.admins import Role
from salesbot.store.pool import UNAVAILABLE, transaction

__all__ = ["UPDATES", "Access", "Data", "Handler", "Role", "RoleCheck", "mark", "needed_role", "sender"]

UPDATES = ("message", "edited_message", "callback_query")
"""What the bot asks Telegram for; everything else is dropped unread."""

Data: TypeAlias = dict[str, object]
"""What aiogram hands to handlers by name."""

Handler: TypeAlias = Callable[[TelegramObject, Data], Awaitable[object]]


class Access(BaseMiddleware):
    """Lets admins through; handlers get their language (``lang``), their ``role`` and the update's ``origin``."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    async def __call__(self, handler: Handler, event: TelegramObject, data: Data) -> object:
        if not isinstance(event, Update):
            return UNHANDLED
        admin = sender(event)
        role = await self._role(admin) if admin else None
        if admin is None or role is None:
            return UNHANDLED
        self._desk.admins.heard(admin.id, admin.language_code)
        lang = i18n.of(admin.language_code, self._desk.settings.admin_lang)
        data["lang"] = lang
        data["role"] = role
        data["origin"] = Origin(event.update_id, admin.id, mark(event), lang.code)
        return await handler(event, data)

    async def _role(self, user: User) -> Role | None:
        """Owners are known without a database; of the others it is asked each time: a removal counts at once."""
        owner = user.id in self._desk.settings.admin_telegram_id
        role = Role.OWNER if owner else self._desk.admins.last_role(user.id)
        with suppress(*UNAVAILABLE):  # whoever was let in before is let in, and Trouble waits for the database
            if not owner:
                async with transaction(self._desk.pool) as connection:
                    role = await self._desk.admins.role(connection, user.id)
            if role is not None and self._desk.admins.unheard(user.id, user.full_name, user.username):
                async with transaction(self._desk.pool) as connection:
                    await self._desk.admins.called(connection, user.id, user.full_name, user.username)
        return role


class RoleCheck(BaseMiddleware):
    """Around each handler: whether the admin's role covers what it needs; if not, a sentence says so."""

    async def __call__(self, handler: Handler, event: TelegramObject, data: Data) -> object:
        role, _, bot = data["role"], data["lang"], data["bot"]
        assert isinstance(role, Role) and isinstance(_, Lang) and isinstance(bot, Bot)
        needed = needed_role(data)
        if role.covers(needed):
            return await handler(event, data)
        text = _needs(_)[needed]
        match event:
            case CallbackQuery():
                await settle(event, text)
            case Message():
                await say(bot, event.chat.id, Shown(text))
        return None


def needed_role(data: Data) -> Role:
    """The least that may call this handler."""
    needed = get_flag(data, "role", default=Role.OPERATOR)
    assert isinstance(needed, Role)
    return needed


def _needs(_: Lang) -> Mapping[Role, str]:
    return {
        Role.OPERATOR: _("You may look, and change nothing: ask an owner of this desk to make you an operator."),
        Role.OWNER: _("Only an owner of this desk may do that."),
    }


def sender(update: Update) -> User | None:
    """Who sent it, when it is of a kind we take and comes from that person's private chat with the bot."""
    if update.event_type not in UPDATES:
        return None
    event = update.event
    match event:
        case Message(from_user=User() as user, chat=chat) if _private(chat, user):
            return user
        case CallbackQuery(from_user=user, message=message) if message and _private(message.chat, user):
            return user
        case _:
            return None


def _private(chat: Chat, user: User) -> bool:
    return chat.type == ChatType.PRIVATE and chat.id == user.id and not user.is_bot


def mark(update: Update) -> str:
    """What tells two updates of one number apart: a bot that was replaced begins its numbers anew."""
    event = update.event
    bot_id = update.bot.id if update.bot else 0
    if isinstance(event, Message):
        return f"{bot_id}/{event.message_id}/{event.date.timestamp():.0f}"
    return f"{bot_id}/{getattr(event, 'id', '')}"
