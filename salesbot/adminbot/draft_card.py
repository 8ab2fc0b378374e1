"""A draft as one message of the bot: whom it is for, what it says, its buttons, and at the end what became of it. Pure.

It begins with the dialog's number, as everything does that is about one dialog (``speaking.number_of``).
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import tzinfo
from enum import StrEnum

from aiogram.filters.callback_data import CallbackData
from aiogram.types import InlineKeyboardMarkup

from salesbot import words
from salesbot.adminbot.html import LIMIT, esc, slices, units
from salesbot.adminbot.keyboards import button, rows
from salesbot.adminbot.views import Shown
from salesbot.dialog.model import DraftState, Message, Purpose
from salesbot.i18n import Lang
from salesbot.store.desk import Head
from salesbot.store.draft_cards import About
from salesbot.store.drafts import Draft
from salesbot.visible import clip, inline, isolated

HEARD = 200
"""Characters of each line that the person said last; all of it stands in /view."""

ALERT = 200
"""Characters that Telegram shows over a button that was pressed."""


class Do(StrEnum):
    """What may be done about a draft."""

    SEND = "s"
    EDIT = "e"
    SKIP = "k"
    TAKE = "t"


class Decide(CallbackData, prefix="q"):
    """Do it with a draft, as long as it says what it said when the button was shown."""

    draft: int
    version: int
    do: Do


class ShowDraft(CallbackData, prefix="qs"):
    """Show the draft of a dialog again, at the end of the chat."""

    dialog: int


def card(_: Lang, draft: Draft, about: About, *, reader: int, zone: tzinfo) -> Shown:
    """The card as ``reader``, an admin, is to see it now."""
    waiting = draft.state is DraftState.WAITING
    head = f"<b>№ {about.head.dialog.id}</b> {esc(_title(_, draft, about))}"
    heard = "\n".join(f"<i>← {esc(_heard(_, line))}</i>" for line in about.heard)
    fate = f"<i>{esc(waits(_, draft, about, reader, zone) if waiting else became(_, draft, about, reader))}</i>"
    room = LIMIT - sum(units(text) + 2 for text in (head, heard, fate))
    rest = _("… The rest of it: /view {n}").format(n=about.head.dialog.id)
    text = said("\n\n".join(f"→ {part}" for part in draft.parts), room, rest)
    unsaid = draft.state not in (DraftState.WAITING, DraftState.APPROVED)
    lines = [head, heard, f"<s>{text}</s>" if unsaid and text else text, fate]
    return Shown("\n\n".join(filter(None, lines)), _buttons(_, draft) if waiting else None)


def _heard(_: Lang, line: Message) -> str:
    """``[photo] Like this one?``"""
    return " ".join(filter(None, (words.kind(_, line, 40), isolated(clip(line.content, HEARD)))))


def said(text: str, room: int, rest: str) -> str:
    """A text to be sent, escaped; of one that is too long for a message as much as fits, and then ``rest``."""
    pieces = slices(text, room - units(rest) - 20)
    first, more = next(pieces, ""), next(pieces, None)
    return first if more is None else f"{first}\n{rest}"


def _title(_: Lang, draft: Draft, about: About) -> str:
    who = words.person(_, about.head.dialog, about.head.contact)
    match draft.purpose:
        case Purpose.OPENING:
            return _("About to write to {who} from {account}:").format(who=who, account=account(about))
        case Purpose.FOLLOW_UP:
            return _("Draft of a reminder to {who}:").format(who=who)
        case _reply:
            return _("Draft of a reply to {who}:").format(who=who)


def account(about: About) -> str:
    """``+7999… (@sales)``, or as much of it as is known."""
    phone, name = about.phone.removeprefix("+"), inline(about.head.account, words.NAME)
    if not phone or name == about.phone:
        return name
    return f"+{phone} ({name})"


def waits(_: Lang, draft: Draft, about: About, reader: int, zone: tzinfo) -> str:
    """Until when it waits, and who wrote it anew."""
    until = draft.expires_at.astimezone(zone).strftime("%d.%m %H:%M")
    line = _("Waits for a button until {until}. To edit it, answer this message with your text.").format(until=until)
    if draft.decided_by is None:
        return line
    return _("Edited by: {who}.").format(who=decider(_, draft, about, reader)) + " " + line


def became(_: Lang, draft: Draft, about: About, reader: int) -> str:
    """What became of a draft that does not wait any more."""
    opening, who = draft.purpose is Purpose.OPENING, decider(_, draft, about, reader)
    match draft.state:
        case DraftState.APPROVED:
            return _("✓ It goes out. Decided by: {who}.").format(who=who)
        case DraftState.SKIPPED if opening:
            return _("✗ Cancelled, nobody was written to. Decided by: {who}.").format(who=who)
        case DraftState.SKIPPED:
            return _("✗ Skipped, nothing is said to this. Decided by: {who}.").format(who=who)
        case DraftState.EXPIRED:
            text = _("✗ Nobody decided in time. /give {n}: the model writes anew; /take {n}: you speak.")
            return text.format(n=about.head.dialog.id)
        case _stale:
            why = _why(_).get(about.why) or words.reason(_, about.why) or _("it is not sent any more")
            return _("✗ Out of date: {why}.").format(why=why)


def _why(_: Lang) -> Mapping[str, str]:
    """Why the parts of a draft were cancelled, by the code."""
    return {
        "newer_message": _("something newer came"),
        "take": _("a human speaks now"),
        "stop": _("the dialog was stopped"),
        "opt_out": _("they asked not to be written to"),
        "unreachable": _("they cannot be written to"),
        "mode": _("the mode was changed"),
        "erase": _("the data of that person are erased"),
    }


def decider(_: Lang, draft: Draft, about: About, reader: int) -> str:
    """The admin who decided it, as ``reader`` calls them."""
    if draft.decided_by == reader:
        return _("you")
    return inline(about.decided_by, words.NAME) or _("id {id}").format(id=draft.decided_by)


def _buttons(_: Lang, draft: Draft) -> InlineKeyboardMarkup | None:
    def to(do: Do) -> Decide:
        return Decide(draft=draft.id, version=draft.version, do=do)

    first = [button(_("Send"), to(Do.SEND)), button(_("Edit"), to(Do.EDIT))]
    if draft.purpose is Purpose.OPENING:
        return rows(first, [button(_("Cancel"), to(Do.SKIP))])
    return rows(first, [button(_("Skip"), to(Do.SKIP)), button(_("Take over"), to(Do.TAKE))])


def too_late(_: Lang, draft: Draft, about: About, reader: int) -> str:
    """For a button that is pressed when it is decided: who was first, or what came in between."""
    fate = became(_, draft, about, reader)
    return clip(fate if draft.decided_by == reader else _("Too late. {fate}").format(fate=fate), ALERT)


def prompt(_: Lang, draft: Draft, head: Head) -> Shown:
    """What asks for a text of the admin's own; the draft stands in it to be copied with a tap, when it fits."""
    who = esc(words.person(_, head.dialog, head.contact))
    ask = _("Answer this message with what is to be said to {who} in the place of the draft.").format(who=who)
    text = f"<b>№ {head.dialog.id}</b> {ask}"
    copy = "\n\n".join(draft.parts)
    draft_text = f"\n\n<code>{esc(copy)}</code>"
    return Shown(text + draft_text if units(text + draft_text) <= LIMIT else text)
