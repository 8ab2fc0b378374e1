"""/view N and its pages."""

from __future__ import annotations

from aiogram import Bot, Router
from aiogram.filters import Command, CommandObject
from aiogram.types import CallbackQuery, Message

from salesbot.adminbot import parse, reading, views
from salesbot.adminbot.access import Role
from salesbot.adminbot.actions import Answer, Said
from salesbot.adminbot.desk import Desk
from salesbot.adminbot.keyboards import ViewPage, Way
from salesbot.adminbot.reply import put, say, settle
from salesbot.i18n import Lang


def router() -> Router:
    topic = Router(name="view")
    topic.message.register(newest, Command("view", ignore_case=True), flags={"role": Role.VIEWER})
    topic.callback_query.register(turn, ViewPage.filter(), flags={"role": Role.VIEWER})
    return topic


async def newest(message: Message, command: CommandObject, bot: Bot, desk: Desk, lang: Lang) -> None:
    number = parse.number(command.args)
    page = await reading.view_page(desk, lang, ViewPage(dialog=number, way=Way.NEWEST, cursor=0, piece=0))
    missing = Answer(Said.NO_SUCH_DIALOG, {"dialog": number})
    await say(bot, message.chat.id, page or views.answer(lang, missing))


async def turn(query: CallbackQuery, callback_data: ViewPage, bot: Bot, desk: Desk, lang: Lang) -> None:
    page = await reading.view_page(desk, lang, callback_data)
    await settle(query)
    await put(bot, query, page or views.answer(lang, Answer(Said.EXPIRED)))
