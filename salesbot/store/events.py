"""``events``: append-only; the audit log, the source of notices and statistics. Codes and ids, no people's words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from salesbot.store.pool import Connection

Data = Mapping[str, str | int | bool | None]

TOLD = frozenset(
    {
        "resolved",
        "unresolvable",
        "stop_confirmed",
        "human_spoke",
        "spoke_in_gap",
        "gap_read",
        "handoff",
        "parked",
        "opt_out",
        "unreachable",
        "close",
        "returned",
        "wrote_while_quiet",
        "opening_waits",
        "names_wait",
        "account_dead",
        "account_limited",
        "flood_wait",
        "model_down",
        "model_back",
        "promised",
        "task_due",
        "handoff_waits",
        "takeover_ends_soon",
        "two_bots",
        "budget_dialog",
        "budget_day",
        "budget_back",
        "openings_wait",
        "campaign_finished",
        "hot_lead",
        "assigned",
        "account_back",
        "database_back",
        "admin_added",
        "admin_removed",
        "draft_expired",
        "unsaid",
        "unsent",
        "unsend_failed",
        "paused",
        "running",
        "pause_confirmed",
        "house_mode",
    }
)
"""Kinds of which every admin hears; the others are for the log."""

PROMPT = frozenset(
    {"stop_confirmed", "pause_confirmed", "resolved", "unresolvable", "unsaid", "unsent", "unsend_failed"}
)
"""Kinds that an admin waits for who did something a moment ago: at any hour, and never held back."""

OF_A_CROWD = frozenset({"resolved", "unresolvable", "opening_waits"})
"""Kinds of which nobody hears one by one when the dialog is one of a campaign: /campaigns counts them."""

TOLD_OF_THE_SYSTEM = frozenset({"give"})
"""Kinds of which they hear when nobody did it: a takeover that came to its end."""


@dataclass(frozen=True, slots=True)
class Entry:
    """An event as the log shows it."""

    id: int
    kind: str
    dialog_id: int | None
    account_name: str
    actor: str
    actor_name: str
    """What the admin is called who did it, and the one it was done to."""
    other_name: str
    data: Data
    created_at: datetime


async def record(
    connection: Connection,
    kind: str,
    *,
    actor: str,
    dialog_id: int | None = None,
    account_id: int | None = None,
    data: Data | None = None,
) -> None:
    """Write an event; what is told becomes notices. ``actor``: ``admin:<id>``, model, contact, human or system."""
    await connection.execute(
        "insert into events (kind, dialog_id, account_id, actor, data, untold) values ($1, $2, $3, $4, $5, $6)",
        kind,
        dialog_id,
        account_id,
        actor,
        dict(data or {}),
        kind in TOLD or (kind in TOLD_OF_THE_SYSTEM and actor == "system"),
    )


async def promised(connection: Connection, dialog_id: int, account_id: int | None, task_id: int) -> None:
    """A reply with a promise in it goes out."""
    data: Data = {"task": task_id}
    await record(connection, "promised", actor="model", dialog_id=dialog_id, account_id=account_id, data=data)


async def happened_lately(connection: Connection, dialog_id: int, kind: str, within: timedelta) -> bool:
    """Whether this happened to a dialog within so long."""
    return bool(
        await connection.fetchval(
            "select exists (select from events "
            "where dialog_id = $1 and kind = $2 and created_at > now() - $3::interval)",
            dialog_id,
            kind,
            within,
        )
    )


async def happened(connection: Connection, dialog_id: int, kind: str) -> bool:
    """Whether this ever happened to a dialog."""
    return bool(
        await connection.fetchval(
            "select exists (select from events where dialog_id = $1 and kind = $2)", dialog_id, kind
        )
    )


async def last_of_the_house(connection: Connection, kinds: Sequence[str]) -> str | None:
    """Which of these happened last, to no dialog in particular."""
    kind: str | None = await connection.fetchval(
        "select kind from events where dialog_id is null and kind = any($1::text[]) order by id desc limit 1",
        list(kinds),
    )
    return kind


async def fan_out(connection: Connection, admins: Sequence[int], away: Sequence[int] = ()) -> None:
    """Make one notice per untold event and admin: the mark ``notices.told_at`` says who has heard what.

    What happens in a dialog that somebody looks after is for them alone, unless they are ``away`` and cannot be told;
    nobody is told what they did themselves.
    """
    await connection.execute(
        """
        with fresh as (update events set untold = false where untold returning id, dialog_id, actor, kind)
        insert into notices (event_id, admin_id)
        select f.id, admin from fresh f left join dialogs d on d.id = f.dialog_id
            cross join unnest($1::bigint[]) admin
        where f.actor <> 'admin:' || admin and (d.assignee is null or admin = d.assignee
            or not d.assignee = any($1::bigint[]) or d.assignee = any($2::bigint[]))
            and not (d.campaign_id is not null and f.kind = any($3::text[]))
        on conflict do nothing
        """,
        list(admins),
        list(away),
        list(OF_A_CROWD),
    )


_ENTRY = """
    select e.id, e.kind, e.dialog_id, e.actor, e.data, e.created_at,
        coalesce('@' || nullif(a.username, ''), nullif(a.name, ''), a.phone, '') as account_name,
        coalesce(nullif(by.name, ''), '@' || by.username, by.id::text, '') as actor_name,
        coalesce(nullif(other.name, ''), '@' || other.username, e.data ->> 'admin', '') as other_name
    from events e left join accounts a on a.id = e.account_id
        left join admins by on e.actor = 'admin:' || by.id
        left join admins other on other.id::text = e.data ->> 'admin'
"""


async def older(connection: Connection, dialog_id: int, below: int, limit: int) -> Sequence[Entry]:
    """What happened in a dialog (0: anywhere) before an event, the newest first."""
    rows = await connection.fetch(
        f"{_ENTRY} where e.dialog_id = $1 and e.id < $2 order by e.id desc limit $3"
        if dialog_id
        else f"{_ENTRY} where $1::bigint = 0 and e.id < $2 order by e.id desc limit $3",
        dialog_id,
        below,
        limit,
    )
    return [Entry(**row) for row in rows]


async def newer(connection: Connection, dialog_id: int, above: int, limit: int) -> Sequence[Entry]:
    """What happened after an event, the newest first."""
    rows = await connection.fetch(
        f"{_ENTRY} where e.dialog_id = $1 and e.id > $2 order by e.id limit $3"
        if dialog_id
        else f"{_ENTRY} where $1::bigint = 0 and e.id > $2 order by e.id limit $3",
        dialog_id,
        above,
        limit,
    )
    return [Entry(**row) for row in reversed(rows)]
