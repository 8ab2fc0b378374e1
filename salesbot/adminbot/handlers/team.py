"""/admins with forwarded messages and shared contacts, and /assign."""

from __future__ import annotations

from aiogram import Bot, F, Router
from aiogram.filters import Command, CommandObject
from aiogram.types import CallbackQuery, Message, MessageOriginHiddenUser, MessageOriginUser

from salesbot.adminbot import menu, parse, team
from salesbot.adminbot.access import Role
from salesbot.adminbot.actions import Answer, Origin, Said
from salesbot.adminbot.desk import Desk
from salesbot.adminbot.parse import Wrong, WrongInput
from salesbot.adminbot.reply import put, say, settle
from salesbot.adminbot.team import Assign, Choose, Dismiss, KeepOut, SetRole, TeamPage
from salesbot.adminbot.views import Shown
from salesbot.i18n import Lang

OWNER = {"role": Role.OWNER}


def router() -> Router:
    topic = Router(name="team")
    topic.message.register(members, Command("admins", ignore_case=True), flags=OWNER)
    topic.callback_query.register(turn, TeamPage.filter(), flags=OWNER)
    topic.callback_query.register(admit, SetRole.filter(), flags=OWNER)
    topic.callback_query.register(dismiss, Dismiss.filter(), flags=OWNER)
    topic.callback_query.register(keep_out, KeepOut.filter(), flags=OWNER)
    topic.message.register(give_to, Command("assign", ignore_case=True))
    topic.callback_query.register(choose, Choose.filter())
    topic.callback_query.register(assign, Assign.filter())
    return topic


def newcomers() -> Router:
    """Forwarded messages and contacts, which are no commands. Of anybody but an owner they are left to the others."""
    topic = Router(name="newcomers")
    topic.message.filter(_is_owner)
    topic.message.register(shared, F.contact, flags=OWNER)
    topic.message.register(forwarded, F.forward_origin, ~F.document, flags=OWNER)  # a file is a list of people
    return topic


async def _is_owner(message: Message, role: Role) -> bool:
    return role is Role.OWNER


async def members(
    message: Message, *, command: CommandObject, bot: Bot, desk: Desk, lang: Lang, origin: Origin
) -> None:
    words = (command.args or "").split()
    if not words:
        await say(bot, message.chat.id, await team.page(desk, lang))
        return
    number = parse.telegram_id(words[0])
    if len(words) == 1:
        await say(bot, message.chat.id, await team.candidate(desk, lang, number))
        return
    role = parse.role(" ".join(words[1:]))
    await say(bot, message.chat.id, await _admitted(bot, desk, lang, await team.admit(desk, origin, number, role)))


async def shared(message: Message, bot: Bot, desk: Desk, lang: Lang) -> None:
    contact = message.contact
    assert contact is not None
    if contact.user_id is None:
        await say(bot, message.chat.id, Shown(lang("This contact has no Telegram account that I can see.")))
        return
    name = " ".join(filter(None, (contact.first_name, contact.last_name)))
    await say(bot, message.chat.id, await team.candidate(desk, lang, contact.user_id, name))


async def forwarded(message: Message, bot: Bot, desk: Desk, lang: Lang) -> None:
    match message.forward_origin:
        case MessageOriginUser(sender_user=user) if not user.is_bot:
            shown = await team.candidate(desk, lang, user.id, user.full_name, user.username)
        case MessageOriginHiddenUser():
            shown = Shown(
                lang("They hide who they are when forwarded. Share their contact, or send /admins with their id.")
            )
        case _:
            shown = Shown(lang("That was not said by a person who could be let in here."))
    await say(bot, message.chat.id, shown)


async def turn(query: CallbackQuery, callback_data: TeamPage, bot: Bot, desk: Desk, lang: Lang) -> None:
    page = await team.page(desk, lang, callback_data.start)
    await settle(query)
    await put(bot, query, page)


async def admit(
    query: CallbackQuery, *, callback_data: SetRole, bot: Bot, desk: Desk, lang: Lang, origin: Origin
) -> None:
    answer = await team.admit(desk, origin, callback_data.admin, callback_data.role)
    await settle(query)
    await put(bot, query, await _admitted(bot, desk, lang, answer))


async def _admitted(bot: Bot, desk: Desk, lang: Lang, answer: Answer) -> Shown:
    """The answer, after their menu shows what they may use."""
    if answer.said is Said.ADMITTED:
        await menu.refresh(desk, bot, int(answer.data["admin"] or 0))
    return team.answer(lang, answer, (await bot.me()).username or "")


async def dismiss(
    query: CallbackQuery, *, callback_data: Dismiss, bot: Bot, desk: Desk, lang: Lang, origin: Origin
) -> None:
    answer = await team.dismiss(desk, origin, callback_data.admin)
    await settle(query)
    await menu.refresh(desk, bot, callback_data.admin)
    await put(bot, query, team.answer(lang, answer))


async def keep_out(query: CallbackQuery, bot: Bot, lang: Lang) -> None:
    await settle(query)
    await put(bot, query, team.answer(lang, Answer(Said.KEPT)))


async def give_to(
    message: Message, *, command: CommandObject, bot: Bot, desk: Desk, lang: Lang, origin: Origin
) -> None:
    number, whom = parse.numbered(command.args)
    if not whom:
        at = Choose(dialog=number, start=0)
        await say(bot, message.chat.id, await team.choices(desk, lang, at, origin.admin_id))
        return
    if len(whom.split()) > 1:
        raise WrongInput(Wrong.TOO_MUCH, whom)
    await say(bot, message.chat.id, team.answer(lang, await team.assign_named(desk, origin, number, whom)))


async def choose(
    query: CallbackQuery, *, callback_data: Choose, bot: Bot, desk: Desk, lang: Lang, origin: Origin
) -> None:
    """Beside the page from which it was asked, which stays."""
    shown = await team.choices(desk, lang, callback_data, origin.admin_id)
    await settle(query)
    await say(bot, query.from_user.id, shown)


async def assign(
    query: CallbackQuery, *, callback_data: Assign, bot: Bot, desk: Desk, lang: Lang, origin: Origin
) -> None:
    answer = await team.assign(desk, origin, callback_data.dialog, callback_data.admin)
    await settle(query)
    await put(bot, query, team.answer(lang, answer))
