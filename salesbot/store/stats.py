"""What came of the dialogs that were begun since a given moment: every figure is about those, whenever it came.

A dialog is begun by its first message that stands in the chat: ours, or the one of somebody who wrote first. What was
said with a person before belongs to its record, not to its figures.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal

from salesbot.store.pool import Connection

NEWEST = 2000
"""Dialogs that are enough for a median, which takes every line of each."""


@dataclass(frozen=True, slots=True)
class Group:
    """Dialogs of one scenario that began in one way."""

    scenario: str
    opening: str
    """Name of the first message; empty where none of the scenario's was said."""
    wrote_first: bool
    """The person did."""
    begun: int
    answered: int
    """In how many of them the person wrote."""
    won: int = 0
    lost: int = 0
    opted_out: int = 0
    blocked: int = 0
    cost: Decimal = Decimal(0)
    """US dollars, of all calls whose price is known."""
    unpriced: int = 0
    """Answers of a model for which no price was told."""


@dataclass(frozen=True, slots=True)
class Step:
    """A stage of a scenario, and how many dialogs were ever in it."""

    scenario: str
    stage: str
    reached: int


@dataclass(frozen=True, slots=True)
class Said:
    """How many messages."""

    received: int
    sent: int


@dataclass(frozen=True, slots=True)
class Pace:
    """Medians; None where nobody answered."""

    ours: timedelta | None
    """From the person's last line to our answer."""
    theirs: timedelta | None
    """From our last line to theirs."""


@dataclass(frozen=True, slots=True)
class Begun:
    """The dialogs that began in one stretch of time."""

    begun: int = 0
    answered: int = 0


_BEGUN = """
    with opened as (
        select dialog_id, min(timestamp) as at, min(telegram_message_id) as first_id from messages
        where purpose = 'opening' and send_state = 'sent' and first_part
            and timestamp >= coalesce($1::timestamptz, '-infinity')
        group by dialog_id),
    spoken as (
        select d.id, first.timestamp, first.telegram_message_id from dialogs d cross join lateral (
            select timestamp, telegram_message_id from messages m
            where m.dialog_id = d.id and m.telegram_message_id is not null
                and m.timestamp >= d.created_at - interval '1 day'
            order by m.telegram_message_id limit 1) first
        where d.created_at >= coalesce($1::timestamptz, '-infinity') and not exists (
            select from messages o
            where o.dialog_id = d.id and o.purpose = 'opening' and o.send_state = 'sent' and o.first_part)),
    begun as materialized (
        select d.id, d.scenario, d.opening, d.basis = 'wrote first' as wrote_first, d.outcome, d.stages, first.at,
            coalesce(first.first_id, 0) as first_id
        from (select * from opened union all select * from spoken) first join dialogs d on d.id = first.dialog_id
        where $2::text = '' or d.scenario = $2)
    """
"""Since when (null: ever), and of which scenario (empty: of all). A message of a day ago may have waited for us."""

_ANSWERED = """
    (wrote_first or exists (
        select from messages m
        where m.dialog_id = b.id and m.telegram_message_id > b.first_id and m.direction = 'in'))
    """


async def groups(connection: Connection, since: datetime | None, scenario: str = "") -> Sequence[Group]:
    """What came of the dialogs, by scenario and first message; the largest group first."""
    rows = await connection.fetch(
        f"""
        {_BEGUN}, spent as (
            select c.dialog_id, sum(c.cost) as cost from model_calls c join begun b on b.id = c.dialog_id
            where c.cost is not null group by c.dialog_id),
        unpriced as (
            select c.dialog_id, count(*) as calls from model_calls c join begun b on b.id = c.dialog_id
            where c.cost is null and c.settled_at is not null and c.model_used is not null group by c.dialog_id)
        select scenario, opening, wrote_first, count(*) as begun,
            count(*) filter (where {_ANSWERED}) as answered,
            count(*) filter (where outcome = 'won') as won, count(*) filter (where outcome = 'lost') as lost,
            count(*) filter (where outcome = 'opted_out') as opted_out,
            count(*) filter (where outcome = 'blocked') as blocked,
            coalesce(sum(s.cost), 0) as cost, coalesce(sum(u.calls), 0)::bigint as unpriced
        from begun b left join spent s on s.dialog_id = b.id left join unpriced u on u.dialog_id = b.id
        group by scenario, opening, wrote_first order by count(*) desc, scenario, opening
        """,
        since,
        scenario,
    )
    return [Group(**row) for row in rows]


async def steps(connection: Connection, since: datetime | None, scenario: str = "") -> Sequence[Step]:
    """The stages that were reached; in no order that says anything, the scenario has it."""
    rows = await connection.fetch(
        f"""
        {_BEGUN}
        select scenario, stage, count(*) as reached from begun b, unnest(stages) stage
        group by scenario, stage order by scenario, count(*) desc, stage
        """,
        since,
        scenario,
    )
    return [Step(**row) for row in rows]


async def said(connection: Connection, since: datetime | None, scenario: str = "") -> Said:
    """How much was said in the dialogs since they began."""
    row = await connection.fetchrow(
        f"""
        {_BEGUN}
        select count(*) filter (where direction = 'in') as received, count(*) filter (where direction = 'out') as sent
        from begun b join messages m on m.dialog_id = b.id and m.telegram_message_id >= b.first_id
        """,
        since,
        scenario,
    )
    assert row is not None
    return Said(**row)


async def pace(connection: Connection, since: datetime | None, scenario: str = "") -> Pace:
    """The medians of the times to answer, in the newest ``NEWEST`` of the dialogs."""
    row = await connection.fetchrow(
        f"""
        {_BEGUN}, newest as (select * from begun order by at desc, id desc limit $3)
        select percentile_cont(0.5) within group (order by timestamp - before)
                filter (where direction = 'out' and who = 'in') as ours,
            percentile_cont(0.5) within group (order by timestamp - before)
                filter (where direction = 'in' and who = 'out') as theirs
        from (
            select m.direction, m.timestamp, lag(m.direction) over turns as who, lag(m.timestamp) over turns as before
            from newest n join messages m on m.dialog_id = n.id and m.telegram_message_id >= n.first_id
            window turns as (partition by m.dialog_id order by m.telegram_message_id)) said
        """,
        since,
        scenario,
        NEWEST,
    )
    assert row is not None
    return Pace(**row)


async def first(connection: Connection, scenario: str = "") -> datetime | None:
    """When the first dialog of all began."""
    began: datetime | None = await connection.fetchval(f"{_BEGUN} select min(at) from begun", None, scenario)
    return began


async def begun(connection: Connection, starts: Sequence[datetime], scenario: str = "") -> Sequence[Begun]:
    """How many dialogs began in each stretch of time; each ends where the next begins, the last is open."""
    rows = await connection.fetch(
        f"""
        {_BEGUN}
        select width_bucket(at, $3::timestamptz[]) as stretch, count(*) as begun,
            count(*) filter (where {_ANSWERED}) as answered
        from begun b group by stretch
        """,
        starts[0],
        scenario,
        starts,
    )
    found = {row["stretch"]: Begun(row["begun"], row["answered"]) for row in rows}
    return [found.get(stretch, Begun()) for stretch in range(1, len(starts) + 1)]


async def scenarios(connection: Connection) -> Sequence[str]:
    """The scenarios that dialogs were ever led by."""
    return [
        row["scenario"] for row in await connection.fetch("select distinct scenario from dialogs order by scenario")
    ]
