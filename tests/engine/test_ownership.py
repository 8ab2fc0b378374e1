"""Law 3: the account is the shard; who does not own it decides nothing about it."""

from __future__ import annotations

import asyncio
import uuid

import asyncpg
import pytest

from salesbot.dialog.model import Status
from salesbot.engine.owner import LEASE, Owner
from salesbot.errors import DataError, NotOwner
from salesbot.lifecycle import boottime
from salesbot.store import accounts, dialogs, installation, locks, parts
from salesbot.store.dialogs import Fence
from salesbot.store.pool import transaction
from sandbox.world import Action
from tests.engine.patience import until
from tests.engine.running import Engine, Town
from tests.engine.two import next_part


async def take_over(town: Town) -> Fence:
    """Another process becomes the owner of the account."""
    async with transaction(town.pool) as connection:
        fence = await accounts.take(connection, town.account, str(uuid.uuid4()), "elsewhere", "1:1")
    assert fence is not None
    return fence


async def give_back(town: Town, engine: Engine) -> None:
    fence = engine.context.live[town.account].fence
    await town.pool.execute("update accounts set epoch = $1, owner = $2::uuid", fence.epoch, fence.owner)
    engine.context.work.wake()


async def lock_holders(town: Town) -> list[int]:
    """The connections that hold the locks of accounts."""
    rows = await town.rows(
        """
        select pid from pg_locks where locktype = 'advisory'
            and database = (select oid from pg_database where datname = current_database())
        """
    )
    return [row["pid"] for row in rows]


async def end_lock_connection(town: Town) -> None:
    await town.pool.execute("select pg_terminate_backend(pid) from unnest($1::int[]) pid", await lock_holders(town))


async def test_a_stale_owner_can_claim_nothing(town: Town) -> None:
    async with town.engine() as engine:
        await engine.begin()
        town.slower(typing_min_seconds=60, typing_max_seconds=60)
    async with town.engine() as engine:
        town.says("A-1")
        await town.until_parts(("Hello", "sent"), ("A-1", "pending"))
        stale = engine.context.live[town.account].fence
        fresh = await take_over(town)
        async with town.pool.acquire() as connection:
            part = await next_part(connection)
            assert part is not None
            assert not await parts.claim(connection, part, stale, [], town.clock.now())
            assert await parts.claim(connection, part, fresh, [], town.clock.now())
        with pytest.raises(NotOwner):
            async with transaction(town.pool) as connection:
                await dialogs.lock_owned(connection, 1, stale)
        await engine.kill()


async def test_a_stale_owner_commits_no_turn_and_loses_no_answer(town: Town, engine: Engine) -> None:
    await engine.begin()
    held = town.fault("model.chat", Action.HOLD)
    town.says("A-1")
    await town.fired(held)
    await take_over(town)
    town.release(held)
    await town.until_value("select state from model_calls order by id desc limit 1", "answered")
    await until(lambda: not engine.context.poked, "the worker has ended")
    assert await town.parts() == [("Hello", "sent")]
    await give_back(town, engine)
    await town.until_heard("Hello", "A-1")
    assert town.asked == 2


async def test_a_stale_owner_gives_no_part_up(town: Town) -> None:
    """A process that was frozen between the history and the claim wakes: the part is not its own to end."""
    async with town.engine() as engine:
        await engine.begin()
        fault = town.fault("messages.sendMessage", Action.BLACK_HOLE, user=town.account)
        town.says("A-1")
        await town.fired(fault)
        await engine.kill()
    town.world.faults.clear()
    held = town.fault("messages.getHistory", Action.HOLD_ANSWER, user=town.account)
    async with town.engine() as engine:
        await town.fired(held)
        await take_over(town)
        town.release(held)
        await until(lambda: not engine.context.poked, "the worker has ended")
        assert await town.parts() == [("Hello", "sent"), ("A-1", "sending")]
        await give_back(town, engine)
        await town.until_heard("Hello", "A-1")


async def test_a_process_that_outlived_its_database_does_not_stand_by_but_says_what_to_do(town: Town) -> None:
    await town.pool.execute("insert into installation (system_identifier) values ($1)", installation.RESTORED)
    owner, over = Owner(town.dsn, town.pool, town.clock), asyncio.Event()
    running = asyncio.create_task(owner.run(over))
    tenure = await owner.tenure(over)
    assert tenure is not None
    with pytest.raises(DataError, match=installation.CONFIRM):
        await owner.acquire(tenure, town.account)
    over.set()
    await running
    owner.close()


async def test_a_lost_lease_resets_the_connection_and_the_account_is_owned_anew(town: Town, engine: Engine) -> None:
    await engine.begin()
    epoch = await town.value("select epoch from accounts")
    first = engine.gateways[0]
    await end_lock_connection(town)
    await until(lambda: len(engine.gateways) > 1 and engine.is_live(), "a fresh connection")
    assert await town.value("select epoch from accounts") == epoch + 1
    with pytest.raises(NotOwner):
        await first.read(town.anna, 1)
    town.says("A-1")
    await town.until_heard("Hello", "A-1")


async def test_a_connection_of_an_older_epoch_says_nothing_after_the_newer_one_began(
    town: Town, engine: Engine
) -> None:
    await engine.begin()
    await end_lock_connection(town)
    await until(lambda: len(engine.gateways) > 1 and engine.is_live(), "a fresh connection")
    town.says("A-1")
    await town.until_heard("Hello", "A-1")
    packets = [p for p in town.world.log.since(kind="rpc") if p.user == town.account]
    used = list(dict.fromkeys(p.connection for p in packets))
    assert [p.connection for p in packets] == sorted((p.connection for p in packets), key=used.index)
    assert len(used) == 2


async def test_after_a_restart_of_the_database_the_story_goes_on(town: Town, engine: Engine) -> None:
    await engine.begin()
    held = town.fault("model.chat", Action.HOLD)
    town.says("A-1")
    await town.fired(held)
    await town.pool.execute(
        "select pg_terminate_backend(pid) from pg_stat_activity "
        "where datname = current_database() and pid <> pg_backend_pid()"
    )
    town.release(held)
    town.says("B-2")
    await until(lambda: "B-2" in " ".join(town.heard()), "an answer")
    await town.until_at_rest()
    said = " ".join(town.heard()).split()
    assert sorted(said) == sorted({"Hello", "A-1", "B-2"})


async def test_a_second_process_stands_by_and_takes_over(town: Town) -> None:
    async with town.engine() as first:
        await first.begin()
        async with town.engine(live=False) as second:
            await until(lambda: bool(second.owner._tenure), "the second has a lock connection")
            assert not second.is_live()
            await first.stop()
            first.killed = True
            await second.until_live()
            town.says("A-1")
            await town.until_heard("Hello", "A-1")
    assert (await town.dialog()).status is Status.ACTIVE


async def test_a_lock_taken_twice_is_let_go_at_once(town: Town, engine: Engine) -> None:
    """Asked for again after a failure in between, an advisory lock would have to be released twice."""
    tenure = await engine.owner.tenure(engine._over)
    assert tenure is not None
    fence = await engine.owner.acquire(tenure, town.account)
    assert fence is not None
    await engine.owner.let_go(tenure, fence)
    assert await lock_holders(town) == []


async def test_a_predecessor_that_stands_still_in_a_transaction_keeps_nobody_out(town: Town) -> None:
    """Frozen between the preparing of a statement and its execution: the server sees a session at work, and ends it
    for no time limit of its own. Whoever takes over does."""
    owner = (await take_over(town)).owner
    frozen = await asyncpg.connect(town.dsn, server_settings={"application_name": locks.session_name(owner)})
    try:
        await frozen.execute("begin")
        await frozen.execute("select from accounts for update")
        async with town.engine():
            assert await town.value("select epoch from accounts") == 2
    finally:
        frozen.terminate()


async def test_who_takes_over_waits_until_the_lease_of_a_predecessor_elsewhere_has_run_out(town: Town) -> None:
    await take_over(town)
    begun = boottime()
    async with town.engine():
        assert boottime() - begun >= LEASE


async def test_a_wait_for_the_predecessor_that_was_cut_short_begins_anew(town: Town) -> None:
    """Its lease may still run: that we were about to follow it once says nothing."""
    former = await take_over(town)
    async with town.engine(live=False) as engine:
        tenure = await engine.owner.tenure(engine._over)
        assert tenure is not None
        await until(lambda: town.account in tenure.locked, "it waits for the predecessor")
        tenure.end()
        again = await engine.owner.tenure(engine._over)
        assert again is not None and again is not tenure
        assert await town.value("select owner::text from accounts") == former.owner
        await engine.until_live()


async def test_a_transaction_that_stands_still_is_ended_by_the_server(town: Town, engine: Engine) -> None:
    assert await engine.pool.fetchval("show idle_in_transaction_session_timeout") == "4s"
