"""A backup is good when it can be restored: into a scratch database, where every table has as many rows as it had."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from typing import IO

import asyncpg

from salesbot.backup import tools
from salesbot.errors import DataError, Refused
from salesbot.store import backups, locks
from salesbot.store.pool import ACQUIRE_TIMEOUT

_MENDS = "Allow it: sudo -u postgres psql -c 'alter role {role} createdb'"


class NoScratch(Refused):
    """There is no place where a backup could be tried."""


async def verify(dsn: str, dump: IO[bytes], counts: Mapping[str, int], whole: Callable[[], None] | None = None) -> None:
    """Restore a dump beside the database, compare, and remove it. Raises ``Refused``, ``DataError``."""
    async with database(dsn) as (scratch, server):
        await asyncio.to_thread(tools.load, dump, scratch, server, whole=whole)
        connection = await asyncpg.connect(scratch, timeout=ACQUIRE_TIMEOUT)
        try:
            found = await backups.counts(connection)
        finally:
            await connection.close()
    if found != counts:
        names = sorted(name for name in {*found, *counts} if found.get(name) != counts.get(name))
        raise DataError(f"The backup does not hold what it should: {', '.join(names)}.")


@asynccontextmanager
async def database(dsn: str) -> AsyncIterator[tuple[str, int]]:
    """The address of an empty database of the same server, dropped in the end, and the server's version; those that
    killed ones left are dropped as well. One at a time: another's is not left over before it is used."""
    prefix = f"{tools.database_of(dsn)[:40]}_verify_"
    connection = await asyncpg.connect(dsn, timeout=ACQUIRE_TIMEOUT)
    try:
        await locks.wait_for(connection, "verify")
        for left in await backups.left_over(connection, prefix):
            await backups.drop_database(connection, left)
        name = prefix + secrets.token_hex(4)
        try:
            await backups.create_database(connection, name)
        except asyncpg.InsufficientPrivilegeError as exc:
            role = connection.get_settings().session_authorization
            raise NoScratch("createdb", f"{role} may create no databases. {_MENDS.format(role=role)}") from exc
        try:
            yield tools.beside(dsn, name), await backups.server_major(connection)
        finally:
            await backups.drop_database(connection, name)
    finally:
        await connection.close()
