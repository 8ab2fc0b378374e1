"""Law 6: look again before you speak; and a talkative person is answered all the same."""

from __future__ import annotations

from datetime import timedelta

from salesbot.dialog.model import DialogEvent, Status
from sandbox.world import Action
from tests.engine.patience import until
from tests.engine.running import Engine, Town


async def test_a_burst_becomes_one_turn(town: Town) -> None:
    """Each line puts the turn off; nobody is asked before the burst is over."""
    async with town.engine() as engine:
        await engine.begin()
    town.slower(debounce_seconds=60, debounce_cap_seconds=600)
    async with town.engine() as engine:
        for token in ("A-1", "B-2", "C-3"):
            town.says(token)
            await town.until_stored(token)
            due_at = (await town.dialog()).due_at
            assert due_at is not None and due_at > town.clock.now() + timedelta(seconds=30)
            await engine.turn_clock(timedelta(seconds=20))
        assert town.asked == 1
        await engine.turn_clock(timedelta(seconds=41))
        await town.until_heard("Hello", "A-1 B-2 C-3")
    assert town.asked == 2


async def test_an_album_is_one_message(town: Town) -> None:
    async with town.engine() as engine:
        await engine.begin()
    town.slower(debounce_seconds=0.3, debounce_cap_seconds=5)
    async with town.engine():
        town.sends_album("look at these A-1", photos=3)
        await town.until_heard("Hello", "A-1")
        await town.until_at_rest()
    assert town.asked == 2
    assert town.shown().count("[photo]") == 3


async def test_a_newer_message_cancels_the_parts_not_yet_sent(town: Town, engine: Engine) -> None:
    await engine.begin()
    town.answers("One", "Two", "Three")
    held = town.fault("messages.sendMessage", Action.HOLD_ANSWER, user=town.account)
    town.says("A-1")
    await town.fired(held)
    town.says("B-2")
    await town.until_parts(("Hello", "sent"), ("One", "sending"), ("Two", "cancelled"), ("Three", "cancelled"))
    town.release(held)
    await town.until_heard("Hello", "One", "A-1 B-2")


async def test_an_overtaken_draft_is_recorded_and_the_next_one_stands(town: Town, engine: Engine) -> None:
    await engine.begin()
    first = town.fault("model.chat", Action.HOLD)
    second = town.fault("model.chat", Action.HOLD)
    town.says("A-1")
    await town.fired(first)
    town.says("B-2")
    await town.until_stored("B-2")
    town.release(first)
    await town.fired(second)
    town.says("C-3")
    await town.until_stored("C-3")
    town.release(second)
    await town.until_heard("Hello", "A-1 B-2", "C-3")
    await town.until_at_rest()
    states = [row["state"] for row in await town.rows("select state from model_calls order by id")]
    assert states == ["used", "dropped", "used", "used"]


async def test_a_reply_cancelled_before_it_was_begun_is_a_dropped_draft_too(town: Town) -> None:
    """Who writes more often than a reply is typed would else never get one."""
    async with town.engine() as engine:
        await engine.begin()
    town.slower(typing_min_seconds=60, typing_max_seconds=60)
    async with town.engine() as engine:
        town.says("A-1")
        await town.until_parts(("Hello", "sent"), ("A-1", "pending"))
        town.says("B-2")
        await town.until_parts(("Hello", "sent"), ("A-1", "cancelled"), ("A-1 B-2", "pending"))
        town.says("C-3")
        await town.until_stored("C-3")
        await engine.type_on()
        await town.until_heard("Hello", "A-1 B-2")
        await town.until_parts(("Hello", "sent"), ("A-1", "cancelled"), ("A-1 B-2", "sent"), ("C-3", "pending"))
        await engine.type_on()
        await town.until_heard("Hello", "A-1 B-2", "C-3")
    assert await town.value("select count(*) from model_calls where state = 'dropped'") == 1


async def test_nothing_is_said_before_the_person_had_time_to_go_on(town: Town) -> None:
    """The read mark comes first, the first part no sooner than the delay after it: what it reveals is still in time."""
    async with town.engine() as engine:
        await engine.begin()
    town.slower(read_delay_seconds=60)
    async with town.engine() as engine:
        town.says("A-1")
        await town.until_parts(("Hello", "sent"), ("A-1", "pending"))
        waits_until = await town.value("select not_before from messages where content = 'A-1' and direction = 'out'")
        assert waits_until - town.clock.now() > timedelta(seconds=50)
        town.says("B-2")
        await town.until_parts(("Hello", "sent"), ("A-1", "cancelled"), ("A-1 B-2", "pending"))
        await engine.turn_clock(timedelta(seconds=61))
        await town.until_heard("Hello", "A-1 B-2")


async def test_being_poked_does_not_begin_the_typing_anew(town: Town) -> None:
    async with town.engine() as engine:
        await engine.begin()
    town.slower(typing_min_seconds=60, typing_max_seconds=60)
    async with town.engine() as engine:
        town.says("A-1")
        await town.until_parts(("Hello", "sent"), ("A-1", "pending"))
        for _ in range(3):
            await engine.type_on(timedelta(seconds=25))
            engine.context.poke(1)
        await town.until_heard("Hello", "A-1")


async def test_a_stop_before_anything_was_said_leaves_the_question_unanswered(town: Town) -> None:
    async with town.engine() as engine:
        await engine.begin()
    town.slower(typing_min_seconds=60, typing_max_seconds=60)
    async with town.engine() as engine:
        town.says("A-1")
        await town.until_parts(("Hello", "sent"), ("A-1", "pending"))
        assert not await engine.lead(DialogEvent.STOP)
        await town.until_parts(("Hello", "sent"), ("A-1", "cancelled"))
        await engine.lead(DialogEvent.RESUME)
        await town.until_parts(("Hello", "sent"), ("A-1", "cancelled"), ("A-1", "pending"))
        await engine.type_on()
        await town.until_heard("Hello", "A-1")


async def test_an_edit_before_the_answer_changes_what_is_answered(town: Town) -> None:
    async with town.engine() as engine:
        await engine.begin()
    town.slower(typing_min_seconds=60, typing_max_seconds=60)
    async with town.engine() as engine:
        message_id = town.world.send(town.anna, town.account, "A-1").id
        await town.until_parts(("Hello", "sent"), ("A-1", "pending"))
        town.world.edit(town.anna, message_id, "B-2")
        await town.until_parts(("Hello", "sent"), ("A-1", "cancelled"), ("B-2", "pending"))
        await engine.type_on()
        await town.until_heard("Hello", "B-2")


async def test_an_edit_after_the_answer_is_one_more_thing_the_model_knows(town: Town, engine: Engine) -> None:
    await engine.begin()
    message_id = town.world.send(town.anna, town.account, "A-1").id
    await town.until_heard("Hello", "A-1")
    await town.until_at_rest()
    town.world.edit(town.anna, message_id, "A-2")
    await town.until_value("select count(*) from messages where content = 'A-2'", 1)
    await town.until_at_rest()
    assert town.asked == 2
    town.says("B-3")
    await town.until_heard("Hello", "A-1", "A-2 B-3")


async def test_a_deleted_question_is_not_answered(town: Town, engine: Engine) -> None:
    await engine.begin()
    held = town.fault("model.chat", Action.HOLD)
    message_id = town.world.send(town.anna, town.account, "A-1").id
    await town.fired(held)
    town.world.delete(town.anna, [message_id])
    await town.until_value("select count(*) from messages where deleted_at is not null", 1)
    town.release(held)
    await town.until_at_rest()
    assert town.heard() == ["Hello"]
    assert (await town.dialog()).status is Status.ACTIVE


async def test_who_waits_for_a_model_is_answered_as_they_stand_when_it_is_free(town: Town) -> None:
    town.slower(llm_concurrency=1)
    boris = town.who("boris")
    async with town.engine() as engine:
        await engine.begin()
        town.answers("Hello")
        second = await engine.start("boris")
        await town.until_heard("Hello", who=boris)
        await town.until_at_rest(second)
        held = town.fault("model.chat", Action.HOLD)
        town.says("A-1")
        await town.fired(held)
        for line in ("B-1", "B-2"):  # the second comes while the first waits for the model
            town.says(line, who=boris)
            await town.until_stored(line)
            await until(lambda: second in engine.context.poked)
        asked = town.asked
        town.release(held)
        await town.until_heard("Hello", "B-1 B-2", who=boris)
        assert town.asked == asked + 1, "one draft for both lines"
