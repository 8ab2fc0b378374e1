"""/export N and /export_all."""

from __future__ import annotations

from aiogram import Bot, Router
from aiogram.filters import Command, CommandObject
from aiogram.types import Message

from salesbot.adminbot import actions, exporting, parse, views
from salesbot.adminbot.actions import Origin, Said
from salesbot.adminbot.desk import Desk
from salesbot.adminbot.reply import say
from salesbot.i18n import Lang


def router() -> Router:
    topic = Router(name="export")
    topic.message.register(one, Command("export", ignore_case=True))
    topic.message.register(everything, Command("export_all", ignore_case=True))
    return topic


async def one(message: Message, command: CommandObject, bot: Bot, desk: Desk, lang: Lang) -> None:
    await exporting.send_one(desk, bot, message.chat.id, lang, parse.number(command.args))


async def everything(
    message: Message, *, command: CommandObject, bot: Bot, desk: Desk, lang: Lang, origin: Origin
) -> None:
    """The promise; ``exporting.loop`` keeps it and shows the progress."""
    parse.nothing(command.args)
    answer = await actions.export_all(desk, origin)
    if answer.said is not Said.EXPORTING:
        await say(bot, message.chat.id, views.answer(lang, answer))
