"""/pause and /resume of everything, /mode, and their buttons."""

from __future__ import annotations

from aiogram import Bot, F, Router
from aiogram.filters import Command, CommandObject
from aiogram.types import CallbackQuery, Message

from salesbot.adminbot import parse, switching, views
from salesbot.adminbot.actions import Origin, Said
from salesbot.adminbot.desk import Desk
from salesbot.adminbot.reply import put, say, settle
from salesbot.adminbot.switching import Pause, SetMode
from salesbot.adminbot.views import Shown
from salesbot.dialog.model import Mode
from salesbot.i18n import Lang


def router() -> Router:
    topic = Router(name="switching")
    topic.message.register(pause, Command("pause", ignore_case=True))
    topic.message.register(resume, Command("resume", ignore_case=True, magic=~F.args))
    topic.message.register(mode, Command("mode", ignore_case=True))
    topic.callback_query.register(pause_or_go_on, Pause.filter())
    topic.callback_query.register(set_mode, SetMode.filter())
    return topic


async def pause(message: Message, *, command: CommandObject, bot: Bot, desk: Desk, lang: Lang, origin: Origin) -> None:
    parse.nothing(command.args)
    await say(bot, message.chat.id, switching.paused(lang, await switching.pause(desk, origin)))


async def resume(message: Message, bot: Bot, desk: Desk, lang: Lang, origin: Origin) -> None:
    await say(bot, message.chat.id, switching.paused(lang, await switching.resume(desk, origin)))


async def pause_or_go_on(
    query: CallbackQuery, *, callback_data: Pause, bot: Bot, desk: Desk, lang: Lang, origin: Origin
) -> None:
    act = switching.pause if callback_data.on else switching.resume
    answer = await act(desk, origin)
    await settle(query)
    await put(bot, query, switching.paused(lang, answer))


async def mode(message: Message, *, command: CommandObject, bot: Bot, desk: Desk, lang: Lang, origin: Origin) -> None:
    wish = switching.mode_wish(command.args)
    if wish.change:
        page = await _changed(desk, lang, origin, wish.dialog, wish.mode)
    else:
        page = await switching.mode_page(desk, lang, wish.dialog)
    await say(bot, message.chat.id, page)


async def set_mode(
    query: CallbackQuery, *, callback_data: SetMode, bot: Bot, desk: Desk, lang: Lang, origin: Origin
) -> None:
    page = await _changed(desk, lang, origin, callback_data.dialog, callback_data.mode)
    await settle(query)
    await put(bot, query, page)


async def _changed(desk: Desk, lang: Lang, origin: Origin, dialog: int, wanted: Mode | None) -> Shown:
    answer = await switching.set_mode(desk, origin, dialog, wanted)
    if answer.said is not Said.MODE:
        return views.answer(lang, answer)
    return await switching.mode_page(desk, lang, dialog)
