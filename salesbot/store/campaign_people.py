"""``campaign_people``: who is on a list, from waiting for their turn to a dialog of their own.

Somebody on a list is a row that waits; the transaction that opens their dialog, or finds out why it must not, says so
in the row. What the list tells of them goes to where it belongs once their username was looked up, and leaves the row.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from salesbot.store.pool import Connection


@dataclass(frozen=True, slots=True)
class Next:
    """Whose turn it is; their row and the campaign's are locked."""

    id: int
    campaign_id: int
    admin_id: int
    """Who wants them to be written to."""
    username: str
    basis: str
    scenario: str


@dataclass(frozen=True, slots=True)
class Listed:
    """What a list tells of somebody who was not written to yet."""

    list: str
    line: int
    username: str
    name: str
    language: str
    timezone: str
    basis: str
    note: str
    scenario: str


@dataclass(frozen=True, slots=True)
class Unbegun:
    """Dialogs of an account that stand and have not begun."""

    today: int
    """That will want a place of today's: who sleeps until tomorrow takes none."""
    at_once: int
    """That are being looked up, or want to begin now."""


async def any_waits(connection: Connection) -> bool:
    """Whether a campaign that runs has somebody who waits."""
    return bool(
        await connection.fetchval(
            """
            select exists (select from campaigns k join campaign_people p on p.campaign_id = k.id
                where k.state = 'running' and p.state = 'waiting')
            """
        )
    )


async def next_person(connection: Connection, account_id: int) -> Next | None:
    """Whose turn it is, of the campaign that began a dialog the longest ago; None when nobody waits for this account.

    Who talked with another account of ours waits for that one, as long as it can write.
    """
    turn = await connection.fetchrow(
        """
        select k.id as campaign_id, p.id from campaigns k cross join lateral (
            select p.id from campaign_people p
            where p.campaign_id = k.id and p.state = 'waiting' and not exists (
                select from contacts c cross join lateral (
                    select account_id from dialogs where contact_id = c.id order by id desc limit 1) d
                join accounts a on a.id = d.account_id
                where lower(c.username) = lower(p.username) and a.id <> $1
                    and a.state = 'ready' and not a.openings_blocked)
            order by p.id limit 1) p
        where k.state = 'running' order by k.last_dialog, k.id limit 1 for update of k skip locked
        """,
        account_id,
    )
    if turn is None:
        return None
    row = await connection.fetchrow(
        """
        select p.id, p.campaign_id, coalesce(k.decided_by, k.created_by) as admin_id, p.username, p.basis, p.scenario
        from campaign_people p join campaigns k on k.id = p.campaign_id
        where p.id = $1 and p.state = 'waiting' for update of p skip locked
        """,
        turn["id"],
    )
    return Next(**row) if row else None


async def unbegun(connection: Connection, account_id: int, now: datetime, day: datetime) -> Unbegun:
    """Which of the account's dialogs have no place among the new conversations of the day yet."""
    row = await connection.fetchrow(
        """
        select count(*) filter (where status = 'resolving' or at < $3::timestamptz + interval '1 day') as today,
            count(*) filter (where status = 'resolving' or at < $2::timestamptz + interval '1 minute') as at_once
        from (
            select status, greatest(due_at, not_before) as at from dialogs
            where account_id = $1 and status in ('resolving', 'active') and answered_revision = 0
                and (opened_at is null or opened_at < $3)) without_place
        """,
        account_id,
        now,
        day,
    )
    assert row is not None
    return Unbegun(row["today"], row["at_once"])


async def ahead(connection: Connection, day: datetime) -> int:
    """How many wait for a place among the new conversations: those who are on lists, and dialogs not begun yet."""
    return int(
        await connection.fetchval(
            """
            select (select count(*) from campaign_people p join campaigns k on k.id = p.campaign_id
                    where p.state = 'waiting' and k.state = 'running')
                + (select count(*) from dialogs where status in ('resolving', 'active') and answered_revision = 0
                    and due_at is not null and (opened_at is null or opened_at < $1))
            """,
            day,
        )
    )


async def opened(connection: Connection, person: Next, dialog_id: int) -> None:
    """Their dialog stands; to be called in the transaction that opened it."""
    await connection.execute(
        "update campaign_people set state = 'opened', dialog_id = $2 where id = $1", person.id, dialog_id
    )
    await connection.execute("update dialogs set campaign_id = $2 where id = $1", dialog_id, person.campaign_id)
    await connection.execute("update campaigns set last_dialog = $2 where id = $1", person.campaign_id, dialog_id)


async def skip(connection: Connection, person: Next, reason: str) -> None:
    """They are not written to, for a reason; who they were need not be kept."""
    await connection.execute(
        """
        update campaign_people set state = 'skipped', reason = $2, username = '', name = '', language = '',
            timezone = '', basis = '', note = ''
        where id = $1
        """,
        person.id,
        reason,
    )


async def met(connection: Connection, dialog_id: int, contact_id: int, now: datetime) -> None:
    """The username led to a person: what the list tells goes to the contact and to the dialog's notes and labels.

    The language and the timezone only fill what is not known.
    """
    await connection.execute(
        """
        with told as (
            select p.*, k.created_by from campaign_people p join campaigns k on k.id = p.campaign_id
            where p.dialog_id = $1),
        known as (
            update contacts c set called = coalesce(nullif(told.name, ''), c.called),
                language = coalesce(c.language, nullif(told.language, '')),
                timezone = coalesce(c.timezone, nullif(told.timezone, ''))
            from told where c.id = $2),
        noted as (
            insert into notes (dialog_id, admin_id, content, created_at)
            select $1, created_by, note, $3::timestamptz from told where note <> ''),
        labelled as (
            insert into labels (dialog_id, label)
            select distinct $1, lower(found[1]) from told, regexp_matches(note, $4, 'g') found
            on conflict do nothing)
        update campaign_people p set username = '', name = '', language = '', timezone = '', basis = '', note = ''
        from told where p.id = told.id
        """,
        dialog_id,
        contact_id,
        now,
        r"(?<![\w#])#(\w{1,32})(?!\w)",
    )


async def lost(connection: Connection, dialog_id: int) -> None:
    """The username led to nobody who may be written to: what the list tells of them is of no use."""
    await connection.execute(
        """
        update campaign_people set username = '', name = '', language = '', timezone = '', basis = '', note = ''
        where dialog_id = $1
        """,
        dialog_id,
    )


async def listed(connection: Connection, usernames: Sequence[str]) -> Sequence[Listed]:
    """What lists tell of somebody under one of these usernames (in lower case) to whom nobody has written yet."""
    rows = await connection.fetch(
        """
        select k.name as list, p.line, p.username, p.name, p.language, p.timezone, p.basis, p.note, p.scenario
        from campaign_people p join campaigns k on k.id = p.campaign_id
        where lower(p.username) = any($1::text[]) and p.username <> '' order by p.id
        """,
        usernames,
    )
    return [Listed(**row) for row in rows]


async def lock_listed(connection: Connection, usernames: Sequence[str]) -> None:
    """Nobody opens a dialog with them from a list before this transaction ends."""
    await connection.execute(
        "select from campaign_people where lower(username) = any($1::text[]) and username <> '' order by id for update",
        usernames,
    )


async def forget(connection: Connection, usernames: Sequence[str], dialog_ids: Sequence[int]) -> None:
    """Somebody's data go: off the lists on which they wait, and their words out of the rows that are counted."""
    await connection.execute(
        "delete from campaign_people where state = 'waiting' and lower(username) = any($1::text[]) and username <> ''",
        usernames,
    )
    await connection.execute(
        """
        update campaign_people set username = '', name = '', language = '', timezone = '', basis = '', note = ''
        where lower(username) = any($1::text[]) and username <> '' or dialog_id = any($2::bigint[])
        """,
        usernames,
        dialog_ids,
    )
