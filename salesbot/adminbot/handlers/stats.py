"""/stats and the buttons below it."""

from __future__ import annotations

from functools import partial

from aiogram import Bot, Router
from aiogram.filters import Command, CommandObject
from aiogram.types import CallbackQuery, Message

from salesbot.adminbot import views
from salesbot.adminbot.access import Role
from salesbot.adminbot.actions import Answer, Origin, Said
from salesbot.adminbot.desk import Desk
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


async def stats(message: Message, *, command: CommandObject, bot: Bot, desk: Desk, lang: Lang, origin: Origin) -> None:
    known = await report.known(desk)
    try:
        asked = period.read(command.args, known)
    except period.Unknown as unknown:
        await say(bot, message.chat.id, texts.unknown(lang, unknown.word, known))
    else:
        await say(bot, message.chat.id, texts.page(lang, await report.make(desk, origin.admin_id, asked)))


async def turn(
    query: CallbackQuery, *, callback_data: StatsText, bot: Bot, desk: Desk, lang: Lang, origin: Origin
) -> None:
    asked = await _asked(desk, callback_data)
    if asked is None:
        await settle(query, views.answer(lang, Answer(Said.EXPIRED)).text)
        return
    page = texts.page(lang, await report.make(desk, origin.admin_id, asked))
    await settle(query)
    await put(bot, query, page)


async def draw(query: CallbackQuery, *, callback_data: StatsPicture, bot: Bot, desk: Desk, lang: Lang) -> None:
    """The picture takes a second, which is not the next command's: it is an errand."""
    asked = await _asked(desk, callback_data)
    if asked is None or query.message is None:
        await settle(query, views.answer(lang, Answer(Said.EXPIRED)).text)
        return
    in_place = isinstance(query.message, Message) and query.message.photo is not None
    at = query.message.message_id
    wanted = Wanted(query.message.chat.id, at if in_place else None, asked, callback_data.theme)
    await settle(query)
    desk.errands.add(("stats", wanted.chat_id, at), partial(picture.show, desk, bot, lang, wanted))


async def _asked(desk: Desk, button: StatsText | StatsPicture) -> Asked | None:
    """What a button asks for; None when its scenario is gone."""
    scenario = buttons.meant(button.scenario, await report.known(desk))
    return None if scenario is None else Asked(button.period, scenario)
