"""What the program says itself: the safe sentence, who it is, and the one farewell after an opt-out."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta

import pytest

from salesbot.adminbot import actions
from salesbot.adminbot.desk import Desk
from salesbot.dialog.model import DialogEvent, Outcome, Status
from salesbot.lifecycle import Pulse
from salesbot.store import parts, suppressions
from sandbox.world import Action
from tests.engine.patience import until
from tests.engine.running import KEYS, SCENARIO, Engine, Town
from tests.engine.two import next_part

SAFE = SCENARIO.safe_sentence["en"]
BYE = "All right, no more messages from us."
PROGRAM = "Yes, I am a program."
TALKATIVE = replace(
    SCENARIO,
    farewell={"en": BYE, "ru": "Хорошо, больше не пишем."},
    identity={"en": PROGRAM, "ru": "Да, я программа."},
)


@pytest.fixture
async def engine(town: Town) -> AsyncIterator[Engine]:
    """Running, in a scenario that has a sentence for everything."""
    town.scenario = TALKATIVE
    async with town.engine() as running:
        yield running


def unusable(town: Town) -> None:
    """From now on no model says anything that could be used."""
    town.fault("model.chat", Action.BROKEN_JSON, count=None)


# -- the safe sentence


async def test_after_refused_drafts_the_person_hears_one_sentence_and_a_human_is_called(
    town: Town, engine: Engine
) -> None:
    await engine.begin()
    unusable(town)
    town.says("A-1")
    await town.until_heard("Hello", SAFE)
    assert (await town.dialog()).status is Status.HANDOFF
    assert town.asked == 1 + 4
    await town.until_at_rest()
    town.world.faults.clear()
    await engine.lead(DialogEvent.GIVE)
    await town.until_heard("Hello", SAFE, "A-1")
    assert await town.value("select purpose from messages where content = $1", SAFE) == "courtesy"


async def test_the_sentence_is_said_in_the_person_s_language(town: Town, engine: Engine) -> None:
    await engine.begin()
    unusable(town)
    town.says("сколько стоит чайник?")
    await town.until_heard("Hello", SCENARIO.safe_sentence["ru"])


async def test_the_sentence_is_not_said_again_while_it_is_among_our_last_lines(town: Town, engine: Engine) -> None:
    await engine.begin()
    unusable(town)
    town.says("A-1")
    await town.until_heard("Hello", SAFE)
    await town.until_at_rest()
    await engine.lead(DialogEvent.GIVE)
    await town.until_status(Status.HANDOFF)
    await town.until_at_rest()
    assert town.heard() == ["Hello", SAFE]
    assert (await town.kinds()).count("handoff") == 2


async def test_who_has_asked_nothing_hears_no_sentence(town: Town, engine: Engine) -> None:
    unusable(town)
    await engine.start()
    await town.until_status(Status.HANDOFF)
    await town.until_at_rest()
    assert town.heard() == []


async def test_a_follow_up_that_no_model_can_write_ends_in_silence(town: Town, engine: Engine) -> None:
    await engine.begin()
    unusable(town)
    await engine.turn_clock(timedelta(hours=24, seconds=1))
    await town.until_status(Status.HANDOFF)
    await town.until_at_rest()
    assert town.heard() == ["Hello"]


async def test_the_sentence_is_the_first_message_and_says_that_a_program_writes(town: Town) -> None:
    town.settings = town.settings.model_copy(update={"answer_strangers": True})
    async with town.engine():
        unusable(town)
        town.says("A-1")
        await town.until_heard(SAFE)
        assert SCENARIO.disclosure["en"] in town.world.history(town.anna, town.account, limit=1)[0].text


async def typed_slowly(town: Town) -> None:
    """A dialog has begun, and from the next life on nobody types fast."""
    town.scenario = TALKATIVE
    async with town.engine() as engine:
        await engine.begin()
    town.slower(typing_min_seconds=60, typing_max_seconds=60)


async def test_the_sentence_stands_against_a_newer_message(town: Town) -> None:
    await typed_slowly(town)
    async with town.engine() as engine:
        unusable(town)
        town.says("A-1")
        await town.until_parts(("Hello", "sent"), (SAFE, "pending"))
        town.says("B-2")
        await town.until_stored("B-2")
        await engine.type_on()
        await town.until_heard("Hello", SAFE)


@pytest.mark.parametrize("event", [DialogEvent.STOP, DialogEvent.TAKE, DialogEvent.GIVE])
async def test_whoever_leads_the_dialog_cancels_the_sentence(town: Town, event: DialogEvent) -> None:
    await typed_slowly(town)
    async with town.engine() as engine:
        unusable(town)
        town.says("A-1")
        await town.until_parts(("Hello", "sent"), (SAFE, "pending"))
        town.world.faults.clear()
        await engine.lead(event)
        await town.until_value("select send_state from messages where purpose = 'courtesy'", "cancelled")
    assert town.heard() == ["Hello"]


async def test_who_blocks_us_needs_no_human(town: Town, engine: Engine) -> None:
    await engine.begin()
    unusable(town)
    town.fault("messages.sendMessage", Action.ERROR, user=town.account, code=400, text="USER_IS_BLOCKED")
    town.says("A-1")
    closed = await town.until_status(Status.CLOSED)
    assert closed.outcome is Outcome.BLOCKED


@pytest.mark.parametrize("action", [Action.DROP_ANSWER, Action.BLACK_HOLE])
async def test_a_sentence_that_a_killed_process_was_sending_is_said_once(town: Town, action: Action) -> None:
    town.scenario = TALKATIVE
    async with town.engine() as engine:
        await engine.begin()
        unusable(town)
        fault = town.fault("messages.sendMessage", action, user=town.account)
        town.says("A-1")
        await town.fired(fault)
        await engine.kill()
    town.world.faults.clear()
    async with town.engine():
        await town.until_parts(("Hello", "sent"), (SAFE, "sent"))
        assert town.heard() == ["Hello", SAFE]


# -- the farewell


async def test_an_opt_out_is_confirmed_once_and_then_nothing_is_said_for_ever(town: Town, engine: Engine) -> None:
    await engine.begin()
    town.says("A-1")
    await town.until_heard("Hello", "A-1")
    await town.until_at_rest()
    town.says("please do not write to me")
    await town.until_heard("Hello", "A-1", BYE)
    await town.until_at_rest()
    for text in ("stop", "and what does it cost?"):
        town.says(text)
        await town.until_stored(text)
    await until(lambda: not engine.context.poked)
    again = await engine.start()
    assert (await town.until_status(Status.FAILED, again)).outcome is Outcome.OPTED_OUT
    assert town.heard() == ["Hello", "A-1", BYE]
    assert town.asked == 2
    assert await town.value("select purpose from messages where content = $1", BYE) == "farewell"


async def test_a_lone_stop_does_not_change_the_language(town: Town, engine: Engine) -> None:
    await engine.begin()
    town.says("расскажите про чайники А-1")
    await until(lambda: len(town.heard()) == 2)
    await town.until_at_rest()
    town.says("stop")
    await until(lambda: town.heard()[-1] == TALKATIVE.farewell["ru"])


async def test_who_needs_a_human_and_opts_out_hears_the_farewell(town: Town, engine: Engine) -> None:
    await engine.begin()
    await engine.lead(DialogEvent.HANDOFF)
    town.says("stop")
    await town.until_heard("Hello", BYE)


@pytest.mark.parametrize("event", [DialogEvent.TAKE, DialogEvent.STOP])
async def test_nothing_is_said_over_a_colleague_or_in_a_stopped_dialog(
    town: Town, engine: Engine, event: DialogEvent
) -> None:
    await engine.begin()
    await engine.lead(event)
    town.says("stop")
    await town.until_status(Status.CLOSED)
    await until(lambda: not engine.context.poked)
    assert await town.parts() == [("Hello", "sent")]


async def test_an_opt_out_that_was_known_or_is_made_by_an_edit_is_not_confirmed(town: Town, engine: Engine) -> None:
    await engine.begin()
    boris = town.who("boris")
    second = await engine.begin("boris")
    async with town.pool.acquire() as connection:
        await suppressions.add(connection, KEYS.marks(boris))
    town.says("stop", who=boris)
    await town.until_status(Status.CLOSED, second)
    message_id = town.world.send(town.anna, town.account, "A-1").id
    await town.until_heard("Hello", "A-1")
    await town.until_at_rest()
    town.world.edit(town.anna, message_id, "Do not write to me")
    await town.until_status(Status.CLOSED)
    await until(lambda: not engine.context.poked)
    assert (town.heard(), town.heard(boris)) == (["Hello", "A-1"], ["Hello"])


async def test_an_opt_out_that_the_model_recognises_is_one(town: Town, engine: Engine) -> None:
    await engine.begin()
    town.answers("What a pity", opt_out=True)
    town.says("your letters are of no interest to anybody here A-1")
    await town.until_heard("Hello", BYE)
    closed = await town.dialog()
    assert (closed.status, closed.outcome) == (Status.CLOSED, Outcome.OPTED_OUT)
    async with town.pool.acquire() as connection:
        assert await suppressions.holds(connection, KEYS.marks(town.anna))
    assert await town.value("select actor from events where kind = 'opt_out'") == "model"
    assert await town.value("select error from model_calls order by id desc limit 1") == "opt_out"


async def test_the_model_does_not_judge_before_it_has_read_the_newest_line(town: Town, engine: Engine) -> None:
    await engine.begin()
    await town.pool.execute("update dialogs set dropped_drafts = 1")  # another reply would stand
    held = town.fault("messages.readHistory", Action.HOLD)
    town.answers("What a pity", opt_out=True)
    town.says("enough A-1")
    await town.fired(held)
    town.says("no, wait B-2")
    await town.until_stored("no, wait B-2")
    town.release(held)
    await town.until_heard("Hello", "A-1 B-2")
    assert (await town.dialog()).status is Status.ACTIVE
    assert town.asked == 3


async def test_who_has_said_nothing_new_cannot_have_opted_out(town: Town, engine: Engine) -> None:
    await engine.begin()
    town.answers("What a pity", opt_out=True)
    town.answers("Still there?")
    await engine.turn_clock(timedelta(hours=24, seconds=1))
    await town.until_heard("Hello", "Still there?")
    assert (await town.dialog()).status is Status.ACTIVE


@pytest.mark.parametrize("action", [Action.DROP_ANSWER, Action.BLACK_HOLE])
async def test_a_farewell_that_a_killed_process_was_sending_is_said_once(town: Town, action: Action) -> None:
    town.scenario = TALKATIVE
    async with town.engine() as engine:
        await engine.begin()
        fault = town.fault("messages.sendMessage", action, user=town.account)
        town.says("stop")
        await town.fired(fault)
        await engine.kill()
    town.world.faults.clear()
    async with town.engine():
        await town.until_parts(("Hello", "sent"), (BYE, "sent"))
        assert town.heard() == ["Hello", BYE]


async def test_a_farewell_that_was_committed_is_said_by_the_next_process_and_by_nobody_else(town: Town) -> None:
    await typed_slowly(town)
    async with town.engine() as engine:
        town.says("stop")
        await town.until_parts(("Hello", "sent"), (BYE, "pending"))
        stale = replace(engine.context.live[town.account].fence, epoch=0)
        async with town.pool.acquire() as connection:
            part = await next_part(connection)
            assert part is not None
            assert not await parts.claim(connection, part, stale, [], town.clock.now())
        await engine.kill()
    town.slower(typing_min_seconds=0, typing_max_seconds=0)
    async with town.engine():
        await town.until_heard("Hello", BYE)


async def test_a_farewell_is_not_said_long_after(town: Town) -> None:
    await typed_slowly(town)
    async with town.engine() as engine:
        town.says("stop")
        await town.until_parts(("Hello", "sent"), (BYE, "pending"))
        await engine.type_on(timedelta(minutes=16))
        await town.until_parts(("Hello", "sent"), (BYE, "cancelled"))
    assert town.heard() == ["Hello"]


async def test_a_farewell_outlasts_the_wait_that_telegram_told(town: Town, engine: Engine) -> None:
    await engine.begin()
    await town.pool.execute("update accounts set flood_until = $1", town.clock.now() + timedelta(hours=1))
    town.says("stop")
    await town.until_parts(("Hello", "sent"), (BYE, "pending"))
    await engine.turn_clock(timedelta(hours=1, seconds=1))
    await town.until_heard("Hello", BYE)


async def test_a_farewell_outlasts_the_wait_that_it_was_told_itself(town: Town, engine: Engine) -> None:
    await engine.begin()
    wait = town.fault("messages.sendMessage", Action.FLOOD_WAIT, user=town.account, seconds=3600)
    town.says("stop")
    await town.fired(wait)
    await until(lambda: not engine.context.poked)
    await town.until_parts(("Hello", "sent"), (BYE, "pending"))
    await engine.turn_clock(timedelta(hours=1, seconds=1))
    await town.until_heard("Hello", BYE)


@pytest.mark.parametrize("action", [Action.HOLD_ANSWER, Action.HOLD])
async def test_what_was_on_its_way_comes_first_and_takes_no_farewell_with_it(
    town: Town, engine: Engine, action: Action
) -> None:
    await engine.begin()
    town.answers("One", "Two")
    held = town.fault("messages.sendMessage", action, user=town.account)
    town.says("A-1")
    await town.fired(held)
    town.says("stop")
    await town.until_parts(("Hello", "sent"), ("One", "sending"), ("Two", "cancelled"), (BYE, "pending"))
    town.release(held)
    await town.until_heard("Hello", "One", BYE)


async def test_what_never_arrived_takes_no_farewell_with_it(town: Town, engine: Engine) -> None:
    await engine.begin()
    lost = town.fault("messages.sendMessage", Action.CUT_BEFORE, user=town.account)
    held = town.fault("messages.getHistory", Action.HOLD, user=town.account)
    town.answers("One", "Two")
    town.says("A-1")
    await town.fired(lost)
    await town.fired(held)
    town.says("stop")
    await town.until_parts(("Hello", "sent"), ("One", "sending"), ("Two", "cancelled"), (BYE, "pending"))
    town.release(held)
    await town.until_parts(("Hello", "sent"), ("One", "cancelled"), ("Two", "cancelled"), (BYE, "sent"))
    assert town.heard() == ["Hello", BYE]


async def test_a_colleague_who_says_good_bye_themselves_is_not_repeated(town: Town) -> None:
    await typed_slowly(town)
    async with town.engine():
        town.says("stop")
        await town.until_parts(("Hello", "sent"), (BYE, "pending"))
        town.colleague_types("Sorry for that, good-bye")
        await town.until_parts(("Hello", "sent"), (BYE, "cancelled"))
    assert town.heard() == ["Hello", "Sorry for that, good-bye"]


async def test_an_operator_who_wants_silence_has_it(town: Town) -> None:
    """There is nothing to stop any more, but what was not said yet."""
    await typed_slowly(town)
    async with town.engine() as engine:
        town.says("stop")
        await town.until_parts(("Hello", "sent"), (BYE, "pending"))
        desk = Desk(town.pool, town.settings, town.clock, KEYS, ("sales",), engine.context.poke, Pulse())
        answer = await actions.stop(desk, actions.Origin(1, 1, "stop", "en"), 1)
        assert answer.said is actions.Said.NOT_ALLOWED
        assert await town.parts() == [("Hello", "sent"), (BYE, "cancelled")]


async def test_a_limited_account_says_the_farewell_a_little_later(town: Town, engine: Engine) -> None:
    await engine.begin()
    limit = town.fault("messages.sendMessage", Action.PEER_FLOOD, user=town.account)
    town.says("stop")
    await town.fired(limit)
    await town.until_value("select openings_blocked from accounts", True)
    await town.until_parts(("Hello", "sent"), (BYE, "pending"))
    await engine.turn_clock(timedelta(minutes=10, seconds=1))
    await town.until_heard("Hello", BYE)


# -- who writes, and what they want erased


async def test_who_asks_whether_a_machine_writes_is_told_so_first(town: Town, engine: Engine) -> None:
    await engine.begin()
    town.answers("We have teapots")
    town.says("Are you a bot?")
    await town.until_heard("Hello", PROGRAM)
    await town.until_at_rest()
    assert town.world.history(town.anna, town.account, limit=1)[0].text == f"{PROGRAM}\n\nWe have teapots"
    town.says("A-1")
    await town.until_heard("Hello", PROGRAM, "A-1")


async def test_the_first_message_discloses_unless_the_setting_says_otherwise(town: Town) -> None:
    """Who asks is told all the same."""
    town.scenario = TALKATIVE
    town.settings = town.settings.model_copy(update={"disclosure": False})
    async with town.engine() as engine:
        await engine.begin()
        assert town.world.history(town.anna, town.account, limit=1)[0].text == "Hello"
        town.says("Are you a bot?")
        await town.until_heard("Hello", PROGRAM)


async def test_who_wants_their_data_erased_is_answered_and_brought_to_a_human(town: Town, engine: Engine) -> None:
    await engine.begin()
    town.answers("Of course, a colleague will do that")
    town.says("Delete my data")
    await town.until_status(Status.HANDOFF)
    assert town.heard() == ["Hello", "Of course, a colleague will do that"]
    reason = await town.value("select data ->> 'reason' from events where kind = 'handoff'")
    assert reason == "erase"


async def test_two_machines_end_in_silence_and_with_a_note(town: Town, engine: Engine) -> None:
    await engine.begin()
    said = ["Hello"]
    for line in ("We have teapots", "And cups, too"):
        town.answers(line)
        town.says("Thank you for your message, we will answer soon.")
        said.append(line)
        await town.until_heard(*said)
        await town.until_at_rest()
    town.says("Thank you for your message, we will answer soon.")
    await town.until_status(Status.HANDOFF)
    await town.until_at_rest()
    assert await town.value("select data ->> 'reason' from events where kind = 'handoff'") == "two_bots"
    assert (town.asked, town.heard()) == (3, said)
