"""/costs: what the models cost today, in a month, and for each won lead."""

from __future__ import annotations

from aiogram import Bot, Router
from aiogram.filters import Command, CommandObject
from aiogram.types import Message

from salesbot.adminbot import parse, reading
from salesbot.adminbot.access import Role
from salesbot.adminbot.desk import Desk
from salesbot.adminbot.reply import say
from salesbot.i18n import Lang


def router() -> Router:
    topic = Router(name="costs")
    topic.message.register(costs, Command("costs", ignore_case=True), flags={"role": Role.VIEWER})
    return topic


async def costs(message: Message, command: CommandObject, bot: Bot, desk: Desk, lang: Lang) -> None:
    parse.nothing(command.args)
    await say(bot, message.chat.id, await reading.costs_page(desk, lang))
