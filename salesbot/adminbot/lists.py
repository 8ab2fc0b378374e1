"""Lists of dialogs as cards: /list with its filters, /find, a numbered button for each dialog. Nothing is changed."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from aiogram.filters.callback_data import CallbackData
from aiogram.types import InlineKeyboardButton

from salesbot import words
from salesbot.adminbot import keyboards
from salesbot.adminbot.desk import Desk
from salesbot.adminbot.html import esc
from salesbot.adminbot.keyboards import ListPage, OpenDialog, Way, button
from salesbot.adminbot.marks import SYMBOLS, called
from salesbot.adminbot.parse import Wrong, WrongInput
from salesbot.adminbot.views import Shown
from salesbot.dialog.titles import UNTITLED, Titles
from salesbot.i18n import Lang
from salesbot.store import listing
from salesbot.store.listing import MOST_UNREAD, PAGE, Line, Mark, Wanted
from salesbot.store.pool import transaction
from salesbot.visible import clip, inline, isolated

BUTTONS_IN_A_ROW = 4
USUAL = (Wanted.OPEN, Wanted.NEEDS_YOU, Wanted.UNREAD, Wanted.DRAFT, Wanted.ALL)
"""The lists that are one tap away from each other."""
_BEYOND = 2**63 - 1


class FindPage(CallbackData, prefix="fi"):
    """What is found by these words after dialog ``after``; from the beginning if that is 0."""

    after: int
    text: str


def tokens(args: str | None) -> tuple[str, ...]:
    """The words of ``/find anna #vip``. Raises ``WrongInput``."""
    found = tuple((args or "").replace(":", " ").split())
    if not found:
        raise WrongInput(Wrong.WORDS_MISSING)
    return found


# --- pages


async def list_page(on: Desk, _: Lang, admin_id: int, at: ListPage) -> Shown:
    """A page of a list; past the newest end it is the newest page."""
    async with transaction(on.pool) as connection:
        if at.way is Way.NEWER:
            lines = await listing.newer(connection, at.wanted, admin_id, at.cursor)
            if len(lines) > PAGE:
                return listed(_, at, lines[1:], newer=True, older=True, now=on.clock.now(), titles=on.titles)
        below = at.cursor if at.way is Way.OLDER else _BEYOND
        lines = await listing.older(connection, at.wanted, admin_id, below)
    newer, older = at.way is Way.OLDER, len(lines) > PAGE
    return listed(_, at, lines[:PAGE], newer=newer, older=older, now=on.clock.now(), titles=on.titles)


async def find_page(on: Desk, _: Lang, at: FindPage) -> Shown:
    """A page of what is found, from the beginning when its place is lost because a name was changed."""
    async with transaction(on.pool) as connection:
        lines = await listing.find(connection, at.text.split(), at.after or None)
    if at.after and not lines:
        return await find_page(on, _, FindPage(after=0, text=at.text))
    return found(_, at, lines[:PAGE], more=len(lines) > PAGE, now=on.clock.now(), titles=on.titles)


# --- how they look


def listed(
    _: Lang,
    at: ListPage,
    lines: Sequence[Line],
    *,
    newer: bool,
    older: bool,
    now: datetime,
    titles: Titles = UNTITLED,
) -> Shown:
    """A page of a list, the newest dialog first."""
    others = [one for one in USUAL if one is not at.wanted]
    switch = [button(_title(_, one), ListPage(wanted=one, way=Way.NEWEST, cursor=0)) for one in others]
    if not lines:
        return Shown(_empty(_, at.wanted), keyboards.rows(switch[:2], switch[2:]))
    first, last = lines[0].head.dialog, lines[-1].head.dialog
    turn = [
        *([button(_("← newer"), ListPage(wanted=at.wanted, way=Way.NEWER, cursor=first.id))] if newer else []),
        *([button(_("older →"), ListPage(wanted=at.wanted, way=Way.OLDER, cursor=last.id))] if older else []),
        button(_("refresh"), ListPage(wanted=at.wanted, way=Way.NEWEST, cursor=0)),
    ]
    head = [
        *([_("⏸ Everything is paused: nothing is said. /resume goes on.")] if first.paused else []),
        f"<b>{esc(_title(_, at.wanted))}</b>",
    ]
    text = "\n\n".join(["\n".join(head), *(card(_, line, now, titles) for line in lines)])
    return Shown(text, keyboards.rows(*_numbers(lines), turn, switch[:2], switch[2:]))


def _title(_: Lang, wanted: Wanted) -> str:
    match wanted:
        case Wanted.OPEN:
            return _("Open dialogs")
        case Wanted.ALL:
            return _("All dialogs")
        case Wanted.MINE:
            return _("My dialogs")
        case Wanted.UNREAD:
            return _("✉ unread")
        case mark:
            return f"{SYMBOLS[Mark(mark)]} {called(_, mark)}"


def _empty(_: Lang, wanted: Wanted) -> str:
    match wanted:
        case Wanted.ALL:
            return _("No dialogs yet. Open the first one: <code>/start @username</code>")
        case Wanted.OPEN:
            return _("No dialog is open. Open one: <code>/start @username</code>; /list all shows the others.")
        case other:
            return _("No dialog is on this list: {name}.").format(name=esc(called(_, other)))


def _numbers(lines: Sequence[Line]) -> list[list[InlineKeyboardButton]]:
    """A button for each dialog."""
    made = [button(f"№ {line.head.dialog.id}", OpenDialog(dialog=line.head.dialog.id)) for line in lines]
    return [made[at : at + BUTTONS_IN_A_ROW] for at in range(0, len(made), BUTTONS_IN_A_ROW)]


def found(
    _: Lang, at: FindPage, lines: Sequence[Line], *, more: bool, now: datetime, titles: Titles = UNTITLED
) -> Shown:
    """Who was found, whose names begin most alike first."""
    name = esc(inline(at.text, 100))
    if not lines:
        text = _("Nobody is found by {words}. What counts is how a name, a @username or a #label begins.")
        return Shown(text.format(words=name))
    cards = [f"<b>{_('Found: {words}').format(words=name)}</b>", *(card(_, line, now, titles) for line in lines)]
    turn = [button(_("from the beginning"), FindPage(after=0, text=at.text))] if at.after else []
    if more and (following := _following(at, lines[-1])):
        turn.append(button(_("more →"), following))
    elif more:
        cards.append(_("There are more: type more letters."))
    return Shown("\n\n".join(cards), keyboards.rows(*_numbers(lines), turn))


def _following(at: FindPage, last: Line) -> FindPage | None:
    """The page after this one; None when the words are too long for a button."""
    page = FindPage(after=last.head.dialog.id, text=at.text)
    try:
        page.pack()
    except ValueError:
        return None
    return page


def card(_: Lang, line: Line, now: datetime, titles: Titles) -> str:
    """One dialog on a list: how it stands, who it is, what is unread, what was said last and when."""
    dialog = line.head.dialog
    who = esc(words.person(_, dialog, line.head.contact))
    unread = f" · <b>{esc(_unread(_, line.unread))}</b>" if line.unread else ""
    how = " · ".join(filter(None, (_how(_, line), esc(clip(words.stage(_, titles, dialog), 40)))))
    title = f"{SYMBOLS[line.mark]} <b>№ {dialog.id}</b> {who}{unread}\n{how}"
    if line.last is None:
        return f"{title}\n<i>{_('nothing said yet')}</i> · {words.age(_, now - dialog.created_at)}"
    said = " ".join(filter(None, (words.kind(_, line.last, 40), isolated(clip(line.last.content, 80)))))
    arrow = "←" if line.last.incoming else "→"
    return f"{title}\n{arrow} {esc(said)} · {words.age(_, now - line.last.timestamp)}"


def _how(_: Lang, line: Line) -> str:
    """The mark in words, with the outcome where the mark does not name it."""
    ending = line.mark in (Mark.WON, Mark.LOST, Mark.OPTED_OUT)
    outcome = "" if ending else words.outcome(_, line.head.dialog.outcome)
    mark = words.status(_, line.head.dialog.status) if line.mark is Mark.OVER else called(_, line.mark)
    return ", ".join(filter(None, (mark, outcome)))


def _unread(_: Lang, count: int) -> str:
    return _("{n}+ new").format(n=MOST_UNREAD) if count > MOST_UNREAD else _.plural("{n} new", "{n} new", count)
