"""Two transactions interleaved by hand: the order of two commits decides (laws 2, 6, 7)."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from datetime import timedelta

import asyncpg
import pytest

from salesbot.dialog.model import Author, Dialog, DialogEvent, Seen, SendState, Status
from salesbot.engine import explain
from salesbot.store import dialogs, events, messages, parts, persons, turns
from salesbot.store.pool import Connection
from salesbot.store.turns import Turn
from tests.engine.two import ACCOUNT, ANNA, NOW, Two, a_message, add_part, led, lines, next_part, state_of


@pytest.mark.parametrize(
    "by",
    [a_message, led(DialogEvent.STOP), led(DialogEvent.TAKE), led(DialogEvent.OPT_OUT)],
    ids=["message", "stop", "take", "opt_out"],
)
async def test_nothing_is_claimed_after_it_has_committed(
    two: Two, by: Callable[[Connection, Dialog], Awaitable[object]]
) -> None:
    part = await add_part(two, "One")
    assert not await two.overtaken(by, lambda: parts.claim(two.second, part, two.fence, [], NOW))
    assert await state_of(two, part) is SendState.CANCELLED


async def test_a_part_that_stands_is_claimed_against_a_newer_message_and_not_against_a_stop(two: Two) -> None:
    part = await add_part(two, "One", stands=True)
    assert await two.overtaken(a_message, lambda: parts.claim(two.second, part, two.fence, [], NOW))
    await parts.put_back(two.second, part.id, NOW)
    assert not await two.overtaken(led(DialogEvent.STOP), lambda: parts.claim(two.second, part, two.fence, [], NOW))


@pytest.mark.parametrize("refused_for", ["now", "good"])
async def test_nobody_is_called_by_what_was_on_its_way_over_a_newer_message_and_refused(
    two: Two, refused_for: str
) -> None:
    """Only once it stands have they heard of a human."""
    begun = await two.dialog()
    assert await turns.end_turn(
        two.first, Turn(begun, stage="offer", after=DialogEvent.HANDOFF, reason="asked"), two.fence
    )
    part = await add_part(two, "A colleague comes", "Anything else?")
    assert await parts.claim(two.first, part, two.fence, [], NOW)
    await a_message(two.first, begun)
    after = "select after_parts from dialogs"
    assert await two.first.fetchval(after) == "handoff"
    if refused_for == "now":
        await explain.put_back(two.first, await two.dialog(), part, NOW, NOW)
    else:
        await explain.part_unsaid(two.first, await two.dialog(), part, "peer_flood", NOW)
    assert ((await two.dialog()).status, await two.first.fetchval(after)) == (Status.ACTIVE, None)


async def test_a_stop_that_was_taken_back_has_halted_the_parts_before_it_all_the_same(two: Two) -> None:
    """Of unknown fate when the operator stopped the dialog: it is not sent again because they let it go on."""
    part = await add_part(two, "One", stands=True)
    assert await parts.claim(two.first, part, two.fence, [], NOW)
    async with two.first.transaction():
        stopped = await dialogs.apply(two.first, await two.dialog(), DialogEvent.STOP, actor="admin:1", now=NOW)
        await dialogs.apply(two.first, stopped, DialogEvent.RESUME, actor="admin:1", now=NOW)
    assert not await parts.claim(two.first, part, two.fence, [], NOW, again=True)


async def test_a_stop_knows_of_a_part_claimed_before_it(two: Two) -> None:
    part = await add_part(two, "One", "Two")
    assert await parts.claim(two.second, part, two.fence, [], NOW)
    async with two.first.transaction():
        dialog = await dialogs.lock(two.first, 1)
        assert dialog is not None
        await dialogs.apply(two.first, dialog, DialogEvent.STOP, actor="admin:1", now=NOW)
        assert await dialogs.in_flight(two.first, 1)
    assert await state_of(two, part) is SendState.SENDING


async def end(two: Two, read: Dialog) -> turns.Ended | None:
    return await turns.end_turn(two.second, Turn(read, "offer", may_stand=True), two.fence, lines("One", "Two"))


async def test_a_turn_does_not_end_over_a_message_that_was_not_committed_when_it_began_to(two: Two) -> None:
    read = await two.dialog()
    assert not await two.overtaken(a_message, lambda: end(two, read))
    assert (await two.dialog()).due_at == NOW
    assert await next_part(two.first) is None


async def test_a_turn_that_stands_ends_and_leaves_the_newer_message_due(two: Two) -> None:
    await two.first.execute("update dialogs set dropped_drafts = 1")
    read = await two.dialog()
    assert await two.overtaken(a_message, lambda: end(two, read))
    assert (await two.dialog()).due_at == NOW


async def test_one_part_of_a_dialog_is_on_its_way_at_a_time(two: Two) -> None:
    first = await add_part(two, "One", "Two")
    assert await parts.claim(two.first, first, two.fence, [], NOW)
    second = await parts.get(two.first, first.id + 1)
    with pytest.raises(asyncpg.UniqueViolationError):
        await parts.claim(two.first, second, two.fence, [], NOW)


async def test_a_part_is_claimed_only_in_its_time(two: Two) -> None:
    part = await add_part(two, "One")
    assert not await parts.claim(two.first, part, two.fence, [], NOW - timedelta(seconds=1))
    assert not await parts.claim(two.first, part, two.fence, [], NOW + timedelta(minutes=15))
    assert await parts.claim(two.first, part, two.fence, [], NOW + timedelta(minutes=14))


async def test_two_names_of_one_person_open_one_dialog(two: Two) -> None:
    await two.first.execute("update dialogs set status = 'stopped'")
    opened = [
        await dialogs.open_dialog(
            two.first, account_id=ACCOUNT, target=name, scenario="sales", basis="", actor="admin:1", now=NOW
        )
        for name in ("anna", "anna_again")
    ]

    async def bind() -> None:
        async with two.second.transaction():
            await dialogs.resolve(two.second, opened[1], ANNA, NOW)

    async with two.first.transaction():
        await dialogs.resolve(two.first, opened[0], ANNA, NOW)
        running = asyncio.ensure_future(bind())
        await two.blocked()
    with pytest.raises(asyncpg.UniqueViolationError):
        await running


async def test_the_answer_and_the_update_that_names_the_id_may_come_together(two: Two) -> None:
    """The call's answer in one transaction, ``updateMessageID`` in another: one row, told once."""
    part = await add_part(two, "One")
    assert await parts.claim(two.first, part, two.fence, [], NOW)
    async with two.first.transaction():
        dialog = await dialogs.lock(two.first, 1)
        assert dialog is not None
        await messages.insert(
            two.first, 1, ACCOUNT, Seen(7, ANNA, True, "One", NOW), author=Author.UNEXPLAINED, revision=1
        )

    async def second() -> None:
        async with two.second.transaction():
            await explain.part_stands(two.second, part, 7, NOW, NOW)

    async with two.first.transaction():
        await explain.part_stands(two.first, part, 7, NOW, NOW)
        running = asyncio.ensure_future(second())
        await two.blocked()
    await running
    rows = await two.pool.fetch("select author, send_state from messages where telegram_message_id = 7")
    assert [tuple(row) for row in rows] == [("model", "sent")]


async def test_notices_miss_no_event_that_commits_late(two: Two) -> None:
    """An older number that commits after a newer one was told is told too."""
    async with two.first.transaction():
        await events.record(two.first, "close", actor="system", dialog_id=1)
        await events.record(two.second, "handoff", actor="system", dialog_id=1)
        await events.fan_out(two.second, [1, 2])
        assert await two.second.fetchval("select count(*) from notices") == 2
    await events.fan_out(two.second, [1, 2])
    assert await two.second.fetchval("select count(*) from notices") == 4


async def test_read_marks_and_deletions_do_not_lock_each_other_out(two: Two) -> None:
    for at in (5, 4, 3):
        await messages.insert(two.first, 1, ACCOUNT, Seen(at, ANNA, True, "x", NOW), author=Author.HUMAN, revision=0)

    async def read() -> None:
        await messages.mark_read(two.second, ACCOUNT, {ANNA: 5}, NOW)

    async with two.first.transaction():
        dialog = await dialogs.lock(two.first, 1)
        assert dialog is not None
        await messages.mark_deleted(two.first, 1, ACCOUNT, [5], NOW)
        running = asyncio.ensure_future(read())
        await two.blocked()
        await messages.mark_deleted(two.first, 1, ACCOUNT, [3], NOW)
    await running
    assert (
        await two.pool.fetchval("select count(*) from messages where read_at is not null and deleted_at is null") == 1
    )


async def test_forgetting_somebody_and_their_opt_out_in_an_ended_dialog_do_not_lock_each_other_out(two: Two) -> None:
    """The line stands in the dialog with the higher number; the one to be ended has the lower."""
    await two.first.execute(
        "insert into dialogs (account_id, contact_id, target_username, scenario, status, outcome) "
        "values ($1, $2, 'anna', 'sales', 'closed', 'lost')",
        ACCOUNT,
        ANNA,
    )

    async def forget() -> Sequence[Dialog]:
        async with two.second.transaction():
            return (await persons.lock(two.second, str(ANNA)))[1]

    async with two.first.transaction():
        await dialogs.lock(two.first, 2)
        running = asyncio.ensure_future(forget())
        await two.blocked()
        assert [one.id for one in await dialogs.lock_open_of(two.first, ANNA)] == [1]
    assert {one.id for one in await running} == {1, 2}
