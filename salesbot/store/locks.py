"""The advisory locks that say whose an account is, and the connection that keeps them (law 3)."""

from __future__ import annotations

import contextlib
from hashlib import sha256

import asyncpg

from salesbot.errors import Refused
from salesbot.store.pool import ACQUIRE_TIMEOUT, Connection

IDLE_TIMEOUT = 4
"""Seconds of silence after which the server ends a lock connection: a frozen process loses its locks."""


async def connect(dsn: str, timeout: float) -> asyncpg.Connection:
    """A connection for locks alone. Raises one of ``pool.UNAVAILABLE`` when the database is away."""
    connection = await asyncpg.connect(dsn, timeout=timeout, command_timeout=ACQUIRE_TIMEOUT)
    await connection.execute(f"set idle_session_timeout = '{IDLE_TIMEOUT}s'")
    return connection


async def ping(connection: Connection) -> None:
    """Ask the server something, so that both sides know that the other lives."""
    await connection.execute("select 1")


async def try_lock(connection: Connection, account_id: int) -> bool:
    """Take an account's lock for as long as the connection lives; False while somebody else has it."""
    return bool(await connection.fetchval("select pg_try_advisory_lock($1)", _key(account_id)))


async def is_taken(connection: Connection, account_id: int) -> bool:
    """Whether a process has an account's lock; asked without touching the lock."""
    return bool(
        await connection.fetchval(
            """
            select exists (
                select from pg_locks
                where locktype = 'advisory' and granted and objsubid = 1
                    and database = (select oid from pg_database where datname = current_database())
                    and (classid::bigint << 32 | objid::bigint) = $1)
            """,
            _key(account_id),
        )
    )


async def lock_of_idle(connection: Connection, account_id: int) -> None:
    """Take the lock of an account that no process runs. Raises ``Refused`` while one does."""
    if not await try_lock(connection, account_id):
        raise Refused(
            "running", f"A running process owns account {account_id}. Stop it first (systemctl stop sales_bot)."
        )


async def unlock(connection: Connection, account_id: int) -> None:
    await connection.execute("select pg_advisory_unlock($1)", _key(account_id))


async def wait_for(connection: Connection, what: str) -> None:
    """Wait until nobody else who works on this database does this; ours for as long as the connection lives."""
    await connection.execute("select pg_advisory_lock($1)", _number(what))


_NAME = "salesbot "


def session_name(owner: str) -> str:
    """The name of an owner's sessions at the server."""
    return _NAME + owner


async def in_use(connection: Connection) -> bool:
    """Whether an owner has sessions in this database."""
    return bool(
        await connection.fetchval(
            """
            select exists (select from pg_stat_activity
                where datname = current_database() and starts_with(application_name, $1))
            """,
            _NAME,
        )
    )


async def end_sessions_of_predecessor(connection: Connection, account_id: int, owner: str) -> None:
    """End what the account's former owner has open, unless it let go in order; the caller holds the lock.

    A process that was frozen in a transaction keeps its rows locked. A time limit on idle transactions does not see all
    of them: between the preparing of a statement and its execution a session counts as busy. Where the server does not
    let us (it was another role), its own time limits have to do.
    """
    with contextlib.suppress(asyncpg.InsufficientPrivilegeError):
        await connection.execute(
            """
            select pg_terminate_backend(s.pid) from accounts a
            join pg_stat_activity s on s.application_name = $3 || a.owner and s.datname = current_database()
            where a.id = $1 and not a.released and a.owner <> $2::uuid
            """,
            account_id,
            owner,
            _NAME,
        )


def _key(account_id: int) -> int:
    """The advisory lock of an account."""
    return _number(f"account {account_id}")


def _number(what: str) -> int:
    """64 bits that no other program's locks are likely to meet."""
    return int.from_bytes(sha256(f"salesbot {what}".encode()).digest()[:8], "big", signed=True)
