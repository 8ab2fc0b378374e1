"""The database that a rehearsal plays in: beside the operator's if DATABASE_URL is set, else in a PostgreSQL that is
started for it. It is dropped at the end, whatever happened."""

from __future__ import annotations

import secrets
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from urllib.parse import urlsplit, urlunsplit

import asyncpg

from salesbot.errors import SettingsError
from salesbot.keys import KeyRing
from salesbot.store import pool, rehearsals
from salesbot.store.pool import ACQUIRE_TIMEOUT
from salesbot.store.prepare import prepare

SPEED = {
    "synchronous_commit": "off",
    "plan_cache_mode": "force_generic_plan",
}
"""What is dropped at the end need not outlive a power cut; a plan for each question is enough."""


@asynccontextmanager
async def database(server: str, keys: KeyRing, *, connections: int) -> AsyncIterator[asyncpg.Pool]:
    """A migrated database of its own on the server of this DSN. Raises ``SettingsError`` where none can be made."""
    name = rehearsals.PREFIX + secrets.token_hex(4)
    dsn = urlunsplit(urlsplit(server)._replace(path=f"/{name}"))
    async with _maintenance(server) as connection:
        try:
            await rehearsals.create(connection, name)
        except asyncpg.InsufficientPrivilegeError as exc:
            raise SettingsError(
                "DATABASE_URL: this role may not create the database that a rehearsal plays in. Grant it CREATEDB, or "
                "leave DATABASE_URL empty: then the embedded PostgreSQL is used"
            ) from exc
    try:
        await prepare(dsn, keys.key_ids)
        opened = await pool.create(dsn, max_size=connections, name="salesbot rehearsal", also=SPEED)
        try:
            async with opened.acquire() as connection:
                await rehearsals.note_lines(connection)
            yield opened
        finally:
            await pool.close(opened)
    finally:
        async with _maintenance(server) as connection:
            await rehearsals.drop(connection, name)


@asynccontextmanager
async def _maintenance(server: str) -> AsyncIterator[asyncpg.Connection]:
    try:
        connection = await asyncpg.connect(server, timeout=ACQUIRE_TIMEOUT)
    except (*pool.UNAVAILABLE, asyncpg.PostgresError, ValueError) as exc:
        raise SettingsError(f"DATABASE_URL: the database cannot be reached: {str(exc) or type(exc).__name__}") from exc
    try:
        yield connection
    finally:
        await connection.close()
