"""/stop, /resume, /take, /give."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping

from aiogram import Bot, Router
from aiogram.filters import Command, CommandObject
from aiogram.types import Message

from salesbot.adminbot import actions, parse, views
from salesbot.adminbot.actions import Answer, Origin
from salesbot.adminbot.desk import Desk
from salesbot.adminbot.reply import say
from salesbot.i18n import Lang

ACTIONS: Mapping[str, Callable[[Desk, Origin, int], Awaitable[Answer]]] = {
    "stop": actions.stop,
    "resume": actions.resume,
    "take": actions.take,
    "give": actions.give,
}


def router() -> Router:
    topic = Router(name="control")
    topic.message.register(lead, Command(*ACTIONS, ignore_case=True))
    return topic


async def lead(message: Message, *, command: CommandObject, bot: Bot, desk: Desk, lang: Lang, origin: Origin) -> None:
    answer = await ACTIONS[command.command.lower()](desk, origin, parse.number(command.args))
    await say(bot, message.chat.id, views.answer(lang, answer))
