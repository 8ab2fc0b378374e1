"""What exports read: dialogs in batches by keyset, their messages as lean rows through a cursor, tables by COPY.

A million messages pass through here. A message is a tuple of what an export shows of it, with nulls for whatever most
messages lack; ``Said.message`` makes the noun of the dialogue of it where something rare has to be put into words.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Coroutine, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, NamedTuple, TypedDict

from salesbot.dialog.model import Author, Direction, Edit, Kind, Message, SendState
from salesbot.store import cards
from salesbot.store.cards import Card
from salesbot.store.desk import HEAD, ORDER, Head, head_of
from salesbot.store.pool import Connection

_BATCH = 1_000
"""Messages fetched at a time."""

_COPY_SECONDS = 3_600.0
"""A table of one batch of dialogs takes as long as whoever takes it in."""


class _Edit(TypedDict):
    content: str
    at: str


class Said(NamedTuple):
    """A message as exports need it. From ``kind`` on everything is None in an ordinary one."""

    id: int
    dialog_id: int
    author: str
    timestamp: datetime
    content: str
    telegram_message_id: int | None = None
    read_at: datetime | None = None
    kind: str | None = None
    """Where it is not plain text."""
    media: str | None = None
    reply_to: int | None = None
    quote: str | None = None
    reaction: str | None = None
    edits: Sequence[_Edit] | None = None
    deleted_at: datetime | None = None
    erased: bool | None = None
    send_state: str | None = None
    """Of a part of ours that was not sent."""
    failure: str | None = None
    draft: str | None = None
    """What became of the draft that it is a part of."""
    written_by: int | None = None
    """The admin who wrote it at the desk."""
    unsend_by: int | None = None
    """The admin who took it back."""

    @property
    def ordinary(self) -> bool:
        """Whether there is nothing to tell of it but who said what, and when."""
        return self[7:] == _NOTHING_MORE

    @property
    def incoming(self) -> bool:
        return self.author == Author.CONTACT

    def message(self) -> Message:
        """The same as everybody else knows it."""
        return Message(
            id=self.id,
            dialog_id=self.dialog_id,
            direction=Direction.IN if self.incoming else Direction.OUT,
            author=Author(self.author),
            content=self.content,
            timestamp=self.timestamp,
            kind=Kind(self.kind or Kind.TEXT),
            media=self.media or "",
            telegram_message_id=self.telegram_message_id,
            reply_to=self.reply_to,
            quote=self.quote or "",
            reaction=self.reaction or "",
            edits=tuple(Edit(edit["content"], datetime.fromisoformat(edit["at"])) for edit in self.edits or ()),
            deleted_at=self.deleted_at,
            read_at=self.read_at,
            send_state=SendState(self.send_state) if self.send_state else None,
            failure=self.failure or "",
            erased=bool(self.erased),
            written_by=self.written_by,
        )


_NOTHING_MORE = (None,) * 13


@dataclass(frozen=True, slots=True)
class Note:
    """What a colleague wrote down about a dialog."""

    who: str
    content: str
    created_at: datetime


@dataclass(frozen=True, slots=True)
class Book:
    """A dialog with everything besides its messages."""

    head: Head
    card: Card = field(default_factory=Card)
    notes: Sequence[Note] = ()
    labels: Sequence[str] = ()
    admins: Mapping[int, str] = field(default_factory=dict)
    """What admins are called."""

    @property
    def number(self) -> int:
        return self.head.dialog.id


async def count(connection: Connection, since: datetime | None) -> int:
    """How many dialogs there are; with ``since``, in which something was said or which were opened since then."""
    if since is None:
        return int(await connection.fetchval("select count(*) from dialogs"))
    return int(
        await connection.fetchval(
            """
            select count(*) from dialogs d where d.created_at >= $1
                or exists (select from messages where dialog_id = d.id and timestamp >= $1)
            """,
            since,
        )
    )


async def heads(connection: Connection, above: int, since: datetime | None, limit: int) -> Sequence[Head]:
    """Dialogs with numbers above ``above``, in order, as ``count`` counts them: the keyset of an export."""
    rows = await connection.fetch(
        HEAD
        + """where d.id > $1 and ($2::timestamptz is null or d.created_at >= $2
                or exists (select from messages where dialog_id = d.id and timestamp >= $2))
            order by d.id limit $3""",
        above,
        since,
        limit,
    )
    return [head_of(row) for row in rows]


async def numbers(connection: Connection, above: int, since: datetime | None, limit: int) -> Sequence[int]:
    """The numbers of ``heads``."""
    rows = await connection.fetch(
        """
        select d.id from dialogs d where d.id > $1 and ($2::timestamptz is null or d.created_at >= $2
            or exists (select from messages where dialog_id = d.id and timestamp >= $2))
        order by d.id limit $3
        """,
        above,
        since,
        limit,
    )
    return [row["id"] for row in rows]


async def books(connection: Connection, of: Sequence[Head]) -> Sequence[Book]:
    """These dialogs with their cards, notes and labels."""
    ids = [head.dialog.id for head in of]
    on_cards = await cards.of_many(connection, ids)
    notes: dict[int, list[Note]] = {}
    for row in await connection.fetch(
        """
        select n.dialog_id, coalesce(nullif(a.name, ''), n.admin_id::text) as who, n.content, n.created_at
        from notes n left join admins a on a.id = n.admin_id where n.dialog_id = any($1::bigint[]) order by n.id
        """,
        ids,
    ):
        notes.setdefault(row["dialog_id"], []).append(Note(row["who"], row["content"], row["created_at"]))
    labels: dict[int, list[str]] = {}
    for row in await connection.fetch(
        "select dialog_id, label from labels where dialog_id = any($1::bigint[]) order by label", ids
    ):
        labels.setdefault(row["dialog_id"], []).append(row["label"])
    admins = {row["id"]: row["name"] for row in await connection.fetch("select id, name from admins where name <> ''")}
    return [
        Book(head, on_cards[number], notes.get(number, ()), labels.get(number, ()), admins)
        for number, head in zip(ids, of, strict=True)
    ]


async def messages(connection: Connection, of: Sequence[int], since: datetime | None) -> AsyncIterator[Sequence[Said]]:
    """The messages of dialogs, dialog by dialog, the oldest first, some at a time; the connection is in a
    transaction."""
    cursor = await connection.cursor(
        f"""
        select id, dialog_id, author, timestamp, content, telegram_message_id, read_at,
            nullif(kind, 'text'), nullif(media, ''), reply_to, nullif(quote, ''), nullif(reaction, ''),
            nullif(edits, '[]'), deleted_at, nullif(erased, false), nullif(send_state, 'sent'), nullif(failure, ''),
            case when draft_id is not null then (select state from drafts where id = draft_id) end,
            written_by, unsend_by
        from messages where dialog_id = any($1::bigint[]) and ($2::timestamptz is null or timestamp >= $2)
        order by dialog_id, {ORDER}
        """,
        of,
        since,
    )
    next_rows = cursor.fetch
    while rows := await next_rows(_BATCH):
        yield list(map(Said._make, rows))


_FORMULAS = ", ".join(str(ord(one)) for one in "=+-@＝＋－＠")
_BLANKS = r"E' \t\n\x0b\f\r\u00a0\u3000'"
_BREAKS = ", ".join(str(ord(one)) for one in "\t\r\n")


def _harmless(column: str) -> str:
    """SQL of a text as a cell that no spreadsheet takes for a formula: an apostrophe stands before one."""
    begins = f"ascii({column}) in ({_BREAKS}) or ascii(ltrim({column}, {_BLANKS})) in ({_FORMULAS})"
    return f"case when {column} = '' then '' when {begins} then '''' || {column} else {column} end"


COLUMNS = {
    "dialog": "who.number",
    "person": "who.person",
    "username": "who.username",
    "name": "who.name",
    "account": "who.account",
    "scenario": "who.scenario",
    "status": "who.status",
    "stage": "who.stage",
    "outcome": "who.outcome",
    "message": "m.id",
    "time": "date_trunc('second', m.timestamp at time zone $3::text)",
    "utc": "date_trunc('second', m.timestamp at time zone 'UTC')",
    "author": "m.author",
    "kind": "m.kind",
    "text": _harmless("m.content"),
    "media": _harmless("m.media"),
    "quote": _harmless("m.quote"),
    "reaction": _harmless("m.reaction"),
    "state": "case when m.send_state = 'pending' and m.draft_id is not null then 'draft' else m.send_state end",
    "edited": "date_trunc('second', m.edited_at at time zone $3::text)",
    "deleted": "date_trunc('second', m.deleted_at at time zone $3::text)",
    "read": "date_trunc('second', m.read_at at time zone $3::text)",
}
"""The columns of a table, and the SQL of each. All times but ``utc`` are of the reader's zone."""

_WORDS = ("username", "name", "account", "scenario", "stage", "text", "media", "quote", "reaction")
"""Columns that always stand in quotation marks: a semicolon or a number in them divides and counts nothing."""

_TABLE = f"""
    with who as materialized (
        select d.id as number, d.contact_id as person, d.scenario, d.status, d.outcome,
            {_harmless("coalesce(c.username, d.target_username)")} as username, {_harmless("c.name")} as name,
            {_harmless("d.stage")} as stage,
            {_harmless("coalesce('@' || nullif(a.username, ''), nullif(a.name, ''), a.phone)")} as account
        from dialogs d join accounts a on a.id = d.account_id left join contacts c on c.id = d.contact_id
        where d.id = any($1::bigint[]))
    select {", ".join(f'{sql} as "{name}"' for name, sql in COLUMNS.items())}
    from messages m join who on who.number = m.dialog_id
    where m.dialog_id = any($1::bigint[]) and ($2::timestamptz is null or m.timestamp >= $2)
    order by m.dialog_id, {ORDER}
"""


async def table(
    connection: Connection,
    of: Sequence[int],
    since: datetime | None,
    zone: str,
    take: Callable[[bytes], Coroutine[Any, Any, None]],
) -> None:
    """The messages of dialogs as rows of CSV, in the order of ``messages``; each piece taken holds whole rows.

    ``zone`` is of PostgreSQL: a name, or an offset in the manner of POSIX.
    """
    await connection.copy_from_query(
        _TABLE, of, since, zone, output=take, format="csv", force_quote=_WORDS, timeout=_COPY_SECONDS
    )
