"""Law 8 and the table of failures: the model is down, slow, wrong; and what is begun by the clock."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, timedelta

from salesbot.dialog.model import DialogEvent, Status
from salesbot.store import events
from sandbox.world import Action
from tests.engine.patience import until
from tests.engine.running import Engine, Town


async def states(town: Town) -> list[tuple[str, str, str]]:
    rows = await town.rows("select model_asked, state, error from model_calls order by id")
    return [(row["model_asked"].removeprefix("sandbox/"), row["state"], row["error"]) for row in rows[1:]]


async def test_when_a_model_is_down_the_next_one_answers(town: Town, engine: Engine) -> None:
    await engine.begin()
    town.fault("model.chat", Action.ERROR, code=503)
    town.answers("From the second")
    town.says("A-1")
    await town.until_heard("Hello", "From the second")
    await town.until_at_rest()
    assert await states(town) == [("echo", "failed", "unavailable"), ("seller", "used", "")]


async def test_when_no_model_answers_the_dialog_waits_the_operator_hears_once_and_it_goes_on(
    town: Town, engine: Engine
) -> None:
    await engine.begin()
    down = town.fault("model.chat", Action.ERROR, code=503, count=None)
    town.says("A-1")
    await town.until_value("select failures from dialogs", 1)
    engine.context.work.wake()
    await until(lambda: not engine.context.poked)
    assert down.fired == 2, "it is not asked again at once"
    await engine.turn_clock(timedelta(seconds=6))
    await town.until_value("select failures from dialogs", 2)
    town.world.faults.clear()
    await engine.turn_clock(timedelta(seconds=11))
    await town.until_heard("Hello", "A-1")
    kinds = [row["kind"] for row in await town.rows("select kind from events where kind like 'model%' order by id")]
    assert kinds == ["model_down", "model_back"]
    assert (await town.dialog()).failures == 0


async def test_that_a_model_answers_again_is_told_by_a_process_after_the_one_that_said_none_does(
    town: Town,
) -> None:
    async with town.engine() as engine:
        await engine.begin()
        async with town.pool.acquire() as connection:
            await events.record(connection, "model_down", actor="system")
    async with town.engine():
        town.says("A-1")
        await town.until_heard("Hello", "A-1")
        await town.until_value("select count(*) from events where kind = 'model_back'", 1)


async def test_a_model_that_stays_away_hands_over_to_a_human(town: Town, engine: Engine) -> None:
    await engine.begin()
    await town.pool.execute("update dialogs set failures = 7")
    town.fault("model.chat", Action.ERROR, code=503, count=None)
    town.says("A-1")
    await town.until_status(Status.HANDOFF)
    assert town.heard() == ["Hello"]
    town.world.faults.clear()
    await engine.lead(DialogEvent.GIVE)
    await town.until_heard("Hello", "A-1")


async def test_a_broken_answer_is_repaired_once(town: Town, engine: Engine) -> None:
    await engine.begin()
    town.fault("model.chat", Action.BROKEN_JSON)
    town.says("A-1")
    await town.until_heard("Hello", "A-1")
    await town.until_at_rest()
    assert await states(town) == [("echo", "failed", "schema"), ("echo", "used", "")]


async def test_after_one_repair_the_next_model_is_asked_and_after_that_a_human(town: Town, engine: Engine) -> None:
    await engine.begin()
    town.fault("model.chat", Action.BROKEN_JSON, count=None)
    town.says("A-1")
    await town.until_status(Status.HANDOFF)
    assert [(model, state) for model, state, _ in await states(town)] == [
        ("echo", "failed"),
        ("echo", "failed"),
        ("seller", "failed"),
        ("seller", "failed"),
    ]
    await town.until_heard("Hello", "A colleague will answer.")


async def test_what_came_while_the_models_failed_gets_a_turn_of_its_own(town: Town) -> None:
    """No human is called for what the person no longer asks."""
    town.settings = town.settings.model_copy(update={"llm_models": ("sandbox/echo",)})
    async with town.engine() as engine:
        await engine.begin()
        repair = town.fault("model.chat", Action.HOLD, skip=1)
        message_id = town.world.send(town.anna, town.account, "A-" + "1" * 400).id
        await town.fired(repair)
        town.world.edit(town.anna, message_id, "B-2")
        await town.until_stored("B-2")
        town.release(repair)
        await town.until_heard("Hello", "B-2")
        await town.until_at_rest()
    assert (await town.dialog()).status is Status.ACTIVE


async def test_an_invented_price_never_reaches_the_person(town: Town, engine: Engine) -> None:
    await engine.begin()
    town.answers("It costs 17 €")
    town.says("A-1")
    await town.until_heard("Hello", "A-1")
    assert ("echo", "failed", "money") in await states(town)


async def test_a_turn_that_fails_is_tried_later_and_in_the_end_parked(town: Town, engine: Engine) -> None:
    await engine.begin()
    town.says("A-1")
    await town.until_heard("Hello", "A-1")
    await town.until_at_rest()
    await town.pool.execute("update messages set kind = 'a kind of another release' where content = 'A-1'")
    await town.pool.execute("update dialogs set failures = 3")
    town.says("B-2")
    await town.until_value("select failures from dialogs", 4)
    await engine.turn_clock(timedelta(minutes=2))
    await town.until_status(Status.HANDOFF)
    assert (await town.kinds()).count("parked") == 1
    assert "handoff" not in await town.kinds()


async def test_nothing_spins_while_a_model_thinks(town: Town, engine: Engine) -> None:
    await engine.begin()
    held = town.fault("model.chat", Action.HOLD)
    town.says("A-1")
    await town.fired(held)
    await engine.scheduler._look()
    assert len(engine.scheduler._workers) == 1
    assert not engine.scheduler._alarms
    town.release(held)
    await town.until_heard("Hello", "A-1")


async def test_who_stays_quiet_is_written_to_again_and_no_more_than_planned(town: Town, engine: Engine) -> None:
    await engine.begin()
    town.answers("Still there?")
    await engine.turn_clock(timedelta(hours=24, seconds=1))
    await town.until_heard("Hello", "Still there?")
    town.answers("A last line")
    await town.until_at_rest()
    await engine.turn_clock(timedelta(hours=72, seconds=1))
    await town.until_heard("Hello", "Still there?", "A last line")
    await town.until_at_rest()
    dialog = await town.dialog()
    assert (dialog.follow_up_at, dialog.follow_ups) == (None, 2)
    town.says("A-1")
    await town.until_heard("Hello", "Still there?", "A last line", "A-1")
    await town.until_at_rest()
    assert (await town.dialog()).follow_ups == 0


async def test_a_follow_up_that_was_not_said_is_decided_anew(town: Town, engine: Engine) -> None:
    await engine.begin()
    town.answers("Stale")
    fault = town.fault("messages.sendMessage", Action.FLOOD_WAIT, user=town.account, seconds=3600)
    await engine.turn_clock(timedelta(hours=24, seconds=1))
    await town.fired(fault)
    await town.until_parts(("Hello", "sent"), ("Stale", "pending"))
    town.answers("Still there?")
    await engine.turn_clock(timedelta(hours=1, seconds=1))
    await town.until_heard("Hello", "Still there?")
    await town.until_at_rest()
    assert (await town.dialog()).follow_ups == 1


async def test_at_night_an_opening_and_an_answer_wait_for_the_end_of_quiet_hours(town: Town) -> None:
    local = town.clock.now().astimezone(UTC)
    quiet = ((local - timedelta(hours=1)).time(), (local + timedelta(hours=2)).time())
    town.scenario = replace(town.scenario, quiet_hours=quiet)
    async with town.engine() as engine:
        await engine.start()
        await town.until_value("select due_reason from dialogs", "quiet_hours")
        await town.until_value("select count(*) from events where kind = 'opening_waits' and untold", 1)
        town.says("A-1")
        await town.until_value("select due_reason from dialogs", "answer_waits")
        await town.until_value("select count(*) from events where kind = 'opening_waits'", 1)
        assert town.asked == 0 and town.heard() == []
        await engine.turn_clock(timedelta(hours=2, minutes=21))
        await town.until_heard("A-1")


async def test_a_conversation_that_goes_on_into_quiet_hours_is_answered(town: Town) -> None:
    local = town.clock.now().astimezone(UTC)
    quiet = ((local + timedelta(minutes=5)).time(), (local + timedelta(hours=2)).time())
    town.scenario = replace(town.scenario, quiet_hours=quiet)
    async with town.engine() as engine:
        await engine.begin()
        await engine.turn_clock(timedelta(minutes=6))
        town.says("A-1")
        await town.until_heard("Hello", "A-1")


async def test_quiet_hours_end_and_the_opening_is_written(town: Town) -> None:
    local = town.clock.now().astimezone(UTC)
    quiet = ((local - timedelta(hours=1)).time(), (local + timedelta(hours=2)).time())
    town.scenario = replace(town.scenario, quiet_hours=quiet)
    async with town.engine() as engine:
        town.answers("Good morning")
        await engine.start()
        await town.until_value("select due_reason from dialogs", "quiet_hours")
        await engine.turn_clock(timedelta(hours=2, minutes=21))
        await town.until_heard("Good morning")


async def test_what_we_begin_is_not_said_once_quiet_hours_have_begun(town: Town) -> None:
    """Written in the evening and typed until the night: it is decided anew in the morning."""
    local = town.clock.now().astimezone(UTC)
    quiet = ((local + timedelta(minutes=5)).time(), (local + timedelta(hours=2)).time())
    town.scenario = replace(town.scenario, quiet_hours=quiet)
    town.slower(typing_min_seconds=600, typing_max_seconds=600)
    async with town.engine() as engine:
        town.answers("Good evening")
        await engine.start()
        await town.until_parts(("Good evening", "pending"))
        await engine.type_on(timedelta(minutes=11))
        await town.until_parts(("Good evening", "cancelled"))
        await town.until_value("select due_reason from dialogs", "quiet_hours")
    assert town.heard() == []


async def test_a_stopped_dialog_does_not_wait_for_a_model_that_hangs(town: Town, engine: Engine) -> None:
    await engine.begin()
    held = town.fault("model.chat", Action.HOLD)
    town.says("A-1")
    await town.fired(held)
    await engine.lead(DialogEvent.STOP)
    await engine.lead(DialogEvent.RESUME)
    town.says("A-2")
    await town.until_heard("Hello", "A-1 A-2")
    assert ("echo", "used", "") in await states(town)
    town.release(held)
    await town.until_value("select count(*) from model_calls where state in ('asked', 'answered')", 0)
    await town.until_at_rest()
    assert town.heard() == ["Hello", "A-1 A-2"]
