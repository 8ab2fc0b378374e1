"""What is committed is looked at by somebody at once, without the look each second that would find it later (law 2)."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import timedelta

import pytest
import uvloop

from salesbot.dialog.model import Status
from salesbot.engine import scheduler
from salesbot.engine.outbox import RETRY_AFTER, Pace
from salesbot.store import takebacks
from salesbot.store.takebacks import UnsendResult
from sandbox.world import Action
from tests.engine.patience import until
from tests.engine.running import Engine, Town

NEVER = 1e9


@pytest.fixture(autouse=True)
def _no_net(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(scheduler, "LOOK_EVERY", NEVER)


@asynccontextmanager
async def begun(town: Town) -> AsyncIterator[Engine]:
    async with town.engine() as engine:
        await engine.begin()
        await until(lambda: not engine.scheduler._workers, "nobody works")
        yield engine


def at_its_end(engine: Engine, act: Callable[[int], Awaitable[None]]) -> None:
    """Do something once, when a worker has found that nothing is to be done and is about to end."""
    step, acted = engine.scheduler._step, False

    async def _step(dialog_id: int, pace: Pace) -> bool:
        nonlocal acted
        more = await step(dialog_id, pace)
        if not more and not acted:
            acted = True
            await act(dialog_id)
        return more

    engine.scheduler._step = _step  # type: ignore[method-assign]


async def test_what_comes_while_a_worker_is_about_to_end_is_answered(town: Town) -> None:
    async with begun(town) as engine:

        async def comes(_: int) -> None:
            town.says("B-2")
            await town.until_stored("B-2")

        at_its_end(engine, comes)
        town.says("A-1")
        await town.until_heard("Hello", "A-1", "B-2")


async def test_what_is_told_between_the_end_of_a_worker_and_its_funeral_is_done(town: Town) -> None:
    async with begun(town) as engine:

        async def is_due(dialog_id: int) -> None:
            await town.pool.execute("update dialogs set revision = revision + 1, due_at = $1", town.clock.now())
            asyncio.get_running_loop().call_soon(engine.context.poke, dialog_id)  # before what its end calls

        at_its_end(engine, is_due)
        before = await town.value("select revision from dialogs")
        town.says("A-1")
        await town.until_value("select answered_revision - $1::bigint from dialogs", 2, before)  # it has nothing to say


async def test_what_comes_while_a_part_is_being_sent_is_answered(town: Town) -> None:
    async with begun(town):
        held = town.fault("messages.sendMessage", Action.HOLD)
        town.says("A-1")
        await town.fired(held)
        town.says("B-2")
        await town.until_stored("B-2")
        town.release(held)
        await town.until_heard("Hello", "A-1", "B-2")


async def test_what_is_to_be_taken_back_while_the_model_writes_is_taken_back(town: Town) -> None:
    async with begun(town) as engine:
        held = town.fault("model.chat", Action.HOLD)
        town.says("A-1")
        await town.fired(held)
        now = town.clock.now()
        done = await engine.act(lambda c, dialog: takebacks.unsend(c, dialog, 1, now))
        assert done is UnsendResult.TAKING_BACK
        await town.until_heard()
        town.release(held)


async def test_a_burst_is_answered_when_it_is_over(town: Town) -> None:
    town.slower(debounce_seconds=0.3, debounce_cap_seconds=0.6)
    async with begun(town):
        town.says("A-1")
        await town.until_stored("A-1")
        town.says("B-2")
        await town.until_heard("Hello", "A-1 B-2")


async def test_who_found_no_place_gets_the_next(town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    boris = town.who("boris")
    async with begun(town) as engine:
        town.answers("Hello")
        await engine.start("boris")
        await town.until_heard("Hello", who=boris)
        await until(lambda: not engine.scheduler._workers, "nobody works")
        monkeypatch.setattr(scheduler, "MOST_WORKERS", 1)
        held = town.fault("model.chat", Action.HOLD)
        town.says("A-1")
        await town.fired(held)
        town.says("B-1", who=boris)
        await town.until_stored("B-1")
        assert len(engine.scheduler._workers) == 1
        town.release(held)
        await town.until_heard("Hello", "A-1")
        await town.until_heard("Hello", "B-1", who=boris)


async def test_what_was_held_for_a_moment_goes_on_by_itself(town: Town) -> None:
    async with begun(town):
        await town.pool.execute("update dialogs set not_before = $1", town.clock.now() + timedelta(milliseconds=400))
        town.says("A-1")
        await town.until_heard("Hello", "A-1")


async def test_an_alarm_that_rings_while_a_worker_is_about_to_end_is_heard(town: Town) -> None:
    async with begun(town) as engine:

        async def rings(dialog_id: int) -> None:
            await town.pool.execute("update dialogs set revision = revision + 1, due_at = $1", town.clock.now())
            engine.scheduler._set_alarm(dialog_id, town.clock.now())
            await until(lambda: dialog_id not in engine.scheduler._alarms, "the alarm rings")

        at_its_end(engine, rings)
        before = await town.value("select revision from dialogs")
        town.says("A-1")
        await town.until_value("select answered_revision - $1::bigint from dialogs", 2, before)  # it has nothing to say


async def test_what_is_almost_due_has_an_alarm_in_every_loop(town: Town) -> None:
    """One of them makes "now" of what is due in less than half a millisecond, and that has no time to compare."""
    async with begun(town) as engine:

        async def twice() -> None:
            for _ in range(2):
                engine.scheduler._set_alarm(7, town.clock.now())
            engine.scheduler._silence(7)

        await asyncio.to_thread(uvloop.run, twice())


async def test_an_answer_is_claimed_on_the_connection_that_there_is_by_then(town: Town) -> None:
    async with begun(town) as engine:
        held = town.fault("model.chat", Action.HOLD)
        town.says("A-1")
        await town.fired(held)
        engine.gateways[0].condemn("the network is away")
        await until(lambda: len(engine.gateways) == 2 and engine.is_live(), "the account is live again")
        came = town.clock.now()
        town.release(held)
        await town.until_heard("Hello", "A-1")
        assert await town.value("select max(not_before) < $1 from messages", came + RETRY_AFTER), "it was put back"


async def test_a_crowd_that_talks_at_random_is_answered_to_the_last_line(town: Town) -> None:
    people = [town.who(name) for name in ("anna", "boris")]
    async with begun(town) as engine:
        town.answers("Hello")
        await engine.start("boris")
        await town.until_heard("Hello", who=people[1])
        for line in range(8):
            for number, who in enumerate(people):
                town.says(f"{'AB'[number]}-{line}", who=who)
                for _ in range(town.world.random.randrange(300)):
                    await asyncio.sleep(0)  # another moment of the worker's, each time
        for number, who in enumerate(people):
            await until(lambda who=who, last=f"{'AB'[number]}-7": last in town.heard(who)[-1], "the last line")  # type: ignore[misc]
        assert (await town.dialog()).status is Status.ACTIVE


async def test_however_much_happens_the_looks_have_a_pause_between_them(town: Town) -> None:
    async with begun(town) as engine:
        look, looked, loop = engine.scheduler._look, 0, asyncio.get_running_loop()

        async def _look() -> None:
            nonlocal looked
            looked += 1
            await look()

        engine.scheduler._look = _look  # type: ignore[method-assign]
        began = loop.time()
        while looked < 5:
            engine.context.work.wake()
            await asyncio.sleep(0)
        assert loop.time() - began >= 3 * scheduler.LOOK_REST
