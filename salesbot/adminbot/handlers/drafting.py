"""The buttons of a draft's card."""

from __future__ import annotations

from aiogram import Bot, F, Router
from aiogram.types import CallbackQuery

from salesbot.adminbot import drafting, views
from salesbot.adminbot.actions import Origin, Said
from salesbot.adminbot.desk import Desk
from salesbot.adminbot.draft_card import Decide, Do, ShowDraft
from salesbot.adminbot.reply import say, settle
from salesbot.i18n import Lang


def router() -> Router:
    topic = Router(name="drafting")
    topic.callback_query.register(edit, Decide.filter(F.do == Do.EDIT))
    topic.callback_query.register(decide, Decide.filter())
    topic.callback_query.register(show_again, ShowDraft.filter())
    return topic


async def edit(
    query: CallbackQuery, *, callback_data: Decide, bot: Bot, desk: Desk, lang: Lang, origin: Origin
) -> None:
    card = query.message.message_id if query.message else 0
    answer = await drafting.ask(desk, bot, lang, origin, callback_data, card=card)
    await settle(query, await drafting.alert(desk, lang, answer, origin.admin_id))


async def show_again(
    query: CallbackQuery, *, callback_data: ShowDraft, bot: Bot, desk: Desk, lang: Lang, origin: Origin
) -> None:
    waits = await drafting.show_again(desk, bot, origin.admin_id, callback_data.dialog)
    await settle(query, None if waits else lang("No draft waits here any more."))


async def decide(
    query: CallbackQuery, *, callback_data: Decide, bot: Bot, desk: Desk, lang: Lang, origin: Origin
) -> None:
    """What became of it is shown by the card, for every admin alike (``drafting.loop``)."""
    answer = await drafting.decide(desk, origin, callback_data)
    await settle(query, await drafting.alert(desk, lang, answer, origin.admin_id))
    if answer.said in (Said.TAKEN, Said.NOT_ALLOWED):
        await say(bot, origin.admin_id, views.answer(lang, answer))
