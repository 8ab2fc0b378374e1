"""Drafts at the desk: each admin sees a draft in one message, edited in place until it is decided; the first one wins.

The cards follow the rows (``drafts.changed``), whoever changed them: a button here, another admin, the engine.
"""

from __future__ import annotations

import asyncio
from datetime import tzinfo

from aiogram import Bot
from aiogram.exceptions import TelegramAPIError, TelegramBadRequest, TelegramForbiddenError
from loguru import logger

from salesbot.adminbot import actions, draft_card, grouping, reply, views
from salesbot.adminbot.actions import Answer, Origin, Said, once
from salesbot.adminbot.desk import Desk
from salesbot.adminbot.draft_card import Decide, Do
from salesbot.adminbot.views import Shown
from salesbot.dialog.model import DialogEvent, DraftState, Purpose
from salesbot.i18n import Lang
from salesbot.log import summary
from salesbot.store import admins, desk, dialogs, draft_cards, drafts
from salesbot.store.admins import Role
from salesbot.store.drafts import Draft
from salesbot.store.pool import UNAVAILABLE, Connection, transaction

NET_SECONDS = 300.0
"""The lookout says when there is something; after so long nobody relies on it."""
AGAIN_SECONDS = 1.0
"""After a round that was cut short."""
AT_ONCE = 20
"""Cards shown in one round."""


async def decide(on: Desk, origin: Origin, pressed: Decide) -> Answer:
    """Send or skip a draft, or take its dialog. Of two who press, the first wins and the second is told who it was."""

    async def act(connection: Connection) -> Answer:
        draft = await waiting(connection, pressed.draft)
        if isinstance(draft, Answer):
            return draft
        if draft.version != pressed.version:
            return Answer(Said.DRAFT_CHANGED)
        return await _decide(on, connection, origin, draft, pressed.do)

    return await once(on, origin, act)


async def _decide(on: Desk, connection: Connection, origin: Origin, draft: Draft, do: Do) -> Answer:
    """What a button stands for, with the dialog locked and the draft waiting."""
    admin, now = origin.admin_id, on.clock.now()
    if do is Do.TAKE:
        return await actions.lead(on, connection, origin, draft.dialog_id, DialogEvent.TAKE, Said.TAKEN)
    if do is Do.SEND:
        await drafts.approve(connection, draft.id, admin, now)
    else:
        await drafts.skip(connection, draft.id, admin, now)
        if draft.purpose is Purpose.OPENING:  # without its first message there is no dialog
            dialog = await dialogs.lock(connection, draft.dialog_id)
            assert dialog is not None
            await dialogs.apply(connection, dialog, DialogEvent.STOP, actor=origin.actor, now=now)
    return Answer(Said.DRAFT_DECIDED, {"dialog": draft.dialog_id})


async def waiting(connection: Connection, draft_id: int) -> Draft | Answer:
    """The draft, its dialog locked; an answer when it does not wait any more."""
    draft = await drafts.get(connection, draft_id)
    if draft is None or await dialogs.lock(connection, draft.dialog_id) is None:
        return Answer(Said.EXPIRED)
    draft = await drafts.get(connection, draft_id)
    if draft is None:
        return Answer(Said.EXPIRED)
    return draft if draft.state is DraftState.WAITING else Answer(Said.DRAFT_OVER, {"draft": draft_id})


async def alert(on: Desk, _: Lang, answer: Answer, reader: int) -> str | None:
    """What is shown over a button that did nothing; None when the card says it all."""
    match answer.said:
        case Said.DRAFT_CHANGED:
            return _("It was changed meanwhile. Read it again, then press.")
        case Said.DRAFT_OVER:
            async with transaction(on.pool) as connection:
                draft = await drafts.get(connection, int(answer.data["draft"] or 0))
                about = await _about(connection, draft) if draft else None
            return draft_card.too_late(_, draft, about, reader) if draft and about else None
        case Said.EXPIRED:
            return views.answer(_, answer).text
        case _decided:
            return None


async def _about(connection: Connection, draft: Draft) -> draft_cards.About | None:
    return await draft_cards.about(connection, draft.dialog_id, draft.id, draft.decided_by)


async def ask(on: Desk, bot: Bot, _: Lang, origin: Origin, pressed: Decide, *, card: int) -> Answer:
    """Ask an admin for a text of their own, by a message that their next words answer."""
    async with transaction(on.pool) as connection:
        draft = await waiting(connection, pressed.draft)
        head = None if isinstance(draft, Answer) else await desk.head(connection, draft.dialog_id)
    if isinstance(draft, Answer) or head is None:
        return draft if isinstance(draft, Answer) else Answer(Said.EXPIRED)
    asked = await reply.ask(bot, origin.admin_id, draft_card.prompt(_, draft, head), _("Your text"))
    async with transaction(on.pool) as connection:
        before = await draft_cards.asked(connection, draft.id, origin.admin_id, card=card, prompt=asked.message_id)
    if before is not None:
        await reply.remove(bot, origin.admin_id, before)
    return Answer(Said.DRAFT_DECIDED, {"dialog": draft.dialog_id})


async def show_again(on: Desk, bot: Bot, admin_id: int, dialog_id: int) -> bool:
    """Show the draft of a dialog where the admin is reading; its card further up goes. False when none waits."""
    async with transaction(on.pool) as connection:
        draft = await drafts.waiting(connection, dialog_id)
        before = await draft_cards.message_of(connection, draft.id, admin_id) if draft else None
    if draft is None:
        return False
    await _show(on, bot, draft, admin_id, None)
    if before is not None:
        await reply.remove(bot, admin_id, before)
    return True


async def loop(on: Desk, bot: Bot, stop: asyncio.Event) -> None:
    """Show what changed, whenever there are drafts."""
    while not stop.is_set():
        more, pause = False, NET_SECONDS
        try:
            more = await show(on, bot)
        except (*UNAVAILABLE, TelegramAPIError) as away:
            logger.bind(error=summary(away)).warning("cards of drafts wait")
            pause = AGAIN_SECONDS
        if not more:
            await on.drafts.wait(stop, timeout=pause)


async def show(on: Desk, bot: Bot) -> bool:
    """One round: show new drafts, edit the cards of those that changed. Whether there may be more."""
    async with transaction(on.pool) as connection:
        changed = await drafts.changed(connection, await _deciders(on, connection), AT_ONCE)
    for draft, admin, message in changed:
        await _show(on, bot, draft, admin, message)
    return len(changed) == AT_ONCE


async def _deciders(on: Desk, connection: Connection) -> list[int]:
    """The admins who may decide about a draft and can be shown one."""
    owners = on.settings.admin_telegram_id
    present = await admins.present(connection, owners)
    able = [admin.id for admin in present if admin.id in owners or admin.role is Role.OPERATOR]
    return [admin for admin in able if on.admins.reachable(admin)]


async def _show(on: Desk, bot: Bot, draft: Draft, admin: int, message: int | None) -> None:
    async with transaction(on.pool) as connection:
        _ = await on.admins.lang(connection, admin, on.settings.admin_lang)
        zone = await on.admins.zone(connection, admin)
        about = await _about(connection, draft)
        at_rest = await _rests(on, connection, admin, zone)
    if about is None:
        return
    shown = draft_card.card(_, draft, about, reader=admin, zone=zone)
    try:
        plain = Shown(f"№ {draft.dialog_id}: /view {draft.dialog_id}", shown.keyboard)
        again = draft.state is DraftState.WAITING
        shown_in = await _put(bot, admin, message, shown, plain, again=again, silently=at_rest)
    except (TelegramForbiddenError, TelegramBadRequest) as refused:  # they never started the bot, or blocked it
        logger.bind(admin=admin, error=summary(refused)).warning("a draft cannot be shown to this admin")
        on.admins.refused(admin)
    else:
        async with transaction(on.pool) as connection:
            await drafts.shown(connection, draft.id, admin, shown_in, draft.version)


async def _rests(on: Desk, connection: Connection, admin_id: int, zone: tzinfo) -> bool:
    """Whether this admin has quiet hours now: a draft can wait, and its card comes without a sound."""
    admin = await admins.get(connection, admin_id)
    return admin is not None and grouping.rests(admin, zone, on.clock.now())


async def _put(
    bot: Bot, admin: int, message: int | None, shown: Shown, plain: Shown, *, again: bool, silently: bool
) -> int:
    """The message in which it is shown now; ``again``: one that the admin deleted comes anew. ``plain`` stands in for
    words that Telegram refuses."""
    if message is not None and (await reply.edit(bot, admin, message, shown) or not again):
        return message
    try:
        return (await reply.say(bot, admin, shown, silently=silently)).message_id
    except TelegramBadRequest as refused:
        if "chat not found" in refused.message:
            raise
        logger.bind(admin=admin, error=summary(refused)).error("the card of a draft was refused")
        return (await reply.say(bot, admin, plain, silently=silently)).message_id
