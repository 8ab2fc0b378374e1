"""What colleagues say at the desk, take back, and take over for a while."""

from __future__ import annotations

from datetime import timedelta

import pytest

from salesbot.dialog.model import NEVER, Author, Dialog, DialogEvent, Mode, Outcome, Status
from salesbot.dialog.transitions import NotAllowed
from salesbot.store import dialogs, parts, switches, takebacks
from salesbot.store.takebacks import UnsendResult
from sandbox.world import Action
from tests.engine.patience import until
from tests.engine.running import Engine, Town

OPERATOR, COLLEAGUE = 1, 2


async def say(engine: Engine, text: str, admin: int = OPERATOR, dialog_id: int = 1) -> Dialog:
    now, random_id = engine.town.clock.now(), engine.context.random_id()
    return await engine.act(lambda c, dialog: parts.say(c, dialog, admin, text, random_id, now), dialog_id)


async def unsend(engine: Engine) -> UnsendResult:
    now = engine.town.clock.now()
    return await engine.act(lambda c, dialog: takebacks.unsend(c, dialog, OPERATOR, now))


async def tells(town: Town, kind: str, count: int = 1) -> None:
    await town.until_value("select count(*) from events where kind = $1", count, kind)


# -- said


async def test_whoever_says_something_speaks_in_the_dialog_from_then_on(town: Town, engine: Engine) -> None:
    await engine.begin()
    taken = await say(engine, "I am here")
    assert (taken.status, taken.taken_by) == (Status.TAKEN, OPERATOR)
    await town.until_heard("Hello", "I am here")
    row = (await town.rows("select author, written_by, purpose from messages where content = 'I am here'"))[0]
    assert tuple(row) == (Author.HUMAN, OPERATOR, "desk")
    town.says("A-1")
    await town.until_stored("A-1")
    await say(engine, "Yes?")
    await town.until_heard("Hello", "I am here", "Yes?")
    assert (await town.kinds())[-3:] == ["take", "said", "said"]


async def test_two_colleagues_do_not_speak_at_once(town: Town, engine: Engine) -> None:
    await engine.begin()
    await say(engine, "I am here")
    with pytest.raises(NotAllowed):
        await say(engine, "Me too", COLLEAGUE)
    await town.until_heard("Hello", "I am here")


@pytest.mark.parametrize("event", [DialogEvent.STOP, DialogEvent.OPT_OUT])
async def test_nobody_speaks_where_it_is_over(town: Town, engine: Engine, event: DialogEvent) -> None:
    await engine.begin()
    await engine.lead(event)
    with pytest.raises(NotAllowed):
        await say(engine, "Wait")
    assert town.heard() == ["Hello"]


async def test_a_word_beats_the_model_and_outlives_a_newer_message(town: Town, engine: Engine) -> None:
    await engine.begin()
    held = town.fault("model.chat", Action.HOLD)
    town.says("A-1")
    await town.fired(held)
    await engine.switch(lambda c: switches.pause(c, town.clock.now()))
    await say(engine, "I am here")
    town.says("B-2")
    await town.until_stored("B-2")
    town.release(held)
    await engine.switch(switches.resume)
    await town.until_heard("Hello", "I am here")
    await town.until_at_rest()
    await engine.lead(DialogEvent.GIVE)
    await until(lambda: len(town.heard()) == 3, "what came after the colleague's word is answered")


async def test_a_word_goes_out_although_the_dialog_is_given_back_at_once(town: Town, engine: Engine) -> None:
    await engine.begin()
    await engine.switch(lambda c: switches.pause(c, town.clock.now()))
    await say(engine, "I am here")
    await engine.lead(DialogEvent.GIVE)
    await engine.switch(switches.resume)
    await town.until_heard("Hello", "I am here")


async def test_what_is_typed_on_another_device_does_not_swallow_a_word(town: Town, engine: Engine) -> None:
    await engine.begin()
    await engine.switch(lambda c: switches.pause(c, town.clock.now()))
    await say(engine, "I am here")
    town.colleague_types("So am I")
    await town.until_stored("So am I")
    await engine.switch(switches.resume)
    await town.until_heard("Hello", "So am I", "I am here")


async def test_a_stop_catches_a_word_that_is_not_said_yet(town: Town, engine: Engine) -> None:
    await engine.begin()
    await engine.switch(lambda c: switches.pause(c, town.clock.now()))
    await say(engine, "I am here")
    await engine.lead(DialogEvent.STOP)
    await engine.switch(switches.resume)
    await engine.looks()
    assert await town.parts() == [("Hello", "sent"), ("I am here", "cancelled")]


async def test_a_word_is_said_whatever_the_mode(town: Town, engine: Engine) -> None:
    await engine.begin()
    await engine.set_mode(Mode.OFF, of_all=True)
    await say(engine, "I am here")
    await town.until_heard("Hello", "I am here")


async def test_whose_word_cannot_be_said_hears_so(town: Town, engine: Engine) -> None:
    await engine.begin()
    town.fault("messages.sendMessage", Action.ERROR, code=400, text="USER_IS_BLOCKED", user=town.account)
    await say(engine, "I am here")
    await tells(town, "unsaid")
    dialog = await town.until_status(Status.CLOSED)
    assert dialog.outcome is Outcome.BLOCKED


async def test_a_word_that_waits_too_long_is_not_said_any_more(town: Town, engine: Engine) -> None:
    await engine.begin()
    await engine.switch(lambda c: switches.pause(c, town.clock.now()))
    await say(engine, "I am here")
    await engine.turn_clock(parts.SAID_WITHIN)
    await engine.switch(switches.resume)
    await tells(town, "unsaid")
    assert town.heard() == ["Hello"]


# -- taken back


async def test_the_last_message_is_taken_back_on_both_sides(town: Town, engine: Engine) -> None:
    await engine.begin()
    before = await town.dialog()
    assert await unsend(engine) is UnsendResult.TAKING_BACK
    await tells(town, "unsent")
    assert (town.heard(), town.world.history(town.account, town.anna, limit=10)) == ([], [])
    dialog = await town.dialog()
    assert (dialog.status, dialog.revision) == (Status.ACTIVE, before.revision + 1), "our own deletion is nobody else's"
    await engine.looks()
    assert town.heard() == [], "it is not said again"
    town.says("A-1")
    await town.until_heard("A-1")
    assert await unsend(engine) is UnsendResult.TAKING_BACK
    await tells(town, "unsent", 2)
    assert await unsend(engine) is UnsendResult.NOTHING


async def test_what_is_not_sent_yet_never_will_be(town: Town, engine: Engine) -> None:
    await engine.begin()
    await engine.set_mode(Mode.DRAFT)
    town.says("A-1")
    await town.until_draft("A-1")
    await engine.set_mode(Mode.OFF)
    await say(engine, "I am here")
    await town.until_heard("Hello", "I am here")
    await engine.switch(lambda c: switches.pause(c, town.clock.now()))
    await say(engine, "No, wait")
    assert await unsend(engine) is UnsendResult.NOT_SENT
    await engine.switch(switches.resume)
    await engine.looks()
    assert town.heard() == ["Hello", "I am here"]


async def test_a_message_on_its_way_is_taken_back_once_it_arrived_and_the_rest_stays_unsaid(
    town: Town, engine: Engine
) -> None:
    await engine.begin()
    town.answers("One", "Two")
    held = town.fault("messages.sendMessage", Action.HOLD_ANSWER, user=town.account)
    town.says("A-1")
    await town.fired(held)
    assert await unsend(engine) is UnsendResult.TAKING_BACK
    town.release(held)
    await tells(town, "unsent")
    await engine.looks()
    assert town.heard() == ["Hello"]
    assert await town.parts() == [("Hello", "sent"), ("One", "sent"), ("Two", "cancelled")]


async def test_what_the_model_is_about_to_say_is_thought_over(town: Town, engine: Engine) -> None:
    await engine.begin()
    held = town.fault("model.chat", Action.HOLD)
    town.says("A-1")
    await town.fired(held)
    await unsend(engine)
    town.release(held)
    await town.until_heard("A-1")
    states = [row["state"] for row in await town.rows("select state from model_calls order by id")]
    assert states == ["used", "dropped", "used"]


@pytest.mark.parametrize("action", [Action.HOLD, Action.HOLD_ANSWER], ids=["before", "after"])
async def test_a_death_in_between_takes_it_back_all_the_same(town: Town, action: Action) -> None:
    async with town.engine() as engine:
        await engine.begin()
        held = town.fault("messages.deleteMessages", action, user=town.account)
        await unsend(engine)
        await town.fired(held)
        await engine.kill()
    town.release(held)
    async with town.engine() as engine:
        await tells(town, "unsent")
        await engine.looks()
        assert town.heard() == []


async def test_where_telegram_does_not_allow_it_the_colleague_hears_so(town: Town, engine: Engine) -> None:
    await engine.begin()
    town.fault("messages.deleteMessages", Action.ERROR, code=403, text="MESSAGE_DELETE_FORBIDDEN", user=town.account)
    await unsend(engine)
    await tells(town, "unsend_failed")
    await engine.looks()
    assert town.heard() == ["Hello"]
    assert await unsend(engine) is UnsendResult.TAKING_BACK, "it may be tried again"
    await tells(town, "unsent")


async def test_what_the_person_deleted_first_is_taken_back_as_well(town: Town, engine: Engine) -> None:
    await engine.begin()
    held = town.fault("messages.deleteMessages", Action.HOLD, user=town.account)
    await unsend(engine)
    await town.fired(held)
    (message,) = town.world.history(town.anna, town.account, limit=10)
    town.world.delete(town.anna, [message.id], revoke=True)
    await tells(town, "unsent")
    town.release(held)
    await engine.looks()
    await tells(town, "unsent")


# -- taken for a while


async def test_a_takeover_with_an_end_is_over_then_and_one_without_is_not(town: Town, engine: Engine) -> None:
    await engine.begin()
    town.says("A-1")
    await town.until_heard("Hello", "A-1")
    until_then = town.clock.now() + timedelta(minutes=30)
    await engine.act(
        lambda c, dialog: dialogs.apply(
            c,
            dialog,
            DialogEvent.TAKE,
            actor="admin:1",
            now=town.clock.now(),
            taken_by=OPERATOR,
            taken_until=until_then,
        )
    )
    await engine.chores.look()
    assert (await town.dialog()).status is Status.TAKEN
    await engine.turn_clock(timedelta(minutes=31))
    await engine.chores.look()
    dialog = await town.until_status(Status.ACTIVE)
    assert (dialog.taken_by, dialog.taken_until) == (None, None)
    await town.lead(DialogEvent.TAKE, taken_by=OPERATOR)
    await engine.act(lambda c, dialog: dialogs.taken_until(c, dialog, NEVER))
    await engine.turn_clock(timedelta(days=30))
    await engine.chores.look()
    assert (await town.dialog()).status is Status.TAKEN
