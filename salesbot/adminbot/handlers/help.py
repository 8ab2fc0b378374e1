"""/help, and /start without a name."""

from __future__ import annotations

from aiogram import Bot, F, Router
from aiogram.filters import Command, CommandObject
from aiogram.types import Message

from salesbot.adminbot import menu, parse, views
from salesbot.adminbot.access import Role
from salesbot.adminbot.desk import Desk
from salesbot.adminbot.reply import say
from salesbot.i18n import Lang


def router() -> Router:
    topic = Router(name="help")
    topic.message.register(manual, Command("help", ignore_case=True), flags={"role": Role.VIEWER})
    topic.message.register(manual, Command("start", ignore_case=True, magic=~F.args), flags={"role": Role.VIEWER})
    return topic


async def manual(message: Message, command: CommandObject, bot: Bot, desk: Desk, lang: Lang) -> None:
    parse.nothing(command.args)
    await say(bot, message.chat.id, views.manual(lang, sorted(desk.scenarios)))
    await menu.set_for(bot, message.chat.id, lang)
