"""/tasks: what was promised and is still to be done."""

from __future__ import annotations

from aiogram import Bot, Router
from aiogram.filters import Command, CommandObject
from aiogram.types import CallbackQuery, Message

from salesbot.adminbot import actions, parse, reading
from salesbot.adminbot.access import Role
from salesbot.adminbot.actions import Origin
from salesbot.adminbot.desk import Desk
from salesbot.adminbot.keyboards import TaskDone, TaskList
from salesbot.adminbot.reply import put, say, settle
from salesbot.i18n import Lang


def router() -> Router:
    topic = Router(name="tasks")
    topic.message.register(listing, Command("tasks", ignore_case=True), flags={"role": Role.VIEWER})
    topic.callback_query.register(done, TaskDone.filter())
    topic.callback_query.register(refresh, TaskList.filter(), flags={"role": Role.VIEWER})
    return topic


async def listing(
    message: Message, *, command: CommandObject, bot: Bot, desk: Desk, lang: Lang, origin: Origin
) -> None:
    parse.nothing(command.args)
    await say(bot, message.chat.id, await reading.tasks_page(desk, lang, origin.admin_id))


async def done(
    query: CallbackQuery, *, callback_data: TaskDone, bot: Bot, desk: Desk, lang: Lang, origin: Origin
) -> None:
    await actions.task_done(desk, origin, callback_data.task)
    await refresh(query, bot=bot, desk=desk, lang=lang, origin=origin)


async def refresh(query: CallbackQuery, *, bot: Bot, desk: Desk, lang: Lang, origin: Origin) -> None:
    page = await reading.tasks_page(desk, lang, origin.admin_id)
    await settle(query)
    await put(bot, query, page)
