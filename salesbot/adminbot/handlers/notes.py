"""/note and the answers to the message that asks for one."""

from __future__ import annotations

from aiogram import Bot, F, Router
from aiogram.filters import Command, CommandObject
from aiogram.types import CallbackQuery, Message

from salesbot.adminbot import noting
from salesbot.adminbot.access import Role
from salesbot.adminbot.actions import Origin
from salesbot.adminbot.desk import Desk
from salesbot.adminbot.noting import AskNote, NotePage
from salesbot.adminbot.reply import ask, put, say, settle
from salesbot.i18n import Lang


def router() -> Router:
    topic = Router(name="notes")
    topic.message.register(note, Command("note", ignore_case=True))
    topic.message.register(answered, asked_for_a_note, F.text, ~F.text.startswith("/"))
    topic.callback_query.register(prompt, AskNote.filter())
    topic.callback_query.register(turn, NotePage.filter(), flags={"role": Role.VIEWER})
    return topic


def asked_for_a_note(message: Message, bot: Bot) -> bool | dict[str, int]:
    """Whether it answers the question for a note: handlers get the dialog's ``number``."""
    number = noting.prompted(message.reply_to_message, bot.id)
    return False if number is None else {"number": number}


async def note(message: Message, *, command: CommandObject, bot: Bot, desk: Desk, lang: Lang, origin: Origin) -> None:
    wanted = noting.noted(command.args)
    if wanted == noting.Noted(wanted.dialog):
        page = await noting.page(desk, lang, origin.admin_id, NotePage(dialog=wanted.dialog, below=0))
    else:
        page = noting.answer(lang, await noting.write(desk, origin, wanted))
    await say(bot, message.chat.id, page)


async def answered(message: Message, *, number: int, bot: Bot, desk: Desk, lang: Lang, origin: Origin) -> None:
    wanted = noting.of(number, message.text or "")
    await say(bot, message.chat.id, noting.answer(lang, await noting.write(desk, origin, wanted)))


async def prompt(query: CallbackQuery, callback_data: AskNote, bot: Bot, lang: Lang, origin: Origin) -> None:
    await settle(query)
    shown = noting.prompt(lang, callback_data.dialog)
    await ask(bot, origin.admin_id, shown, lang("the note"))


async def turn(
    query: CallbackQuery, *, callback_data: NotePage, bot: Bot, desk: Desk, lang: Lang, origin: Origin
) -> None:
    page = await noting.page(desk, lang, origin.admin_id, callback_data)
    await settle(query)
    await put(bot, query, page)
