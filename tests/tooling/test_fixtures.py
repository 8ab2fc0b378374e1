"""The tests' own PostgreSQL keeps tests apart."""

import asyncpg
import pytest


@pytest.mark.parametrize("again", [1, 2])
async def test_every_test_has_an_empty_migrated_database(pool: asyncpg.Pool, again: int) -> None:
    assert await pool.fetchval("select count(*) from contacts") == 0
    await pool.execute("insert into contacts (id) values ($1)", again)
