"""/view N, its pages, and the buttons under a dialog."""

from __future__ import annotations

from aiogram import Bot, Router
from aiogram.filters import Command, CommandObject
from aiogram.types import CallbackQuery, Message

from salesbot.adminbot import leading, parse, reading, switching, views
from salesbot.adminbot.access import Role
from salesbot.adminbot.actions import Answer, Origin, Said
from salesbot.adminbot.desk import Desk
from salesbot.adminbot.keyboards import OpenDialog, ViewPage, Way
from salesbot.adminbot.reply import put, say, settle
from salesbot.adminbot.sheet import Lead, ModeOf
from salesbot.adminbot.views import Shown
from salesbot.i18n import Lang
from salesbot.store.pool import transaction


def router() -> Router:
    topic, look = Router(name="view"), {"role": Role.VIEWER}
    topic.message.register(newest, Command("view", ignore_case=True), flags=look)
    topic.callback_query.register(turn, ViewPage.filter(), flags=look)
    topic.callback_query.register(open_one, OpenDialog.filter(), flags=look)
    topic.callback_query.register(lead, Lead.filter())
    topic.callback_query.register(mode, ModeOf.filter())
    return topic


async def newest(
    message: Message, *, command: CommandObject, bot: Bot, desk: Desk, lang: Lang, role: Role, origin: Origin
) -> None:
    number = parse.number(command.args)
    missing = Answer(Said.NO_SUCH_DIALOG, {"dialog": number})
    await say(bot, message.chat.id, await _newest(desk, lang, number, origin, role) or views.answer(lang, missing))


async def open_one(
    query: CallbackQuery, *, callback_data: OpenDialog, bot: Bot, desk: Desk, lang: Lang, role: Role, origin: Origin
) -> None:
    """Below the list, which stays."""
    page = await _newest(desk, lang, callback_data.dialog, origin, role)
    await settle(query)
    await say(bot, origin.admin_id, page or views.answer(lang, Answer(Said.EXPIRED)))


async def turn(
    query: CallbackQuery, *, callback_data: ViewPage, bot: Bot, desk: Desk, lang: Lang, role: Role, origin: Origin
) -> None:
    page = await reading.view_page(desk, lang, callback_data, origin.admin_id, role)
    await settle(query)
    await put(bot, query, page or views.answer(lang, Answer(Said.EXPIRED)))


async def lead(
    query: CallbackQuery, *, callback_data: Lead, bot: Bot, desk: Desk, lang: Lang, role: Role, origin: Origin
) -> None:
    """What was done is said beside the button; the page shows how the dialog stands then."""
    answer = await leading.press(desk, origin, callback_data)
    async with transaction(desk.pool) as connection:
        zone = await desk.admins.zone(connection, origin.admin_id)
    page = await _newest(desk, lang, callback_data.dialog, origin, role)
    await settle(query, leading.told(lang, answer, zone), alert=not leading.done(answer))
    await put(bot, query, page or views.answer(lang, answer))


async def mode(query: CallbackQuery, callback_data: ModeOf, bot: Bot, desk: Desk, lang: Lang, origin: Origin) -> None:
    page = await switching.mode_page(desk, lang, callback_data.dialog)
    await settle(query)
    await say(bot, origin.admin_id, page)


async def _newest(on: Desk, _: Lang, number: int, origin: Origin, role: Role) -> Shown | None:
    page = ViewPage(dialog=number, way=Way.NEWEST, cursor=0, piece=0)
    return await reading.view_page(on, _, page, origin.admin_id, role)
