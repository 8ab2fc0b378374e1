"""The checks of the database, each made to fail on a real one."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

import asyncpg
import pytest

from salesbot.doctor import database
from salesbot.finding import State
from salesbot.i18n import lang
from salesbot.store import accounts, checkup, installation
from salesbot.store.checkup import Session, Table
from tests.doctor.conftest import Look
from tests.support.waiting import until

EN = lang("en")
AT_ONCE = timedelta(0)


async def test_a_database_that_is_well(look: Look, account: int) -> None:
    for name in ("database", "migrations", "confirmed", "locks", "queries"):
        assert [one.state for one in await look(name)] == [State.PASS], name


async def test_a_database_that_is_not_there(look: Look, values: dict[str, str]) -> None:
    url = values["DATABASE_URL"]
    secret = url.partition("://")[2].partition(":")[2].partition("@")[0]
    wrong = {
        url.replace(f":{secret}@", ":wrong@"): "refuses the user or the password",
        f"{url}_elsewhere": "is not there",
        "postgresql://somebody:wrong@127.0.0.1:9/sales_bot": "cannot be reached",
    }
    for other, said in wrong.items():
        (found,) = await look("database", DATABASE_URL=other)
        assert (found.state, said in found.said, bool(found.mend)) == (State.FAIL, True, True)
        for name in ("migrations", "locks", "sessions", "poller", "pg_dump"):
            assert [one.state for one in await look(name, DATABASE_URL=other)] == [State.SKIPPED], name


@pytest.mark.parametrize(
    ("statement", "state", "said"),
    [
        ("update migrations set checksum = 'x' where number = 1", State.FAIL, "0001_initial.sql was edited"),
        ("insert into migrations (number, name, checksum) values (999, 'x', 'x')", State.FAIL, "later release"),
        (
            "insert into migrations (number, name, checksum, tolerates) values (6, '0006_x.sql', 'x', 5)",
            State.WARN,
            "A later release has used this database (0006_x.sql)",
        ),
        (
            "alter table migrations drop column tolerates; delete from migrations where number = 4",
            State.WARN,
            "not up to date",
        ),
        ("drop table migrations", State.WARN, "not up to date"),
    ],
)
async def test_tables_of_another_release(
    look: Look, pool: asyncpg.Pool, statement: str, state: State, said: str
) -> None:
    await pool.execute(statement)
    (found,) = await look("migrations")
    assert (found.state, said in found.said, bool(found.mend)) == (state, True, True)


@pytest.mark.parametrize("changed", ["system_identifier = '1'", "system_identifier = 'restored'", "database_oid = 1"])
async def test_a_database_that_was_restored_or_copied(
    look: Look, pool: asyncpg.Pool, account: int, changed: str
) -> None:
    await pool.execute(f"update installation set {changed}")  # noqa: S608 - our own words
    (found,) = await look("confirmed")
    assert (found.state, "sudo salesbot confirm-database" in found.mend) == (State.FAIL, True)


async def test_a_database_of_an_earlier_release_is_as_confirmed_to_the_doctor_as_to_a_start(pool: asyncpg.Pool) -> None:
    """Its oid was not looked at yet."""
    await pool.execute(
        "insert into accounts (id, dc_id, server_address, server_port, auth_key) values (9, 2, '', 1, '')"
    )
    async with pool.acquire() as connection:
        await installation.check(connection)
        await connection.execute("update installation set database_oid = null")
        assert await installation.is_confirmed(connection)
        assert await accounts.take(connection, 9, "7b0b0f3c-3a55-4c35-9a4b-5ad1fbf94ad0", "host", "1:1") is not None


async def test_who_waits_for_a_lock_is_named_with_whom_they_wait_for(pool: asyncpg.Pool) -> None:
    async with pool.acquire() as holder, pool.acquire() as waiter, pool.acquire() as asker:
        await holder.execute("select pg_advisory_lock(1)")
        waiting = asyncio.create_task(waiter.execute("select pg_advisory_lock(1)"))

        async def found() -> Sequence[Session]:
            return await checkup.waiting(asker, AT_ONCE)

        (session,) = await until(found, "somebody waits for the lock")
        await holder.execute("select pg_advisory_unlock(1)")
        await waiting
        await waiter.execute("select pg_advisory_unlock(1)")
        assert session.blocked_by == (holder.get_server_pid(),)
    for seconds, state in ((6.0, State.WARN), (60.0, State.FAIL)):
        told = database.waits(EN, [replace(session, seconds=seconds)])
        assert (told.state, f"pg_terminate_backend({session.blocked_by[0]})" in told.mend) == (state, True)


async def test_who_is_busy_with_one_question_is_named(pool: asyncpg.Pool) -> None:
    async with pool.acquire() as sleeper, pool.acquire() as asker:
        pid = sleeper.get_server_pid()
        sleeping = asyncio.create_task(sleeper.execute("select pg_sleep(30)"))

        async def found() -> Sequence[Session]:
            return await checkup.slow(asker, AT_ONCE)

        (session,) = await until(found, "somebody is busy")
        await asker.execute("select pg_cancel_backend($1)", pid)
        with pytest.raises(asyncpg.QueryCanceledError):
            await sleeping
    told = database.busy(EN, [session])
    assert (session.pid, told.state, f"pg_cancel_backend({pid})" in told.mend) == (pid, State.WARN, True)


async def test_tables_in_which_much_is_dead(look: Look, pool: asyncpg.Pool) -> None:
    (found,) = await look("bloat")  # the server of the tests has autovacuum off
    assert (found.state, "autovacuum is off" in found.said) == (State.WARN, True)
    async with pool.acquire() as connection:
        server = replace(await checkup.server(connection), autovacuum=True)
        assert database.clean(EN, server, await checkup.bloated(connection)).state is State.PASS
        await connection.execute(
            "insert into admin_updates (update_id, admin_id, answer) select n, 1, '{}' from generate_series(1, 30000) n"
        )
        await connection.execute("delete from admin_updates")

        async def bloated() -> Sequence[Table]:
            await connection.execute("select pg_stat_force_next_flush()")
            return await checkup.bloated(connection)

        told = database.clean(EN, server, await until(bloated, "the statistics know of it"))
    assert (told.state, "admin_updates 30000 rows are dead" in told.said) == (State.WARN, True)
    assert f"psql {server.database} -c 'vacuum (analyze) admin_updates'" in told.mend
