"""What is done although nobody writes: awaited humans, forgotten takeovers, promises whose time has come."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, timedelta

import pytest
from asyncpg.connection import LoggedQuery

from salesbot.dialog.model import DialogEvent, Promise, Status
from salesbot.engine.chores import Chores
from salesbot.store import agenda, pool, tasks
from sandbox.world import Action
from tests.engine.patience import until
from tests.engine.running import Engine, Town

SORRY = "Sorry, a colleague has not had the time yet."


@pytest.fixture
async def engine(town: Town) -> AsyncIterator[Engine]:
    town.scenario = replace(town.scenario, waiting={"en": SORRY}, follow_ups=())
    async with town.engine() as running:
        yield running


async def handed_over(town: Town, engine: Engine, *said: str) -> None:
    """The person asked, and the model calls a human after ``said``."""
    await engine.begin()
    town.answers(*(said or ("One moment",)), handoff="wants a person")
    town.says("A-1")
    await town.until_status(Status.HANDOFF)


async def count(town: Town, kind: str) -> int:
    return int(await town.value("select count(*) from events where kind = $1", kind))


async def until_told(town: Town, kind: str, times: int = 1) -> None:
    await town.until_value("select count(*) from events where kind = $1", times, kind)


async def later(engine: Engine, by: timedelta = timedelta()) -> None:
    """So much time passes, and then a whole round of chores."""
    await engine.turn_clock(by)
    await engine.chores.look()


async def test_a_round_begins_each_minute(town: Town, engine: Engine) -> None:
    await handed_over(town, engine)

    async def minute_by_minute() -> bool:
        await engine.turn_clock(timedelta(minutes=1))
        return await count(town, "handoff_waits") == 1

    await until(minute_by_minute)


async def test_a_round_with_nothing_to_do_is_one_question_for_each_chore(town: Town, engine: Engine) -> None:
    await engine.begin()
    asked: list[LoggedQuery] = []
    alone = await pool.create(town.dsn, max_size=1)
    chores = Chores(replace(engine.context, pool=alone))
    await chores.look()  # a connection learns its types once
    async with alone.acquire() as connection:
        connection.add_query_logger(asked.append)
    await chores.look()
    await pool.close(alone)
    assert len(asked) == 6, [one.query for one in asked]


async def test_who_is_called_and_does_not_come_is_reminded_once_and_the_person_hears_one_sentence(
    town: Town, engine: Engine
) -> None:
    await handed_over(town, engine)
    await later(engine)
    assert await count(town, "handoff_waits") == 0
    await later(engine, timedelta(minutes=16))
    await until_told(town, "handoff_waits")
    await later(engine)
    assert await count(town, "handoff_waits") == 1
    assert town.heard() == ["Hello", "One moment"]
    await later(engine, timedelta(minutes=45))
    await town.until_heard("Hello", "One moment", SORRY)
    await town.until_at_rest()
    await later(engine, timedelta(hours=5))
    await later(engine)
    assert town.heard() == ["Hello", "One moment", SORRY]
    assert (await count(town, "handoff_waits"), await count(town, "apologised")) == (1, 1)
    assert town.asked == 2, "no model writes that"
    assert await town.value("select untold from events where kind = 'handoff_waits'")


async def test_a_colleague_who_comes_is_not_reminded_and_nobody_apologises_for_them(town: Town, engine: Engine) -> None:
    await handed_over(town, engine)
    await engine.lead(DialogEvent.TAKE)
    await later(engine, timedelta(hours=3))
    await later(engine)
    assert await count(town, "handoff_waits") == 0
    assert town.heard() == ["Hello", "One moment"]


async def test_the_sentence_is_not_said_over_a_colleague(town: Town, engine: Engine) -> None:
    """Taken in the moment in which it is on its way."""
    await handed_over(town, engine)
    await later(engine, timedelta(minutes=16))
    await until_told(town, "handoff_waits")
    typing = town.fault("messages.sendMessage", Action.FLOOD_WAIT, user=town.account, seconds=30)
    await later(engine, timedelta(minutes=45))
    await town.fired(typing)
    await engine.lead(DialogEvent.TAKE)
    await later(engine, timedelta(minutes=2))
    await town.until_parts(("Hello", "sent"), ("One moment", "sent"), (SORRY, "cancelled"))
    assert town.heard() == ["Hello", "One moment"]


async def test_who_does_not_wait_hears_no_apology(town: Town, engine: Engine) -> None:
    """All was answered, and then the model was out of order at a moment in which nobody had asked anything."""
    await engine.begin()
    town.says("A-1")
    await town.until_heard("Hello", "A-1")
    await town.until_at_rest()
    await engine.lead(DialogEvent.HANDOFF)
    await later(engine, timedelta(hours=2))
    await until_told(town, "handoff_waits")
    await later(engine)
    await later(engine)
    assert town.heard() == ["Hello", "A-1"]
    town.says("Is anybody there?")
    await town.until_stored("Is anybody there?")
    await later(engine)
    await town.until_heard("Hello", "A-1", SORRY)


async def test_who_agreed_on_a_call_hears_no_apology_before_it(town: Town, engine: Engine) -> None:
    await engine.begin()
    town.answers("Agreed: Friday at 3", outcome="won", handoff="a call on Friday at 3")
    town.says("Call me on Friday at 3")
    await town.until_status(Status.HANDOFF)
    await later(engine, timedelta(hours=2))
    await until_told(town, "handoff_waits")
    await later(engine)
    await later(engine)
    assert await count(town, "apologised") == 0
    town.says("Is anybody there?")
    await town.until_stored("Is anybody there?")
    await later(engine)
    await town.until_heard("Hello", "Agreed: Friday at 3", SORRY)


async def test_who_had_agreed_and_later_asks_for_a_human_hears_the_apology(town: Town, engine: Engine) -> None:
    """That it was won stays with the dialog; what a human is called for now is something else."""
    await engine.begin()
    town.answers("Agreed", outcome="won")
    town.says("Send it")
    await town.until_status(Status.CLOSED)
    town.answers("One moment", handoff="the machine leaks")
    town.says("It leaks, get me somebody")
    await town.until_status(Status.HANDOFF)
    await later(engine, timedelta(hours=2))
    await until_told(town, "handoff_waits")
    await later(engine)
    await town.until_heard("Hello", "Agreed", "One moment", SORRY)


async def test_where_nobody_waits_nothing_is_looked_at_after_the_reminder(town: Town, engine: Engine) -> None:
    await engine.begin()
    await engine.lead(DialogEvent.HANDOFF)
    long_ago = town.clock.now()

    async def listed() -> bool:
        async with town.pool.acquire() as connection:
            at = {"remind": long_ago, "apologise": long_ago, "taken": None, "now": long_ago}
            return bool(await agenda.waiting_for_humans(connection, [town.account], **at))

    assert await listed()
    await later(engine, timedelta(hours=2))
    await until_told(town, "handoff_waits")
    assert not await listed()
    town.says("A-1")
    await town.until_stored("A-1")
    assert await listed()


async def test_a_machine_that_waits_hears_no_apology(town: Town, engine: Engine) -> None:
    await engine.begin()
    await town.lead(DialogEvent.HANDOFF, reason="two_bots")
    town.says("Yes, thank you")
    await town.until_stored("Yes, thank you")
    await later(engine, timedelta(hours=2))
    await until_told(town, "handoff_waits")
    await later(engine)
    assert town.heard() == ["Hello"]


async def test_an_apology_waits_for_the_end_of_quiet_hours(town: Town) -> None:
    local = town.clock.now().astimezone(UTC)
    quiet = ((local + timedelta(minutes=30)).time(), (local + timedelta(hours=4)).time())
    town.scenario = replace(town.scenario, waiting={"en": SORRY}, follow_ups=(), quiet_hours=quiet)
    async with town.engine() as engine:
        await handed_over(town, engine)
        await later(engine, timedelta(hours=2))
        await until_told(town, "handoff_waits")
        await later(engine)
        assert town.heard() == ["Hello", "One moment"]
        await later(engine, timedelta(hours=2, minutes=1))
        await town.until_heard("Hello", "One moment", SORRY)


async def test_an_apology_waits_for_the_end_of_a_flood_wait(town: Town, engine: Engine) -> None:
    await handed_over(town, engine)
    await town.until_heard("Hello", "One moment")
    await town.until_at_rest()
    wait = timedelta(hours=3)
    await town.pool.execute("update accounts set flood_until = $1", town.clock.now() + wait)
    await later(engine, timedelta(hours=2))
    await until_told(town, "handoff_waits")
    await later(engine)
    await later(engine)
    assert await count(town, "apologised") == 0
    await later(engine, timedelta(hours=1, seconds=1))
    await town.until_heard("Hello", "One moment", SORRY)
    assert await count(town, "apologised") == 1


async def test_an_engine_that_dies_between_two_steps_repeats_none(town: Town) -> None:
    town.scenario = replace(town.scenario, waiting={"en": SORRY}, follow_ups=())
    async with town.engine() as engine:
        await handed_over(town, engine)
        held = town.fault("messages.sendMessage", Action.BLACK_HOLE, user=town.account)
        await later(engine, timedelta(minutes=16))
        await until_told(town, "handoff_waits")
        await later(engine, timedelta(minutes=45))
        await town.fired(held)
        await engine.kill()
    town.world.faults.clear()
    async with town.engine() as engine:
        await town.until_heard("Hello", "One moment", SORRY)
        await town.until_at_rest()
        await later(engine)
        assert town.heard() == ["Hello", "One moment", SORRY]
    assert (await count(town, "handoff_waits"), await count(town, "apologised")) == (1, 1)


async def test_only_the_owner_decides(town: Town) -> None:
    """A process that has lost the account, and does not know it yet, reminds nobody."""
    town.scenario = replace(town.scenario, waiting={"en": SORRY}, follow_ups=())
    async with town.engine() as engine:
        await handed_over(town, engine)
        await town.pool.execute("update accounts set epoch = epoch + 1")
        await later(engine, timedelta(minutes=16))
        assert await count(town, "handoff_waits") == 0
        await engine.kill()


async def test_a_forgotten_takeover_is_announced_and_goes_back_to_the_model(town: Town, engine: Engine) -> None:
    await engine.begin()
    town.colleague_types("I am here")
    await town.until_status(Status.TAKEN)
    town.says("A-1")
    await town.until_stored("A-1")
    await later(engine, timedelta(hours=10, minutes=59))
    await later(engine)
    assert await count(town, "takeover_ends_soon") == 0
    await later(engine, timedelta(minutes=2))
    await until_told(town, "takeover_ends_soon")
    await later(engine, timedelta(minutes=55))
    await later(engine)
    assert (await town.dialog()).status is Status.TAKEN
    await later(engine, timedelta(minutes=6))
    await town.until_heard("Hello", "I am here", "A-1")
    await town.until_at_rest()
    assert (await town.dialog()).status is Status.ACTIVE
    assert await count(town, "takeover_ends_soon") == 1
    assert await town.value("select actor from events where kind = 'give'") == "system"
    assert "I am here" in town.shown(), "what the human said is part of the history"


async def test_a_colleague_who_writes_again_keeps_the_dialog(town: Town, engine: Engine) -> None:
    await engine.begin()
    town.colleague_types("I am here")
    await town.until_status(Status.TAKEN)
    await later(engine, timedelta(hours=11, minutes=1))
    await until_told(town, "takeover_ends_soon")
    town.colleague_types("Still here")
    await town.until_stored("Still here")
    await later(engine, timedelta(hours=10, minutes=50))
    await later(engine)
    assert (await town.dialog()).status is Status.TAKEN
    assert await count(town, "takeover_ends_soon") == 1
    await later(engine, timedelta(minutes=15))
    await until_told(town, "takeover_ends_soon", 2)


async def test_after_a_night_in_which_nothing_ran_a_takeover_is_announced_before_it_ends(town: Town) -> None:
    async with town.engine() as engine:
        await engine.begin()
        town.colleague_types("I am here")
        await town.until_status(Status.TAKEN)
    await town.clock.turn(timedelta(hours=20))
    async with town.engine() as engine:
        await later(engine)
        assert await count(town, "takeover_ends_soon") == 1
        await later(engine)
        assert (await town.dialog()).status is Status.TAKEN
        await later(engine, timedelta(hours=1, minutes=1))
        await town.until_status(Status.ACTIVE)


async def test_a_promise_is_remembered_when_its_time_has_come(town: Town, engine: Engine) -> None:
    await engine.begin()
    now = town.clock.now()
    async with town.pool.acquire() as connection:
        task = await tasks.add(connection, 1, Promise("send the offer", now + timedelta(hours=2)), None, now)
        done = await tasks.add(connection, 1, Promise("call them", now + timedelta(hours=2)), None, now)
        await tasks.add(connection, 1, Promise("whenever"), None, now)
        assert done is not None
        await tasks.done(connection, done, now)
    await later(engine)
    assert await count(town, "task_due") == 0
    await later(engine, timedelta(hours=2, minutes=1))
    await until_told(town, "task_due")
    await later(engine)
    rows = await town.rows("select data, untold from events where kind = 'task_due'")
    assert [(row["data"], row["untold"]) for row in rows] == [({"task": task}, True)]


async def test_one_dialogs_trouble_keeps_no_chore_from_the_others(town: Town, engine: Engine) -> None:
    await handed_over(town, engine)
    town.answers("Hello")
    second = await engine.start("boris")
    await until(lambda: "Hello" in town.heard(town.who("boris")))
    await town.until_at_rest(second)
    await engine.lead(DialogEvent.HANDOFF, second)
    await town.pool.execute(
        """
        create function broken() returns trigger language plpgsql as $$ begin raise exception 'no'; end $$;
        create trigger broken before update on dialogs for each row when (new.id = 1) execute function broken()
        """
    )
    await later(engine, timedelta(minutes=16))
    await town.until_value("select dialog_id from events where kind = 'handoff_waits'", second)
