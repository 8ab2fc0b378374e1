"""/status: how everything is, and what to do about it. It answers without a database as well."""

from __future__ import annotations

from aiogram import Bot, Router
from aiogram.filters import Command, CommandObject
from aiogram.types import CallbackQuery, Message

from salesbot.adminbot import parse, status
from salesbot.adminbot.access import Role
from salesbot.adminbot.actions import Origin
from salesbot.adminbot.desk import Desk
from salesbot.adminbot.reply import put, say, settle
from salesbot.adminbot.status import StatusPage
from salesbot.adminbot.views import Shown
from salesbot.i18n import Lang
from salesbot.store.pool import UNAVAILABLE


def router() -> Router:
    topic = Router(name="status")
    topic.message.register(show, Command("status", ignore_case=True), flags={"role": Role.VIEWER})
    topic.callback_query.register(refresh, StatusPage.filter(), flags={"role": Role.VIEWER})
    return topic


async def show(message: Message, *, command: CommandObject, bot: Bot, desk: Desk, lang: Lang, origin: Origin) -> None:
    parse.nothing(command.args)
    await say(bot, message.chat.id, await _page(desk, lang, origin))


async def refresh(query: CallbackQuery, *, bot: Bot, desk: Desk, lang: Lang, origin: Origin) -> None:
    page = await _page(desk, lang, origin)
    await settle(query)
    await put(bot, query, page)


async def _page(desk: Desk, lang: Lang, origin: Origin) -> Shown:
    try:
        return await status.page(desk, lang, origin.admin_id)
    except UNAVAILABLE:
        return status.away(desk, lang)
