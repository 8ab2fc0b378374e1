"""The proxy in front of PostgreSQL: it knows every end of a transaction, and does what it is told exactly there."""

from __future__ import annotations

import asyncio
import random
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import asyncpg
import pytest

from salesbot.store.pool import UNAVAILABLE
from tests.chaos.ends import Place, messages, read
from tests.chaos.wire import Moment, WireProxy
from tests.support.waiting import until

INSERT = "insert into noted (word) values ($1)"
GONE = (*UNAVAILABLE, asyncpg.PostgresError)


@pytest.fixture
async def db(database: str) -> AsyncIterator[asyncpg.Connection]:
    """Past the proxy; there is a table to write to."""
    connection = await asyncpg.connect(database)
    await connection.execute("create table noted (id bigserial, word text)")
    yield connection
    await connection.close()


@pytest.fixture
async def proxy(database: str, db: asyncpg.Connection) -> AsyncIterator[WireProxy]:
    async with WireProxy.before(database) as opened:
        yield opened


@asynccontextmanager
async def through(proxy: WireProxy) -> AsyncIterator[asyncpg.Connection]:
    """A connection whose first questions (of types) are behind it and not counted."""
    connection = await asyncpg.connect(proxy.dsn)
    proxy.count_anew()
    try:
        yield connection
    finally:
        connection.terminate()


async def words(db: asyncpg.Connection) -> list[str]:
    return [row["word"] for row in await db.fetch("select word from noted order by id")]


def labels(proxy: WireProxy) -> list[str]:
    return [end.label for end in proxy.ends]


# --- what is an end


async def test_a_statement_outside_a_block_is_an_end_and_the_same_one_twice_is_two_places(proxy: WireProxy) -> None:
    async with through(proxy) as connection:
        for word in ("a", "b"):
            await connection.execute(INSERT, word)
        first, second = proxy.ends
        assert (first.signature, first.label, first.writes) == (second.signature, "insert into noted", True)
        assert [first.place, second.place] == [Place(first.signature, 1), Place(first.signature, 2)]
        assert [first.number, second.number] == [1, 2]
        assert proxy.counts == {first.signature: 2}


async def test_a_statement_without_arguments_is_an_end(proxy: WireProxy) -> None:
    async with through(proxy) as connection:
        await connection.execute("delete from noted")
        assert [(end.label, end.writes) for end in proxy.ends] == [("delete from noted", True)]


async def test_a_transaction_has_one_end_whatever_is_in_it(proxy: WireProxy, db: asyncpg.Connection) -> None:
    async with through(proxy) as connection:
        async with connection.transaction():
            await connection.fetchval("select count(*) from noted")
            for word in ("a", "b"):
                await connection.execute(INSERT, word)
            await connection.execute("select 1")
            assert proxy.ends == []
        assert [(end.label, end.writes) for end in proxy.ends] == [("insert into noted", True)]
    assert await words(db) == ["a", "b"]


async def test_how_often_a_statement_was_repeated_makes_no_other_place(proxy: WireProxy) -> None:
    async with through(proxy) as connection:
        for count in (1, 3):
            async with connection.transaction():
                for _ in range(count):
                    await connection.fetchval("select 1 + $1", 1)
                    await connection.execute(INSERT, "a")
        assert len(proxy.counts) == 1


async def test_a_look_is_told_from_a_change(proxy: WireProxy) -> None:
    async with through(proxy) as connection:
        for look in ("select word from noted", "show work_mem", "select 'update noted set'"):
            await connection.fetch(look)
        assert [end.writes for end in proxy.ends] == [False] * 3
        proxy.count_anew()
        for change in (
            "select word from noted for no key update",
            "select pg_advisory_lock(1)",
            "select pg_advisory_unlock(1)",
            "with one as (update noted set word = 'b' returning id) select * from one",
            "create table more ()",
        ):
            await connection.fetch(change)
        assert [end.writes for end in proxy.ends] == [True] * 5


async def test_a_rollback_is_no_end(proxy: WireProxy) -> None:
    async with through(proxy) as connection:
        transaction = connection.transaction()
        await transaction.start()
        await connection.execute(INSERT, "a")
        await transaction.rollback()
        assert proxy.ends == []


async def test_a_commit_of_a_transaction_that_failed_is_no_end(proxy: WireProxy) -> None:
    async with through(proxy) as connection:
        await connection.execute("begin")
        with pytest.raises(asyncpg.DivisionByZeroError):
            await connection.fetchval("select 1 / $1::int", 0)
        await connection.execute("commit")
        assert proxy.ends == []


async def test_a_statement_that_cannot_be_parsed_is_no_end(proxy: WireProxy) -> None:
    async with through(proxy) as connection:
        with pytest.raises(asyncpg.UndefinedTableError):
            await connection.fetch("select * from nowhere where id = $1", 1)
        assert proxy.ends == []


async def test_a_savepoint_is_no_end_and_its_number_makes_no_other_place(proxy: WireProxy) -> None:
    async with through(proxy) as connection:
        for _ in range(2):
            async with connection.transaction(), connection.transaction():
                await connection.execute(INSERT, "a")
        assert [end.label for end in proxy.ends] == ["insert into noted"] * 2
        assert len(proxy.counts) == 1


async def test_a_prepared_statement_is_known_by_its_text_each_time(proxy: WireProxy) -> None:
    async with through(proxy) as connection:
        prepared = await connection.prepare(INSERT)
        for word in ("a", "b"):
            await prepared.fetch(word)
        assert labels(proxy) == ["insert into noted"] * 2


async def test_many_rows_at_once_are_one_end(proxy: WireProxy, db: asyncpg.Connection) -> None:
    async with through(proxy) as connection:
        await connection.executemany(INSERT, [(f"{number}" * 1000,) for number in range(1000)])
        assert labels(proxy) == ["insert into noted"]
    assert len(await words(db)) == 1000


async def test_a_copy_is_an_end_once_it_is_through(proxy: WireProxy, db: asyncpg.Connection) -> None:
    async with through(proxy) as connection:
        await connection.copy_records_to_table("noted", records=[("a",), ("b",)], columns=["word"])
        (end,) = proxy.ends
        assert end.writes and "copy" in end.label
        proxy.strike(Place(end.signature, 2), Moment.BEFORE, proxy.cut)
        with pytest.raises(GONE):
            await connection.copy_records_to_table("noted", records=[("c",)], columns=["word"])
        assert proxy.struck.is_set()
    assert await words(db) == ["a", "b"]


async def test_what_a_pool_asks_when_a_connection_is_given_back_is_an_end_that_writes_nothing(
    proxy: WireProxy,
) -> None:
    async with asyncpg.create_pool(proxy.dsn, min_size=1, max_size=1) as pool:
        proxy.count_anew()
        await pool.execute(INSERT, "a")
        assert [end.writes for end in proxy.ends] == [True, False]
        assert "pg_advisory_unlock_all" in labels(proxy)[1]


async def test_a_signature_is_the_same_over_connections_and_however_it_is_written(proxy: WireProxy) -> None:
    signatures = set()
    for sql in (INSERT, INSERT, "INSERT  into noted -- a word\n (word) values ($1);"):
        async with through(proxy) as connection:
            await connection.execute(sql, "a")
            signatures.add(proxy.ends[-1].signature)
    assert len(signatures) == 1


def test_a_label_tells_what_is_changed_and_to_which_state() -> None:
    claim = "update messages set send_state = 'sending' where id = (select id from messages for update skip locked)"
    assert read(claim).label == "update messages … 'sending'"
    assert read("select 1").label == "select 1"
    assert read("with a as (delete from x returning id) insert into y select id from a").label == (
        "delete from x, insert into y"
    )


def test_of_what_arrived_only_whole_messages_are_read() -> None:
    one, two = b"S\0\0\0\x04", b"Q\0\0\0\x06a\0"
    seen = [[kind for kind, _, _ in messages(bytearray((one + two)[:size]))] for size in range(len(one + two) + 1)]
    assert seen == [[]] * 5 + [[ord("S")]] * 7 + [[ord("S"), ord("Q")]]


# --- at a place


@pytest.mark.parametrize(("moment", "stays"), [(one, one is not Moment.BEFORE) for one in Moment])
@pytest.mark.parametrize("block", [False, True], ids=["a statement", "a block"])
async def test_at_each_moment_the_row_is_there_or_not(
    proxy: WireProxy, db: asyncpg.Connection, moment: Moment, stays: bool, block: bool
) -> None:
    """The action is called while the bytes are held back; the connection ends, and no other."""
    called: list[bool] = []

    async def write(connection: asyncpg.Connection, word: str) -> None:
        if block:
            async with connection.transaction():
                await connection.execute(INSERT, word)
        else:
            await connection.execute(INSERT, word)

    async with through(proxy) as other, through(proxy) as connection:
        await write(other, "a")
        place = Place(proxy.ends[0].signature, 3)
        proxy.strike(place, moment, lambda: called.append(proxy.struck.is_set()))
        await write(connection, "b")
        if moment is Moment.ANSWERED:
            await write(connection, "c")
        with pytest.raises(GONE):
            await write(connection, "d" if moment is Moment.ANSWERED else "c")
        assert called == [False] and proxy.struck.is_set()
        assert proxy.ends[-1].place == place
        await other.fetchval("select 1")
        expected = ["a", "b", "c"] if stays else ["a", "b"]
        if moment is Moment.SENT:
            await until(lambda: stands(db, expected), "what was sent is there")
        assert await words(db) == expected


async def stands(db: asyncpg.Connection, expected: list[str]) -> bool:
    return await words(db) == expected


async def test_after_a_strike_before_the_end_the_server_has_let_go_of_the_locks(
    proxy: WireProxy, db: asyncpg.Connection
) -> None:
    async with through(proxy) as connection:
        await connection.execute(INSERT, "a")
        await connection.execute("update noted set word = $1", "b")
        proxy.strike(Place(proxy.ends[1].signature, 2), Moment.BEFORE, lambda: None)
        with pytest.raises(GONE):
            await connection.execute("update noted set word = $1", "c")
        await db.execute("update noted set word = word || 'd'")
    assert await words(db) == ["bd"]


async def test_an_action_may_be_awaited(proxy: WireProxy) -> None:
    order: list[str] = []

    async def action() -> None:
        await asyncio.to_thread(order.append, "done")

    async with through(proxy) as connection:
        await connection.execute(INSERT, "a")
        proxy.strike(Place(proxy.ends[0].signature, 2), Moment.UNANSWERED, action)
        with pytest.raises(GONE):
            await connection.execute(INSERT, "b")
        assert order == ["done"]


async def test_a_place_that_does_not_come_is_not_struck(proxy: WireProxy) -> None:
    async with through(proxy) as connection:
        await connection.execute(INSERT, "a")
        proxy.strike(Place(proxy.ends[0].signature, 1), Moment.BEFORE, proxy.cut)
        await connection.execute(INSERT, "b")
        assert not proxy.struck.is_set()


# --- at any time


async def test_cut_resets_every_connection_and_new_ones_come_through(proxy: WireProxy) -> None:
    async with through(proxy) as one, through(proxy) as two:
        proxy.cut()
        for connection in (one, two):
            with pytest.raises(GONE):
                await connection.fetchval("select 1")
    async with through(proxy) as connection:
        assert await connection.fetchval("select 1") == 1


async def test_cut_one_resets_one_connection(proxy: WireProxy) -> None:
    async with through(proxy) as one, through(proxy) as two:
        assert proxy.links == 2
        assert proxy.cut_one(random.Random(1))
        answers = await asyncio.gather(one.fetchval("select 1"), two.fetchval("select 1"), return_exceptions=True)
        assert [isinstance(answer, GONE) for answer in answers].count(True) == 1
        assert proxy.links == 1
    assert proxy.cut_one(random.Random(1)) or proxy.links == 0


async def test_a_database_that_is_away_takes_nobody_until_it_is_back(proxy: WireProxy) -> None:
    async with through(proxy) as connection:
        proxy.away = True
        with pytest.raises(GONE):
            await connection.fetchval("select 1")
        with pytest.raises(GONE):
            await asyncpg.connect(proxy.dsn)
        proxy.away = False
        async with through(proxy) as again:
            assert await again.fetchval("select 1") == 1


async def test_a_frozen_link_says_nothing_and_loses_nothing(proxy: WireProxy, db: asyncpg.Connection) -> None:
    async with through(proxy) as connection:
        await connection.execute(INSERT, "a")
        proxy.freeze()
        asked = asyncio.create_task(connection.execute(INSERT, "b"))
        joining = asyncio.create_task(asyncpg.connect(proxy.dsn))
        await until(lambda: counted(proxy, 2), "the statement has come as far as the proxy")
        assert await words(db) == ["a"] and not asked.done() and not joining.done()
        proxy.thaw()
        await asked
        assert await words(db) == ["a", "b"]
        (await joining).terminate()


async def counted(proxy: WireProxy, ends: int) -> bool:
    return len(proxy.ends) >= ends


async def test_a_frozen_link_can_be_cut(proxy: WireProxy, db: asyncpg.Connection) -> None:
    async with through(proxy) as connection:
        await connection.execute(INSERT, "a")
        proxy.freeze()
        asked = asyncio.create_task(connection.execute(INSERT, "b"))
        await until(lambda: counted(proxy, 2), "the statement has come as far as the proxy")
        proxy.cut()
        with pytest.raises(GONE):
            await asked
        proxy.thaw()
    assert await words(db) == ["a"]


async def test_slow_commits_hold_the_ends_of_what_writes_and_nothing_else(
    proxy: WireProxy, db: asyncpg.Connection
) -> None:
    async with through(proxy) as connection, through(proxy) as other:
        proxy.slow_commits(3600)
        asked = asyncio.create_task(connection.execute(INSERT, "a"))
        await until(lambda: counted(proxy, 1), "the end is held")
        assert await other.fetchval("select count(*) from noted") == 0
        assert not asked.done()
        proxy.slow_commits(0)
        await other.execute(INSERT, "b")
        assert await words(db) == ["b"]
        proxy.slow_commits(0.05)
        await other.execute(INSERT, "c")
        asked.cancel()
    assert await words(db) == ["b", "c"]


async def test_a_server_that_moved_is_found_by_new_connections(proxy: WireProxy) -> None:
    where = proxy.target
    given = proxy.dsn
    proxy.target = "postgresql://nobody@127.0.0.1:1/nothing"
    with pytest.raises(GONE):
        await asyncpg.connect(given)
    proxy.target = where
    async with through(proxy) as connection:
        assert await connection.fetchval("select 1") == 1
    assert proxy.dsn == given


async def test_a_question_can_be_cancelled_and_large_answers_come_through(proxy: WireProxy) -> None:
    async with through(proxy) as connection:
        with pytest.raises(TimeoutError):
            await connection.fetchval("select pg_sleep(3600)", timeout=0.05)
        assert len(await connection.fetchval("select repeat('x', 3000000)")) == 3000000
        assert len(await connection.fetch("select generate_series(1, 20000)")) == 20000


async def test_where_it_does_not_record_it_counts(database: str, db: asyncpg.Connection) -> None:
    async with WireProxy.before(database, recording=False) as proxy, through(proxy) as connection:
        await connection.execute(INSERT, "a")
        assert proxy.ends == [] and proxy.counts.total() == 1
