"""/list and its pages."""

from __future__ import annotations

from aiogram import Bot, Router
from aiogram.filters import Command, CommandObject
from aiogram.types import CallbackQuery, Message

from salesbot.adminbot import reading
from salesbot.adminbot.access import Role
from salesbot.adminbot.desk import Desk
from salesbot.adminbot.keyboards import ListPage, Way
from salesbot.adminbot.parse import Wrong, WrongInput
from salesbot.adminbot.reply import put, say, settle
from salesbot.i18n import Lang


def router() -> Router:
    topic = Router(name="lists")
    topic.message.register(newest, Command("list", ignore_case=True), flags={"role": Role.VIEWER})
    topic.callback_query.register(turn, ListPage.filter(), flags={"role": Role.VIEWER})
    return topic


async def newest(message: Message, command: CommandObject, bot: Bot, desk: Desk, lang: Lang) -> None:
    wanted = (command.args or "").strip().lower()
    if wanted not in ("", "all"):
        raise WrongInput(Wrong.TOO_MUCH, wanted)
    page = ListPage(everything=wanted == "all", way=Way.NEWEST, cursor=0)
    await say(bot, message.chat.id, await reading.list_page(desk, lang, page))


async def turn(query: CallbackQuery, callback_data: ListPage, bot: Bot, desk: Desk, lang: Lang) -> None:
    page = await reading.list_page(desk, lang, callback_data)
    await settle(query)
    await put(bot, query, page)
