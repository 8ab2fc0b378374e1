"""``switches``: what holds for all dialogs at once: the pause, and the mode of those that have none of their own.

One row. Every claim of a part locks it for share (``parts.claim``), so once a change of it has committed, nothing is
claimed under what it said before.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from salesbot.dialog.model import Mode
from salesbot.store.pool import Connection


@dataclass(frozen=True, slots=True)
class Switches:
    paused_at: datetime | None = None
    mode: Mode = Mode.AUTO
    quiet: bool = True
    """Since the pause nothing is in flight any more, and that was said."""


async def get(connection: Connection) -> Switches:
    row = await connection.fetchrow("select paused_at, mode, quiet_at is not null as quiet from switches")
    assert row is not None
    return Switches(row["paused_at"], Mode(row["mode"]), row["quiet"])


async def pause(connection: Connection, now: datetime) -> bool:
    """Stop everything: from the commit on nothing is claimed. False: it was paused before. The caller writes the event
    and asks what is ``in_flight``; when something is, ``pause_confirmed`` follows once it has landed."""
    paused = await connection.fetchval(
        "update switches set paused_at = $1, quiet_at = null where paused_at is null returning true", now
    )
    if paused and not await in_flight(connection):
        await connection.execute("update switches set quiet_at = $1", now)
    return bool(paused)


async def resume(connection: Connection) -> bool:
    """Go on: what has waited is due. False: it was not paused. The caller writes the event."""
    return bool(
        await connection.fetchval(
            "update switches set paused_at = null, quiet_at = null where paused_at is not null returning true"
        )
    )


async def set_mode(connection: Connection, mode: Mode) -> None:
    """The mode of all dialogs that have none of their own. What waits to be said and does not fit it is decided anew,
    dialog by dialog. The caller writes the event."""
    await connection.execute("update switches set mode = $1", mode.value)


async def with_own_mode(connection: Connection) -> int:
    """How many open dialogs have a mode of their own, and do not follow that of all."""
    return int(
        await connection.fetchval(
            "select count(*) from dialogs "
            "where status in ('resolving', 'active', 'taken', 'handoff') and mode is not null"
        )
    )


async def in_flight(connection: Connection) -> int:
    """How many parts of all were claimed and have no fate yet. An account that is out sends nothing."""
    return int(
        await connection.fetchval(
            "select count(*) from messages m join accounts a on a.id = m.account_id "
            "where m.send_state = 'sending' and a.state = 'ready'"
        )
    )


async def landed(connection: Connection, now: datetime) -> bool:
    """Whether just now, in a pause, the last part in flight turned out to have landed: said once."""
    return bool(
        await connection.fetchval(
            """
            update switches set quiet_at = $1 where paused_at is not null and quiet_at is null and not exists (
                select from messages m join accounts a on a.id = m.account_id
                where m.send_state = 'sending' and a.state = 'ready')
            returning true
            """,
            now,
        )
    )
