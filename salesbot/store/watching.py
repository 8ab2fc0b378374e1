"""What whoever watches over the product wants to know of the accounts: one question, whenever somebody looks."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from salesbot.store.pool import Connection


@dataclass(frozen=True, slots=True)
class Standing:
    """How an account is."""

    id: int
    state: str
    out: bool
    """Telegram ended its session: it was not logged out here."""
    elsewhere: bool
    """Another process that is connected with this database owns it."""
    openings_blocked: bool
    flood_until: datetime | None
    catching_up: bool
    """It reads what was said since a backup that was restored."""


async def accounts(connection: Connection) -> Sequence[Standing]:
    """All accounts. This process is known by the name of its sessions (``locks.session_name``)."""
    rows = await connection.fetch(
        """
        select id, state, state <> 'ready' and auth_key <> '' as out, openings_blocked, flood_until,
            gap_unread as catching_up, not released and exists (
                select from pg_stat_activity s where s.application_name = 'salesbot ' || a.owner
                    and s.datname = current_database() and s.application_name <> current_setting('application_name')
            ) as elsewhere
        from accounts a order by id
        """
    )
    return [Standing(**row) for row in rows]
