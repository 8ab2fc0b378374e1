"""The migration runner: simultaneous starts, edited files, databases newer than the program."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path

import asyncpg
import pytest

from salesbot.errors import DataError
from salesbot.store import installation, suppressions
from salesbot.store.migrate import available, migrate
from tests.support.waiting import until


@pytest.fixture
async def connection(database: str) -> AsyncIterator[asyncpg.Connection]:
    connection = await asyncpg.connect(database)
    await connection.execute("drop schema public cascade; create schema public")
    yield connection
    await connection.close()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "0001_first.sql").write_text("create table one (id int)")
    (tmp_path / "0002_second.sql").write_text("create table two (id int); insert into two values (2)")
    return tmp_path


async def test_what_has_run_does_not_run_again(connection: asyncpg.Connection, folder: Path) -> None:
    assert await migrate(connection, folder) == ["0001_first.sql", "0002_second.sql"]
    assert await migrate(connection, folder) == []
    assert await connection.fetchval("select count(*) from two") == 1


async def test_a_start_waits_for_no_backup(connection: asyncpg.Connection, database: str, folder: Path) -> None:
    await migrate(connection, folder)
    backup = await asyncpg.connect(database)
    async with backup.transaction():
        await backup.execute("lock table migrations in access share mode")
        await connection.execute("set lock_timeout = '1ms'")
        assert await migrate(connection, folder) == []
    await backup.close()


async def test_simultaneous_starts_run_each_file_once(
    connection: asyncpg.Connection, database: str, folder: Path
) -> None:
    starts = [await asyncpg.connect(database) for _ in range(4)]
    ran = await asyncio.gather(*(migrate(one, folder) for one in starts))
    assert sorted(len(names) for names in ran) == [0, 0, 0, 2]
    for one in starts:
        await one.close()


async def test_a_deadlock_with_the_release_that_still_runs_is_tried_again(
    connection: asyncpg.Connection, database: str, folder: Path
) -> None:
    """It holds rows of one table and wants those of another, which the migration has changed already."""
    await migrate(connection, folder)
    (folder / "0003_third.sql").write_text("alter table one add name text; alter table two add name text")
    running = await asyncpg.connect(database)
    await running.execute("set deadlock_timeout = '1min'")  # so that the migration finds out

    async def waits() -> bool | None:
        query = "select exists (select from pg_locks where not granted and relation = 'two'::regclass)"
        return await running.fetchval(query) or None

    async with running.transaction():
        await running.execute("update two set id = 3")
        migrating = asyncio.create_task(migrate(connection, folder))
        await until(waits, "the migration waits for the second table")
        await running.execute("insert into one values (1)")
    assert await migrating == ["0003_third.sql"]
    await running.close()


async def test_an_edited_file_stops_the_start(connection: asyncpg.Connection, folder: Path) -> None:
    await migrate(connection, folder)
    (folder / "0001_first.sql").write_text("create table one (id bigint)")
    with pytest.raises(DataError, match=r"0001_first\.sql was edited after it ran"):
        await migrate(connection, folder)


async def test_a_database_that_is_newer_stops_the_start(connection: asyncpg.Connection, folder: Path) -> None:
    await migrate(connection, folder)
    (folder / "0002_second.sql").unlink()
    with pytest.raises(DataError, match="newer than this program"):
        await migrate(connection, folder)


async def test_one_can_go_back_to_a_release_that_the_migrations_since_tolerate(
    connection: asyncpg.Connection, folder: Path
) -> None:
    """And to none before it. A roll-back leaves the database as it is; the next upgrade finds its work done."""
    later = folder / "0003_third.sql"
    later.write_text("-- Thirdly. Oldest release tolerated while this runs: 0002's.\ncreate table three (id int)")
    await migrate(connection, folder)
    later.rename(folder / "later")
    assert await migrate(connection, folder) == []
    (folder / "later").rename(later)
    assert await migrate(connection, folder) == []
    later.unlink()
    (folder / "0002_second.sql").unlink()
    with pytest.raises(DataError, match="newer than this program"):
        await migrate(connection, folder)


def test_every_migration_of_ours_names_the_release_before_it_or_an_older_one_as_tolerated() -> None:
    assert [each.name for each in available()[1:] if each.tolerates >= each.number] == []


async def test_a_file_that_fails_leaves_nothing_behind(connection: asyncpg.Connection, folder: Path) -> None:
    (folder / "0003_third.sql").write_text("create table three (id int); select nonsense")
    with pytest.raises(asyncpg.UndefinedColumnError):
        await migrate(connection, folder)
    assert await connection.fetchval("select to_regclass('three')") is None
    assert await connection.fetchval("select max(number) from migrations") == 2


def test_a_hole_in_the_numbers_is_refused(folder: Path) -> None:
    (folder / "0002_second.sql").rename(folder / "0003_second.sql")
    with pytest.raises(DataError, match="not numbered"):
        available(folder)


async def test_a_copied_database_touches_nothing_until_it_is_confirmed(pool: asyncpg.Pool) -> None:
    async with pool.acquire() as connection:
        await installation.check(connection)
        await installation.check(connection)
        await connection.execute("update installation set system_identifier = 'another'")
        with pytest.raises(DataError, match="confirm-database"):
            await installation.check(connection)
        await installation.confirm(connection, datetime.now(UTC))
        await installation.check(connection)


async def test_a_key_that_was_ever_used_may_not_be_missing(pool: asyncpg.Pool) -> None:
    async with pool.acquire() as connection:
        await suppressions.check_keys(connection, ["old"])
        await suppressions.check_keys(connection, ["new", "old"])
        with pytest.raises(DataError, match="fingerprint old"):
            await suppressions.check_keys(connection, ["new"])
