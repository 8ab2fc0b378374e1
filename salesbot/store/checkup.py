"""What the doctor asks the database about itself. Nothing here changes anything, and no query's text is ever read: it
may hold people's words."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal

from salesbot.store import locks, migrate
from salesbot.store.pool import Connection

DEAD = 20_000
"""Dead rows of a table that are worth a word, when they are a half of the living ones besides."""
LONG = timedelta(seconds=5)
"""A question or a wait for a lock that takes longer is slow."""
BACKUP = "pg_dump"
"""What a backup's sessions are called: they take long by their nature."""


@dataclass(frozen=True, slots=True)
class Server:
    database: str
    version: str
    number: int
    """Like 160004."""
    size: int
    """Bytes of this database."""
    autovacuum: bool
    now: datetime

    @property
    def major(self) -> int:
        return self.number // 10_000


@dataclass(frozen=True, slots=True)
class Session:
    """Of whoever takes long: since when, and what the server calls them; of a wait also for whom."""

    pid: int
    name: str
    seconds: float
    blocked_by: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Table:
    name: str
    dead: int
    live: int


@dataclass(frozen=True, slots=True)
class Migrations:
    """The files of this program against those that ran."""

    present: bool
    """There are tables at all."""
    pending: tuple[str, ...] = ()
    edited: tuple[str, ...] = ()
    later: tuple[str, ...] = ()
    """Those of a later release."""
    too_new: bool = False
    """Some of them do not tolerate this one."""
    last: str = ""

    @property
    def current(self) -> bool:
        return self.present and not self.pending


async def server(connection: Connection) -> Server:
    row = await connection.fetchrow(
        """
        select current_database() as database, current_setting('server_version') as version,
            current_setting('server_version_num')::int as number,
            pg_database_size(current_database()) as size, current_setting('autovacuum')::boolean as autovacuum,
            clock_timestamp() as now
        """
    )
    assert row is not None
    return Server(**{**row, "version": row["version"].split()[0]})


async def clock(connection: Connection) -> datetime:
    return await connection.fetchval("select clock_timestamp()")  # type: ignore[no-any-return]


async def migrations(connection: Connection) -> Migrations:
    if await connection.fetchval("select to_regclass('migrations') is null"):
        return Migrations(present=False)
    rows = await connection.fetch(  # the last column came later: of a database that an earlier release wrote it is null
        "select number, name, checksum, (to_jsonb(one) ->> 'tolerates')::int as tolerates "
        "from migrations one order by number"
    )
    done = {row["number"]: row for row in rows}
    files = migrate.available()
    return Migrations(
        present=True,
        pending=tuple(one.name for one in files if one.number not in done),
        edited=tuple(one.name for one in files if one.number in done and done[one.number]["checksum"] != one.checksum),
        later=tuple(row["name"] for number, row in done.items() if number > len(files)),
        too_new=migrate.is_too_new(done, files),
        last=rows[-1]["name"] if rows else "",
    )


async def waiting(connection: Connection, long: timedelta = LONG) -> Sequence[Session]:
    """Who has waited so long for a lock, the longest first."""
    rows = await connection.fetch(
        """
        select pid, application_name as name, pg_blocking_pids(pid) as blocked_by,
            extract(epoch from clock_timestamp() - query_start)::float8 as seconds
        from pg_stat_activity
        where datname = current_database() and wait_event_type = 'Lock'
            and query_start < clock_timestamp() - $1::interval
        order by query_start limit 5
        """,
        long,
    )
    return [Session(row["pid"], row["name"], row["seconds"], tuple(row["blocked_by"])) for row in rows]


async def slow(connection: Connection, long: timedelta = LONG) -> Sequence[Session]:
    """Who has been busy so long with one question, waiting for no lock; a backup is not meant."""
    rows = await connection.fetch(
        """
        select pid, application_name as name, extract(epoch from clock_timestamp() - query_start)::float8 as seconds
        from pg_stat_activity
        where datname = current_database() and backend_type = 'client backend' and state = 'active'
            and wait_event_type is distinct from 'Lock' and application_name <> $2 and pid <> pg_backend_pid()
            and query_start < clock_timestamp() - $1::interval
        order by query_start limit 5
        """,
        long,
        BACKUP,
    )
    return [Session(**row) for row in rows]


async def bloated(connection: Connection) -> Sequence[Table]:
    """The tables in which much is dead, the worst first."""
    rows = await connection.fetch(
        """
        select relname as name, n_dead_tup as dead, n_live_tup as live from pg_stat_user_tables
        where n_dead_tup > $1 and n_dead_tup > n_live_tup / 2 order by n_dead_tup desc limit 5
        """,
        DEAD,
    )
    return [Table(**row) for row in rows]


async def processes(connection: Connection) -> int:
    """How many processes of the product work with this database."""
    return int(
        await connection.fetchval(
            "select count(distinct application_name) from pg_stat_activity "
            "where datname = current_database() and starts_with(application_name, $1)",
            locks.session_name(""),
        )
    )


async def missing_keys(connection: Connection, key_ids: Collection[str]) -> Sequence[str]:
    """Fingerprints of keys that were used before and are not among these."""
    rows = await connection.fetch(
        "select key_id from secret_keys where key_id <> all($1::text[]) order by key_id", list(key_ids)
    )
    return [row["key_id"] for row in rows]


async def sealed_sessions(connection: Connection) -> Sequence[tuple[int, bytes]]:
    """The accounts that have a session, each with its sealed key."""
    rows = await connection.fetch("select id, auth_key from accounts where auth_key <> '' order by id")
    return [(row["id"], row["auth_key"]) for row in rows]


async def spent_since(connection: Connection, moment: datetime) -> Decimal:
    """US dollars for models since then; a call whose cost is not known counts as what it reserved."""
    return Decimal(
        await connection.fetchval(
            "select coalesce(sum(coalesce(cost, budget)), 0) from model_calls where asked_at >= $1", moment
        )
    )
