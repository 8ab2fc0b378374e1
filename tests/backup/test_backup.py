"""A backup is whole or not there at all, nobody reads it without the key, and it is good because it was restored."""

from __future__ import annotations

import asyncio
import shutil
import stat
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import asyncpg
import pytest

from salesbot.backup import archive, make, scratch, shelf, tools
from salesbot.backup.rotation import Keep, doomed
from salesbot.errors import DataError, Refused
from salesbot.store import backups, migrate
from tests.backup.conftest import EXECUTABLE, Key, make_key
from tests.support.waiting import until


@pytest.fixture
def wanted(filled: str, key: Key, tmp_path: Path) -> make.Wanted:
    return make.Wanted(dsn=filled, folder=tmp_path / "backups", recipients=[key.public], keep=Keep(7, 4))


async def test_a_backup_is_encrypted_verified_and_says_what_it_holds(wanted: make.Wanted, key: Key) -> None:
    made = await make.backup(wanted)
    assert made.manifest.verified
    assert {name: made.manifest.counts[name] for name in ("dialogs", "messages", "suppressions")} == {
        "dialogs": 2,
        "messages": 300,
        "suppressions": 1,
    }
    assert b"line 1" not in made.file.read_bytes()
    assert stat.S_IMODE(wanted.folder.stat().st_mode) == 0o700
    (kept,) = shelf.listed(wanted.folder)
    assert (kept.file, kept.manifest) == (made.file, made.manifest)
    assert sorted(file.name for file in wanted.folder.iterdir()) == [
        ".lock",
        shelf.note_of(made.file).name,
        made.file.name,
    ]
    told = await make.verify(wanted.dsn, made.file, key.file)
    assert told == made.manifest


async def test_a_database_of_an_older_release_is_backed_up_as_it_is(wanted: make.Wanted, tmp_path: Path) -> None:
    """Before this release changes it."""
    for file in migrate.FOLDER.glob("000[123]_*.sql"):
        shutil.copy(file, tmp_path)
    connection = await asyncpg.connect(wanted.dsn)
    try:
        await connection.execute("drop schema public cascade; create schema public")
        await migrate.migrate(connection, tmp_path)
    finally:
        await connection.close()
    made = await make.backup(wanted)
    assert made.manifest.verified
    assert "dialogs" in made.manifest.counts and "gaps" not in made.manifest.counts


async def test_a_backup_is_verified_later_as_well(wanted: make.Wanted, key: Key) -> None:
    made = await make.backup(replace(wanted, verify=False))
    assert [one.manifest and one.manifest.verified for one in shelf.listed(wanted.folder)] == [False]
    await make.verify(wanted.dsn, made.file, key.file)
    assert [one.manifest and one.manifest.verified for one in shelf.listed(wanted.folder)] == [True]


async def test_a_backup_that_nobody_may_read_is_not_read(wanted: make.Wanted, tmp_path: Path) -> None:
    made = await make.backup(wanted)
    with pytest.raises(Refused, match="--identity"):
        await make.verify(wanted.dsn, made.file, None)
    with pytest.raises(Refused, match=r"nowhere\.key is not there, or not to be read by"):
        await make.verify(wanted.dsn, made.file, tmp_path / "nowhere.key")
    with pytest.raises(DataError, match="cannot be decrypted"):
        await make.verify(wanted.dsn, made.file, make_key(tmp_path / "another.key").file)


@pytest.mark.parametrize(("plain", "left"), [(True, 0.6), (False, 0.6), (False, 0)])
async def test_a_damaged_backup_is_no_good(wanted: make.Wanted, key: Key, plain: bool, left: float) -> None:
    made = await make.backup(replace(wanted, recipients=[] if plain else wanted.recipients))
    whole = made.file.read_bytes()
    made.file.write_bytes(whole[: int(len(whole) * left)] or b"nothing")
    with pytest.raises((DataError, Refused)):
        await make.verify(wanted.dsn, made.file, key.file)
    await no_scratch_database(wanted.dsn)


async def no_scratch_database(dsn: str) -> None:
    connection = await asyncpg.connect(dsn)
    left = await connection.fetch("select datname from pg_database where datname like '%_verify_%'")
    await connection.close()
    assert not left


async def test_rows_that_are_missing_are_noticed(wanted: make.Wanted, key: Key) -> None:
    made = await make.backup(replace(wanted, recipients=[]))
    with archive.opened(made.file, None) as read:
        dump = wanted.folder / "dump"
        dump.write_bytes(read.dump.read())
    counts = {**made.manifest.counts, "messages": 301}
    archive.write(made.file, replace(made.manifest, counts=counts), dump, [key.public])
    with pytest.raises(DataError, match=r"does not hold what it should: messages\."):
        await make.verify(wanted.dsn, made.file, key.file)


@pytest.mark.parametrize(
    ("program", "mend"),
    [("pg_dump", "pg_dump failed: the disk is full"), ("age", r"age failed: the disk is full\. Is BACKUP_RECIPIENT")],
)
async def test_a_backup_that_fails_leaves_nothing(wanted: make.Wanted, programs: Path, program: str, mend: str) -> None:
    broken = programs / program
    broken.write_text(
        '#!/bin/sh\n[ "$1" = --version ] && echo "x (x) 99" && exit\necho "the disk is full" >&2\nexit 1\n'
    )
    broken.chmod(EXECUTABLE)
    with pytest.raises(Refused, match=mend):
        await make.backup(wanted)
    assert [file.name for file in wanted.folder.iterdir()] == [".lock"]
    await no_scratch_database(wanted.dsn)


async def test_an_older_pg_dump_is_named_with_its_mend(
    wanted: make.Wanted, programs: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("pg_dump", "age"):
        (programs / name).write_text('#!/bin/sh\necho "pg_dump (PostgreSQL) 9.6"\n')
        (programs / name).chmod(EXECUTABLE)
    monkeypatch.setenv("PATH", str(programs))
    monkeypatch.setattr("salesbot.backup.tools.DISTRIBUTION", programs)
    with pytest.raises(Refused, match=r"older than the server .* apt-get install postgresql-client-\d\d"):
        await make.backup(wanted)


async def test_one_backup_at_a_time(wanted: make.Wanted) -> None:
    with shelf.locked(wanted.folder), pytest.raises(Refused, match="is being made"):
        await make.backup(wanted)


async def test_what_a_killed_backup_left_is_removed(wanted: make.Wanted) -> None:
    wanted.folder.mkdir()
    (wanted.folder / ".salesbot-20260101T000000Z.dump.partial").write_bytes(b"words of people")
    await make.backup(wanted)
    assert not list(wanted.folder.glob("*.partial"))


async def test_scratch_databases_of_a_killed_backup_are_removed(wanted: make.Wanted) -> None:
    connection = await asyncpg.connect(wanted.dsn)
    await connection.execute(f'create database "{tools.database_of(wanted.dsn)}_verify_0123"')
    await connection.close()
    await make.backup(wanted)
    await no_scratch_database(wanted.dsn)


async def test_the_scratch_database_of_another_one_is_left_alone(wanted: make.Wanted) -> None:
    """Made, and not used yet: nobody is connected to it."""
    waits = "select exists (select from pg_locks where locktype = 'advisory' and not granted)"
    looks = await asyncpg.connect(wanted.dsn)
    async with scratch.database(wanted.dsn) as (made, _):
        second = asyncio.create_task(make.backup(wanted))

        async def waiting() -> bool:
            return second.done() or bool(await looks.fetchval(waits))

        await until(waiting, "the second one looks for what is left over")
        await (await asyncpg.connect(made)).close()
    await second
    await looks.close()
    await no_scratch_database(wanted.dsn)


async def test_with_a_move_the_sessions_leave_the_database(wanted: make.Wanted) -> None:
    made = await make.backup(replace(wanted, move=True))
    assert made.manifest.moved
    connection = await asyncpg.connect(wanted.dsn)
    rows = await connection.fetch("select state, auth_key from accounts")
    await connection.close()
    assert [tuple(row) for row in rows] == [("logged_out", b"")]


@pytest.mark.parametrize("committed", [False, True], ids=["before", "after"])
async def test_a_move_that_dies_over_the_sessions_says_of_none_that_they_moved(
    wanted: make.Wanted, monkeypatch: pytest.MonkeyPatch, committed: bool
) -> None:
    """They are in the database as well, or in the file alone; said again, it comes to its end."""
    take_out = backups.take_sessions_out

    async def killed(connection: asyncpg.Connection) -> None:
        if committed:
            await take_out(connection)
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(backups, "take_sessions_out", killed)
        with pytest.raises(KeyboardInterrupt):
            await make.backup(replace(wanted, move=True, verify=False))
    assert not shelf.listed(wanted.folder), "nothing that is called a backup says that they moved"
    (left,) = shelf.moving(wanted.folder)
    whole = left.read_bytes()
    made = await make.backup(replace(wanted, move=True, verify=False))
    assert [one.file for one in shelf.listed(wanted.folder)] == [made.file]
    assert made.manifest.moved and not shelf.moving(wanted.folder)
    assert (made.file.read_bytes() == whole) is committed, "the only one that has them"
    connection = await asyncpg.connect(wanted.dsn)
    assert not await backups.has_sessions(connection)
    await connection.close()


def test_rotation_keeps_the_newest_of_days_and_weeks() -> None:
    noon = datetime(2026, 11, 22, 12, tzinfo=UTC)
    made = [noon - timedelta(hours=8 * n) for n in range(3 * 60)]
    kept = sorted(set(made) - doomed(made, Keep(7, 4)), reverse=True)
    lately = [noon - timedelta(hours=8), noon - timedelta(hours=16)]  # 20:00 is also the newest of the 21st
    days = [datetime(2026, 11, day, 20, tzinfo=UTC) for day in (20, 19, 18, 17, 16, 15, 8, 1)]
    assert kept == [noon, *lately, *days]


def test_the_backup_before_an_upgrade_outlives_those_of_the_same_day() -> None:
    noon = datetime(2026, 11, 22, 12, tzinfo=UTC)
    made = [noon, noon - timedelta(minutes=2), noon - timedelta(hours=9), noon - timedelta(hours=25)]
    assert doomed(made, Keep(1, 0)) == {made[3]}


def test_a_time_without_backups_costs_none_of_the_older_ones() -> None:
    noon = datetime(2026, 11, 22, 12, tzinfo=UTC)
    made = [noon - timedelta(days=100 + n) for n in range(3)]
    assert doomed(made, Keep(7, 4)) == frozenset()
    assert doomed([*made, noon], Keep(0, 0)) == frozenset(made)


def test_rotation_leaves_a_move_alone(tmp_path: Path) -> None:
    for day in range(1, 4):
        (tmp_path / f"salesbot-2026010{day}T000000Z.tar.age").write_bytes(b"x")
    assert [file.name for file in shelf.rotate(tmp_path, Keep(1, 0))] == [
        "salesbot-20260102T000000Z.tar.age",
        "salesbot-20260101T000000Z.tar.age",
    ]
