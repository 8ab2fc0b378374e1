"""The buttons. Each sets a state or shows a page, none toggles; what it carries fits into Telegram's 64 bytes."""

from __future__ import annotations

from enum import StrEnum

from aiogram.filters.callback_data import CallbackData
from aiogram.types import InlineKeyboardButton, InlineKeyboardMarkup

from salesbot.i18n import Lang


class Way(StrEnum):
    """Which page from a cursor: what is older, what is newer, or the newest there is."""

    OLDER = "o"
    NEWER = "n"
    NEWEST = "t"


class ListPage(CallbackData, prefix="l"):
    """A page of the list, starting beside dialog ``cursor``."""

    everything: bool
    way: Way
    cursor: int


class ViewPage(CallbackData, prefix="v"):
    """A page of a dialogue, starting beside piece ``piece`` of message ``cursor``."""

    dialog: int
    way: Way
    cursor: int
    piece: int


class Resume(CallbackData, prefix="r"):
    """Go on with a stopped dialog under its old number."""

    dialog: int


class Anew(CallbackData, prefix="a"):
    """Carry out the ``/start`` of that update as a new dialog."""

    update: int


class AllowOpenings(CallbackData, prefix="o"):
    """Let an account open new conversations again."""

    account: int


def button(text: str, data: CallbackData) -> InlineKeyboardButton:
    return InlineKeyboardButton(text=text, callback_data=data.pack())


def rows(*lines: list[InlineKeyboardButton]) -> InlineKeyboardMarkup | None:
    """A keyboard of the rows that have buttons; None when none has."""
    filled = [line for line in lines if line]
    return InlineKeyboardMarkup(inline_keyboard=filled) if filled else None


def resume_or_anew(_: Lang, dialog: int, update: int) -> InlineKeyboardMarkup | None:
    return rows(
        [button(_("Resume № {n}").format(n=dialog), Resume(dialog=dialog))],
        [button(_("Begin anew"), Anew(update=update))],
    )


def allow_openings(_: Lang, account: int) -> InlineKeyboardMarkup | None:
    return rows([button(_("Allow new conversations"), AllowOpenings(account=account))])
