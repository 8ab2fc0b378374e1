"""Lists of dialogs at the desk: pages by keyset, each one statement, however many dialogs there are."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

import asyncpg

from salesbot.dialog.model import Author, Direction, Kind, Message, Mode, Outcome, Status
from salesbot.store.desk import COLUMNS, JOINED, Head, head_of
from salesbot.store.pool import Connection

PAGE = 8
"""Dialogs on a page. One more is read, to know whether there are more; a limit that the planner knows keeps it from
reading everything."""
MOST_UNREAD = 99
"""More are not counted."""
LAST_LINE = 200
"""Characters read of it."""


class Mark(StrEnum):
    """How a dialog stands, in the one word that matters most to the operator."""

    NEEDS_YOU = "needs_you"
    DRAFT = "draft"
    """A draft is ready and waits for a button."""
    TAKEN = "taken"
    ANSWERING = "answering"
    """Something is to be said: it is being thought over, or on its way."""
    WAITING = "waiting"
    """For the person."""
    OFF = "off"
    """Nothing is said in this mode but what colleagues say."""
    LOOKING_UP = "looking_up"
    STOPPED = "stopped"
    WON = "won"
    LOST = "lost"
    OPTED_OUT = "opted_out"
    OVER = "over"
    """Ended in another way, or never begun."""


class Wanted(StrEnum):
    """What a list is to show: each mark, and the lists that hold several."""

    OPEN = "open"
    ALL = "all"
    MINE = "mine"
    """Those that the admin looks after."""
    UNREAD = "unread"
    """Those in which the person said something that nobody has looked at."""
    NEEDS_YOU = Mark.NEEDS_YOU
    DRAFT = Mark.DRAFT
    TAKEN = Mark.TAKEN
    ANSWERING = Mark.ANSWERING
    WAITING = Mark.WAITING
    OFF = Mark.OFF
    LOOKING_UP = Mark.LOOKING_UP
    STOPPED = Mark.STOPPED
    WON = Mark.WON
    LOST = Mark.LOST
    OPTED_OUT = Mark.OPTED_OUT
    OVER = Mark.OVER


@dataclass(frozen=True, slots=True)
class Line:
    """A dialog as a list shows it."""

    head: Head
    last: Message | None
    """What was said last; of a long text the beginning."""
    unread: int = 0
    """Messages of the person that nobody has looked at; more than ``MOST_UNREAD`` are not counted."""
    owes: bool = False
    """Something is to be said, as far as the program knows."""
    drafted: bool = False
    """A draft waits for a button."""

    @property
    def mark(self) -> Mark:
        dialog = self.head.dialog
        match dialog.status:
            case Status.RESOLVING:
                return Mark.LOOKING_UP
            case Status.HANDOFF:
                return Mark.NEEDS_YOU
            case Status.TAKEN:
                return Mark.TAKEN
            case Status.STOPPED:
                return Mark.STOPPED
            case Status.ACTIVE if self.drafted:
                return Mark.DRAFT
            case Status.ACTIVE if dialog.effective_mode is Mode.OFF:
                return Mark.OFF
            case Status.ACTIVE:
                return Mark.ANSWERING if self.owes else Mark.WAITING
            case Status.CLOSED | Status.FAILED:
                return _ENDS.get(dialog.outcome, Mark.OVER)


_ENDS: Mapping[Outcome, Mark] = {
    Outcome.WON: Mark.WON,
    Outcome.LOST: Mark.LOST,
    Outcome.OPTED_OUT: Mark.OPTED_OUT,
}

_UNSENT = "exists (select from messages p where p.dialog_id = d.id and p.send_state in ('pending', 'sending'))"
_DRAFTED = """
    exists (select from messages p join drafts x on x.id = p.draft_id
        where p.dialog_id = d.id and p.send_state = 'pending' and x.state = 'waiting')
"""
_OFF = "coalesce(d.mode, (select mode from switches)) = 'off'"

_WHERE: Mapping[Wanted, str] = {
    Wanted.OPEN: "d.status in ('resolving', 'active', 'taken', 'handoff')",
    Wanted.ALL: "true",
    Wanted.MINE: "d.assignee = $2",
    Wanted.UNREAD: "d.heard_upto > d.seen_upto",
    Wanted.NEEDS_YOU: "d.status = 'handoff'",
    Wanted.DRAFT: f"""
        d.status = 'active' and d.id in (select dialog_id from drafts where state = 'waiting') and {_DRAFTED}
        """,
    Wanted.TAKEN: "d.status = 'taken'",
    Wanted.ANSWERING: f"""
        d.status = 'active' and not {_OFF} and not {_DRAFTED} and d.id in (
            select id from dialogs where due_at is not null
            union all select dialog_id from messages where send_state in ('pending', 'sending'))
        """,
    Wanted.WAITING: f"d.status = 'active' and not {_OFF} and d.due_at is null and not {_UNSENT}",
    Wanted.OFF: f"""
        d.status = 'active' and not {_DRAFTED} and d.id in (
            select id from dialogs where mode = 'off'
            union all select id from dialogs
                where status = 'active' and mode is null and (select mode from switches) = 'off')
        """,
    Wanted.LOOKING_UP: "d.status = 'resolving'",
    Wanted.STOPPED: "d.status = 'stopped'",
    Wanted.WON: "d.outcome = 'won'",
    Wanted.LOST: "d.outcome = 'lost'",
    Wanted.OPTED_OUT: "d.outcome = 'opted_out'",
    Wanted.OVER: "d.status in ('closed', 'failed') and d.outcome not in ('won', 'lost', 'opted_out')",
}

_ASKED = """
    with asked as (
        select distinct word from unnest($2::text[]) as token cross join lateral (
            select search_form(token) as word where token ~ '^[@#].'
            union all select search_words(token) where token !~ '^[@#]') as form),
    first as (
        select word as low, word || U&'\\+10FFFF' as high from asked order by length(word) desc, word limit 1),
    cursor as (
        select case when $1::bigint is null then low else coalesce(
            (select min(x.word) from dialog_words x where x.dialog_id = $1 and x.word >= low and x.word < high), high)
            end as after
        from first),
    others as (select word as low, word || U&'\\+10FFFF' as high from asked where word <> (select low from first))
"""
"""The longest word that was asked for, where the page begins in its order, and the other words."""

_FOUND = f"""
    {_ASKED}
    select hit.dialog_id as id, row_number() over (order by hit.word, -hit.dialog_id) as place
    from first cross join cursor cross join lateral (
        select w.word, w.dialog_id from dialog_words w
        where w.word >= low and w.word < high
            and (w.word, -w.dialog_id) > (after, -coalesce($1, 9223372036854775807))
            and not exists (
                select from dialog_words x where x.dialog_id = w.dialog_id and x.word >= low and x.word < w.word)
            and not exists (
                select from others o where not exists (
                    select from dialog_words x where x.dialog_id = w.dialog_id and x.word >= o.low and x.word < o.high))
        order by w.word, -w.dialog_id limit {PAGE + 1}) hit
"""
"""Dialogs of which every word that was asked for begins a word, in the order of the longest one and, where that is the
same, the newest first: the order of the index, so that a page costs the same however many there are."""


def _lines(page: str) -> str:
    """The statement that shows the dialogs of a page: rows of ``id`` and ``place``."""
    return f"""
        select {COLUMNS},
            m.id as last_id, m.direction as last_direction, m.author as last_author, m.timestamp as last_timestamp,
            left(m.content, {LAST_LINE}) as last_content, m.kind as last_kind, m.media as last_media,
            (select count(*) from (
                select from messages u where u.dialog_id = d.id and u.id > d.seen_upto and u.direction = 'in'
                    and u.revision > 0 and not u.erased and u.deleted_at is null
                limit {MOST_UNREAD + 1}) unseen) as unread,
            d.due_at is not null or {_UNSENT} as owes,
            {_DRAFTED} as drafted
        from ({page}) as page
            join dialogs d on d.id = page.id
            {JOINED}
            left join lateral (
                select * from messages where dialog_id = d.id and deleted_at is null
                    and (send_state is null or send_state = 'sent') order by id desc limit 1) m on true
        order by page.place
        """


_OLDER = {
    wanted: _lines(
        f"select d.id, -d.id as place from dialogs d "
        f"where {where} and d.id < $1 and $2::bigint is not null order by d.id desc limit {PAGE + 1}"
    )
    for wanted, where in _WHERE.items()
}
_NEWER = {
    wanted: _lines(
        f"select d.id, -d.id as place from dialogs d "
        f"where {where} and d.id > $1 and $2::bigint is not null order by d.id limit {PAGE + 1}"
    )
    for wanted, where in _WHERE.items()
}
_FIND = _lines(_FOUND)


async def older(connection: Connection, wanted: Wanted, admin_id: int, below: int) -> Sequence[Line]:
    """Dialogs with numbers below ``below``, the newest first: a page, and the first of the next."""
    return [_line(row) for row in await connection.fetch(_OLDER[wanted], below, admin_id)]


async def newer(connection: Connection, wanted: Wanted, admin_id: int, above: int) -> Sequence[Line]:
    """Dialogs with numbers above ``above``: the nearest ones, the newest of them first; a page and one more."""
    return [_line(row) for row in await connection.fetch(_NEWER[wanted], above, admin_id)]


async def find(connection: Connection, tokens: Sequence[str], after: int | None = None) -> Sequence[Line]:
    """Dialogs with people whose name, username or label has a word that begins so, for each of the tokens.

    A token that begins with @ is asked of usernames alone, with # of labels. ``after``: the last dialog of the page
    before; if it is not to be found any more, nothing. A page, and the first of the next.
    """
    return [_line(row) for row in await connection.fetch(_FIND, after, tokens)]


def _line(row: asyncpg.Record) -> Line:
    last = None
    if row["last_id"] is not None:
        last = Message(
            id=row["last_id"],
            dialog_id=row["id"],
            direction=Direction(row["last_direction"]),
            author=Author(row["last_author"]),
            content=row["last_content"],
            timestamp=row["last_timestamp"],
            kind=Kind(row["last_kind"]),
            media=row["last_media"],
        )
    return Line(head_of(row), last, row["unread"], row["owes"], row["drafted"])


async def seen(connection: Connection, dialog_id: int) -> None:
    """Somebody looked at all there is of a dialog."""
    await connection.execute(
        """
        update dialogs d set seen_upto = newest.id
        from (select max(id) as id from messages where dialog_id = $1) newest
        where d.id = $1 and newest.id > d.seen_upto
        """,
        dialog_id,
    )
