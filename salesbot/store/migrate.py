"""The migration runner: plain SQL files, forward only, one transaction each, under an advisory lock.

A file that was edited after it ran, or a database that is newer than this program, stops the start.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path

import asyncpg
from loguru import logger

from salesbot.errors import DataError

FOLDER = Path(__file__).resolve().parents[2] / "sql"
_LOCK = 7_214_509_331  # any number nobody else uses
_ATTEMPTS = 10


@dataclass(frozen=True, slots=True)
class Migration:
    """One file of ``sql/``."""

    number: int
    name: str
    text: str

    @property
    def checksum(self) -> str:
        return hashlib.sha256(self.text.encode()).hexdigest()


def available(folder: Path = FOLDER) -> tuple[Migration, ...]:
    """The files in order. Raises ``DataError`` when numbers repeat or leave a hole."""
    found = tuple(Migration(int(p.name[:4]), p.name, p.read_text("utf-8")) for p in sorted(folder.glob("[0-9]*.sql")))
    if [m.number for m in found] != list(range(1, len(found) + 1)):
        raise DataError(f"the migrations in {folder} are not numbered 1, 2, 3 …")
    return found


async def migrate(connection: asyncpg.Connection, folder: Path = FOLDER) -> list[str]:
    """Bring the database up to date; returns the names of the files that ran. Safe to run from several processes."""
    migrations = available(folder)
    await connection.execute("select pg_advisory_lock($1)", _LOCK)
    try:
        await connection.execute(
            "create table if not exists migrations "
            "(number int primary key, name text not null, checksum text not null, ran_at timestamptz default now())"
        )
        rows = await connection.fetch("select number, name, checksum from migrations order by number")
        done: dict[int, asyncpg.Record] = {row["number"]: row for row in rows}
        _check(done, migrations)
        return [await _run(connection, migration) for migration in migrations if migration.number not in done]
    finally:
        await connection.execute("select pg_advisory_unlock($1)", _LOCK)


def _check(done: dict[int, asyncpg.Record], migrations: tuple[Migration, ...]) -> None:
    if max(done, default=0) > len(migrations):
        raise DataError("the database is newer than this program: install the release that wrote it, or a later one")
    for migration in migrations:
        row = done.get(migration.number)
        if row is not None and row["checksum"] != migration.checksum:
            raise DataError(f"{migration.name} was edited after it ran: restore the file, add a new migration instead")


async def _run(connection: asyncpg.Connection, migration: Migration) -> str:
    for attempt in range(1, _ATTEMPTS + 1):
        try:
            async with connection.transaction():
                await connection.execute("set local lock_timeout = '3s'")
                await connection.execute(migration.text)
                await connection.execute(
                    "insert into migrations (number, name, checksum) values ($1, $2, $3)",
                    migration.number,
                    migration.name,
                    migration.checksum,
                )
        except (asyncpg.LockNotAvailableError, asyncpg.DeadlockDetectedError) as exc:
            if attempt == _ATTEMPTS:
                raise DataError(f"{migration.name}: another program holds a lock on a table it changes") from exc
        else:
            logger.bind(migration=migration.name).info("migrated")
            break
    return migration.name
