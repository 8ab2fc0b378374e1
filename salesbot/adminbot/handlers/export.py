"""/export N and /export_all."""

from __future__ import annotations

from aiogram import Bot, Router
from aiogram.filters import Command, CommandObject
from aiogram.types import Message

from salesbot.adminbot import actions, exporting, parse
from salesbot.adminbot.actions import Origin
from salesbot.adminbot.desk import Desk
from salesbot.i18n import Lang


def router() -> Router:
    topic = Router(name="export")
    topic.message.register(one, Command("export", ignore_case=True))
    topic.message.register(everything, Command("export_all", ignore_case=True))
    return topic


async def one(message: Message, command: CommandObject, bot: Bot, desk: Desk, lang: Lang) -> None:
    await exporting.send_one(desk, bot, message.chat.id, lang, parse.number(command.args))


async def everything(message: Message, desk: Desk, origin: Origin) -> None:
    """The promise; ``exporting.loop`` shows the progress and sends the archive."""
    await actions.export_all(desk, origin)
