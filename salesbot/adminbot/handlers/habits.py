"""/timezone and /quiet: how an admin likes the desk."""

from __future__ import annotations

from aiogram import Bot, Router
from aiogram.filters import Command, CommandObject
from aiogram.types import CallbackQuery, Message

from salesbot.adminbot import habits, parse
from salesbot.adminbot.access import Role
from salesbot.adminbot.actions import Origin
from salesbot.adminbot.desk import Desk
from salesbot.adminbot.habits import SetZone
from salesbot.adminbot.reply import put, say, settle
from salesbot.i18n import Lang

OFF = ("off", "нет", "выкл")


def router() -> Router:
    topic = Router(name="habits")
    topic.message.register(timezone, Command("timezone", ignore_case=True), flags={"role": Role.VIEWER})
    topic.message.register(quiet, Command("quiet", ignore_case=True), flags={"role": Role.VIEWER})
    topic.callback_query.register(choose, SetZone.filter(), flags={"role": Role.VIEWER})
    return topic


async def timezone(
    message: Message, *, command: CommandObject, bot: Bot, desk: Desk, lang: Lang, origin: Origin
) -> None:
    typed = (command.args or "").strip()
    name = habits.MACHINE if typed.lower() in OFF else habits.zone_named(typed) if typed else None
    if name is None:
        await say(bot, message.chat.id, await habits.zone_page(desk, lang, origin.admin_id, typed))
        return
    answer = await habits.set_zone(desk, origin, name)
    await say(bot, message.chat.id, await habits.answer(desk, lang, origin.admin_id, answer))


async def choose(
    query: CallbackQuery, *, callback_data: SetZone, bot: Bot, desk: Desk, lang: Lang, origin: Origin
) -> None:
    answer = await habits.set_zone(desk, origin, callback_data.name)
    await settle(query)
    await put(bot, query, await habits.answer(desk, lang, origin.admin_id, answer))


async def quiet(message: Message, *, command: CommandObject, bot: Bot, desk: Desk, lang: Lang, origin: Origin) -> None:
    typed = (command.args or "").strip()
    if not typed:
        await say(bot, message.chat.id, await habits.quiet_page(desk, lang, origin.admin_id))
        return
    answer = await habits.set_quiet(desk, origin, None if typed.lower() in OFF else parse.hours(typed))
    await say(bot, message.chat.id, await habits.answer(desk, lang, origin.admin_id, answer))
