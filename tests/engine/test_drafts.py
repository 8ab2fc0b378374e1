"""Replies that wait for a button: nothing goes out without it, and a draft that came too late is none any more."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import timedelta

import pytest

from salesbot.dialog.model import DialogEvent, DraftState, Mode, Outcome, Purpose, Status
from salesbot.store import dialogs, drafts, tasks
from salesbot.store.drafts import Draft
from sandbox.world import Action
from tests.engine.running import Engine, Town

OPERATOR, COLLEAGUE = 1, 2


async def drafting(town: Town, engine: Engine, *texts: str) -> Draft:
    """A dialog in which every reply waits for a button, and one does."""
    await engine.begin()
    await engine.set_mode(Mode.DRAFT)
    town.answers(*texts)
    town.says("A-1")
    return await town.until_draft(*texts)


async def approve(engine: Engine, draft: Draft, admin: int = OPERATOR) -> Draft | None:
    now = engine.town.clock.now()
    return await engine.act(lambda c, _: drafts.approve(c, draft.id, admin, now), draft.dialog_id)


async def skip(engine: Engine, draft: Draft, admin: int = OPERATOR) -> Draft | None:
    now = engine.town.clock.now()
    return await engine.act(lambda c, _: drafts.skip(c, draft.id, admin, now), draft.dialog_id)


async def edit(engine: Engine, draft: Draft, text: str, admin: int = OPERATOR) -> Draft | None:
    now = engine.town.clock.now()
    return await engine.act(lambda c, _: drafts.edit(c, draft.id, admin, text, now), draft.dialog_id)


async def fate(town: Town, draft: Draft) -> DraftState:
    async with town.pool.acquire() as connection:
        found = await drafts.get(connection, draft.id)
    assert found is not None
    return found.state


async def test_a_reply_goes_out_in_its_parts_once_somebody_pressed_the_button(town: Town, engine: Engine) -> None:
    draft = await drafting(town, engine, "One", "Two")
    asked = town.asked
    await engine.looks()
    assert town.heard() == ["Hello"]
    assert town.asked == asked, "while a draft waits no second one is paid for"
    approved = await approve(engine, draft)
    assert approved is not None and approved.state is DraftState.APPROVED
    await town.until_heard("Hello", "One", "Two")
    assert (await fate(town, draft), approved.decided_by) == (DraftState.APPROVED, OPERATOR)
    assert (await town.kinds())[-2:] == ["draft", "draft_sent"]


async def test_nobody_is_seen_typing_what_waits_for_a_button(town: Town, engine: Engine) -> None:
    await engine.begin()
    await engine.set_mode(Mode.DRAFT)
    typed = town.calls("messages.setTyping")
    town.says("A-1")
    await approve(engine, await town.until_draft("A-1"))
    assert town.calls("messages.setTyping") == typed
    await town.until_heard("Hello", "A-1")


async def test_of_two_who_decide_the_first_one_wins(town: Town, engine: Engine) -> None:
    draft = await drafting(town, engine, "One")
    assert await skip(engine, draft)
    assert await approve(engine, draft, COLLEAGUE) is None
    assert await edit(engine, draft, "Mine", COLLEAGUE) is None
    assert await skip(engine, draft, COLLEAGUE) is None
    async with town.pool.acquire() as connection:
        found = await drafts.get(connection, draft.id)
    assert found is not None and (found.state, found.decided_by) == (DraftState.SKIPPED, OPERATOR)


async def test_an_edited_draft_says_what_the_colleague_wrote_and_goes_on_waiting(town: Town, engine: Engine) -> None:
    draft = await drafting(town, engine, "One", "Two")
    edited = await edit(engine, draft, "Better")
    assert edited is not None
    assert (edited.state, edited.parts, edited.version) == (DraftState.WAITING, ("Better",), draft.version + 1)
    await engine.looks()
    assert town.heard() == ["Hello"]
    await approve(engine, edited)
    await town.until_heard("Hello", "Better")
    assert await town.value("select written_by from messages where content = 'Better'") == OPERATOR


async def test_what_was_skipped_is_left_deliberately_until_something_new_comes(town: Town, engine: Engine) -> None:
    draft = await drafting(town, engine, "One")
    asked = town.asked
    await skip(engine, draft)
    await engine.looks()
    await engine.set_mode(Mode.AUTO)
    await engine.looks()
    assert (town.heard(), town.asked) == (["Hello"], asked)
    town.says("B-2")
    await town.until_heard("Hello", "A-1 B-2")


async def test_a_human_whom_a_skipped_reply_would_have_called_comes_all_the_same(town: Town, engine: Engine) -> None:
    await engine.begin()
    await engine.set_mode(Mode.DRAFT)
    town.answers("A colleague will write.", handoff="They want a human.")
    town.says("A-1")
    draft = await town.until_draft("A colleague will write.")
    await skip(engine, draft)
    await town.until_status(Status.HANDOFF)
    assert town.heard() == ["Hello"]


@pytest.mark.parametrize("decide", [approve, skip])
async def test_what_a_draft_promises_is_promised_once_it_goes_out(
    town: Town, engine: Engine, decide: Callable[[Engine, Draft], Awaitable[Draft | None]]
) -> None:
    await engine.begin()
    await engine.set_mode(Mode.DRAFT)
    town.answers("A colleague calls you.", promise={"what": "call", "until": None})
    town.says("A-1")
    draft = await town.until_draft("A colleague calls you.")
    async with town.pool.acquire() as connection:
        assert list(await tasks.all_open(connection, 9)) == []
    assert "promised" not in await town.kinds()
    await decide(engine, draft)
    async with town.pool.acquire() as connection:
        promised = [task.what for task in await tasks.all_open(connection, 9)]
    assert promised == (["call"] if decide is approve else [])
    assert (await town.kinds()).count("promised") == len(promised)


async def test_an_end_that_was_never_said_does_not_end_the_dialog(town: Town, engine: Engine) -> None:
    await engine.begin()
    await engine.set_mode(Mode.DRAFT)
    town.answers("Goodbye.", outcome="lost")
    town.says("A-1")
    await skip(engine, await town.until_draft("Goodbye."))
    await town.until_at_rest()
    dialog = await town.dialog()
    assert (dialog.status, dialog.outcome) == (Status.ACTIVE, Outcome.NONE)


async def test_a_newer_message_makes_a_draft_stale_and_another_one_is_written(town: Town, engine: Engine) -> None:
    old = await drafting(town, engine, "One")
    town.answers("Two")
    town.says("B-2")
    new = await town.until_draft("Two")
    assert await fate(town, old) is DraftState.STALE
    assert await approve(engine, old) is None
    await approve(engine, new)
    await town.until_heard("Hello", "Two")


async def test_a_message_that_comes_while_the_model_thinks_leaves_one_draft(town: Town, engine: Engine) -> None:
    await engine.begin()
    await engine.set_mode(Mode.DRAFT)
    held = town.fault("model.chat", Action.HOLD)
    town.says("A-1")
    await town.fired(held)
    town.says("B-2")
    await town.until_stored("B-2")
    town.release(held)
    draft = await town.until_draft("A-1 B-2")
    assert await town.value("select count(*) from drafts") == 1, "the overtaken one was never shown"
    await approve(engine, draft)
    await town.until_heard("Hello", "A-1 B-2")


async def test_a_newer_message_just_after_the_button_makes_it_stale_as_well(town: Town, engine: Engine) -> None:
    draft = await drafting(town, engine, "One")
    town.slower(typing_min_seconds=60, typing_max_seconds=60)
    await engine.stop()
    async with town.engine() as slow:
        await approve(slow, draft)
        town.answers("Two")
        town.says("B-2")
        await town.until_draft("Two")
        assert await fate(town, draft) is DraftState.STALE
        assert town.heard() == ["Hello"]


@pytest.mark.parametrize("event", [DialogEvent.STOP, DialogEvent.TAKE, DialogEvent.OPT_OUT, DialogEvent.HANDOFF])
@pytest.mark.parametrize("approved", [False, True], ids=["waiting", "approved"])
async def test_whoever_leads_the_dialog_elsewhere_makes_its_draft_stale(
    town: Town, engine: Engine, event: DialogEvent, approved: bool
) -> None:
    draft = await drafting(town, engine, "One")
    if approved:  # in a pause nothing is said before the other one comes
        await engine.switch(lambda c: c.execute("update switches set paused_at = now()"))
        await approve(engine, draft)
    await engine.lead(event)
    await engine.switch(lambda c: c.execute("update switches set paused_at = null"))
    assert await fate(town, draft) is DraftState.STALE
    assert await approve(engine, draft) is None
    await engine.looks()
    assert town.heard() == ["Hello"]


@pytest.mark.parametrize("moment", ["asked", "committing"])
async def test_a_stop_before_the_draft_is_there_leaves_none(town: Town, engine: Engine, moment: str) -> None:
    await engine.begin()
    await engine.set_mode(Mode.DRAFT)
    held = town.fault("model.chat", Action.HOLD)
    town.says("A-1")
    await town.fired(held)
    if moment == "asked":
        await engine.lead(DialogEvent.STOP)
        town.release(held)
    else:  # the answer is there, its commit waits for the row that the stop holds
        async with town.pool.acquire() as connection, connection.transaction():
            dialog = await dialogs.lock(connection, 1)
            assert dialog is not None
            town.release(held)
            waiting = (
                "select count(*) from pg_stat_activity where wait_event_type = 'Lock' and datname = current_database()"
            )
            await town.until_value(waiting, 1)
            await dialogs.apply(connection, dialog, DialogEvent.STOP, actor="admin:1", now=town.clock.now())
    await town.until_value("select state from model_calls order by id desc limit 1", "dropped")
    assert await town.value("select count(*) from drafts") == 0


async def test_nobody_pressed_the_button_so_a_human_is_asked_for(town: Town, engine: Engine) -> None:
    draft = await drafting(town, engine, "One")
    await engine.turn_clock(timedelta(hours=town.settings.draft_hours, seconds=1))
    await engine.chores.look()
    dialog = await town.until_status(Status.HANDOFF)
    assert dialog.due_at is None
    assert await fate(town, draft) is DraftState.EXPIRED
    assert await town.value("select data ->> 'reason' from events where kind = 'draft_expired'") == "draft_expired"
    assert await approve(engine, draft) is None
    await engine.chores.look()
    assert (await town.kinds()).count("draft_expired") == 1
    await engine.lead(DialogEvent.GIVE)
    await town.until_draft("A-1")


async def test_the_first_message_is_shown_before_it_is_sent(town: Town, engine: Engine) -> None:
    town.answers("Hello")
    dialog_id = await engine.start(preview=True)
    draft = await town.until_draft("Hello", dialog_id=dialog_id)
    assert (draft.purpose, town.heard()) == (Purpose.OPENING, [])
    await approve(engine, draft)
    await town.until_heard("Hello")
    town.says("A-1")
    await town.until_heard("Hello", "A-1")


async def test_whoever_writes_before_the_first_message_gets_an_answer_that_is_shown_first(
    town: Town, engine: Engine
) -> None:
    town.answers("Hello")
    dialog_id = await engine.start(preview=True)
    opening = await town.until_draft("Hello", dialog_id=dialog_id)
    town.says("A-1")
    draft = await town.until_draft("A-1", dialog_id=dialog_id)
    assert (await fate(town, opening), draft.purpose) == (DraftState.STALE, Purpose.REPLY)
    assert town.heard() == []
    await approve(engine, draft)
    await town.until_heard("A-1")


async def test_a_cancelled_first_message_is_not_written_again(town: Town, engine: Engine) -> None:
    town.answers("Hello")
    dialog_id = await engine.start(preview=True)
    await skip(engine, await town.until_draft("Hello", dialog_id=dialog_id))
    asked = town.asked
    await engine.turn_clock(timedelta(hours=25))
    await engine.looks()
    assert (town.heard(), town.asked) == ([], asked)


async def test_a_follow_up_is_shown_first_and_counts_from_what_was_said(town: Town, engine: Engine) -> None:
    await engine.begin()
    await engine.set_mode(Mode.DRAFT)
    town.answers("Still there?")
    await engine.turn_clock(timedelta(hours=25))
    draft = await town.until_draft("Still there?")
    assert draft.purpose is Purpose.FOLLOW_UP
    next_at = (await town.dialog()).follow_up_at
    await engine.turn_clock(timedelta(hours=10))
    await approve(engine, draft)
    await town.until_heard("Hello", "Still there?")
    dialog = await town.dialog()
    assert next_at is not None and dialog.follow_up_at is not None
    assert dialog.follow_up_at - next_at >= timedelta(hours=10)


async def test_a_draft_outlives_whoever_wrote_it(town: Town) -> None:
    async with town.engine() as engine:
        draft = await drafting(town, engine, "One", "Two")
        await engine.kill()
    asked = town.asked
    async with town.engine() as engine:
        await engine.looks()
        assert (town.heard(), town.asked) == (["Hello"], asked)
        await approve(engine, draft)
        await town.until_heard("Hello", "One", "Two")


async def test_a_draft_is_as_long_fresh_after_the_button_as_a_reply_that_waited_for_none(
    town: Town, engine: Engine
) -> None:
    draft = await drafting(town, engine, "One")
    await engine.turn_clock(timedelta(hours=20))
    await approve(engine, draft)
    await town.until_heard("Hello", "One")
    age = await town.value("select not_after - not_before from messages where content = 'One'")
    assert age == timedelta(seconds=town.settings.part_max_age_seconds)


async def test_cards_follow_a_draft_through_its_life(town: Town, engine: Engine) -> None:
    draft = await drafting(town, engine, "One")

    async def cards(*admins: int) -> list[tuple[int, int, DraftState, int | None]]:
        async with town.pool.acquire() as connection, connection.transaction():
            found = await drafts.changed(connection, admins, 20)
            for number, (one, admin, message) in enumerate(found):
                await drafts.shown(connection, one.id, admin, message or 70 + number, one.version)
        return [(one.id, admin, one.state, message) for one, admin, message in found]

    waits, went = DraftState.WAITING, DraftState.APPROVED
    assert await cards(OPERATOR, COLLEAGUE) == [(draft.id, OPERATOR, waits, None), (draft.id, COLLEAGUE, waits, None)]
    assert await cards(OPERATOR, COLLEAGUE) == []
    await edit(engine, draft, "Better")
    assert await cards(COLLEAGUE) == [(draft.id, COLLEAGUE, waits, 71)]
    await approve(engine, draft)
    both = [(draft.id, OPERATOR, went, 70), (draft.id, COLLEAGUE, went, 71)]
    assert await cards(OPERATOR, COLLEAGUE) == both
    await town.until_heard("Hello", "Better")
    await town.until_at_rest()
    assert await cards(OPERATOR, COLLEAGUE) == []
    assert not await town.value("select open from drafts"), "nobody looks at it any more"


async def test_a_draft_is_shown_to_whoever_looks_after_its_dialog(town: Town, engine: Engine) -> None:
    draft = await drafting(town, engine, "One")
    await town.pool.execute("update dialogs set assignee = $1", COLLEAGUE)

    async def shown_to(*admins: int) -> list[int]:
        async with town.pool.acquire() as connection, connection.transaction():
            return [admin for _, admin, _ in await drafts.changed(connection, admins, 20)]

    assert await shown_to(OPERATOR, COLLEAGUE) == [COLLEAGUE]
    assert await shown_to(OPERATOR) == [OPERATOR], "who is no admin any more looks after nothing"
    await skip(engine, draft)
    assert await shown_to(OPERATOR, COLLEAGUE) == [], "what is over is new to nobody"
