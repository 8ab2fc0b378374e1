"""``messages``: what was said, in both directions. Nothing is stored twice: (account, Telegram id) is unique (law 1).

Parts of replies, which are rows of the same table, have their life in ``store.parts``.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

import asyncpg

from salesbot.dialog.model import Author, Dialog, Direction, Edit, Kind, Message, Seen, SendState
from salesbot.store.pool import Connection

_SAID = "(send_state is null or send_state in ('pending', 'sending', 'sent'))"


def from_row(row: asyncpg.Record) -> Message:
    return Message(
        id=row["id"],
        dialog_id=row["dialog_id"],
        direction=Direction(row["direction"]),
        author=Author(row["author"]),
        content=row["content"],
        timestamp=row["timestamp"],
        kind=Kind(row["kind"]),
        media=row["media"],
        telegram_message_id=row["telegram_message_id"],
        revision=row["revision"],
        reply_to=row["reply_to"],
        quote=row["quote"],
        group_id=row["group_id"],
        reaction=row["reaction"],
        edits=tuple(Edit(edit["content"], datetime.fromisoformat(edit["at"])) for edit in row["edits"]),
        edited_at=row["edited_at"],
        deleted_at=row["deleted_at"],
        read_at=row["read_at"],
        send_state=SendState(row["send_state"]) if row["send_state"] else None,
        failure=row["failure"],
        erased=row["erased"],
        written_by=row["written_by"],
        unsend_at=row["unsend_at"],
    )


async def insert(
    connection: Connection, dialog_id: int, account_id: int, seen: Seen, *, author: Author, revision: int
) -> int | None:
    """Store what Telegram told; None when it stands already. The text is stored exactly (NUL aside)."""
    return await connection.fetchval(  # type: ignore[no-any-return]
        """
        with stored as (
            insert into messages (dialog_id, account_id, direction, author, content, timestamp, kind, media,
                telegram_message_id, revision, reply_to, quote, group_id, reaction, edited_at)
            values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15)
            on conflict (account_id, telegram_message_id) do nothing returning id),
        words_again as (
            update dialogs set erased_at = null
            where id = $1 and erased_at is not null and contact_id is not null and exists (select from stored))
        select id from stored
        """,
        dialog_id,
        account_id,
        (Direction.OUT if seen.outgoing else Direction.IN).value,
        author.value,
        clean(seen.text),
        seen.timestamp,
        seen.kind.value,
        clean(seen.media),
        seen.telegram_message_id,
        revision,
        seen.reply_to,
        clean(seen.quote),
        seen.group_id,
        clean(seen.reaction),
        seen.edited_at,
    )


async def located(
    connection: Connection, account_id: int, telegram_message_ids: Sequence[int]
) -> Mapping[int, Message]:
    """Those of these messages of the account's sequence that are stored, by their Telegram id."""
    rows = await connection.fetch(
        "select * from messages where account_id = $1 and telegram_message_id = any($2::bigint[])",
        account_id,
        telegram_message_ids,
    )
    return {row["telegram_message_id"]: from_row(row) for row in rows}


async def dialogs_of(connection: Connection, account_id: int, telegram_message_ids: Sequence[int]) -> Sequence[int]:
    """The dialogs in which these messages stand."""
    rows = await connection.fetch(
        "select distinct dialog_id from messages where account_id = $1 and telegram_message_id = any($2::bigint[]) "
        "order by dialog_id",
        account_id,
        telegram_message_ids,
    )
    return [row["dialog_id"] for row in rows]


async def edit(connection: Connection, message: Message, seen: Seen, revision: int | None) -> None:
    """Keep what it said before, then what it says now; ``revision`` when the edit has to be answered."""
    old = [{"content": e.content, "at": e.at.isoformat()} for e in message.edits]
    at = seen.edited_at or seen.timestamp
    await connection.execute(
        """
        update messages set content = $2, media = $3, kind = $4, edited_at = $5, edits = $6,
            revision = coalesce($7, revision) where id = $1
        """,
        message.id,
        clean(seen.text),
        clean(seen.media),
        seen.kind.value,
        at,
        [*old, {"content": message.content, "at": at.isoformat()}],
        revision,
    )


async def react(connection: Connection, message_id: int, reaction: str) -> None:
    await connection.execute("update messages set reaction = $2 where id = $1", message_id, clean(reaction))


async def mark_deleted(
    connection: Connection, dialog_id: int, account_id: int, telegram_message_ids: Sequence[int], at: datetime
) -> Sequence[Message]:
    """Mark what the other side deleted; returns the rows this changed."""
    rows = await connection.fetch(
        """
        update messages set deleted_at = $4 where dialog_id = $1 and account_id = $2
            and telegram_message_id = any($3::bigint[]) and deleted_at is null returning *
        """,
        dialog_id,
        account_id,
        telegram_message_ids,
        at,
    )
    return [from_row(row) for row in rows]


async def mark_read(connection: Connection, account_id: int, up_to: Mapping[int, int], at: datetime) -> None:
    """These people (by contact) have read our messages up to these ids. Rows are locked in one order by all."""
    await connection.execute(
        """
        with fresh as (
            select m.id from unnest($2::bigint[], $3::bigint[]) as mark (contact_id, up_to)
            join dialogs d on d.contact_id = mark.contact_id and d.account_id = $1
            join messages m on m.dialog_id = d.id
            where m.direction = 'out' and m.read_at is null and m.telegram_message_id <= mark.up_to
            order by m.id for update of m)
        update messages set read_at = $4 from fresh where messages.id = fresh.id
        """,
        account_id,
        list(up_to),
        list(up_to.values()),
        at,
    )


async def history(connection: Connection, dialog: Dialog, limit: int) -> Sequence[Message]:
    """The newest ``limit`` messages with the dialog's person on its account that count as said, whatever dialog they
    belong to, in Telegram's order; the dialog's own unsent parts last."""
    rows = await connection.fetch(
        f"""
        (select m.* from dialogs d cross join lateral (
            select * from messages where dialog_id = d.id and telegram_message_id is not null
            order by telegram_message_id desc limit $4) m
         where d.contact_id = $2 and d.account_id = $3 order by m.telegram_message_id desc limit $4)
        union all
        (select * from messages where dialog_id = $1 and telegram_message_id is null and {_SAID}
         order by id desc limit $4)
        order by telegram_message_id nulls last, id
        """,
        dialog.id,
        dialog.contact_id,
        dialog.account_id,
        limit,
    )
    return [from_row(row) for row in rows]


async def not_summed_up(connection: Connection, dialog_id: int, after: int, limit: int) -> Sequence[Message]:
    """The oldest messages of a dialog that stand in the chat and have row ids above ``after``, in Telegram's order."""
    rows = await connection.fetch(
        """
        select * from messages
        where dialog_id = $1 and id > $2 and telegram_message_id is not null and not erased
            and (send_state is null or send_state = 'sent')
        order by telegram_message_id limit $3
        """,
        dialog_id,
        after,
        limit,
    )
    return [from_row(row) for row in rows]


async def stored_between(connection: Connection, dialog_id: int, first: int, last: int) -> Sequence[int]:
    """Telegram ids of the messages of a dialog in a range, those that were deleted left out."""
    rows = await connection.fetch(
        """
        select telegram_message_id as id from messages
        where dialog_id = $1 and telegram_message_id between $2 and $3 and deleted_at is null
        """,
        dialog_id,
        first,
        last,
    )
    return [row["id"] for row in rows]


async def explain_as_human(connection: Connection, dialog_id: int) -> int:
    """What is still unexplained was typed by a colleague; returns how many messages that were."""
    rows = await connection.fetch(
        "update messages set author = 'human' where dialog_id = $1 and author = 'unexplained' returning id", dialog_id
    )
    return len(rows)


async def absorb(connection: Connection, account_id: int, telegram_message_id: int) -> None:
    """An unexplained message turned out to be a part of ours: the part's own row takes its place."""
    await connection.execute(
        """
        delete from messages where account_id = $1 and telegram_message_id = $2
            and author in ('unexplained', 'human') and random_id is null
        """,
        account_id,
        telegram_message_id,
    )


def clean(text: str) -> str:
    """What PostgreSQL can store: everything but NUL and lone surrogates."""
    return text.replace("\x00", "").encode("utf-8", "replace").decode("utf-8")
