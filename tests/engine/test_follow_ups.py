"""Follow-ups stop at any reply, are decided again when they are said, and never follow a no or anybody's word."""

from __future__ import annotations

from datetime import timedelta

import pytest

from salesbot.dialog.model import DialogEvent, Outcome, Status
from tests.engine.patience import until
from tests.engine.running import Engine, Town

A_DAY = timedelta(hours=24, seconds=1)


async def being_typed(town: Town) -> None:
    """``Still there?`` will be typed for a minute by the next life of the engine."""
    async with town.engine() as engine:
        await engine.begin()
    town.slower(typing_min_seconds=60, typing_max_seconds=60)
    town.answers("Still there?")
    await town.clock.turn(A_DAY)


async def test_a_reply_comes_before_a_follow_up_that_is_being_typed(town: Town) -> None:
    await being_typed(town)
    async with town.engine() as engine:
        await town.until_parts(("Hello", "sent"), ("Still there?", "pending"))
        town.says("A-1")
        await town.until_parts(("Hello", "sent"), ("Still there?", "cancelled"), ("A-1", "pending"))
        await engine.type_on()
        await town.until_heard("Hello", "A-1")
        await town.until_at_rest()
    dialog = await town.dialog()
    assert dialog.follow_ups == 0
    assert dialog.follow_up_at is not None and dialog.follow_up_at > town.clock.now() + timedelta(hours=23)


@pytest.mark.parametrize("event", [DialogEvent.STOP, DialogEvent.TAKE, DialogEvent.HANDOFF])
async def test_whoever_leads_the_dialog_ends_its_follow_ups(town: Town, event: DialogEvent) -> None:
    await being_typed(town)
    async with town.engine() as engine:
        await town.until_parts(("Hello", "sent"), ("Still there?", "pending"))
        await engine.lead(event)
        await town.until_parts(("Hello", "sent"), ("Still there?", "cancelled"))
    assert (await town.dialog()).follow_up_at is None
    assert town.heard() == ["Hello"]


@pytest.mark.parametrize(("says", "left_alone"), [("Not interested", True), ("Sounds interesting", False)])
async def test_nobody_is_followed_up_whose_answered_line_now_says_no(
    town: Town, engine: Engine, says: str, left_alone: bool
) -> None:
    await engine.begin()
    line = town.world.send(town.anna, town.account, "A-1").id
    await town.until_heard("Hello", "A-1")
    await town.until_at_rest()
    town.world.edit(town.anna, line, says)
    await town.until_stored(says)
    assert ((await town.dialog()).follow_up_at is None) is left_alone
    assert (await town.dialog()).status is Status.ACTIVE


async def test_a_follow_up_on_its_way_is_not_said_to_whose_answered_line_now_says_no(town: Town) -> None:
    async with town.engine() as engine:
        await engine.begin()
        line = town.world.send(town.anna, town.account, "A-1").id
        await town.until_heard("Hello", "A-1")
        await town.until_at_rest()
    town.slower(typing_min_seconds=60, typing_max_seconds=60)
    town.answers("Still there?")
    await town.clock.turn(A_DAY)
    async with town.engine() as engine:
        await town.until_parts(("Hello", "sent"), ("A-1", "sent"), ("Still there?", "pending"))
        town.world.edit(town.anna, line, "Not interested")
        await town.until_parts(("Hello", "sent"), ("A-1", "sent"), ("Still there?", "cancelled"))
        await engine.turn_clock(timedelta(minutes=2))
        await town.until_at_rest()
    assert town.heard() == ["Hello", "A-1"]
    assert (await town.dialog()).follow_up_at is None


async def test_nobody_is_followed_up_after_an_opt_out(town: Town) -> None:
    await being_typed(town)
    async with town.engine():
        await town.until_parts(("Hello", "sent"), ("Still there?", "pending"))
        town.says("stop")
        await town.until_parts(("Hello", "sent"), ("Still there?", "cancelled"))
        await town.until_status(Status.CLOSED)
    assert (await town.dialog()).follow_up_at is None


@pytest.mark.parametrize(
    ("outcome", "handoff", "status"),
    [
        (Outcome.LOST, None, Status.CLOSED),
        (Outcome.WON, None, Status.CLOSED),
        (Outcome.NONE, "wants a person", Status.HANDOFF),
        (Outcome.LOST, "is angry", Status.HANDOFF),
    ],
)
async def test_nothing_follows_a_no_an_agreement_or_a_handoff(
    town: Town, engine: Engine, outcome: Outcome, handoff: str | None, status: Status
) -> None:
    await engine.begin()
    town.answers("Thank you", outcome=outcome.value, handoff=handoff)
    town.says("A-1")
    await town.until_status(status)
    assert (await town.dialog()).follow_up_at is None
    await engine.turn_clock(timedelta(days=30))
    await until(lambda: not engine.context.poked)
    assert (town.asked, town.heard()) == (2, ["Hello", "Thank you"])


async def test_a_follow_up_differs_from_what_was_said(town: Town, engine: Engine) -> None:
    town.answers("Shall I tell you about our teapots?")
    await engine.start()
    await until(lambda: len(town.heard()) == 1)
    await town.until_at_rest()
    town.answers("Shall I tell you about our teapots?")
    town.answers("We have cups, too.")
    await engine.turn_clock(A_DAY)
    await town.until_heard("Shall I tell you about our teapots?", "We have cups, too.")
    assert await town.value("select error from model_calls where state = 'failed'") == "repeat"
