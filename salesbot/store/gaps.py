"""``gaps``: what was said between a backup and its restore, which only Telegram knows any more.

``accounts.gap_unread``: the account has not read all of it yet; while one that can be used has not, no part is claimed
(``parts.claim``). ``dialogs.gap_unread``: this one has still to read its history. Parts that were on their way in the
backup may have been sent since: in an unread dialog they are recognised by their text, and what is not found is given
up and decided anew. Their ``random_id`` is never used again, Telegram may have forgotten it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta

from salesbot.dialog.model import Dialog, Mode
from salesbot.store import dialogs
from salesbot.store.dialogs import Fence
from salesbot.store.pool import Connection

SLACK = timedelta(minutes=5)
"""How far our clock and Telegram's may part."""


async def last_trace(connection: Connection) -> datetime | None:
    """When this database was last lived in."""
    return await connection.fetchval(  # type: ignore[no-any-return]
        "select greatest((select max(created_at) from events), (select max(state_date) from accounts), "
        "(select max(asked_at) from model_calls))"
    )


async def begin(
    connection: Connection, since: datetime, now: datetime, *, nobody_typed: bool = False
) -> tuple[int, int]:
    """From here on nothing is sent before it was read; how many (accounts, dialogs) read it.

    What was on its way in dialogs that are over is given up: a farewell that comes days later is none.
    """
    await connection.execute(  # a gap that was not read to its end is a part of this one
        """
        with unread as (
            select since, nobody_typed from gaps where exists (select from accounts where gap_unread)
            order by id desc limit 1)
        insert into gaps (since, until, nobody_typed) values (least($1, (select since from unread)), $2,
            $3 and coalesce((select nobody_typed from unread), true))
        """,
        since - SLACK,
        now,
        nobody_typed,
    )
    await connection.execute(
        """
        update messages m set
            anchor_id = coalesce(m.anchor_id, greatest(d.history_upto, 0, (
                select max(telegram_message_id) from messages where dialog_id = d.id))),
            send_state = case when d.status in ('active', 'taken', 'handoff') then m.send_state else 'cancelled' end,
            failure = case when d.status in ('active', 'taken', 'handoff') then m.failure else 'restored' end
        from dialogs d where d.id = m.dialog_id and m.send_state in ('pending', 'sending')
        """
    )
    await connection.execute("update dialogs set compare = true where contact_id is not null and not compare")
    marked = await connection.fetch(
        """
        update dialogs set gap_unread = true
        where contact_id is not null and status in ('active', 'taken', 'handoff') returning id
        """
    )
    unread = await connection.fetch(
        """
        update accounts set gap_unread = true, owner = null, owner_host = null, owner_process = null, released = true
        returning state
        """
    )
    return sum(row["state"] == "ready" for row in unread), len(marked)


async def newest(connection: Connection) -> datetime | None:
    """Where the last gap begins, if there ever was one."""
    return await connection.fetchval("select since from gaps order by id desc limit 1")  # type: ignore[no-any-return]


async def covers(connection: Connection, at: datetime) -> bool:
    """Whether what was said then may be missing here although we said it."""
    return bool(await connection.fetchval("select exists (select from gaps where $1 between since and until)", at))


async def nobody_typed(connection: Connection, at: datetime) -> bool:
    """Whether what went out then was the program's, as the operator says."""
    return bool(
        await connection.fetchval(
            "select exists (select from gaps where $1 between since and until and nobody_typed)", at
        )
    )


async def unread(connection: Connection, account_id: int) -> datetime | None:
    """From when on this account has to read; None when it has read all."""
    return await connection.fetchval(  # type: ignore[no-any-return]
        """
        select (select since from gaps order by id desc limit 1) from accounts where id = $1 and gap_unread
        """,
        account_id,
    )


async def unread_anywhere(connection: Connection) -> bool:
    """Whether an account that can be used has not read all of it."""
    return bool(await connection.fetchval("select exists (select from accounts where gap_unread and state = 'ready')"))


async def unread_dialogs(connection: Connection, account_id: int, limit: int) -> Sequence[Dialog]:
    """The dialogs of an account that have still to read their history."""
    rows = await connection.fetch(
        "select * from dialogs where account_id = $1 and gap_unread and contact_id is not null order by id limit $2",
        account_id,
        limit,
    )
    return [dialogs.from_row(row) for row in rows]


async def mark_newer(connection: Connection, account_id: int, tops: Mapping[int, int]) -> Sequence[int]:
    """Of these chats (person: newest message), have the dialogs read in which newer messages stand than are stored.
    Returns the people with whom this account has no dialog."""
    rows = await connection.fetch(
        """
        with tops as (select * from unnest($2::bigint[], $3::bigint[]) as top (contact_id, newest)),
        known as (
            select tops.contact_id, tops.newest, d.id,
                (select max(m.telegram_message_id) from dialogs o join messages m on m.dialog_id = o.id
                 where o.contact_id = tops.contact_id and o.account_id = $1) as stored
            from tops left join lateral (
                select id from dialogs where contact_id = tops.contact_id and account_id = $1
                order by status in ('active', 'taken', 'handoff') desc, id desc limit 1) d on true),
        marked as (
            update dialogs d set gap_unread = true from known
            where d.id = known.id and known.newest > coalesce(known.stored, 0))
        select contact_id from known where id is null order by contact_id
        """,
        account_id,
        list(tops),
        list(tops.values()),
    )
    return [row["contact_id"] for row in rows]


async def found(
    connection: Connection, account_id: int, contact_id: int, *, scenario: str, mode: Mode | None, at: datetime
) -> Dialog | None:
    """A dialog for somebody whom this account wrote to in a gap, so that none begins another one; it has still to read
    its history. None when they are in one already, or when this account is looking up their name and will find them.
    ``at``: when they were written to first."""
    row = await connection.fetchrow(
        """
        insert into dialogs (account_id, contact_id, target_username, scenario, basis, status, mode, opened_at, compare,
            gap_unread)
        select $1, id, coalesce(username, ''), $3, 'written to since the backup', 'active', $4, $5, true, true
        from contacts c where id = $2 and not exists (
            select from dialogs where account_id = $1 and status = 'resolving'
                and lower(target_username) = lower(c.username))
        on conflict (contact_id) where status in ('resolving', 'active', 'taken', 'handoff') do nothing returning *
        """,
        account_id,
        contact_id,
        scenario,
        mode.value if mode else None,
        at,
    )
    return dialogs.from_row(row) if row else None


async def is_unread(connection: Connection, dialog_id: int) -> bool:
    """Whether this dialog has still to read its history since the backup."""
    return bool(await connection.fetchval("select gap_unread from dialogs where id = $1", dialog_id))


async def begun_unseen(connection: Connection, account_id: int, day: date, begun: int) -> None:
    """So many conversations of that day were begun in the gap: they count among those of the day."""
    await connection.execute(
        "update accounts set begun_unseen = $3, begun_unseen_on = $2 where id = $1", account_id, day, begun
    )


async def done(connection: Connection, fence: Fence) -> bool:
    """The account has read all of it. False when it is not ours to say, or some of it is left."""
    return bool(
        await connection.fetchval(
            """
            update accounts set gap_unread = false where id = $1 and epoch = $2 and owner = $3::uuid
                and not exists (select from dialogs where account_id = $1 and gap_unread and contact_id is not null)
            returning true
            """,
            fence.account_id,
            fence.epoch,
            fence.owner,
        )
    )
