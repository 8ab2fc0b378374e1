"""What is restored is whole, is known as restored from its first moment on, and is never used from two machines."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.parse import unquote, urlsplit

import asyncpg
import pytest

from salesbot.backup import make, manifest, restore, tools
from salesbot.backup.rotation import Keep
from salesbot.errors import DataError, Refused
from salesbot.settings import STAND_INS
from salesbot.store import accounts, installation, locks, migrate, suppressions
from salesbot.store import pool as store_pool
from tests.backup.conftest import RING, Key
from tests.conftest import Run
from tests.support.forkserver import ForkServer

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)


@pytest.fixture
async def wanted(filled: str, key: Key, tmp_path: Path) -> restore.Wanted:
    """A backup on its way back; its database is still there."""
    made = await make.backup(
        make.Wanted(dsn=filled, folder=tmp_path / "backups", recipients=[key.public], keep=Keep(7, 4), verify=False)
    )
    return restore.Wanted(dsn=filled, file=made.file, identity=key.file, key_ids=RING.key_ids)


async def ask(dsn: str, *statements: str) -> Sequence[asyncpg.Record]:
    connection = await asyncpg.connect(dsn)
    try:
        for statement in statements[:-1]:
            await connection.execute(statement)
        return list(await connection.fetch(statements[-1]))
    finally:
        await connection.close()


async def drop(dsn: str) -> None:
    await ask(tools.beside(dsn, "postgres"), f'drop database "{tools.database_of(dsn)}" with (force)')


async def started(dsn: str) -> None:
    connection = await asyncpg.connect(dsn)
    try:
        await installation.check(connection)
    finally:
        await connection.close()


async def confirmed(dsn: str, *, again: datetime | None = None) -> installation.Confirmed | None:
    connection = await asyncpg.connect(dsn)
    try:
        async with connection.transaction():
            return await installation.confirm(connection, NOW, again=again)
    finally:
        await connection.close()


async def test_a_database_that_is_gone_comes_back(wanted: restore.Wanted) -> None:
    await drop(wanted.dsn)
    done = await restore.restore(wanted)
    assert done.sessions, "the same machine"
    ((names, lines, marks),) = await ask(
        wanted.dsn,
        "select (select array_agg(name order by id) from contacts), (select count(*) from messages), "
        "(select count(*) from suppressions)",
    )
    assert (names, lines, marks) == (['Anna\'s "name"; \\x', "Борис"], 300, 1)
    with pytest.raises(DataError, match=r"restored from a backup of 20.* UTC.*salesbot confirm-database"):
        await started(wanted.dsn)
    begun = await confirmed(wanted.dsn)
    assert begun is not None
    assert (begun.since, begun.accounts, begun.dialogs) == (done.manifest.created_at, 1, 1)
    await started(wanted.dsn)
    assert await confirmed(wanted.dsn) is None, "a second confirmation changes nothing"


async def test_a_role_that_may_do_no_more_than_it_must(this_run: Run, database: str, key: Key, tmp_path: Path) -> None:
    """It owns its database, and that is all; its backup is not verified, and says so."""
    role = tools.database_of(database) + "_role"
    name = f"{role}_db"
    await ask(database, f"create role \"{role}\" login password 'p:w'", "select 1")
    await ask(database, f'create database "{name}" owner "{role}"')
    url = urlsplit(this_run.url(name))
    dsn = url._replace(netloc=f"{role}:p%3Aw@{url.netloc.partition('@')[2]}").geturl()
    connection = await asyncpg.connect(dsn)
    await migrate.migrate(connection)
    await installation.check(connection)
    await connection.close()
    try:
        made = await make.backup(make.Wanted(dsn, tmp_path / "backups", [key.public], Keep(7, 4)))
        assert not made.manifest.verified
        assert f"alter role {role} createdb" in made.doubt
        await restore.restore(restore.Wanted(dsn, made.file, key.file, [], replace=True))
        assert await confirmed(dsn) is not None
        await started(dsn)
    finally:
        await ask(database, f'drop database "{name}" with (force)', f'drop role "{role}"', "select 1")


async def test_it_is_known_as_restored_before_anything_else_is_done(
    wanted: restore.Wanted, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Killed right after the data came."""

    async def killed(_: asyncpg.Connection) -> list[str]:
        raise KeyboardInterrupt

    await drop(wanted.dsn)
    monkeypatch.setattr("salesbot.store.migrate.migrate", killed)
    with pytest.raises(KeyboardInterrupt):
        await restore.restore(wanted)
    with pytest.raises(DataError, match="restored from a backup"):
        await started(wanted.dsn)


async def test_nobody_owns_an_account_of_an_unconfirmed_database(wanted: restore.Wanted) -> None:
    """A process that outlived its database finds another one in its place."""
    await drop(wanted.dsn)
    await restore.restore(wanted)
    owner = "7b0b0f3c-3a55-4c35-9a4b-5ad1fbf94ad0"
    connection = await asyncpg.connect(wanted.dsn)
    try:
        assert await accounts.take(connection, 7, owner, "host", "1:1") is None
        await confirmed(wanted.dsn)
        assert await accounts.take(connection, 7, owner, "host", "1:1") is not None
    finally:
        await connection.close()


@pytest.mark.parametrize(("tolerates", "refused"), [(-1, False), (0, True)])
async def test_a_backup_made_after_an_upgrade_was_taken_back_is_restored_where_its_migration_is_tolerated(
    filled: str, key: Key, tmp_path: Path, tolerates: int, *, refused: bool
) -> None:
    number = len(migrate.available()) + 1
    connection = await asyncpg.connect(filled)
    ran = "insert into migrations (number, name, checksum, tolerates) values ($1, 'ahead', '', $2)"
    await connection.execute(ran, number, number + tolerates)
    await connection.close()
    wanted = make.Wanted(dsn=filled, folder=tmp_path, recipients=[key.public], keep=Keep(7, 4), verify=False)
    made = await make.backup(wanted)
    back = restore.Wanted(dsn=filled, file=made.file, identity=key.file, key_ids=RING.key_ids, replace=True)
    if refused:
        with pytest.raises(DataError, match="later release"):
            await restore.restore(back)
    else:
        assert (await restore.restore(back)).sessions


async def test_data_give_way_only_when_they_are_told_to(wanted: restore.Wanted) -> None:
    with pytest.raises(Refused, match="holds data of salesbot already"):
        await restore.restore(wanted)
    await started(wanted.dsn)


async def test_opt_outs_of_the_former_data_are_kept(wanted: restore.Wanted) -> None:
    connection = await asyncpg.connect(wanted.dsn)
    await suppressions.add(connection, RING.marks(1))
    await connection.execute(
        "insert into admin_updates values (5, 1, '{}', now()), (6, 1, '{}', now() - interval '2 days')"
    )
    await connection.execute("insert into contacts (id, name) values (3, 'came later')")
    await connection.close()
    await restore.restore(replace(wanted, replace=True))
    ((marks, people, updates),) = await ask(
        wanted.dsn,
        "select (select count(*) from suppressions), (select count(*) from contacts), "
        "(select array_agg(update_id) from admin_updates)",
    )
    assert (marks, people, updates) == (2, 2, [5])


async def test_a_key_of_the_former_data_that_no_opt_out_needs_is_forgotten(wanted: restore.Wanted) -> None:
    """A server that was just installed has made a key of its own, in whose place that of the lost one was put."""
    await ask(wanted.dsn, "insert into secret_keys (key_id) values ('its own')", "select 1")
    await restore.restore(replace(wanted, replace=True))
    assert [row["key_id"] for row in await ask(wanted.dsn, "select key_id from secret_keys")] == list(RING.key_ids)


async def test_a_restore_that_fails_changes_nothing(wanted: restore.Wanted) -> None:
    whole = wanted.file.read_bytes()
    wanted.file.write_bytes(whole[: len(whole) * 2 // 3])
    with pytest.raises((DataError, Refused)):
        await restore.restore(replace(wanted, replace=True))
    await started(wanted.dsn)
    assert [tuple(row) for row in await ask(wanted.dsn, "select count(*) from messages")] == [(300,)]


async def test_it_is_refused_while_the_product_runs(wanted: restore.Wanted) -> None:
    pool = await store_pool.create(wanted.dsn, name=locks.session_name("7b0b0f3c-3a55-4c35-9a4b-5ad1fbf94ad0"))
    try:
        with pytest.raises(Refused, match="systemctl stop sales_bot"):
            await restore.restore(replace(wanted, replace=True))
    finally:
        await store_pool.close(pool)


async def test_it_is_refused_without_the_key_that_opt_outs_were_made_with(wanted: restore.Wanted) -> None:
    with pytest.raises(DataError, match=r"lacks a key that the backup needs \(fingerprint"):
        await restore.restore(replace(wanted, key_ids=["another"], replace=True))


@pytest.mark.parametrize(("moved", "word", "kept"), [(False, False, False), (False, True, True), (True, False, True)])
async def test_on_another_machine_the_sessions_are_left_out(
    wanted: restore.Wanted, monkeypatch: pytest.MonkeyPatch, key: Key, moved: bool, word: bool, kept: bool
) -> None:
    """Unless they left the first machine with the backup, or the operator says that it is stopped for good."""
    if moved:
        folder = wanted.file.parent
        made = await make.backup(make.Wanted(wanted.dsn, folder, [key.public], Keep(7, 4), verify=False, move=True))
        wanted = replace(wanted, file=made.file)
    await drop(wanted.dsn)
    monkeypatch.setattr(manifest, "machine", lambda: "another")
    done = await restore.restore(replace(wanted, stopped=word))
    assert done.sessions is kept
    ((state, sealed),) = await ask(wanted.dsn, "select state, auth_key from accounts")
    assert (state, sealed) == (("ready", b"sealed") if kept else ("logged_out", b""))


async def test_numbers_that_were_given_since_the_backup_are_given_to_nothing_else(wanted: restore.Wanted) -> None:
    """A button below an older message of the bot would lead to somebody else's dialog."""
    await drop(wanted.dsn)
    await restore.restore(wanted)
    ((dialog,),) = await ask(wanted.dsn, "select nextval('dialogs_id_seq')")
    ((message,),) = await ask(wanted.dsn, "select nextval('messages_id_seq')")
    assert dialog > 1000
    assert message > 1_000_000


async def test_a_machine_that_was_set_back_is_confirmed_again_when_it_is_told_to_be(filled: str) -> None:
    """As of then, though it ran since and remembers that."""
    assert await confirmed(filled) is None
    then = datetime.now(UTC) - timedelta(days=3)
    await ask(filled, "insert into events (kind, actor) values ('x', 'system')", "select 1")
    begun = await confirmed(filled, again=then)
    assert begun is not None and (begun.since, begun.dialogs) == (then, 1)
    pool = await store_pool.create(filled, name=locks.session_name("7b0b0f3c-3a55-4c35-9a4b-5ad1fbf94ad0"))
    try:
        with pytest.raises(Refused, match="systemctl stop sales_bot"):
            await confirmed(filled, again=then)
    finally:
        await store_pool.close(pool)


async def test_a_copy_that_was_made_by_hand_has_to_be_confirmed_as_well(filled: str) -> None:
    copy = tools.database_of(filled) + "_copy"
    await ask(tools.beside(filled, "postgres"), f'create database "{copy}" template "{tools.database_of(filled)}"')
    dsn = tools.beside(filled, copy)
    with pytest.raises(DataError, match="restored, copied or failed over"):
        await started(dsn)
    assert await confirmed(dsn) is not None
    await started(dsn)
    await drop(dsn)


@pytest.mark.parametrize(
    ("dsn", "as_it_is"),
    [
        ("postgresql:///sales", "postgresql:///sales"),
        ("postgresql://me@/sales?host=/run/pg", "postgresql://me@/sales?host=%2Frun%2Fpg"),
        ("postgres://a,b:5433/sales", "postgres://a,b:5433/sales"),
    ],
)
def test_an_address_without_a_password_stays_what_it_is(dsn: str, as_it_is: str) -> None:
    with tools.address(dsn) as url:
        assert url == as_it_is
    assert tools.beside(dsn, "x/y") == dsn.replace("/sales", "/x%2Fy")


async def test_a_password_among_the_words_of_restore_is_refused(forks: ForkServer, tmp_path: Path) -> None:
    settings = {**STAND_INS, "PATH": os.environ["PATH"]}
    words = ["restore", "some.backup", "--database-url", "postgresql://u:canary@h/d"]
    code, _, reported = await forks.run(["-m", "salesbot", *words], settings, tmp_path)
    assert (code, "Say --database-url -" in reported, "canary" in reported) == (1, True, False)


def test_no_password_stands_in_a_command_line() -> None:
    with tools.address("postgresql://me:p%3Aw%5C@db.example:5433/sales?sslmode=require") as url:
        assert "p%3Aw" not in url
        assert url.startswith("postgresql://me@db.example:5433/sales?sslmode=require&passfile=")
        file = Path(unquote(url.partition("passfile=")[2]))
        assert file.read_text() == "*:*:*:*:p\\:w\\\\\n"
    assert not file.exists()
