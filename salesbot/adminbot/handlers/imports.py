"""/import, the lists that are sent as files, the buttons under them, and /campaigns."""

from __future__ import annotations

from aiogram import Bot, F, Router
from aiogram.filters import Command, CommandObject
from aiogram.types import BufferedInputFile, CallbackQuery, Message

from salesbot.adminbot import campaigning, import_texts, importing, parse, views
from salesbot.adminbot.actions import Origin, Said
from salesbot.adminbot.campaigning import CampaignPage, LeadCampaign
from salesbot.adminbot.csvfile import Unreadable
from salesbot.adminbot.desk import Desk
from salesbot.adminbot.reply import put, say, settle
from salesbot.adminbot.views import Shown
from salesbot.i18n import Lang
from salesbot.store.admins import Role


def router() -> Router:
    topic = Router(name="imports")
    look = {"role": Role.VIEWER}
    topic.message.register(received, F.document, Command("import", ignore_case=True))
    topic.message.register(received, F.document, ~F.caption.startswith("/"))
    topic.message.register(asked, Command("import", ignore_case=True))
    topic.message.register(listing, Command("campaigns", ignore_case=True), flags=look)
    topic.callback_query.register(lead, LeadCampaign.filter())
    topic.callback_query.register(turn, CampaignPage.filter(), flags=look)
    return topic


async def asked(message: Message, command: CommandObject, bot: Bot, lang: Lang) -> None:
    parse.nothing(command.args)
    await say(bot, message.chat.id, Shown(import_texts.asked(lang)))


async def received(message: Message, *, bot: Bot, desk: Desk, lang: Lang, origin: Origin) -> None:
    """The dry run: a report of every line, and in short what it says, with the button that starts."""
    if message.document is None:
        return  # the filter lets no such message through
    try:
        sheet = await importing.sheet_of(bot, message.document)
    except Unreadable as wrong:
        await say(bot, message.chat.id, Shown(import_texts.unreadable(lang, wrong)))
        return
    run = await importing.dry_run(desk, origin, message.document.file_name or "list.csv", sheet)
    report = BufferedInputFile(importing.report(lang, run.checked), importing.report_name(run.name))
    await bot.send_document(message.chat.id, report)
    text = import_texts.checked(lang, run, desk.settings.scenario)
    await say(bot, message.chat.id, Shown(text, campaigning.offer(lang, run)))


async def listing(
    message: Message, *, command: CommandObject, bot: Bot, desk: Desk, lang: Lang, origin: Origin
) -> None:
    parse.nothing(command.args)
    await say(bot, message.chat.id, await campaigning.page(desk, lang, origin.admin_id, below=0))


async def turn(
    query: CallbackQuery, *, callback_data: CampaignPage, bot: Bot, desk: Desk, lang: Lang, origin: Origin
) -> None:
    page = await campaigning.page(desk, lang, origin.admin_id, callback_data.below)
    await settle(query)
    await put(bot, query, page)


async def lead(
    query: CallbackQuery, *, callback_data: LeadCampaign, bot: Bot, desk: Desk, lang: Lang, origin: Origin
) -> None:
    """Who comes second is told who was first; either way the page shows how it is now."""
    answer = await importing.lead(desk, origin, callback_data.campaign, callback_data.to)
    if answer.said is not Said.CAMPAIGN:
        await settle(query, views.answer(lang, answer).text)
        return
    await settle(query, await campaigning.too_late(desk, lang, origin.admin_id, answer))
    if callback_data.below == campaigning.ALONE:
        page = await campaigning.alone(desk, lang, origin.admin_id, callback_data.campaign)
    else:
        page = await campaigning.page(desk, lang, origin.admin_id, callback_data.below)
    if page is not None:
        await put(bot, query, page)
