"""What stands above the messages of a dialog and in the buttons below them: who, how it stands, what comes next."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta, tzinfo
from enum import StrEnum
from itertools import takewhile

from aiogram.filters.callback_data import CallbackData
from aiogram.types import InlineKeyboardButton

from salesbot import words
from salesbot.adminbot.draft_card import ShowDraft
from salesbot.adminbot.html import esc, units
from salesbot.adminbot.keyboards import ExportDialog, button
from salesbot.adminbot.marks import SYMBOLS, called
from salesbot.adminbot.noting import AskNote
from salesbot.adminbot.team import Choose
from salesbot.dialog.model import NEVER, OPEN, Mode, Status
from salesbot.dialog.titles import UNTITLED, Titles
from salesbot.i18n import Lang
from salesbot.store.cards import Card, Learnt
from salesbot.store.desk import Head
from salesbot.store.listing import Line, Mark
from salesbot.store.notes import Note
from salesbot.store.standing import Standing
from salesbot.visible import clip, inline

ROOM = 1_400
"""Units of the card."""
NOTES = 2
"""Notes that are shown; the others stand in /note."""
_LEAD = (Status.ACTIVE, Status.HANDOFF, Status.TAKEN)
"""In these somebody speaks."""


class Do(StrEnum):
    """What a button under a dialog does."""

    TAKE = "take"
    GIVE = "give"
    STOP = "stop"
    RESUME = "resume"
    HALF_AN_HOUR = "30"
    """Pause for so many minutes."""
    TWO_HOURS = "120"
    UNTIL_I_RETURN = "back"


class Lead(CallbackData, prefix="ld"):
    """Lead a dialog from the page on which it is shown."""

    do: Do
    dialog: int


class ModeOf(CallbackData, prefix="mo"):
    """Show the mode of a dialog, to choose another."""

    dialog: int


PAUSES = {Do.HALF_AN_HOUR: timedelta(minutes=30), Do.TWO_HOURS: timedelta(hours=2), Do.UNTIL_I_RETURN: None}
"""How long a dialog is paused; None: until it is given back."""


@dataclass(frozen=True, slots=True)
class Sheet:
    """What is known of a dialog beside its row and its messages."""

    card: Card = field(default_factory=Card)
    standing: Standing = field(default_factory=Standing)
    notes: Sequence[Note] = ()
    now: datetime = NEVER
    takeover: timedelta = timedelta()
    """After so long a silence a takeover without an end of its own is over; zero: never."""
    titles: Titles = UNTITLED

    def mark(self, head: Head) -> Mark:
        owes = head.dialog.due_at is not None or self.standing.sending or self.standing.speaks_at is not None
        return Line(head, None, owes=owes, drafted=self.standing.draft_until is not None).mark


def title(_: Lang, head: Head, sheet: Sheet) -> list[str]:
    """Who it is, how it stands, in which stage, on which account."""
    dialog, mark = head.dialog, sheet.mark(head)
    how = called(_, mark) if mark is not Mark.OVER else words.status(_, dialog.status)
    outcome = "" if mark in (Mark.WON, Mark.LOST, Mark.OPTED_OUT) else words.outcome(_, dialog.outcome)
    standing = ", ".join(filter(None, (how, outcome)))
    stage = clip(words.stage(_, sheet.titles, dialog), 40)
    about = " · ".join(filter(None, (standing, esc(stage), esc(inline(head.account, 40)))))
    return [f"{SYMBOLS[mark]} <b>№ {dialog.id}</b> {esc(words.person(_, dialog, head.contact))}", about]


def lines(_: Lang, head: Head, sheet: Sheet, zone: tzinfo) -> list[str]:
    """The card: as much as has room, and where the rest stands."""
    made = [f"<i>{esc(line)}</i>" for line in (*_near(_, head, sheet, zone), *_known(_, head, sheet, zone))]
    kept = list(takewhile(lambda n: units("\n".join(made[:n])) <= ROOM, range(1, len(made) + 1)))
    rest = [f"<i>{esc(_('All of it: /export {n}').format(n=head.dialog.id))}</i>"] if len(kept) < len(made) else []
    return made[: len(kept)] + rest


def _near(_: Lang, head: Head, sheet: Sheet, zone: tzinfo) -> list[str]:
    """What comes next, and what colleagues have to know of it."""
    dialog, standing = head.dialog, sheet.standing
    step = next_step(_, head, sheet, zone)
    mode = words.mode(_, dialog.effective_mode)
    own = dialog.mode is not None or dialog.effective_mode is not Mode.AUTO
    person = [_("in it: {name}").format(name=inline(standing.taken_by, 60))] if standing.taken_by else []
    if standing.assignee:
        person.insert(0, _("looked after by {name}").format(name=inline(standing.assignee, 60)))
    hidden = len(sheet.notes) > NOTES
    return [
        *([_("Next: {step}").format(step=step)] if step else []),
        *([_("Mode: {mode}").format(mode=mode)] if own and dialog.status in OPEN else []),
        *([_("Colleagues: {names}").format(names=", ".join(person))] if person else []),
        *([inline(" ".join(f"#{label}" for label in standing.labels), 300)] if standing.labels else []),
        *(_note(note, zone) for note in sheet.notes[:NOTES]),
        *([_("All notes: /note {n}").format(n=dialog.id)] if hidden else []),
    ]


def _note(note: Note, zone: tzinfo) -> str:
    at = note.created_at.astimezone(zone).strftime("%d.%m %H:%M")
    return f"✎ {inline(note.author, 30)}, {at}: {inline(note.content, 150)}"


def _known(_: Lang, head: Head, sheet: Sheet, zone: tzinfo) -> list[str]:
    """What is known besides what was said."""
    dialog, card = head.dialog, sheet.card
    basis = (head.contact.basis if head.contact else "") or dialog.basis
    note = inline(dialog.handoff_note, 300)
    opening = sheet.titles.opening(_.code, dialog.scenario, dialog.opening)
    return [
        *([_("Basis: {basis}").format(basis=words.basis(_, basis, 150))] if basis else []),
        *([_("Began with: {opening}").format(opening=inline(opening, 60))] if opening else []),
        *([words.cost(_, card.cost, card.calls)] if card.calls else []),
        *([_("A human is needed: {note}").format(note=note)] if note else []),
        *(_learnt(_, fact, sheet.titles.field(_.code, dialog.scenario, fact.field), zone) for fact in card.learnt),
        *(
            _("Promised: {what} ({when})").format(
                what=inline(task.what, 150), when=words.task_state(_, task.due_at, None, zone)
            )
            for task in card.promised
            if task.done_at is None
        ),
    ]


def _learnt(_: Lang, fact: Learnt, title: str, zone: tzinfo) -> str:
    """``phone: +7… ← “my number is …”, 12:04``."""
    value = f"{inline(title, 60)}: {inline(fact.value, 120)}"
    if not fact.proof or fact.said_at is None:
        return value
    said = fact.said_at.astimezone(zone).strftime("%d.%m %H:%M")
    return _("{value} ← “{proof}”, {at}").format(value=value, proof=inline(fact.proof, 80), at=said)


def next_step(_: Lang, head: Head, sheet: Sheet, zone: tzinfo) -> str:
    """What is going to happen in a dialog, and when; empty when nothing is."""
    dialog = head.dialog
    if dialog.status in OPEN and dialog.paused:
        return _("nothing, everything is paused (/resume)")
    match dialog.status:
        case Status.RESOLVING:
            return _("the name is looked up")
        case Status.HANDOFF:
            return _("you: take it, or give it back to the model")
        case Status.TAKEN:
            return _taken(_, dialog.taken_until, sheet.takeover, zone)
        case Status.ACTIVE:
            return _active(_, head, sheet, zone)
        case _:
            return ""


def _taken(_: Lang, until: datetime | None, takeover: timedelta, zone: tzinfo) -> str:
    if until == NEVER or (until is None and not takeover):
        return _("a colleague speaks, until it is given back")
    if until is not None:
        return _("the model goes on at {at}").format(at=_at(until, zone))
    hours = f"{takeover / timedelta(hours=1):g}"
    return _("a colleague speaks; after {hours} h of silence the model goes on").format(hours=hours)


def _active(_: Lang, head: Head, sheet: Sheet, zone: tzinfo) -> str:
    """Of a dialog in which the model speaks."""
    dialog, standing, now = head.dialog, sheet.standing, sheet.now
    if standing.draft_until is not None:
        return _("a draft waits for your button until {at}").format(at=_at(standing.draft_until, zone))
    if standing.sending:
        return _("a message is being sent")
    if standing.speaks_at is not None:
        if standing.speaks_at <= now:
            return _("a message goes out now")
        return _("a message goes out at {at}").format(at=_at(standing.speaks_at, zone))
    if dialog.effective_mode is Mode.OFF:
        return _("nothing is said in this mode")
    if dialog.due_at is not None:
        due = max(dialog.due_at, dialog.not_before or dialog.due_at)
        return _("the model answers now") if due <= now else _("the model answers at {at}").format(at=_at(due, zone))
    if dialog.follow_up_at is not None:
        return _("if they stay silent, a reminder at {at}").format(at=_at(dialog.follow_up_at, zone))
    return _("they answer")


def _at(at: datetime, zone: tzinfo) -> str:
    return at.astimezone(zone).strftime("%d.%m %H:%M")


def buttons(_: Lang, head: Head, *, drafted: bool) -> list[list[InlineKeyboardButton]]:
    """What may be done about a dialog as it stands; ``drafted``: a draft of it waits for a button."""
    dialog = head.dialog

    def lead(text: str, do: Do) -> InlineKeyboardButton:
        return button(text, Lead(do=do, dialog=dialog.id))

    speak = {
        Status.ACTIVE: [lead(_("🙋 Take over"), Do.TAKE)],
        Status.HANDOFF: [lead(_("🙋 Take over"), Do.TAKE), lead(_("Give back"), Do.GIVE)],
        Status.TAKEN: [lead(_("Give back"), Do.GIVE)],
        Status.STOPPED: [lead(_("Resume"), Do.RESUME)] if dialog.contact_id is not None else [],
    }
    pause = [
        lead(_("⏸ 30 min"), Do.HALF_AN_HOUR),
        lead(_("⏸ 2 h"), Do.TWO_HOURS),
        lead(_("⏸ till I return"), Do.UNTIL_I_RETURN),
    ]
    return [
        [button(_("Show the draft"), ShowDraft(dialog=dialog.id))] if drafted else [],
        [*speak.get(dialog.status, []), *([lead(_("⏹ Stop"), Do.STOP)] if dialog.status in OPEN else [])],
        pause if dialog.status in _LEAD else [],
        [
            *([button(_("Mode"), ModeOf(dialog=dialog.id))] if dialog.status in OPEN else []),
            button(_("Assign"), Choose(dialog=dialog.id, start=0)),
        ],
        [
            button(_("✎ Note"), AskNote(dialog=dialog.id)),
            button(_("Export"), ExportDialog(dialog=dialog.id)),
        ],
    ]
