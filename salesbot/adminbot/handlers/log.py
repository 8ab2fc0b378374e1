"""/log N: what happened in a dialog; /log: at the whole desk."""

from __future__ import annotations

from aiogram import Bot, Router
from aiogram.filters import Command, CommandObject
from aiogram.types import CallbackQuery, Message

from salesbot.adminbot import logbook, parse
from salesbot.adminbot.access import Role
from salesbot.adminbot.actions import Origin
from salesbot.adminbot.desk import Desk
from salesbot.adminbot.keyboards import Way
from salesbot.adminbot.logbook import LogPage
from salesbot.adminbot.reply import put, say, settle
from salesbot.i18n import Lang


def router() -> Router:
    topic = Router(name="log")
    topic.message.register(newest, Command("log", ignore_case=True), flags={"role": Role.VIEWER})
    topic.callback_query.register(turn, LogPage.filter(), flags={"role": Role.VIEWER})
    return topic


async def newest(message: Message, *, command: CommandObject, bot: Bot, desk: Desk, lang: Lang, origin: Origin) -> None:
    number = parse.number(command.args) if command.args else 0
    at = LogPage(dialog=number, way=Way.NEWEST, cursor=0)
    await say(bot, message.chat.id, await logbook.page(desk, lang, at, origin.admin_id))


async def turn(
    query: CallbackQuery, *, callback_data: LogPage, bot: Bot, desk: Desk, lang: Lang, origin: Origin
) -> None:
    page = await logbook.page(desk, lang, callback_data, origin.admin_id)
    await settle(query)
    await put(bot, query, page)
