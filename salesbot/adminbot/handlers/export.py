"""/export N and /export_all, the button that asks for a format, and the one that cancels."""

from __future__ import annotations

from aiogram import Bot, Router
from aiogram.filters import Command, CommandObject
from aiogram.types import CallbackQuery, Message

from salesbot.adminbot import exporting, views
from salesbot.adminbot.actions import Origin, Said
from salesbot.adminbot.desk import Desk
from salesbot.adminbot.keyboards import CancelExport, ExportDialog
from salesbot.adminbot.reply import say, settle
from salesbot.export.wanted import Format
from salesbot.i18n import Lang


def router() -> Router:
    topic = Router(name="export")
    topic.message.register(one, Command("export", ignore_case=True))
    topic.message.register(everything, Command("export_all", ignore_case=True))
    topic.callback_query.register(pressed, ExportDialog.filter())
    topic.callback_query.register(cancel, CancelExport.filter())
    return topic


async def one(message: Message, *, command: CommandObject, bot: Bot, desk: Desk, lang: Lang, origin: Origin) -> None:
    number, kind = exporting.wanted_one(command.args)
    await exporting.send_one(desk, bot, origin, lang, number, kind)


async def pressed(
    query: CallbackQuery, *, callback_data: ExportDialog, bot: Bot, desk: Desk, lang: Lang, origin: Origin
) -> None:
    await settle(query)
    if callback_data.format:
        await exporting.send_one(desk, bot, origin, lang, callback_data.dialog, Format(callback_data.format))
    else:
        await say(bot, origin.admin_id, exporting.ask(lang, callback_data.dialog))


async def everything(
    message: Message, *, command: CommandObject, bot: Bot, desk: Desk, lang: Lang, origin: Origin
) -> None:
    """The promise; ``exporting.loop`` keeps it and shows the progress."""
    answer = await exporting.promise(desk, origin, command.args)
    if answer.said is not Said.EXPORTING:
        await say(bot, message.chat.id, views.answer(lang, answer))


async def cancel(
    query: CallbackQuery, *, callback_data: CancelExport, bot: Bot, desk: Desk, lang: Lang, origin: Origin
) -> None:
    """``exporting.loop`` says that it is over, where the progress stood."""
    answer = await exporting.cancel(desk, origin, callback_data.job)
    await settle(query, views.answer(lang, answer).text if answer.said is Said.EXPIRED else None)
