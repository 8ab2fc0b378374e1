"""The migration runner: plain SQL files, forward only, one transaction each, under an advisory lock.

A file that was edited after it ran stops the start. So does a database that is newer than this program, unless what
ran there since tolerates this release: each file names the oldest it does, so that one can go back by a release.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import asyncpg
from loguru import logger

from salesbot.errors import DataError

FOLDER = Path(__file__).resolve().parents[2] / "sql"
_LOCK = 7_214_509_331  # any number nobody else uses
_ATTEMPTS = 10
_TOLERATED = re.compile(r"[Oo]ldest release tolerated while this runs: (\d{4})'s")


@dataclass(frozen=True, slots=True)
class Migration:
    """One file of ``sql/``."""

    number: int
    name: str
    text: str

    @property
    def checksum(self) -> str:
        return hashlib.sha256(self.text.encode()).hexdigest()

    @property
    def tolerates(self) -> int:
        """The oldest release that works with the database after this one has run, by its newest migration."""
        named = _TOLERATED.search(self.text)
        return int(named[1]) if named else self.number


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
        await _can_tolerate(connection)
        rows = await connection.fetch("select number, name, checksum, tolerates from migrations order by number")
        done: dict[int, asyncpg.Record] = {row["number"]: row for row in rows}
        _check(done, migrations)
        return [await _run(connection, migration) for migration in migrations if migration.number not in done]
    finally:
        await connection.execute("select pg_advisory_unlock($1)", _LOCK)


async def _can_tolerate(connection: asyncpg.Connection) -> None:
    """The table of an earlier release lacks a column. It is asked first: to add what is there already would wait for
    whoever reads the table, and a backup does so until it has read all others."""
    if not await connection.fetchval(
        "select exists (select from pg_attribute where attrelid = 'migrations'::regclass and attname = 'tolerates')"
    ):
        await connection.execute("alter table migrations add column tolerates int")


def _check(done: dict[int, asyncpg.Record], migrations: tuple[Migration, ...]) -> None:
    if is_too_new(done, migrations):
        raise DataError("the database is newer than this program: install the release that wrote it, or a later one")
    if later := [row["name"] for number, row in done.items() if number > len(migrations)]:
        logger.bind(migrations=later).warning("a later release has used this database")
    for migration in migrations:
        row = done.get(migration.number)
        if row is not None and row["checksum"] != migration.checksum:
            raise DataError(f"{migration.name} was edited after it ran: restore the file, add a new migration instead")


def is_too_new(done: Mapping[int, asyncpg.Record], migrations: Sequence[Migration]) -> bool:
    """Whether something has run that does not tolerate this release."""
    later = [row for number, row in done.items() if number > len(migrations)]
    return any((row["tolerates"] or row["number"]) > len(migrations) for row in later)


async def _run(connection: asyncpg.Connection, migration: Migration) -> str:
    for attempt in range(1, _ATTEMPTS + 1):
        try:
            async with connection.transaction():
                await connection.execute("set local lock_timeout = '3s'")
                await connection.execute(migration.text)
                await connection.execute(
                    "insert into migrations (number, name, checksum, tolerates) values ($1, $2, $3, $4)",
                    migration.number,
                    migration.name,
                    migration.checksum,
                    migration.tolerates,
                )
        except (asyncpg.LockNotAvailableError, asyncpg.DeadlockDetectedError) as exc:
            if attempt == _ATTEMPTS:
                raise DataError(f"{migration.name}: another program holds a lock on a table it changes") from exc
        else:
            logger.bind(migration=migration.name).info("migrated")
            break
    return migration.name
