"""/stats and the buttons below it. Counting takes a second or two, which is not the next command's: it is an errand."""

from __future__ import annotations

from collections.abc import Coroutine
from functools import partial

from aiogram import Bot, Router
from aiogram.filters import Command, CommandObject
from aiogram.types import CallbackQuery, Message

from salesbot.adminbot.access import Role
from salesbot.adminbot.desk import Desk
from salesbot.adminbot.errands import Errand
from salesbot.adminbot.reply import put, say, settle
from salesbot.adminbot.stats import buttons, period, picture, report, texts
from salesbot.adminbot.stats.buttons import StatsPicture, StatsText
from salesbot.adminbot.stats.period import Asked
from salesbot.adminbot.stats.picture import Wanted
from salesbot.i18n import Lang

LOOKING = {"role": Role.VIEWER}


def router() -> Router:
    topic = Router(name="stats")
    topic.message.register(stats, Command("stats", ignore_case=True), flags=LOOKING)
    topic.callback_query.register(turn, StatsText.filter(), flags=LOOKING)
    topic.callback_query.register(draw, StatsPicture.filter(), flags=LOOKING)
    return topic


async def stats(message: Message, *, command: CommandObject, bot: Bot, desk: Desk, lang: Lang) -> None:
    work = partial(_answer, desk, bot, lang, message.chat.id, command.args)
    desk.errands.add(("stats", message.chat.id, message.message_id), Errand(message.chat.id, lang, work))


async def turn(query: CallbackQuery, *, callback_data: StatsText, bot: Bot, desk: Desk, lang: Lang) -> None:
    await settle(query)
    _later(desk, lang, query, partial(_turn, desk, bot, lang, query, callback_data))


async def draw(query: CallbackQuery, *, callback_data: StatsPicture, bot: Bot, desk: Desk, lang: Lang) -> None:
    await settle(query)
    _later(desk, lang, query, partial(_draw, desk, bot, lang, query, callback_data))


def _later(desk: Desk, lang: Lang, query: CallbackQuery, work: partial[Coroutine[object, object, None]]) -> None:
    """Of several presses below one message the last one counts."""
    at = query.message.message_id if query.message else 0
    desk.errands.add(("stats", query.from_user.id, at), Errand(query.from_user.id, lang, work))


async def _answer(desk: Desk, bot: Bot, lang: Lang, chat_id: int, args: str | None) -> None:
    known = await report.known(desk)
    try:
        asked = period.read(args, known)
    except period.Unknown as unknown:
        await say(bot, chat_id, texts.unknown(lang, unknown.word, known))
    else:
        await say(bot, chat_id, texts.page(lang, await report.make(desk, chat_id, asked)))


async def _turn(desk: Desk, bot: Bot, lang: Lang, query: CallbackQuery, button: StatsText) -> None:
    asked = await _asked(desk, button)
    await put(bot, query, texts.page(lang, await report.make(desk, query.from_user.id, asked)))


async def _draw(desk: Desk, bot: Bot, lang: Lang, query: CallbackQuery, button: StatsPicture) -> None:
    below = query.message
    in_place = isinstance(below, Message) and below.photo is not None
    message_id = below.message_id if below is not None and in_place else None
    await picture.show(
        desk, bot, lang, Wanted(query.from_user.id, message_id, await _asked(desk, button), button.theme)
    )


async def _asked(desk: Desk, button: StatsText | StatsPicture) -> Asked:
    """What a button asks for; a scenario that is gone without a trace had no dialogs."""
    return Asked(button.period, buttons.meant(button.scenario, await report.known(desk)) or button.scenario)
