"""Everything is paused: nothing is claimed, thought or typed, and what was on its way is waited for and told."""

from __future__ import annotations

import asyncio
from datetime import timedelta

from salesbot.dialog.model import DialogEvent, Status
from salesbot.store import switches
from sandbox.world import Action
from tests.engine.patience import until
from tests.engine.running import Engine, Town

CONFIRMED = "select count(*) from events where kind = 'pause_confirmed'"


async def pause(engine: Engine) -> int:
    """As the desk does it; how much was in flight."""
    now = engine.town.clock.now()
    await engine.switch(lambda connection: switches.pause(connection, now))
    return await engine.switch(switches.in_flight)


async def resume(engine: Engine) -> None:
    await engine.switch(switches.resume)


async def answered_into_a_pause(town: Town, engine: Engine) -> None:
    """Everything is paused while the model thinks of its answer, which then waits to be said."""
    await engine.begin()
    held = town.fault("model.chat", Action.HOLD)
    town.says("A-1")
    await town.fired(held)
    await pause(engine)
    town.release(held)
    await town.until_parts(("Hello", "sent"), ("A-1", "pending"))


async def test_nobody_is_answered_before_all_goes_on(town: Town, engine: Engine) -> None:
    await engine.begin()
    assert await pause(engine) == 0
    asked, typed = town.asked, town.calls("messages.setTyping")
    town.says("A-1")
    await town.until_stored("A-1")
    await engine.looks()
    assert (town.heard(), town.asked, town.calls("messages.setTyping")) == (["Hello"], asked, typed)
    await resume(engine)
    await town.until_heard("Hello", "A-1")


async def test_nobody_is_looked_up_or_reminded_in_a_pause(town: Town, engine: Engine) -> None:
    await engine.begin()
    await pause(engine)
    looked_up = town.calls("contacts.resolveUsername")
    await engine.start("boris")
    await engine.turn_clock(timedelta(hours=25))
    await engine.looks()
    assert (town.heard(), town.calls("contacts.resolveUsername")) == (["Hello"], looked_up)
    await resume(engine)
    await until(lambda: len(town.heard()) == 2, "the follow-up")


async def test_an_answer_that_was_paid_for_waits_for_the_end_of_the_pause(town: Town, engine: Engine) -> None:
    await answered_into_a_pause(town, engine)
    await engine.looks()
    asked = town.asked
    assert town.heard() == ["Hello"]
    await resume(engine)
    await town.until_heard("Hello", "A-1")
    assert town.asked == asked


async def test_an_answer_that_comes_in_a_pause_is_not_typed(town: Town, engine: Engine) -> None:
    await engine.begin()
    town.slower(typing_min_seconds=60, typing_max_seconds=60)
    await engine.stop()
    async with town.engine() as slow:
        held = town.fault("model.chat", Action.HOLD)
        town.says("A-1")
        await town.fired(held)
        await pause(slow)
        await until(lambda: not any(task.get_name() == "typing" for task in asyncio.all_tasks()), "nobody types")
        typed = town.calls("messages.setTyping")
        town.release(held)
        await town.until_parts(("Hello", "sent"), ("A-1", "pending"))
        await until(lambda: not slow.scheduler._workers, "nobody works at it")
        assert town.calls("messages.setTyping") == typed


async def test_who_types_stops_typing(town: Town, engine: Engine) -> None:
    await engine.begin()
    town.slower(typing_min_seconds=60, typing_max_seconds=60)
    await engine.stop()
    async with town.engine() as slow:
        town.says("A-1")
        await town.until_parts(("Hello", "sent"), ("A-1", "pending"))
        typed = town.calls("messages.setTyping")
        await until(lambda: town.calls("messages.setTyping") > typed, "typing is shown")
        await pause(slow)
        await until(lambda: not slow.scheduler._workers, "nobody types any more")
        await resume(slow)
        await slow.type_on()
        await town.until_heard("Hello", "A-1")


async def test_who_thinks_is_not_seen_typing(town: Town, engine: Engine) -> None:
    await engine.begin()
    held = town.fault("model.chat", Action.HOLD)
    town.says("A-1")
    await town.fired(held)
    await pause(engine)
    await until(lambda: not any(task.get_name() == "typing" for task in asyncio.all_tasks()), "nobody is seen typing")
    town.release(held)
    await town.until_parts(("Hello", "sent"), ("A-1", "pending"))


async def test_what_was_in_flight_is_waited_for_and_told_once(town: Town, engine: Engine) -> None:
    await engine.begin()
    town.answers("One", "Two")
    held = town.fault("messages.sendMessage", Action.HOLD_ANSWER, user=town.account)
    town.says("A-1")
    await town.fired(held)
    assert await pause(engine) == 1
    assert await town.value(CONFIRMED) == 0
    town.release(held)
    await town.until_value(CONFIRMED, 1)
    await town.until_parts(("Hello", "sent"), ("One", "sent"), ("Two", "pending"))
    await engine.looks()
    await engine.chores.look()
    assert await town.value(CONFIRMED) == 1
    await resume(engine)
    await town.until_heard("Hello", "One", "Two")


async def test_a_process_that_starts_in_a_pause_finds_out_what_became_of_the_last_one(town: Town) -> None:
    async with town.engine() as engine:
        await engine.begin()
        town.answers("One", "Two")
        lost = town.fault("messages.sendMessage", Action.DROP_ANSWER, user=town.account)
        town.says("A-1")
        await town.fired(lost)
        await pause(engine)
        await engine.kill()
    async with town.engine() as engine:
        await town.until_parts(("Hello", "sent"), ("One", "sent"), ("Two", "pending"))
        await town.until_value(CONFIRMED, 1)
        town.says("B-2")
        await town.until_stored("B-2")
        await engine.looks()
        assert town.heard() == ["Hello", "One"]
        await resume(engine)
        await town.until_heard("Hello", "One", "A-1 B-2")


async def test_what_never_arrived_is_decided_anew_after_the_pause(town: Town, engine: Engine) -> None:
    await engine.begin()
    cut = town.fault("messages.sendMessage", Action.CUT_BEFORE, user=town.account)
    held = town.fault("messages.getHistory", Action.HOLD, user=town.account)
    town.says("A-1")
    await town.fired(cut)
    await town.fired(held)
    assert await pause(engine) == 1
    town.release(held)
    await town.until_value(CONFIRMED, 1)
    await town.until_parts(("Hello", "sent"), ("A-1", "cancelled"))
    await resume(engine)
    await town.until_heard("Hello", "A-1")


async def test_what_was_written_while_nobody_was_connected_is_read_in_a_pause(town: Town) -> None:
    async with town.engine() as engine:
        await engine.begin()
        await pause(engine)
    town.says("A-1")
    async with town.engine() as engine:
        await town.until_stored("A-1")
        await engine.looks()
        assert town.heard() == ["Hello"]


async def test_a_stop_in_a_pause_is_final(town: Town, engine: Engine) -> None:
    await answered_into_a_pause(town, engine)
    await engine.lead(DialogEvent.STOP)
    await resume(engine)
    await town.until_status(Status.STOPPED)
    await engine.looks()
    assert await town.parts() == [("Hello", "sent"), ("A-1", "cancelled")]
