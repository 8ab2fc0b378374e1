"""``bot_polls``: how the asking for the bot's updates goes. Whoever else asked would end the poll of the process that
runs, so that one writes down, about once a minute, what Telegram answers."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from salesbot.store.pool import Connection


@dataclass(frozen=True, slots=True)
class Polls:
    heard_at: datetime | None
    """When Telegram last answered a poll."""
    conflict_at: datetime | None
    """When it last said that another program polls as well."""


async def of(connection: Connection, bot_id: int) -> Polls | None:
    row = await connection.fetchrow("select heard_at, conflict_at from bot_polls where bot_id = $1", bot_id)
    return Polls(**row) if row else None


async def heard(connection: Connection, bot_id: int, now: datetime) -> None:
    await connection.execute(
        "insert into bot_polls (bot_id, heard_at) values ($1, $2) on conflict (bot_id) do update set heard_at = $2",
        bot_id,
        now,
    )


async def disturbed(connection: Connection, bot_id: int, now: datetime) -> None:
    await connection.execute(
        "insert into bot_polls (bot_id, conflict_at) values ($1, $2) "
        "on conflict (bot_id) do update set conflict_at = $2",
        bot_id,
        now,
    )
