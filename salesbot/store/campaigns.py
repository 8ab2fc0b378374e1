"""``campaigns``: lists of people to be written to, as they were imported, and how far each is."""

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


async def under_way(connection: Connection) -> bool:
    """Whether there is one that runs, or that waits for its button."""
    return bool(
        await connection.fetchval("select exists (select from campaigns where state in ('checked', 'running'))")
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
