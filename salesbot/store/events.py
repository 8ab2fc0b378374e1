"""``events``: append-only; the audit log, the source of notices and statistics. Codes and ids, no people's words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import timedelta

from salesbot.store.pool import Connection

Data = Mapping[str, str | int | bool | None]

TOLD = frozenset(
    {
        "resolved",
        "unresolvable",
        "stop_confirmed",
        "human_spoke",
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
    }
)
"""Kinds of which every admin hears; the others are for the log."""

TOLD_OF_THE_SYSTEM = frozenset({"give"})
"""Kinds of which they hear when nobody did it: a takeover that came to its end."""


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


async def fan_out(connection: Connection, admins: Sequence[int]) -> None:
    """Make one notice per untold event and admin: the mark ``notices.told_at`` says who has heard what."""
    await connection.execute(
        """
        with fresh as (update events set untold = false where untold returning id)
        insert into notices (event_id, admin_id) select id, admin from fresh, unnest($1::bigint[]) admin
        on conflict do nothing
        """,
        list(admins),
    )
