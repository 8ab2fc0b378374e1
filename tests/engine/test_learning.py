"""What a turn learns and promises is committed with it, and known to the next one."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from salesbot.dialog.model import DialogEvent, FieldKind, Promise, Status
from salesbot.dialog.scenario import Field, Opening, Stage
from salesbot.store import tasks
from sandbox.world import Action
from tests.engine.patience import until
from tests.engine.running import SCENARIO, Engine, Town

ASKING = replace(
    SCENARIO,
    fields=(Field("pots", FieldKind.NUMBER, "how many pots"), Field("phone", FieldKind.PHONE, "where to call")),
    stages=(Stage("hello", "say hello"), Stage("offer", "offer a teapot", ("pots", "phone"), "both are known")),
    openings=(Opening("plain", "Say who you are."), Opening("warm", "Say something kind.")),
    timezone="Europe/Moscow",
)


@pytest.fixture
async def engine(town: Town) -> AsyncIterator[Engine]:
    town.scenario = ASKING
    async with town.engine() as running:
        yield running


def learns(field: str, value: object, quote: str) -> dict[str, object]:
    return {"field": field, "value": value, "quote": quote}


async def known(town: Town) -> list[tuple[str, str, str]]:
    """(field, value, words of the message that proves it)."""
    rows = await town.rows(
        "select field, value, content from dialog_facts f join messages m on m.id = f.message_id order by field"
    )
    return [(row["field"], row["value"], row["content"]) for row in rows]


async def open_tasks(town: Town) -> list[tuple[str, datetime | None]]:
    async with town.pool.acquire() as connection:
        found = await tasks.all_open(connection, 10)
    return [(one.what, one.due_at) for one in sorted(found, key=lambda one: one.id)]


async def test_what_was_learnt_is_kept_with_its_proof_and_told_to_the_next_turn(town: Town, engine: Engine) -> None:
    await engine.begin()
    town.answers("Good", learnt=[learns("pots", "12", "twelve"), learns("phone", "+79991112233", "nobody said so")])
    town.says("we need twelve")
    await town.until_heard("Hello", "Good")
    await town.until_at_rest()
    assert await known(town) == [("pots", "12", "we need twelve")]
    assert await town.value("select data ->> 'field' from events where kind = 'unproven'") == "phone"
    town.says("B-2")
    await town.until_heard("Hello", "Good", "B-2")
    assert 'Known about the person: pots: "12".' in town.shown()
    assert "Still to learn at this stage: phone." in town.shown()


async def test_a_lead_that_is_close_to_a_yes_is_told_once(town: Town) -> None:
    hello, offer = ASKING.stages
    town.scenario = replace(ASKING, stages=(hello, replace(offer, hot=True)))
    async with town.engine() as engine:
        await engine.begin()
        for heard in (["Good"], ["Good", "Better"]):
            town.answers(heard[-1])
            town.says(f"line {len(heard)}")
            await town.until_heard("Hello", *heard)
            await town.until_at_rest()
    rows = await town.rows("select actor, untold from events where kind = 'hot_lead'")
    assert [(row["actor"], row["untold"]) for row in rows] == [("model", True)]


async def test_another_value_takes_the_place_of_what_was_known(town: Town, engine: Engine) -> None:
    await engine.begin()
    for number, text in ((12, "twelve, A-1"), (12, "twelve, as I said"), (20, "no, twenty")):
        heard = [*town.heard(), f"Noted {number} {text}"]
        town.answers(heard[-1], learnt=[learns("pots", number, text)])
        town.says(text)
        await town.until_heard(*heard)
        await town.until_at_rest()
        proof = "no, twenty" if number == 20 else "twelve, A-1"
        assert await known(town) == [("pots", str(number), proof)]


async def test_nothing_is_won_before_what_it_needs_is_proven(town: Town) -> None:
    town.scenario = replace(ASKING, won_needs=("pots",))
    async with town.engine() as engine:
        await engine.begin()
        town.answers("Agreed", outcome="won", learnt=[learns("pots", "12", "nobody said so")])
        town.answers("How many do you need?")
        town.says("yes, please")
        await town.until_heard("Hello", "How many do you need?")
        await town.until_at_rest()
        assert await town.value("select error from model_calls where state = 'failed'") == "unproven"
        town.answers("Thank you", outcome="won", learnt=[learns("pots", "12", "a dozen")])
        town.says("a dozen")
        await town.until_status(Status.CLOSED)
        assert await known(town) == [("pots", "12", "a dozen")]


async def test_a_phone_that_was_learnt_tells_the_time_there(town: Town, engine: Engine) -> None:
    await engine.begin()
    town.answers("Good", learnt=[learns("phone", "+7 383 200-00-00", "+7 383 200-00-00")])
    town.says("call +7 383 200-00-00")
    await town.until_heard("Hello", "Good")
    await town.until_at_rest()
    town.says("B-2")
    await until(lambda: len(town.heard()) == 3)
    assert "(Asia/Novosibirsk)" in town.shown()


async def test_words_of_an_earlier_dialog_prove_nothing_here(town: Town, engine: Engine) -> None:
    await engine.begin()
    town.says("twelve A-1")
    await town.until_heard("Hello", "A-1")
    await town.until_at_rest()
    await engine.lead(DialogEvent.STOP)
    town.answers("Hello again", learnt=[learns("pots", "12", "twelve")])
    await engine.start()
    await town.until_heard("Hello", "A-1", "Hello again")
    assert await known(town) == []


async def test_an_overtaken_draft_learns_and_promises_nothing(town: Town, engine: Engine) -> None:
    await engine.begin()
    held = town.fault("messages.readHistory", Action.HOLD)
    town.answers("Good", learnt=[learns("pots", "12", "twelve")], promise={"what": "call", "until": None})
    town.says("twelve A-1")
    await town.fired(held)
    town.says("B-2")
    await town.until_stored("B-2")
    town.release(held)
    await town.until_heard("Hello", "A-1 B-2")
    assert (await known(town), await open_tasks(town)) == ([], [])
    assert "promised" not in await town.kinds()


async def test_a_promise_is_a_task_until_somebody_keeps_it(town: Town, engine: Engine) -> None:
    await engine.begin()
    town.answers("A colleague calls you", promise={"what": "call about pots", "until": "2030-01-15T15:00"})
    town.says("call me")
    await town.until_heard("Hello", "A colleague calls you")
    await town.until_at_rest()
    assert [(what, str(due)) for what, due in await open_tasks(town)] == [
        ("call about pots", "2030-01-15 12:00:00+00:00")
    ]
    assert await town.value("select data ->> 'task' from events where kind = 'promised'") == "1"
    town.says("B-2")
    await town.until_heard("Hello", "A colleague calls you", "B-2")
    assert 'Promised before, and a colleague sees to it: "call about pots"' in town.shown()
    async with town.pool.acquire() as connection:
        assert await tasks.done(connection, 1, town.clock.now())
        assert not await tasks.done(connection, 1, town.clock.now())
    assert await open_tasks(town) == []


async def test_the_same_promise_is_one_task_with_the_newer_time(town: Town, engine: Engine) -> None:
    await engine.begin()
    for number, at in enumerate(("2030-01-15T15:00", None, "2030-01-16T15:00")):
        heard = [*town.heard(), f"A colleague calls you, {number}"]
        town.answers(heard[-1], promise={"what": "Call about pots" if number else "call about pots", "until": at})
        town.says(f"A-{number}")
        await town.until_heard(*heard)
        await town.until_at_rest()
    assert [(what, str(due)[:10]) for what, due in await open_tasks(town)] == [("call about pots", "2030-01-16")]
    assert (await town.kinds()).count("promised") == 1


async def test_what_was_not_said_was_not_promised(town: Town) -> None:
    town.scenario = ASKING
    async with town.engine() as engine:
        await engine.begin()
    town.slower(typing_min_seconds=60, typing_max_seconds=60)
    async with town.engine() as engine:
        town.answers("A colleague calls you", promise={"what": "call", "until": None})
        town.says("A-1")
        await town.until_parts(("Hello", "sent"), ("A colleague calls you", "pending"))
        assert await open_tasks(town) == [("call", None)]
        await engine.lead(DialogEvent.STOP)
        assert await open_tasks(town) == []


async def test_somebody_is_reminded_of_a_task_once_when_its_time_has_come(town: Town, engine: Engine) -> None:
    await engine.begin()
    now = town.clock.now()
    async with town.pool.acquire() as connection:
        await tasks.add(connection, 1, Promise("call", now + timedelta(hours=1)), None, now)
        await tasks.add(connection, 1, Promise("write"), None, now)
        for at, expected in ((59, []), (61, ["call"]), (62, [])):
            due = await tasks.remind(connection, 1, now + timedelta(minutes=at))
            assert [one.what for one in due] == expected
        assert [one.what for one in await tasks.all_open(connection, 10)] == ["call", "write"]


async def test_the_human_who_is_called_reads_why(town: Town, engine: Engine) -> None:
    await engine.begin()
    town.answers("A colleague will answer", handoff="Wants 300 pots by Friday.")
    town.says("A-1")
    handed = await town.until_status(Status.HANDOFF)
    assert handed.handoff_note == "Wants 300 pots by Friday."
    await engine.lead(DialogEvent.GIVE)
    await town.until_status(Status.ACTIVE)
    await town.until_at_rest()
    town.fault("model.chat", Action.BROKEN_JSON, count=None)
    town.says("B-2")
    handed = await town.until_status(Status.HANDOFF)
    assert handed.handoff_note == ""


async def test_the_way_in_which_it_began_is_recorded(town: Town, engine: Engine) -> None:
    await engine.begin()
    dialog = await town.dialog()
    assert dialog.opening in ("plain", "warm")
    how = next(one.how for one in ASKING.openings if one.name == dialog.opening)
    assert how in town.shown()


async def test_where_the_contact_comes_from_is_told_to_the_model(town: Town, engine: Engine) -> None:
    await engine.start(basis="left a card at the fair")
    await town.until_heard("ok")
    assert "left a card at the fair" in town.shown()
