"""Who may use the desk: the admins of the settings, each in the private chat with the bot. Nobody else gets an answer.

An outer middleware on updates, so that whatever kind of update a handler is ever written for passes here first.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import TypeAlias

from aiogram import BaseMiddleware
from aiogram.dispatcher.event.bases import UNHANDLED
from aiogram.enums import ChatType
from aiogram.types import CallbackQuery, Chat, Message, TelegramObject, Update, User

from salesbot import i18n
from salesbot.adminbot.actions import Origin
from salesbot.adminbot.desk import Desk

UPDATES = ("message", "edited_message", "callback_query")
"""What the bot asks Telegram for; everything else is dropped unread."""

Data: TypeAlias = dict[str, object]
"""What aiogram hands to handlers by name."""

Handler: TypeAlias = Callable[[TelegramObject, Data], Awaitable[object]]


class Access(BaseMiddleware):
    """Lets admins through, with their language (``lang``) and the update's ``origin`` for the handlers."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    async def __call__(self, handler: Handler, event: TelegramObject, data: Data) -> object:
        settings = self._desk.settings
        if not isinstance(event, Update):
            return UNHANDLED
        admin = sender(event)
        if admin is None or admin.id not in settings.admin_telegram_id:
            return UNHANDLED
        self._desk.admins.heard(admin.id, admin.language_code)
        lang = i18n.of(admin.language_code, settings.admin_lang)
        data["lang"] = lang
        data["origin"] = Origin(event.update_id, admin.id, mark(event), lang.code)
        return await handler(event, data)


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
