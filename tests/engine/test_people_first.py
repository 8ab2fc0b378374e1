"""Law 7: a person comes first; stop, takeover and opt-out win every race against the model."""

from __future__ import annotations

import pytest

from salesbot.dialog.model import DialogEvent, Outcome, Status
from salesbot.store import suppressions
from sandbox.world import Action
from tests.engine.running import KEYS, Engine, Town


async def test_what_a_colleague_types_takes_over(town: Town, engine: Engine) -> None:
    await engine.begin()
    held = town.fault("model.chat", Action.HOLD)
    town.says("A-1")
    await town.fired(held)
    town.colleague_types("I am here")
    await town.until_status(Status.TAKEN)
    town.release(held)
    await town.until_value("select state from model_calls order by id desc limit 1", "dropped")
    town.says("B-2")
    await town.until_stored("B-2")
    await town.until_at_rest()
    assert town.heard() == ["Hello", "I am here"]
    assert "human_spoke" in await town.kinds()
    await engine.lead(DialogEvent.GIVE)
    await town.until_heard("Hello", "I am here", "A-1 B-2")


@pytest.mark.parametrize("event", [DialogEvent.STOP, DialogEvent.TAKE])
async def test_an_admin_wins_against_the_model(town: Town, engine: Engine, event: DialogEvent) -> None:
    await engine.begin()
    held = town.fault("model.chat", Action.HOLD)
    town.says("A-1")
    await town.fired(held)
    assert not await engine.lead(event)
    town.release(held)
    await town.until_value("select state from model_calls order by id desc limit 1", "dropped")
    await town.until_at_rest()
    assert town.heard() == ["Hello"]


async def test_a_stop_waits_for_the_part_on_its_way_and_says_so(town: Town, engine: Engine) -> None:
    await engine.begin()
    town.answers("One", "Two")
    held = town.fault("messages.sendMessage", Action.HOLD_ANSWER, user=town.account)
    town.says("A-1")
    await town.fired(held)
    assert await engine.lead(DialogEvent.STOP), "one is on its way"
    assert "stop_confirmed" not in await town.kinds()
    town.release(held)
    await town.until_parts(("Hello", "sent"), ("One", "sent"), ("Two", "cancelled"))
    assert (await town.kinds()).count("stop_confirmed") == 1


async def test_what_is_typed_while_a_part_is_on_its_way_is_explained_once_it_has_arrived(
    town: Town, engine: Engine
) -> None:
    await engine.begin()
    town.answers("One", "Two")
    held = town.fault("messages.sendMessage", Action.HOLD_ANSWER, user=town.account)
    town.says("A-1")
    await town.fired(held)
    town.colleague_types("I am here")
    await town.until_value("select count(*) from messages where author = 'unexplained'", 1)
    assert (await town.dialog()).status is Status.ACTIVE
    town.release(held)
    await town.until_status(Status.TAKEN)
    await town.until_parts(("Hello", "sent"), ("One", "sent"), ("Two", "cancelled"))
    assert await town.value("select author from messages where content = 'I am here'") == "human"


async def test_an_opt_out_wins_everywhere_and_for_ever(town: Town, engine: Engine) -> None:
    await engine.begin()
    held = town.fault("model.chat", Action.HOLD)
    town.says("A-1")
    await town.fired(held)
    town.says("stop")
    closed = await town.until_status(Status.CLOSED)
    assert closed.outcome is Outcome.OPTED_OUT
    town.release(held)
    await town.until_value("select state from model_calls order by id desc limit 1", "dropped")
    assert town.heard() == ["Hello"]
    again = await engine.start()
    failed = await town.until_status(Status.FAILED, again)
    assert failed.outcome is Outcome.OPTED_OUT
    town.says("A-3")
    await town.until_stored("A-3")
    assert (await town.dialog()).status is Status.CLOSED
    assert town.asked == 2


async def test_an_opt_out_of_long_ago_is_found_before_anything_is_said(town: Town, engine: Engine) -> None:
    with town.long_ago():
        town.says("Do not write to me")
    await engine.start()
    closed = await town.until_status(Status.CLOSED)
    assert closed.outcome is Outcome.OPTED_OUT
    assert (town.asked, town.heard()) == (0, [])


async def test_an_opt_out_by_an_edit_is_one(town: Town, engine: Engine) -> None:
    await engine.begin()
    message_id = town.world.send(town.anna, town.account, "A-1").id
    await town.until_heard("Hello", "A-1")
    town.world.edit(town.anna, message_id, "Do not write to me")
    closed = await town.until_status(Status.CLOSED)
    assert closed.outcome is Outcome.OPTED_OUT


async def test_a_claim_asks_whether_the_person_opted_out(town: Town) -> None:
    """An opt-out that missed this dialog: it was being opened in the very moment."""
    async with town.engine() as engine:
        await engine.begin()
    town.slower(typing_min_seconds=60, typing_max_seconds=60)
    async with town.engine() as engine:
        town.says("A-1")
        await town.until_parts(("Hello", "sent"), ("A-1", "pending"))
        async with town.pool.acquire() as connection:
            await suppressions.add(connection, KEYS.marks(town.anna))
        await engine.type_on()
        closed = await town.until_status(Status.CLOSED)
    assert closed.outcome is Outcome.OPTED_OUT
    assert await town.parts() == [("Hello", "sent"), ("A-1", "cancelled")]


async def test_a_name_of_somebody_who_opted_out_is_asked_for_after_every_resolving(town: Town, engine: Engine) -> None:
    """Of an erased person nothing else may be left; the name is asked for as it was typed, and as it stands."""
    async with town.pool.acquire() as connection:
        await suppressions.add(connection, KEYS.name_marks("anna"))
    for typed in ("Anna", str(town.anna)):
        failed = await town.until_status(Status.FAILED, await engine.start(typed))
        assert failed.outcome is Outcome.OPTED_OUT
    assert (town.asked, town.heard()) == (0, [])


async def test_a_person_is_in_one_open_dialog(town: Town, engine: Engine) -> None:
    first, second = await engine.start("anna"), await engine.start("@Anna".removeprefix("@"))
    await town.until_value("select count(*) from dialogs where status = 'resolving'", 0)
    statuses = {one: (await town.dialog(one)).status for one in (first, second)}
    assert sorted(statuses.values()) == [Status.ACTIVE, Status.FAILED]
    refused = await town.dialog(next(one for one, status in statuses.items() if status is Status.FAILED))
    assert refused.outcome is Outcome.ALREADY_ACTIVE


async def test_the_account_writes_first_although_a_colleague_wrote_long_ago(town: Town, engine: Engine) -> None:
    with town.long_ago():
        town.colleague_types("We met at the fair")
        town.says("Yes, I remember")
    town.answers("Hello again")
    await engine.start()
    await town.until_heard("We met at the fair", "Hello again")
    assert "We met at the fair" in town.shown()
    assert (await town.dialog()).status is Status.ACTIVE


async def test_a_new_dialog_knows_what_was_said_in_the_one_before(town: Town, engine: Engine) -> None:
    await engine.begin()
    town.says("A-1")
    await town.until_heard("Hello", "A-1")
    await town.until_at_rest()
    await engine.lead(DialogEvent.STOP)
    town.answers("Me again")
    second = await engine.start()
    await town.until_heard("Hello", "A-1", "Me again")
    await town.until_at_rest(second)
    assert "A-1" in town.shown()
    town.says("B-2")
    await town.until_heard("Hello", "A-1", "Me again", "B-2")
    assert (await town.dialog(1)).status is Status.STOPPED


async def test_who_comes_back_after_the_end_is_answered(town: Town, engine: Engine) -> None:
    await engine.begin()
    town.answers("Agreed", outcome="won")
    town.says("A-1")
    closed = await town.until_status(Status.CLOSED)
    assert closed.outcome is Outcome.WON
    town.says("B-2")
    await town.until_heard("Hello", "Agreed", "A-1 B-2")
    assert (await town.kinds()).count("returned") == 1
    assert "wrote_while_quiet" not in await town.kinds()


async def test_who_comes_back_while_in_another_dialog_stays_in_that_one(town: Town, engine: Engine) -> None:
    await engine.begin()
    town.answers("Agreed", outcome="won")
    town.says("A-1")
    await town.until_status(Status.CLOSED)
    second = await engine.start()
    await town.until_status(Status.ACTIVE, second)
    town.says("B-2")
    await town.until_value("select dialog_id from messages where content = 'B-2'", second)
    assert (await town.dialog(1)).status is Status.CLOSED


async def test_a_handoff_comes_after_the_last_part(town: Town, engine: Engine) -> None:
    await engine.begin()
    town.answers("One", "Two", handoff="wants a person")
    town.says("A-1")
    await town.until_status(Status.HANDOFF)
    assert town.heard() == ["Hello", "One", "Two"]
    town.says("B-2")
    await town.until_stored("B-2")
    await engine.lead(DialogEvent.GIVE)
    await town.until_heard("Hello", "One", "Two", "A-1 B-2")


async def test_the_operator_hears_once_that_somebody_writes_to_a_quiet_dialog(town: Town, engine: Engine) -> None:
    await engine.begin()
    await engine.lead(DialogEvent.STOP)
    for number in range(5):
        town.says(f"A-{number}")
    await town.until_stored("A-4")
    assert (await town.kinds()).count("wrote_while_quiet") == 1
