"""The pool of connections, and what every connection is set to."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager

import asyncpg
from asyncpg.pool import PoolConnectionProxy

Connection = asyncpg.Connection | PoolConnectionProxy

UNAVAILABLE = (
    OSError,
    asyncpg.PostgresConnectionError,
    asyncpg.InterfaceError,
    asyncpg.CannotConnectNowError,
    asyncpg.TooManyConnectionsError,
    asyncpg.OperatorInterventionError,
    asyncpg.IdleInTransactionSessionTimeoutError,  # we stood still in the midst of it
    asyncpg.ObjectNotInPrerequisiteStateError,  # a database that refuses connections for now
    asyncpg.InternalClientError,  # asked after the server's farewell was read and before the end of the stream was
    asyncpg.InvalidCachedStatementError,  # a migration ran meanwhile
    TimeoutError,
)
"""What a database that is away or restarting raises: wait and try again, only whole transactions."""

REFUSED = (asyncpg.InvalidAuthorizationSpecificationError, asyncpg.InvalidCatalogNameError)
"""What a database raises that does not let us in: no password, no such role, no such database."""

ACQUIRE_TIMEOUT = 5.0
UNHURRIED = "set_config('synchronous_commit', 'off', true)"
"""Read by a statement that is a transaction by itself, this spares whoever asked the wait for the disk; the next
ordinary commit brings it there. Only for what is found out again when a server forgets it in a crash: an answer is paid
for anew, what became of a claimed part is looked up in the chat."""
STILL = "4s"
"""How long a transaction may stand still between two questions: a process that was frozen, or whose network is silent,
would keep its rows locked for ever, and whoever takes over could not touch them."""


class PooledConnection(asyncpg.Connection):
    """Nothing here leaves anything behind in a session (locks have a connection of their own, settings are ``local``),
    so giving a connection back costs no question to the server."""

    def get_reset_query(self) -> str:
        return ""

    async def reset(self, *, timeout: float | None = None) -> None:
        """Without a time limit where nothing is left to be rolled back: setting it up cost more than the rest. The
        server may be in no transaction while its client thinks so: its BEGIN failed."""
        if self.is_in_transaction() or self._top_xact is not None:  # type: ignore[attr-defined] # asyncpg's types lack it
            await super().reset(timeout=timeout)


async def create(
    dsn: str, *, max_size: int = 10, name: str = "salesbot", also: Mapping[str, str] | None = None
) -> asyncpg.Pool:
    """Open the pool. ``name`` is what the server calls its sessions (``locks.session_name``), ``also`` what else they
    are set to.

    Raises one of ``UNAVAILABLE`` when the database is not there.
    """
    return await asyncpg.create_pool(
        dsn,
        min_size=1,
        max_size=max_size,
        connection_class=PooledConnection,
        init=prepare,
        command_timeout=10.0,
        timeout=ACQUIRE_TIMEOUT,
        server_settings={"application_name": name, **(also or {})},
    )


async def prepare(connection: Connection) -> None:
    """Every connection: jsonb as Python values, and no transaction that stands still."""
    await connection.set_type_codec("jsonb", schema="pg_catalog", encoder=json.dumps, decoder=json.loads)
    await connection.execute(f"set idle_in_transaction_session_timeout = '{STILL}'")


@asynccontextmanager
async def transaction(pool: asyncpg.Pool) -> AsyncIterator[Connection]:
    """A connection inside a transaction; waits at most five seconds for a free one."""
    async with pool.acquire(timeout=ACQUIRE_TIMEOUT) as connection, connection.transaction():
        yield connection


async def close(pool: asyncpg.Pool, budget: float = 1.0) -> None:
    """Close within ``budget`` seconds, else cut."""
    try:
        async with asyncio.timeout(budget):
            await pool.close()
    except TimeoutError:
        pool.terminate()
