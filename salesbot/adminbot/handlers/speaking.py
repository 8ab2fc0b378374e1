"""/say, /unsend, and answering a message of the bot: speaking as the account."""

from __future__ import annotations

from aiogram import Bot, F, Router
from aiogram.filters import Command, CommandObject
from aiogram.types import CallbackQuery, Message

from salesbot.adminbot import manual, parse, speaking
from salesbot.adminbot.actions import Origin
from salesbot.adminbot.desk import Desk
from salesbot.adminbot.reply import put, remove, settle
from salesbot.adminbot.reply import say as show
from salesbot.adminbot.speaking import Speak
from salesbot.adminbot.views import Shown
from salesbot.i18n import Lang


def router() -> Router:
    topic = Router(name="speaking")
    topic.message.register(say, Command("say", ignore_case=True))
    topic.message.register(unsend, Command("unsend", ignore_case=True))
    topic.message.register(answered, about_a_dialog, F.text, ~F.text.startswith("/"))
    topic.message.register(not_text, about_a_dialog, ~F.text)
    topic.message.register(about_several, of_ours, F.text, ~F.text.startswith("/"))
    topic.edited_message.register(edited, of_ours, F.text, ~F.text.startswith("/"))
    topic.callback_query.register(confirmed, Speak.filter())
    return topic


def about_a_dialog(message: Message, bot: Bot) -> bool | dict[str, int]:
    """Whether it answers a message of the bot that is about one dialog: handlers get the dialog's ``number``."""
    number = speaking.number_of(message.reply_to_message, bot.id)
    return False if number is None else {"number": number}


def of_ours(message: Message, bot: Bot) -> bool:
    """Whether it answers a message of the bot at all."""
    to = message.reply_to_message
    return to is not None and to.from_user is not None and to.from_user.id == bot.id


async def say(message: Message, *, command: CommandObject, bot: Bot, desk: Desk, lang: Lang, origin: Origin) -> None:
    number, text = parse.speech(command.args)
    answer = await speaking.say(desk, origin, number, text)
    await show(bot, message.chat.id, await speaking.shown(desk, lang, answer, origin.admin_id))


async def unsend(message: Message, *, command: CommandObject, bot: Bot, desk: Desk, lang: Lang, origin: Origin) -> None:
    answer = await speaking.unsend(desk, origin, parse.number(command.args))
    await show(bot, message.chat.id, await speaking.shown(desk, lang, answer, origin.admin_id))


async def answered(message: Message, *, number: int, bot: Bot, desk: Desk, lang: Lang, origin: Origin) -> None:
    to = message.reply_to_message
    assert to is not None and message.text is not None
    answer = await speaking.answered(desk, origin, number, to=to.message_id, text=message.text)
    await show(bot, message.chat.id, await speaking.shown(desk, lang, answer, origin.admin_id))
    if answer.data.get("prompt"):
        await remove(bot, message.chat.id, to.message_id)


async def not_text(message: Message, bot: Bot, lang: Lang) -> None:
    await show(bot, message.chat.id, Shown(lang("Only text can be said from here, without pictures and files.")))


async def about_several(message: Message, bot: Bot, lang: Lang) -> None:
    text = lang("That message is not about one dialog. Answer one that begins with its number, or: {example}")
    await show(bot, message.chat.id, Shown(text.format(example=f"<code>{manual.example(lang, 'say')}</code>")))


async def edited(message: Message, bot: Bot, lang: Lang) -> None:
    await show(bot, message.chat.id, Shown(lang("What you edited is not taken in: answer anew with the new text.")))


async def confirmed(
    query: CallbackQuery, *, callback_data: Speak, bot: Bot, desk: Desk, lang: Lang, origin: Origin
) -> None:
    answer = await speaking.confirmed(desk, origin, callback_data.update, send=callback_data.send)
    await settle(query)
    await put(bot, query, await speaking.shown(desk, lang, answer, origin.admin_id))
