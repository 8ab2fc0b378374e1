"""How a dialog stands, in a symbol and a word, and what may be typed for a list of those that stand so. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache

from salesbot import i18n
from salesbot.adminbot.parse import Wrong, WrongInput
from salesbot.i18n import CODES, Lang
from salesbot.store.listing import Mark, Wanted

_LEAST = 3
"""Letters of a list's word that are enough, when only one begins so."""

SYMBOLS: Mapping[Mark, str] = {
    Mark.NEEDS_YOU: "❗",
    Mark.DRAFT: "📝",
    Mark.TAKEN: "🙋",
    Mark.ANSWERING: "💬",
    Mark.WAITING: "⏳",
    Mark.OFF: "🔇",
    Mark.LOOKING_UP: "🔎",
    Mark.STOPPED: "⏹",
    Mark.WON: "🏆",
    Mark.LOST: "✖️",
    Mark.OPTED_OUT: "⛔",
    Mark.OVER: "▫️",
}

_TYPED: Mapping[Wanted, str] = {
    Wanted.OPEN: "open active открытые активные",
    Wanted.ALL: "all every все",
    Wanted.MINE: "mine мои",
    Wanted.UNREAD: "new новые непрочитанное",
    Wanted.NEEDS_YOU: "needs human ждут ждут_меня нужен_человек",
    Wanted.DRAFT: "drafts черновики",
    Wanted.TAKEN: "taken взятые",
    Wanted.ANSWERING: "answering отвечаем",
    Wanted.WAITING: "waiting ждем молчат",
    Wanted.OFF: "off молчим",
    Wanted.LOOKING_UP: "looking ищем",
    Wanted.STOPPED: "stopped остановленные",
    Wanted.WON: "won выиграно",
    Wanted.LOST: "lost проиграно",
    Wanted.OPTED_OUT: "optout отписки",
    Wanted.OVER: "over closed прочие закрытые",
}
"""What may be typed after /list beside the words that the list itself shows."""


def called(_: Lang, wanted: Wanted | Mark) -> str:
    """A mark, or a list, in words."""
    texts: Mapping[str, str] = {
        Wanted.OPEN: _("open"),
        Wanted.ALL: _("all"),
        Wanted.MINE: _("mine"),
        Wanted.UNREAD: _("unread"),
        Mark.NEEDS_YOU: _("needs you"),
        Mark.DRAFT: _("draft ready"),
        Mark.TAKEN: _("taken over"),
        Mark.ANSWERING: _("answering"),
        Mark.WAITING: _("waiting for them"),
        Mark.OFF: _("model off"),
        Mark.LOOKING_UP: _("looking up"),
        Mark.STOPPED: _("stopped"),
        Mark.WON: _("won"),
        Mark.LOST: _("lost"),
        Mark.OPTED_OUT: _("opted out"),
        Mark.OVER: _("over"),
    }
    return texts[wanted]


@cache
def _lists() -> Mapping[str, Wanted]:
    """Every word that names a list, in both languages whatever the admin reads."""
    shown = {_form(called(i18n.lang(code), wanted)): wanted for code in CODES for wanted in Wanted}
    typed = {word: wanted for wanted, together in _TYPED.items() for word in together.split()}
    return {**shown, **typed, **{wanted.value: wanted for wanted in Wanted}}


def _form(text: str) -> str:
    return "_".join(text.lower().replace("ё", "е").replace("-", " ").split())


def wanted(args: str | None) -> Wanted:
    """The list of ``/list won``, ``/list ждут``; the open dialogs when nothing is named. Raises ``WrongInput``."""
    typed = _form(args or "")
    if not typed:
        return Wanted.OPEN
    if typed in _lists():
        return _lists()[typed]
    begun = {one for word, one in _lists().items() if len(typed) >= _LEAST and word.startswith(typed)}
    if len(begun) != 1:
        raise WrongInput(Wrong.NO_SUCH_LIST, (args or "").strip())
    return begun.pop()


def names(_: Lang) -> str:
    """Every list there is, as it is typed."""
    return ", ".join(called(_, one) for one in Wanted)
