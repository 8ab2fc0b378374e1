"""Modes, of one dialog and of all: who lets out what the program says; the order of two commits decides (law 6)."""

from __future__ import annotations

from datetime import timedelta

import pytest

from salesbot.dialog.model import DraftState, Mode, Purpose, Status
from salesbot.store import drafts
from sandbox.world import Action
from tests.engine.running import Engine, Town

WHOSE = pytest.mark.parametrize("of_all", [False, True], ids=["own", "of_all"])


@WHOSE
async def test_where_it_is_off_nobody_is_answered_before_it_is_on_again(
    town: Town, engine: Engine, of_all: bool
) -> None:
    await engine.begin()
    await engine.set_mode(Mode.OFF, of_all=of_all)
    asked = town.asked
    town.says("A-1")
    await town.until_stored("A-1")
    await engine.turn_clock(timedelta(hours=25))
    await engine.looks()
    assert (town.heard(), town.asked) == (["Hello"], asked)
    assert "wrote_while_quiet" in await town.kinds(), "the operator hears of it"
    await engine.set_mode(Mode.AUTO, of_all=of_all)
    await town.until_heard("Hello", "A-1")


@WHOSE
@pytest.mark.parametrize("mode", [Mode.DRAFT, Mode.OFF])
async def test_a_reply_that_was_begun_under_another_mode_obeys_the_new_one(
    town: Town, engine: Engine, mode: Mode, of_all: bool
) -> None:
    await engine.begin()
    held = town.fault("model.chat", Action.HOLD)
    town.says("A-1")
    await town.fired(held)
    await engine.set_mode(mode, of_all=of_all)
    town.release(held)
    if mode is Mode.DRAFT:
        await town.until_draft("A-1")
    else:
        await town.until_value("select state from model_calls order by id desc limit 1", "dropped")
    await engine.looks()
    assert town.heard() == ["Hello"]


@WHOSE
@pytest.mark.parametrize("mode", [Mode.DRAFT, Mode.OFF])
async def test_between_two_parts_the_second_one_obeys_as_well(
    town: Town, engine: Engine, mode: Mode, of_all: bool
) -> None:
    await engine.begin()
    town.answers("One", "Two")
    held = town.fault("messages.sendMessage", Action.HOLD_ANSWER, user=town.account)
    town.says("A-1")
    await town.fired(held)
    await engine.set_mode(mode, of_all=of_all)
    town.release(held)
    await town.until_parts(("Hello", "sent"), ("One", "sent"), ("Two", "cancelled"))
    await engine.looks()
    assert town.heard() == ["Hello", "One"]


@WHOSE
async def test_a_draft_that_nobody_needs_to_press_any_more_is_answered_anew(
    town: Town, engine: Engine, of_all: bool
) -> None:
    await engine.begin()
    await engine.set_mode(Mode.DRAFT, of_all=of_all)
    town.answers("One")
    town.says("A-1")
    draft = await town.until_draft("One")
    await engine.set_mode(Mode.AUTO, of_all=of_all)
    await town.until_heard("Hello", "A-1")
    async with town.pool.acquire() as connection:
        found = await drafts.get(connection, draft.id)
    assert found is not None and found.state is DraftState.STALE


async def test_a_dialogs_own_mode_is_stronger_than_that_of_all(town: Town, engine: Engine) -> None:
    await engine.begin()
    await engine.set_mode(Mode.OFF, of_all=True)
    await engine.set_mode(Mode.AUTO)
    town.says("A-1")
    await town.until_heard("Hello", "A-1")


async def test_a_follow_up_that_a_mode_held_back_is_not_lost(town: Town, engine: Engine) -> None:
    await engine.begin()
    town.slower(typing_min_seconds=60, typing_max_seconds=60)
    await engine.stop()
    async with town.engine() as slow:
        town.answers("Still there?")
        await slow.turn_clock(timedelta(hours=25))
        await town.until_parts(("Hello", "sent"), ("Still there?", "pending"))
        town.answers("Still there, I ask?")
        await slow.set_mode(Mode.DRAFT)
        assert (await town.until_draft("Still there, I ask?")).purpose is Purpose.FOLLOW_UP
    assert (await town.dialog()).follow_ups == 1


async def test_what_the_program_says_by_itself_needs_a_button_too_and_is_left_unsaid(
    town: Town, engine: Engine
) -> None:
    await engine.begin()
    await engine.set_mode(Mode.DRAFT)
    town.says("Please stop writing to me")
    await town.until_status(Status.CLOSED)
    await engine.looks()
    assert town.heard() == ["Hello"]
