"""The buttons. Each sets a state or shows a page, none toggles; what it carries fits into Telegram's 64 bytes."""

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum

from aiogram.filters.callback_data import CallbackData
from aiogram.types import InlineKeyboardButton, InlineKeyboardMarkup

from salesbot.adminbot.html import clipped
from salesbot.i18n import Lang
from salesbot.store.listing import Wanted

TEXT = 64
"""Units of a button's text."""


class Way(StrEnum):
    """Which page from a cursor: what is older, what is newer, or the newest there is."""

    OLDER = "o"
    NEWER = "n"
    NEWEST = "t"


class ListPage(CallbackData, prefix="l"):
    """A page of a list, starting beside dialog ``cursor``."""

    wanted: Wanted
    way: Way
    cursor: int


class ViewPage(CallbackData, prefix="v"):
    """A page of a dialogue, starting beside piece ``piece`` of message ``cursor``."""

    dialog: int
    way: Way
    cursor: int
    piece: int


class OpenDialog(CallbackData, prefix="open"):
    """Show this dialog below."""

    dialog: int


class Resume(CallbackData, prefix="r"):
    """Go on with a stopped dialog under its old number."""

    dialog: int


class Anew(CallbackData, prefix="a"):
    """Carry out the ``/start`` of that update as a new dialog."""

    update: int


class AllowOpenings(CallbackData, prefix="o"):
    """Let an account open new conversations again."""

    account: int


class How(StrEnum):
    """What becomes of a person's data."""

    ERASE = "e"
    NEVER_AGAIN = "n"
    """Erased, and they are never written to again."""
    KEEP = "k"


class Forget(CallbackData, prefix="f"):
    """Erase or keep what there is of a person, by their id or, when that is not known, their username."""

    how: How
    whom: str


class ExportDialog(CallbackData, prefix="x"):
    """A dialog as a file; without a format, the question which it shall be."""

    dialog: int
    format: str = ""


class CancelExport(CallbackData, prefix="xc"):
    """The export that was promised in answer to that update is not wanted any more."""

    job: int


class TaskDone(CallbackData, prefix="d"):
    """A promise was kept."""

    task: int


class TaskList(CallbackData, prefix="t"):
    """The promises as they are now."""


def button(text: str, data: CallbackData) -> InlineKeyboardButton:
    """A button; a text that is longer than Telegram takes is cut visibly."""
    return InlineKeyboardButton(text=clipped(text, TEXT), callback_data=data.pack())


def rows(*lines: list[InlineKeyboardButton]) -> InlineKeyboardMarkup | None:
    """A keyboard of the rows that have buttons; None when none has."""
    filled = [line for line in lines if line]
    return InlineKeyboardMarkup(inline_keyboard=filled) if filled else None


def resume_or_anew(_: Lang, dialog: int, update: int) -> InlineKeyboardMarkup | None:
    return rows(
        [button(_("Resume № {n}").format(n=dialog), Resume(dialog=dialog))],
        [button(_("Begin anew"), Anew(update=update))],
    )


def open_dialog(_: Lang, dialog: int) -> InlineKeyboardMarkup | None:
    return rows([button(_("Open № {n}").format(n=dialog), OpenDialog(dialog=dialog))])


def allow_openings(_: Lang, account: int) -> InlineKeyboardMarkup | None:
    return rows([button(_("Allow new conversations"), AllowOpenings(account=account))])


def forget(_: Lang, whom: str, *, known: bool, opted_out: bool) -> InlineKeyboardMarkup | None:
    """What may be done about a person; who opted out stays so without a button."""
    erase = button(_("Erase"), Forget(how=How.ERASE, whom=whom))
    never = button(
        _("Erase and never write again") if known else _("Never write to them"), Forget(how=How.NEVER_AGAIN, whom=whom)
    )
    keep = button(_("Keep"), Forget(how=How.KEEP, whom=whom))
    return rows([erase] if known else [], [] if opted_out else [never], [keep] if known or not opted_out else [])


def tasks(_: Lang, ids: Sequence[int]) -> InlineKeyboardMarkup | None:
    """A button for each promise, by its place in the list."""
    done = [button(f"✓ {place}", TaskDone(task=task)) for place, task in enumerate(ids, 1)]
    return rows(*(done[at : at + 5] for at in range(0, len(done), 5)), [button(_("refresh"), TaskList())])
