"""``budget_stops``: the days on which the money for all was spent, so that it is told once, and its end once."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime

from salesbot.store.pool import Connection


async def begin(connection: Connection, day: date) -> bool:
    """Everything waits. False when that is known."""
    return bool(
        await connection.fetchval(
            """
            insert into budget_stops (day) values ($1)
            on conflict (day) do update set over_at = null where budget_stops.over_at is not null returning true
            """,
            day,
        )
    )


async def under_way(connection: Connection) -> Sequence[date]:
    """The days whose stop is not over, in order."""
    return [
        row["day"] for row in await connection.fetch("select day from budget_stops where over_at is null order by day")
    ]


async def end(connection: Connection, now: datetime) -> bool:
    """It goes on. False when that is known."""
    ended = await connection.fetch("update budget_stops set over_at = $1 where over_at is null returning day", now)
    return bool(ended)
