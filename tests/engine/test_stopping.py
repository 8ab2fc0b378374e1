"""Law 11: stop has an order; nothing new is begun and nothing is left half-sent."""

from __future__ import annotations

import asyncio

from salesbot.lifecycle import boottime
from sandbox.world import Action
from tests.engine.patience import until
from tests.engine.running import Town


async def test_after_stop_no_part_is_claimed_and_the_next_process_goes_on(town: Town) -> None:
    async with town.engine() as engine:
        await engine.begin()
        town.slower(typing_min_seconds=60, typing_max_seconds=60)
    async with town.engine() as engine:
        town.says("A-1")
        await town.until_parts(("Hello", "sent"), ("A-1", "pending"))
        begun = boottime()
        await engine.stop()
        engine.killed = True
        assert boottime() - begun < 2.0
    assert await town.parts() == [("Hello", "sent"), ("A-1", "pending")]
    town.slower(typing_min_seconds=0, typing_max_seconds=0)
    async with town.engine():
        await town.until_heard("Hello", "A-1")


async def test_the_send_in_flight_gets_its_answer_and_its_siblings_wait(town: Town) -> None:
    async with town.engine() as engine:
        await engine.begin()
        town.answers("One", "Two")
        town.fault("messages.sendMessage", Action.DELAY, user=town.account, seconds=0.3)
        town.says("A-1")
        await town.until_parts(("Hello", "sent"), ("One", "sending"), ("Two", "pending"))
    assert await town.parts() == [("Hello", "sent"), ("One", "sent"), ("Two", "pending")]
    async with town.engine():
        await town.until_heard("Hello", "One", "Two")


async def test_a_send_without_an_answer_stays_unknown_and_is_resolved_by_the_next_process(town: Town) -> None:
    async with town.engine() as engine:
        await engine.begin()
        fault = town.fault("messages.sendMessage", Action.DROP_ANSWER, user=town.account)
        town.says("A-1")
        await town.fired(fault)
        begun = boottime()
        await engine.stop(turns_budget=0.2, sends_budget=0.2)
        engine.killed = True
        assert boottime() - begun < 3.0
    assert await town.parts() == [("Hello", "sent"), ("A-1", "sending")]
    async with town.engine():
        await town.until_parts(("Hello", "sent"), ("A-1", "sent"))
    assert town.heard() == ["Hello", "A-1"]


async def test_a_turn_whose_model_thinks_too_long_is_cancelled(town: Town) -> None:
    async with town.engine() as engine:
        await engine.begin()
        fault = town.fault("model.chat", Action.HANG)
        town.says("A-1")
        await town.fired(fault)
        await engine.stop(turns_budget=0.2)
        engine.killed = True
    async with town.engine():
        await town.until_heard("Hello", "A-1")


async def test_a_turn_that_waits_for_another_is_not_begun_after_stop(town: Town) -> None:
    town.settings = town.settings.model_copy(update={"llm_concurrency": 1})
    async with town.engine() as engine:
        await engine.begin()
        await engine.begin("boris")
        held = town.fault("model.chat", Action.HOLD)
        town.says("A-1")
        await town.fired(held)
        town.says("B-1", who=town.who("boris"))
        await until(lambda: 2 in engine.context.poked, "the second turn waits")
        stopping = asyncio.create_task(engine.stop())  # its first step comes before any answer
        town.release(held)
        await stopping
        engine.killed = True
        assert town.asked == 3
    async with town.engine():
        await town.until_heard("Hello", "B-1", who=town.who("boris"))


async def test_an_account_let_go_in_order_is_owned_at_once(town: Town) -> None:
    async with town.engine() as engine:
        await engine.begin()
    assert await town.value("select released and owner is null from accounts")
    begun = boottime()
    async with town.engine():
        assert boottime() - begun < 2.5


async def test_a_stop_writes_how_far_the_updates_are_stored(town: Town) -> None:
    async with town.engine() as engine:
        await engine.begin()
        town.says("A-1")
        await town.until_heard("Hello", "A-1")
        await town.until_at_rest()
    assert await town.value("select pts from accounts") == town.world.box(town.account).pts
