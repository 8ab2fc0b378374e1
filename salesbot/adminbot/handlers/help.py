"""/help, and /start without a name."""

from __future__ import annotations

from aiogram import Bot, F, Router
from aiogram.filters import Command, CommandObject
from aiogram.types import Message

from salesbot.adminbot import manual, menu, parse
from salesbot.adminbot.access import Role
from salesbot.adminbot.desk import Desk
from salesbot.adminbot.reply import say
from salesbot.adminbot.views import Shown
from salesbot.i18n import Lang


def router() -> Router:
    topic = Router(name="help")
    topic.message.register(explain, Command("help", ignore_case=True), flags={"role": Role.VIEWER})
    topic.message.register(explain, Command("start", ignore_case=True, magic=~F.args), flags={"role": Role.VIEWER})
    return topic


async def explain(message: Message, *, command: CommandObject, bot: Bot, desk: Desk, lang: Lang, role: Role) -> None:
    parse.nothing(command.args)
    await say(bot, message.chat.id, Shown(manual.text(lang, sorted(desk.scenarios), role)))
    await menu.set_for(bot, message.chat.id, lang, role)
