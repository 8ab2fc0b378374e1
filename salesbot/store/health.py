"""How things stand, in a few quick questions: accounts, queue, models, money, the database itself."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal

from salesbot.store import accounts, budget_stops, model_calls
from salesbot.store.accounts import Account
from salesbot.store.pool import Connection
from salesbot.store.switches import Switches
from salesbot.store.switches import get as switches_now

LATELY = timedelta(hours=1)
OUTAGE = ("unavailable", "no_answer", "no_credit", "key", "bad_request")
"""Why a model gave no answer at all; what else failed was an answer that could not be used."""


@dataclass(frozen=True, slots=True)
class Queue:
    """What waits for a turn, and what waits to be sent."""

    due: int
    oldest: datetime | None
    """Since when the longest waiting of them is due."""
    pending: int
    sending: int
    drafts: int
    humans: int
    """Dialogs that need one."""


@dataclass(frozen=True, slots=True)
class Models:
    """What the models did within ``LATELY``, and when one answered last."""

    asked: int
    errors: Mapping[str, int]
    """Codes, and how often each."""
    answered_at: datetime | None
    model: str
    failing: bool
    """The last three questions got no answer."""


@dataclass(frozen=True, slots=True)
class Health:
    accounts: Sequence[tuple[Account, int]]
    """Each with the conversations that it began today (UTC)."""
    queue: Queue
    models: Models
    switches: Switches
    spent_today: Decimal
    out_of_money: bool
    server: str
    size: int
    """Bytes of the database."""


async def of(connection: Connection, now: datetime) -> Health:
    day = model_calls.day_of(now)
    present = await accounts.list_accounts(connection)
    begun = [await accounts.begun_since(connection, account.id, day) for account in present]
    house = await connection.fetchrow(
        "select current_setting('server_version') as server, pg_database_size(current_database()) as size"
    )
    assert house is not None
    return Health(
        accounts=list(zip(present, begun, strict=True)),
        queue=await queue(connection, now),
        models=await _models(connection, now),
        switches=await switches_now(connection),
        spent_today=await model_calls.spent_on(connection, now),
        out_of_money=bool(await budget_stops.under_way(connection)),
        server=house["server"].split()[0],
        size=house["size"],
    )


async def queue(connection: Connection, now: datetime) -> Queue:
    row = await connection.fetchrow(
        """
        with due as (
            select greatest(d.due_at, d.not_before) as since from dialogs d join accounts a on a.id = d.account_id
            where d.due_at <= $1 and coalesce(d.not_before, d.due_at) <= $1 and d.status in ('active', 'resolving')
                and coalesce(d.mode, (select mode from switches)) <> 'off'
                and a.state = 'ready' and coalesce(a.flood_until, $1) <= $1)
        select (select count(*) from due) as due, (select min(since) from due) as oldest,
            (select count(*) from messages where send_state = 'pending') as pending,
            (select count(*) from messages where send_state = 'sending') as sending,
            (select count(*) from drafts where state = 'waiting') as drafts,
            (select count(*) from dialogs where status = 'handoff') as humans
        """,
        now,
    )
    assert row is not None
    return Queue(**row)


async def _models(connection: Connection, now: datetime) -> Models:
    rows = await connection.fetch(
        "select error, count(*) as times from model_calls where asked_at > $1 group by error", now - LATELY
    )
    last = await connection.fetchrow(
        "select model_used, settled_at from model_calls where model_used is not null order by id desc limit 1"
    )
    failing = await connection.fetchval(
        """
        select count(*) = 3 and bool_and(error = any($1::text[])) from (
            select error from model_calls where state <> 'asked' order by id desc limit 3) lately
        """,
        list(OUTAGE),
    )
    return Models(
        asked=sum(row["times"] for row in rows),
        errors={row["error"]: row["times"] for row in rows if row["error"] in OUTAGE},
        answered_at=last["settled_at"] if last else None,
        model=last["model_used"] if last else "",
        failing=bool(failing),
    )
