"""An admin speaks as the account: ``/say``, ``/unsend``, an answer to any message of the bot that is about a dialog.

Such an answer goes out after one more tap, on a button that names the person; till then its words stand with the
update (``admin_updates``). Whoever speaks has taken the dialog.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from aiogram.filters.callback_data import CallbackData
from aiogram.types import InlineKeyboardMarkup, Message

from salesbot import words
from salesbot.adminbot import actions, draft_card, drafting, views
from salesbot.adminbot.actions import Answer, Origin, Said, once
from salesbot.adminbot.desk import Desk
from salesbot.adminbot.html import LIMIT, esc, units
from salesbot.adminbot.keyboards import button, open_dialog, rows
from salesbot.adminbot.views import Shown
from salesbot.dialog import transitions
from salesbot.dialog.model import Dialog, DialogEvent, Status
from salesbot.i18n import Lang
from salesbot.store import admin_updates, desk, dialogs, draft_cards, drafts, parts, takebacks
from salesbot.store.desk import Head
from salesbot.store.pool import Connection, transaction
from salesbot.store.takebacks import UnsendResult
from salesbot.visible import clip

NAMED = 40
"""Characters of a name on a button: Telegram shows 64."""

_TAKEN_BACK: Mapping[UnsendResult, Said] = {
    UnsendResult.TAKING_BACK: Said.UNSAYING,
    UnsendResult.NOT_SENT: Said.UNSAID,
    UnsendResult.NOTHING: Said.NOTHING_TO_UNSAY,
}

_NUMBER = re.compile(r"\W*№\s?(\d{1,18})\b")


class Speak(CallbackData, prefix="y"):
    """Say what was written in that update, or do not."""

    update: int
    send: bool


def number_of(message: Message | None, bot_id: int) -> int | None:
    """The dialog that a message of the bot is about: such a message begins with the dialog's number."""
    if message is None or message.from_user is None or message.from_user.id != bot_id:
        return None
    found = _NUMBER.match(message.text or message.caption or "")
    return int(found[1]) if found else None


async def answered(on: Desk, origin: Origin, number: int, *, to: int, text: str) -> Answer:
    """Words in answer to message ``to`` of the bot: a draft's new text, else to be said in that dialog if confirmed."""

    async def act(connection: Connection) -> Answer:
        draft_id, asked = await draft_cards.of_message(connection, origin.admin_id, to) or (0, False)
        draft = await drafting.waiting(connection, draft_id)
        if not isinstance(draft, Answer):
            await drafts.edit(connection, draft.id, origin.admin_id, text, on.clock.now())
            return Answer(Said.DRAFT_EDITED, {"dialog": draft.dialog_id, "prompt": to if asked else None})
        head = await desk.head(connection, number)
        if head is None:
            return Answer(Said.NO_SUCH_DIALOG, {"dialog": number})
        if refusal := await _refusal(connection, head.dialog, origin.admin_id):
            return refusal
        await admin_updates.answered(connection, origin.update_id, {"words": {"dialog": number, "text": text}})
        return Answer(Said.SPEAK, {"dialog": number, "update": origin.update_id, **_whom(head.dialog)})

    return await once(on, origin, act)


def _whom(dialog: Dialog) -> dict[str, str]:
    """What an answer with somebody's words in it is found by when their data are erased."""
    return {"target": str(dialog.contact_id or dialog.target_username)}


async def confirmed(on: Desk, origin: Origin, update_id: int, *, send: bool) -> Answer:
    """Say what was written in that update of the same admin, once; or throw it away."""

    async def act(connection: Connection) -> Answer:
        kept = await admin_updates.take_words(connection, update_id, origin.admin_id)
        if kept is None:
            return Answer(Said.EXPIRED)
        number = int(str(kept["dialog"]))
        return await _say(on, connection, origin, number, str(kept["text"])) if send else _unspoken(number)

    return await once(on, origin, act)


def _unspoken(number: int) -> Answer:
    return Answer(Said.UNSPOKEN, {"dialog": number})


async def say(on: Desk, origin: Origin, number: int, text: str) -> Answer:
    """Say it as the account; the dialog is this admin's from then on."""
    return await once(on, origin, lambda connection: _say(on, connection, origin, number, text))


async def _say(on: Desk, connection: Connection, origin: Origin, number: int, text: str) -> Answer:
    dialog = await dialogs.lock(connection, number)
    if dialog is None:
        return Answer(Said.NO_SUCH_DIALOG, {"dialog": number})
    if refusal := await _refusal(connection, dialog, origin.admin_id):
        return refusal
    await parts.say(connection, dialog, origin.admin_id, text, on.random_id(), on.clock.now())
    return Answer(Said.SPOKEN, {"dialog": number, **_whom(dialog)})


async def unsend(on: Desk, origin: Origin, number: int) -> Answer:
    """Take the last of our messages back: what is not sent yet at once, else the engine does and tells."""

    async def act(connection: Connection) -> Answer:
        dialog = await dialogs.lock(connection, number)
        if dialog is None:
            return Answer(Said.NO_SUCH_DIALOG, {"dialog": number})
        done = await takebacks.unsend(connection, dialog, origin.admin_id, on.clock.now())
        return Answer(_TAKEN_BACK[done], {"dialog": number})

    return await once(on, origin, act)


async def _refusal(connection: Connection, dialog: Dialog, admin_id: int) -> Answer | None:
    """Why this admin cannot speak in a dialog: a colleague does, or it is none in which one speaks."""
    mine = dialog.status is Status.TAKEN and dialog.taken_by in (None, admin_id)
    if mine or DialogEvent.TAKE in transitions.TABLE[dialog.status]:
        return None
    return await actions.refused(connection, dialog, DialogEvent.TAKE, admin_id)


async def shown(on: Desk, _: Lang, answer: Answer, reader: int) -> Shown:
    """What is answered to an admin who speaks."""
    number = int(answer.data.get("dialog") or 0)
    match answer.said:
        case Said.SPEAK:
            update_id = int(answer.data["update"] or 0)
            return await _confirmation(on, _, number=number, update_id=update_id, admin_id=reader)
        case Said.SPOKEN:
            text = _(
                "№ {n}: on its way to {who}. The dialog is yours: /give {n} gives it back, /unsend {n} takes it back."
            )
        case Said.UNSPOKEN:
            text = _("№ {n}: not sent.")
        case Said.DRAFT_EDITED:
            text = _("№ {n}: the draft is changed. Nothing is sent before you press Send under it.")
        case Said.UNSAYING | Said.UNSAID | Said.NOTHING_TO_UNSAY as said:
            return Shown(_unsaid(_)[said].format(n=number))
        case _other:
            return views.answer(_, answer)
    async with transaction(on.pool) as connection:
        head = await desk.head(connection, number)
    if answer.said is Said.SPOKEN and head and head.dialog.paused:
        text = _("№ {n}: everything is paused, so it goes out to {who} after /resume. The dialog is yours.")
    return Shown(text.format(n=number, who=_person(_, head)), open_dialog(_, number))


def _unsaid(_: Lang) -> dict[Said, str]:
    return {
        Said.UNSAYING: _("№ {n}: the last message is being taken back; I will say so once it is gone."),
        Said.UNSAID: _("№ {n}: what was about to be sent is not sent."),
        Said.NOTHING_TO_UNSAY: _("№ {n}: there is no message of ours to be taken back."),
    }


def _person(_: Lang, head: Head | None) -> str:
    return esc(words.person(_, head.dialog, head.contact)) if head else _("(erased)")


async def _confirmation(on: Desk, _: Lang, *, number: int, update_id: int, admin_id: int) -> Shown:
    """What would be said, to whom, and the two buttons."""
    async with transaction(on.pool) as connection:
        head = await desk.head(connection, number)
        kept = await admin_updates.words_of(connection, update_id, admin_id)
    if head is None or kept is None:
        return views.answer(_, Answer(Said.EXPIRED))
    ask = _("№ {n}: say this to {who}?").format(n=number, who=_person(_, head))
    takes = _("The model keeps quiet afterwards, until /give {n}.").format(n=number)
    after = f"\n\n<i>{takes}</i>" if head.dialog.status is not Status.TAKEN else ""
    rest = _("… and all the rest that you wrote.")
    text = draft_card.said(str(kept["text"]), LIMIT - units(ask) - units(after) - 10, rest)
    return Shown(f"{ask}\n\n→ {text}{after}", _buttons(_, head, update_id))


def _buttons(_: Lang, head: Head, update_id: int) -> InlineKeyboardMarkup | None:
    name = head.contact.name if head.contact else ""
    who = clip(name, NAMED) or clip(words.person(_, head.dialog, head.contact), NAMED)
    return rows(
        [button(_("Send to {who}").format(who=who), Speak(update=update_id, send=True))],
        [button(_("Cancel"), Speak(update=update_id, send=False))],
    )
