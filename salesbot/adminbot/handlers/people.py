"""/forget, /data and /basis: what is kept of a person, and why we may write to them."""

from __future__ import annotations

from aiogram import Bot, Router
from aiogram.filters import Command, CommandObject
from aiogram.types import CallbackQuery, Message

from salesbot.adminbot import exporting, forgetting, parse, people, views
from salesbot.adminbot.access import Role
from salesbot.adminbot.actions import Answer, Origin, Said
from salesbot.adminbot.desk import Desk
from salesbot.adminbot.keyboards import Forget, How
from salesbot.adminbot.reply import put, say, settle
from salesbot.i18n import Lang


def router() -> Router:
    topic = Router(name="people")
    topic.message.register(ask, Command("forget", ignore_case=True), flags={"role": Role.OWNER})
    topic.message.register(data, Command("data", ignore_case=True))
    topic.message.register(basis, Command("basis", ignore_case=True))
    topic.callback_query.register(forget, Forget.filter(), flags={"role": Role.OWNER})
    return topic


async def ask(message: Message, command: CommandObject, bot: Bot, desk: Desk, lang: Lang) -> None:
    await say(bot, message.chat.id, await people.forget_page(desk, lang, parse.whom(command.args)))


async def forget(
    query: CallbackQuery, *, callback_data: Forget, bot: Bot, desk: Desk, lang: Lang, origin: Origin
) -> None:
    if callback_data.how is How.KEEP:
        answer = Answer(Said.KEPT)
    else:
        never = callback_data.how is How.NEVER_AGAIN
        answer = await forgetting.forget(desk, origin, callback_data.whom, never=never)
    await settle(query)
    await put(bot, query, views.answer(lang, answer))


async def data(message: Message, command: CommandObject, bot: Bot, desk: Desk, lang: Lang) -> None:
    found = await people.find(desk, parse.whom(command.args))
    if isinstance(found, Answer) or not found.person.known:
        await say(bot, message.chat.id, people.missing(lang, found))
    else:
        await exporting.send_person(desk, bot, message.chat.id, lang, found)


async def basis(message: Message, *, command: CommandObject, bot: Bot, desk: Desk, lang: Lang, origin: Origin) -> None:
    whom, text = parse.basis(command.args)
    answer = await people.set_basis(desk, origin, whom, text)
    await say(bot, message.chat.id, views.answer(lang, answer))
