"""/list, /find, their pages, and the numbered buttons that open a dialog."""

from __future__ import annotations

from aiogram import Bot, Router
from aiogram.filters import Command, CommandObject
from aiogram.types import CallbackQuery, Message

from salesbot.adminbot import lists, marks
from salesbot.adminbot.access import Role
from salesbot.adminbot.actions import Origin
from salesbot.adminbot.desk import Desk
from salesbot.adminbot.keyboards import ListPage, Way
from salesbot.adminbot.lists import FindPage
from salesbot.adminbot.reply import put, say, settle
from salesbot.i18n import Lang


def router() -> Router:
    topic, look = Router(name="lists"), {"role": Role.VIEWER}
    topic.message.register(newest, Command("list", ignore_case=True), flags=look)
    topic.message.register(find, Command("find", ignore_case=True), flags=look)
    topic.callback_query.register(turn, ListPage.filter(), flags=look)
    topic.callback_query.register(turn_found, FindPage.filter(), flags=look)
    return topic


async def newest(message: Message, *, command: CommandObject, bot: Bot, desk: Desk, lang: Lang, origin: Origin) -> None:
    page = ListPage(wanted=marks.wanted(command.args), way=Way.NEWEST, cursor=0)
    await say(bot, message.chat.id, await lists.list_page(desk, lang, origin.admin_id, page))


async def turn(
    query: CallbackQuery, *, callback_data: ListPage, bot: Bot, desk: Desk, lang: Lang, origin: Origin
) -> None:
    page = await lists.list_page(desk, lang, origin.admin_id, callback_data)
    await settle(query)
    await put(bot, query, page)


async def find(message: Message, command: CommandObject, bot: Bot, desk: Desk, lang: Lang) -> None:
    page = FindPage(after=0, text=" ".join(lists.tokens(command.args)))
    await say(bot, message.chat.id, await lists.find_page(desk, lang, page))


async def turn_found(query: CallbackQuery, callback_data: FindPage, bot: Bot, desk: Desk, lang: Lang) -> None:
    page = await lists.find_page(desk, lang, callback_data)
    await settle(query)
    await put(bot, query, page)
