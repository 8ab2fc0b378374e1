"""/start @username, and the two buttons offered for somebody whose dialog was stopped."""

from __future__ import annotations

from aiogram import Bot, Router
from aiogram.filters import Command, CommandObject
from aiogram.types import CallbackQuery, Message

from salesbot.adminbot import actions, parse, views
from salesbot.adminbot.actions import Origin
from salesbot.adminbot.desk import Desk
from salesbot.adminbot.keyboards import AllowOpenings, Anew, Resume
from salesbot.adminbot.reply import put, say, settle
from salesbot.i18n import Lang


def router() -> Router:
    topic = Router(name="start")
    topic.message.register(start, Command("start", ignore_case=True))
    topic.callback_query.register(resume, Resume.filter())
    topic.callback_query.register(anew, Anew.filter())
    topic.callback_query.register(allow_openings, AllowOpenings.filter())
    return topic


async def start(message: Message, *, command: CommandObject, bot: Bot, desk: Desk, lang: Lang, origin: Origin) -> None:
    answer = await actions.start(desk, origin, parse.start(command.args or ""))
    await say(bot, message.chat.id, views.answer(lang, answer))


async def resume(
    query: CallbackQuery, *, callback_data: Resume, bot: Bot, desk: Desk, lang: Lang, origin: Origin
) -> None:
    answer = await actions.resume(desk, origin, callback_data.dialog)
    await settle(query)
    await put(bot, query, views.answer(lang, answer))


async def anew(query: CallbackQuery, *, callback_data: Anew, bot: Bot, desk: Desk, lang: Lang, origin: Origin) -> None:
    answer = await actions.start_anew(desk, origin, callback_data.update)
    await settle(query)
    await put(bot, query, views.answer(lang, answer))


async def allow_openings(
    query: CallbackQuery, *, callback_data: AllowOpenings, bot: Bot, desk: Desk, lang: Lang, origin: Origin
) -> None:
    answer = await actions.allow_openings(desk, origin, callback_data.account)
    await settle(query)
    await put(bot, query, views.answer(lang, answer))
