"""What a connection of the pool keeps, and what not, when it is given back."""

from __future__ import annotations

import asyncpg
import pytest

from salesbot.store import pool as pools


async def test_what_was_begun_and_not_ended_is_rolled_back_when_it_is_given_back(database: str) -> None:
    pool = await pools.create(database, max_size=1)
    try:
        async with pool.acquire() as connection:
            await connection.execute("begin")
            await connection.execute("create table half (id int)")
            with pytest.raises(asyncpg.UndefinedTableError):
                await connection.execute("select * from nothing")
        async with pool.acquire() as connection:
            assert not connection.is_in_transaction()
            assert await connection.fetchval("select to_regclass('half')") is None
    finally:
        await pools.close(pool)


async def test_a_transaction_that_the_server_knows_nothing_of_is_forgotten_when_it_is_given_back(
    database: str,
) -> None:
    pool = await pools.create(database, max_size=1)
    try:
        async with pool.acquire() as connection:
            await connection.transaction().start()
            await connection.execute("rollback")
        async with pools.transaction(pool) as connection:
            assert await connection.fetchval("select 1") == 1
    finally:
        await pools.close(pool)


async def test_to_give_a_connection_back_asks_the_server_nothing(database: str) -> None:
    pool = await pools.create(database, max_size=1)
    asked: list[str] = []
    try:
        async with pool.acquire() as connection:
            connection.add_query_logger(lambda query: asked.append(query.query))
            await connection.fetchval("select 1")
        async with pool.acquire() as connection:
            await connection.fetchval("select 2")
        assert asked == ["select 1", "select 2"]
    finally:
        await pools.close(pool)
