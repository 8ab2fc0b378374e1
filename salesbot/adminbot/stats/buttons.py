"""The buttons under the figures: another period, and the picture, light or dark. What is shown now is marked."""

from __future__ import annotations

from collections.abc import Iterable
from enum import StrEnum
from hashlib import sha256

from aiogram.filters.callback_data import CallbackData
from aiogram.types import InlineKeyboardButton, InlineKeyboardMarkup

from salesbot.adminbot.keyboards import button, rows
from salesbot.adminbot.stats.period import Asked, Period
from salesbot.i18n import Lang

_ROOM = 40
"""Of the 64 bytes of a button, what a scenario may take."""


class Theme(StrEnum):
    LIGHT = "l"
    DARK = "d"


class StatsText(CallbackData, prefix="st"):
    """The figures of a period as a text."""

    period: Period
    scenario: str


class StatsPicture(CallbackData, prefix="sp"):
    """The same as a picture."""

    period: Period
    theme: Theme
    scenario: str


def key(scenario: str) -> str:
    """A scenario as a button carries it: a long name by its hash."""
    return scenario if len(scenario) <= _ROOM else f"~{sha256(scenario.encode()).hexdigest()[:16]}"


def meant(carried: str, scenarios: Iterable[str]) -> str | None:
    """The scenario that a button means; None: there is none like that any more."""
    return next((name for name in ("", *scenarios) if key(name) == carried), None)


def periods(_: Lang) -> dict[Period, str]:
    return {Period.WEEK: _("7 days"), Period.MONTH: _("30 days"), Period.ALL: _("all")}


def under_text(_: Lang, asked: Asked, *, anything: bool) -> InlineKeyboardMarkup | None:
    """Below the text; of nothing there is no picture."""
    of = key(asked.scenario)
    other = [
        button(_marked(text, now=period is asked.period), StatsText(period=period, scenario=of))
        for period, text in periods(_).items()
    ]
    return rows(other, _themes(_, asked, None) if anything else [])


def under_picture(_: Lang, asked: Asked, theme: Theme) -> InlineKeyboardMarkup | None:
    """Below the picture, which changes in its place."""
    of = key(asked.scenario)
    other = [
        button(_marked(text, now=period is asked.period), StatsPicture(period=period, theme=theme, scenario=of))
        for period, text in periods(_).items()
    ]
    return rows(other, _themes(_, asked, theme))


def _themes(_: Lang, asked: Asked, shown: Theme | None) -> list[InlineKeyboardButton]:
    texts = {Theme.LIGHT: _("☀ picture"), Theme.DARK: _("☾ picture")}
    return [
        button(
            _marked(text, now=theme is shown),
            StatsPicture(period=asked.period, theme=theme, scenario=key(asked.scenario)),
        )
        for theme, text in texts.items()
    ]


def _marked(text: str, *, now: bool) -> str:
    return f"• {text}" if now else text
