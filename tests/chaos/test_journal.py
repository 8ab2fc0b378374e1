"""The journal of the harness: every version of every row that matters, in the order of commits."""

from __future__ import annotations

from collections.abc import AsyncIterator

import asyncpg
import pytest

from tests.chaos import journal

WIDE = 2**63 - 1
ACCOUNT = "insert into accounts (id, dc_id, server_address, server_port, auth_key) values (1, 2, 'x', 3, 'secret')"
DIALOG = "insert into dialogs (account_id, target_username, scenario, status) values (1, 'anna', 'sales', 'resolving')"


@pytest.fixture
async def db(database: str) -> AsyncIterator[asyncpg.Connection]:
    connection = await asyncpg.connect(database)
    await journal.install(connection)
    await connection.execute(ACCOUNT)
    yield connection
    await connection.close()


async def test_changes_are_told_in_the_order_of_commits(db: asyncpg.Connection, database: str) -> None:
    """The transaction that wrote first commits last; what it did in a savepoint was committed with it."""
    other = await asyncpg.connect(database)
    async with other.transaction():
        await other.execute(DIALOG)
        async with other.transaction():
            await other.execute("update dialogs set status = 'failed'")
        await db.execute(DIALOG)
    await other.close()
    changes = [one for one in await journal.read(db) if one.table == "dialogs"]
    assert [(one.row["id"], one.row["status"]) for one in changes] == [
        (2, "resolving"),
        (1, "resolving"),
        (1, "failed"),
    ]
    assert changes[0].committed < changes[1].committed == changes[2].committed
    assert changes[0].order > changes[2].order


async def test_versions_of_a_row_follow_each_other(db: asyncpg.Connection) -> None:
    await db.execute(DIALOG)
    await db.execute("update dialogs set halts = 1")
    await db.execute("delete from dialogs")
    added, changed, deleted = (one for one in await journal.read(db) if one.table == "dialogs")
    assert (added.old, deleted.new) == (None, None)
    assert changed.old == added.new
    assert changed.new == deleted.old == {**(added.new or {}), "halts": 1}


async def test_numbers_of_64_bits_survive(db: asyncpg.Connection) -> None:
    await db.execute(DIALOG)
    await db.execute(
        "insert into messages (dialog_id, account_id, direction, author, content, timestamp, random_id) "
        "values (1, 1, 'out', 'model', 'x', now(), $1)",
        WIDE,
    )
    assert (await journal.read(db))[-1].row["random_id"] == WIDE


async def test_what_was_rolled_back_leaves_nothing(db: asyncpg.Connection) -> None:
    change = db.transaction()
    await change.start()
    await db.execute(DIALOG)
    await change.rollback()
    assert [one.table for one in await journal.read(db)] == ["accounts"]


async def test_secrets_and_update_states_are_left_out(db: asyncpg.Connection) -> None:
    await db.execute("update accounts set pts = 5")
    await db.execute("update accounts set state = 'banned'")
    added, changed = await journal.read(db)
    assert "auth_key" not in added.row
    assert changed.row["state"] == "banned"
