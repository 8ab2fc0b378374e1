"""What no other handler understood: unknown commands, plain words, edited commands, buttons of old shape."""

from __future__ import annotations

from aiogram import Bot, F, Router
from aiogram.types import CallbackQuery, Message

from salesbot.adminbot import manual, views
from salesbot.adminbot.access import Role
from salesbot.adminbot.actions import Answer, Said
from salesbot.adminbot.reply import say, settle
from salesbot.adminbot.views import Shown
from salesbot.i18n import Lang


def router() -> Router:
    topic = Router(name="rest")
    topic.callback_query.register(expired, flags={"role": Role.VIEWER})
    topic.edited_message.register(edited, F.text.startswith("/"), flags={"role": Role.VIEWER})
    topic.message.register(unknown, flags={"role": Role.VIEWER})
    return topic


async def expired(query: CallbackQuery, lang: Lang) -> None:
    await settle(query, views.answer(lang, Answer(Said.EXPIRED)).text)


async def edited(message: Message, bot: Bot, lang: Lang) -> None:
    await say(bot, message.chat.id, Shown(lang("An edited command is not carried out again. Send it anew.")))


async def unknown(message: Message, bot: Bot, lang: Lang, role: Role) -> None:
    text = message.text or ""
    if text.startswith("/"):
        shown = views.unknown(lang, manual.nearest(lang, text.split(maxsplit=1)[0], role))
    else:
        shown = views.no_command(lang, speaks=role.covers(Role.OPERATOR))
    await say(bot, message.chat.id, shown)
