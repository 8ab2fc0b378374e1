"""Notes for colleagues: ``/note 7 calls back on Monday #vip``. /find finds its #labels; -#label takes one away."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import tzinfo

from aiogram.filters.callback_data import CallbackData
from aiogram.types import Message

from salesbot.adminbot import keyboards, parse, views
from salesbot.adminbot.actions import Answer, Origin, Said, once
from salesbot.adminbot.desk import Desk
from salesbot.adminbot.html import esc, units
from salesbot.adminbot.keyboards import button
from salesbot.adminbot.parse import Wrong, WrongInput
from salesbot.adminbot.views import Shown
from salesbot.i18n import Lang
from salesbot.store import dialogs, events, notes
from salesbot.store.notes import Note
from salesbot.store.pool import Connection, transaction
from salesbot.visible import inline, isolated

LONGEST = 2_000
"""Units of a note."""
ROOM = 3_600
"""Units for the notes on a page."""
FETCH = 40
"""Notes read for a page; more never fit."""

_NOTE = re.compile(r"\s*([№#]?\s*\S+)\s*(.*)", re.DOTALL)
_LABEL = re.compile(r"(?<![\w#])(-?)#(\w{1,32})(?!\w)")
_PROMPT = re.compile(r"✎ № (\d{1,18})\b")


class AskNote(CallbackData, prefix="nt"):
    """Ask for the words of a note."""

    dialog: int


class NotePage(CallbackData, prefix="np"):
    """The notes of a dialog before note ``below``; the newest if that is 0."""

    dialog: int
    below: int


@dataclass(frozen=True, slots=True)
class Noted:
    """What is to be noted: words, labels to give, labels to take away."""

    dialog: int
    text: str = ""
    added: frozenset[str] = frozenset()
    removed: frozenset[str] = frozenset()


def noted(args: str | None) -> Noted:
    """``7 calls back #vip -#cold``; without words the notes are asked for. Raises ``WrongInput``."""
    found = _NOTE.fullmatch(args or "")
    return of(parse.number(found[1] if found else ""), found[2] if found else "")


def of(dialog_id: int, text: str) -> Noted:
    """A note on a dialog; labels alone leave no words. Raises ``WrongInput``."""
    text = text.strip()
    if units(text) > LONGEST:
        raise WrongInput(Wrong.NOTE_TOO_LONG)
    marked = [(minus, label.lower()) for minus, label in _LABEL.findall(text)]
    removed = frozenset(label for minus, label in marked if minus)
    added = frozenset(label for minus, label in marked if not minus) - removed
    return Noted(dialog_id, text if _LABEL.sub("", text).strip() else "", added, removed)


def prompted(message: Message | None, bot_id: int) -> int | None:
    """The dialog for which this message of the bot asked a note."""
    if message is None or message.from_user is None or message.from_user.id != bot_id:
        return None
    found = _PROMPT.match(message.text or "")
    return int(found[1]) if found else None


def prompt(_: Lang, dialog_id: int) -> Shown:
    """Asks for the words; ``prompted`` knows it again."""
    text = _("Answer this message with the note. #words in it become labels, which /find finds.")
    return Shown(f"✎ № {dialog_id}\n{text}")


async def write(on: Desk, origin: Origin, note: Noted) -> Answer:
    """Keep a note, give and take labels."""

    async def act(connection: Connection) -> Answer:
        dialog = await dialogs.lock(connection, note.dialog)
        if dialog is None:
            return Answer(Said.NO_SUCH_DIALOG, {"dialog": note.dialog})
        data: dict[str, int] = {"added": len(note.added), "removed": len(note.removed)}
        if note.text:
            now = on.clock.now()
            data["note"] = await notes.add(connection, dialog.id, origin.admin_id, note.text, now)
        await notes.label(connection, dialog.id, note.added, note.removed)
        await events.record(
            connection, "noted", actor=origin.actor, dialog_id=dialog.id, account_id=dialog.account_id, data=data
        )
        return Answer(Said.NOTED, {"dialog": dialog.id})

    return await once(on, origin, act)


def answer(_: Lang, given: Answer) -> Shown:
    """That it is kept."""
    if given.said is not Said.NOTED:
        return views.answer(_, given)
    number = int(str(given.data["dialog"]))
    text = _("№ {n}: noted. /note {n} shows all notes.")
    return Shown(text.format(n=number), keyboards.open_dialog(_, number))


async def page(on: Desk, _: Lang, admin_id: int, at: NotePage) -> Shown:
    """The notes of a dialog, the newest first, as many as fit."""
    async with transaction(on.pool) as connection:
        dialog = await dialogs.get(connection, at.dialog)
        zone = await on.admins.zone(connection, admin_id)
        found = await notes.latest(connection, at.dialog, FETCH + 1, below=at.below or None)
    if dialog is None:
        return views.answer(_, Answer(Said.NO_SUCH_DIALOG, {"dialog": at.dialog}))
    shown = _fitting(found)
    lines = [f"<b>{_('№ {n}: notes').format(n=at.dialog)}</b>", *(_block(note, zone) for note in shown)]
    if not shown:
        lines.append(_("None yet: <code>/note {n} calls back on Monday #vip</code>").format(n=at.dialog))
    row = [
        *([button(_("← older"), NotePage(dialog=at.dialog, below=shown[-1].id))] if len(shown) < len(found) else []),
        *([button(_("newest"), NotePage(dialog=at.dialog, below=0))] if at.below else []),
        button(_("✎ Note"), AskNote(dialog=at.dialog)),
    ]
    return Shown("\n\n".join(lines), keyboards.rows(row))


def _fitting(found: Sequence[Note]) -> Sequence[Note]:
    room = ROOM
    for place, note in enumerate(found):
        room -= units(note.content) + 120
        if room < 0:
            return found[: max(place, 1)]
    return found[:FETCH]


def _block(note: Note, zone: tzinfo) -> str:
    at = note.created_at.astimezone(zone).strftime("%d.%m.%Y %H:%M")
    return f"<b>{esc(inline(note.author, 60))}</b>, {at}\n{esc(isolated(note.content))}"
