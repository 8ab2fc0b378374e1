"""``campaigns``: lists of people to be written to, as they were imported, and ``campaign_people``, who is on them.

Somebody on a list is a row that waits; the transaction that opens their dialog, or finds out why it must not, says so
in the row. What the list tells of them goes to where it belongs once their username was looked up, and leaves the row.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

import asyncpg

from salesbot.dialog.model import OPEN, Outcome, Status
from salesbot.store.messages import clean
from salesbot.store.pool import Connection

_OPEN = [status.value for status in OPEN]


class CampaignState(StrEnum):
    """Where a campaign stands."""

    CHECKED = "checked"
    """The dry run: nobody is written to."""
    RUNNING = "running"
    PAUSED = "paused"
    """What was begun goes on, nothing new begins."""
    FINISHED = "finished"
    """Nobody on it waits any more."""
    DROPPED = "dropped"


LEADS: Mapping[CampaignState, frozenset[CampaignState]] = {
    CampaignState.RUNNING: frozenset({CampaignState.CHECKED, CampaignState.PAUSED}),
    CampaignState.PAUSED: frozenset({CampaignState.RUNNING}),
    CampaignState.DROPPED: frozenset({CampaignState.CHECKED, CampaignState.PAUSED}),
}
"""What an admin may make of a campaign, and out of what."""


@dataclass(frozen=True, slots=True)
class Entry:
    """A line of a list, as it is kept. With a ``reason`` they are left out from the start."""

    line: int
    username: str
    name: str = ""
    language: str = ""
    timezone: str = ""
    basis: str = ""
    note: str = ""
    scenario: str = ""
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Campaign:
    """One row of ``campaigns``."""

    id: int
    name: str
    state: CampaignState
    created_by: int
    created_at: datetime
    started_at: datetime | None
    decided_by: int | None
    """The admin who gave it its state."""
    decided_at: datetime | None
    decider: str = ""
    """What that admin is called."""


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a campaign is. ``skipped`` counts by reason: also those whose username led to nobody."""

    opened: int = 0
    waiting: int = 0
    won: int = 0
    skipped: Mapping[str, int] = field(default_factory=dict)

    @property
    def total(self) -> int:
        return self.opened + self.waiting + sum(self.skipped.values())


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


@dataclass(frozen=True, slots=True)
class Standing:
    """What is known here of whoever is behind a username now, as far as that can be said without Telegram."""

    contact_id: int | None = None
    dialog_id: int | None = None
    """The open dialog with them, else the latest."""
    status: Status | None = None
    campaign_id: int | None = None
    """A campaign that is under way and on which they wait."""

    @property
    def talking(self) -> bool:
        return self.status in OPEN


def from_row(row: asyncpg.Record) -> Campaign:
    return Campaign(
        row["id"],
        row["name"],
        CampaignState(row["state"]),
        row["created_by"],
        row["created_at"],
        row["started_at"],
        row["decided_by"],
        row["decided_at"],
        row["decider"] or "",
    )


async def save(connection: Connection, name: str, entries: Sequence[Entry], admin_id: int) -> int:
    """A list that was checked, and everybody on it; the campaign's id."""
    campaign_id: int = await connection.fetchval(
        "insert into campaigns (name, created_by) values ($1, $2) returning id", clean(name), admin_id
    )
    await connection.execute(
        """
        insert into campaign_people (campaign_id, line, username, name, language, timezone, basis, note, scenario,
            reason, state)
        select $1, line, username, name, language, timezone, basis, note, scenario, reason,
            case when reason = '' then 'waiting' else 'skipped' end
        from unnest($2::int[], $3::text[], $4::text[], $5::text[], $6::text[], $7::text[], $8::text[], $9::text[],
            $10::text[]) as given (line, username, name, language, timezone, basis, note, scenario, reason)
        order by line
        """,
        campaign_id,
        [one.line for one in entries],
        [one.username for one in entries],
        [one.name for one in entries],
        [one.language for one in entries],
        [one.timezone for one in entries],
        [one.basis for one in entries],
        [one.note for one in entries],
        [one.scenario for one in entries],
        [one.reason for one in entries],
    )
    return campaign_id


async def standings(connection: Connection, usernames: Sequence[str]) -> Mapping[str, Standing]:
    """How things stand with whoever is behind these usernames, in lower case; who is not known is left out.

    Written so that each is found by the index on usernames, whatever the planner thinks of the limits.
    """
    rows = await connection.fetch(
        """
        select asked.name, c.id as contact_id, coalesce(resolving.id, d.id) as dialog_id,
            coalesce(resolving.status, d.status) as status, listed.campaign_id
        from unnest($1::text[]) as asked (name)
        left join lateral (
            select id from contacts where lower(username) = asked.name order by -id limit 1) c on true
        left join lateral (
            select id, status from dialogs where contact_id = c.id
            order by status = any($2::text[]) desc, id desc limit 1) d on true
        left join lateral (
            select id, status from dialogs where status = 'resolving' and lower(target_username) = asked.name
            limit 1) resolving on true
        left join lateral (
            select campaign_id from (
                select campaign_id from campaign_people
                where lower(username) = asked.name and username <> '' and state = 'waiting' offset 0) theirs
            where exists (select from campaigns k where k.id = campaign_id and k.state in ('running', 'paused'))
            limit 1) listed on true
        where c.id is not null or resolving.id is not null or listed.campaign_id is not null
        """,
        usernames,
        _OPEN,
    )
    return {
        row["name"]: Standing(
            row["contact_id"],
            row["dialog_id"],
            Status(row["status"]) if row["status"] else None,
            row["campaign_id"],
        )
        for row in rows
    }


_CAMPAIGN = "select k.*, a.name as decider from campaigns k left join admins a on a.id = k.decided_by "


async def get(connection: Connection, campaign_id: int) -> Campaign | None:
    row = await connection.fetchrow(_CAMPAIGN + "where k.id = $1", campaign_id)
    return from_row(row) if row else None


async def newest(connection: Connection, below: int | None, limit: int) -> Sequence[Campaign]:
    """Campaigns that were ever started, the newest first, from those below an id on."""
    rows = await connection.fetch(
        _CAMPAIGN + "where k.started_at is not null and ($1::bigint is null or k.id < $1) order by k.id desc limit $2",
        below,
        limit,
    )
    return [from_row(row) for row in rows]


async def progress(connection: Connection, campaign_ids: Sequence[int]) -> Mapping[int, Progress]:
    """How far these are; of a dialog that was never begun its outcome is the reason."""
    rows = await connection.fetch(
        """
        select p.campaign_id, case when d.status = 'failed' then 'skipped' else p.state end as state,
            case when d.status = 'failed' then d.outcome else p.reason end as reason,
            count(*) as people, count(*) filter (where d.outcome = 'won') as won
        from campaign_people p left join dialogs d on d.id = p.dialog_id
        where p.campaign_id = any($1::bigint[]) group by 1, 2, 3 order by people desc, reason
        """,
        campaign_ids,
    )
    found: dict[int, Progress] = {}
    for campaign_id in campaign_ids:
        mine = [row for row in rows if row["campaign_id"] == campaign_id]
        found[campaign_id] = Progress(
            sum(row["people"] for row in mine if row["state"] == "opened"),
            sum(row["people"] for row in mine if row["state"] == "waiting"),
            sum(row["won"] for row in mine),
            {_reason(row["reason"]): row["people"] for row in mine if row["state"] == "skipped"},
        )
    return found


def _reason(code: str) -> str:
    """Who was dropped while being looked up has no outcome."""
    return "dropped" if code == Outcome.NONE else code


async def lead(
    connection: Connection, campaign_id: int, state: CampaignState, admin_id: int, now: datetime
) -> Campaign | None:
    """Give it a state, if it may have it. None when it may not: whoever looks finds who was first.

    Who was dropped before anybody was written to is forgotten; of one that began, those who wait.
    """
    row = await connection.fetchrow(
        """
        update campaigns set state = $2, decided_by = $3, decided_at = $4,
            started_at = case when $2 = 'running' then coalesce(started_at, $4) else started_at end
        where id = $1 and state = any($5::text[]) returning *, '' as decider
        """,
        campaign_id,
        state.value,
        admin_id,
        now,
        [one.value for one in LEADS[state]],
    )
    if row is not None and state is CampaignState.DROPPED:
        await connection.execute(
            "delete from campaign_people where campaign_id = $1 and state <> 'opened'", campaign_id
        )
    return from_row(row) if row else None


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


async def finish(connection: Connection) -> Sequence[int]:
    """Those that run, on which nobody waits any more or is still looked up: they are finished, once."""
    rows = await connection.fetch(
        """
        update campaigns k set state = 'finished' where state = 'running'
            and not exists (select from campaign_people p where p.campaign_id = k.id and p.state = 'waiting')
            and not exists (select from dialogs d where d.status = 'resolving' and d.campaign_id = k.id)
        returning id
        """
    )
    return sorted(row["id"] for row in rows)


async def forget_unstarted(connection: Connection, before: datetime) -> int:
    """Lists that were checked so long ago and never started are dropped, with everybody on them. How many."""
    return int(
        await connection.fetchval(
            """
            with old as (
                update campaigns set state = 'dropped' where state = 'checked' and created_at < $1 returning id),
            gone as (delete from campaign_people p using old where p.campaign_id = old.id)
            select count(*) from old
            """,
            before,
        )
    )


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
