"""What became one statement keeps what the transaction before it kept, whatever is committed while it waits."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

import pytest

from salesbot.dialog.model import Author, Dialog, DialogEvent, Mode, Part, Purpose, Seen, SendState, Status
from salesbot.engine import explain
from salesbot.store import dialogs, drafts, messages, parts, switches, turns
from salesbot.store.dialogs import Fence
from salesbot.store.parts import Stood
from salesbot.store.pool import Connection
from salesbot.store.turns import Ended, Turn
from tests.engine.two import ACCOUNT, ANNA, NOW, Two, a_message, add_part, led, lines, next_part, state_of

By = Callable[[Connection, Dialog], Awaitable[object]]
BOTH_TEXTS = ("One", "Two")


async def end(two: Two, read: Dialog, fence: Fence | None = None) -> Ended | None:
    return await turns.end_turn(two.second, Turn(read, "offer", may_stand=True), fence or two.fence, lines(*BOTH_TEXTS))


async def a_mode(connection: Connection, dialog: Dialog) -> None:
    await dialogs.set_mode(connection, dialog, Mode.DRAFT, actor="admin:1", now=NOW)


async def a_preview(connection: Connection, dialog: Dialog) -> None:
    await connection.execute("update dialogs set preview = true")


async def another_owner(connection: Connection, _: Dialog) -> None:
    await connection.execute("update accounts set epoch = epoch + 1")


async def no_more_by_itself(connection: Connection, _: Dialog) -> None:
    await switches.set_mode(connection, Mode.DRAFT)


@pytest.mark.parametrize(
    "by",
    [
        a_message,
        a_mode,
        a_preview,
        *(led(event) for event in (DialogEvent.STOP, DialogEvent.TAKE, DialogEvent.OPT_OUT)),
    ],
    ids=["message", "mode", "preview", "stop", "take", "opt_out"],
)
async def test_a_turn_that_waited_for_what_overtook_it_leaves_no_part(two: Two, by: By) -> None:
    read = await two.dialog()
    assert await two.overtaken(by, lambda: end(two, read)) is None
    assert await two.pool.fetchval("select count(*) from messages") == 0
    assert (await two.dialog()).stage == ""


@pytest.mark.parametrize("by", [another_owner, no_more_by_itself])
async def test_a_turn_does_not_end_for_who_lost_the_account_or_where_a_button_is_asked_for_since(
    two: Two, by: By
) -> None:
    read = await two.dialog()
    await by(two.first, read)
    assert await end(two, read) is None
    assert await two.pool.fetchval("select count(*) from messages") == 0


@pytest.mark.parametrize("dropped", [0, 1])
@pytest.mark.parametrize("paused", [False, True])
async def test_the_first_part_is_given_as_the_next_look_would_read_it(two: Two, dropped: int, paused: bool) -> None:
    await two.first.execute("update dialogs set dropped_drafts = $1", dropped)
    if paused:
        await switches.pause(two.first, NOW)
    ended = await end(two, await two.dialog())
    assert ended is not None and ended.first == await next_part(two.first)
    assert (ended.first.stands, ended.first.held, ended.first.content) == (bool(dropped), paused, "One")
    assert [row["content"] for row in await two.pool.fetch("select content from messages order by id")] == [*BOTH_TEXTS]


async def test_the_call_that_was_paid_is_used_only_if_the_turn_ends(two: Two) -> None:
    await two.first.execute(
        "insert into model_calls (dialog_id, revision, halts, purpose, model_asked, state, asked_at) "
        "values (1, 1, 0, 'reply', 'm', 'answered', $1)",
        NOW,
    )
    read, said = await two.dialog(), lines("One", call_id=1)

    async def late() -> Ended | None:
        return await turns.end_turn(two.second, Turn(read, "offer"), two.fence, said)

    assert await two.overtaken(a_message, late) is None
    assert await two.pool.fetchval("select state from model_calls") == "answered"
    read = await two.dialog()
    assert await late()
    assert await two.pool.fetchval("select state from model_calls") == "used"


async def sending(two: Two, *texts: str, purpose: Purpose = Purpose.REPLY, draft_id: int | None = None) -> Part:
    part = await add_part(two, *texts, purpose=purpose, draft_id=draft_id)
    await two.first.execute("update messages set send_state = 'sending' where id = $1", part.id)
    return await parts.get(two.first, part.id)


async def stood(two: Two, part: Part, *, alone: bool = True) -> Stood | None:
    return await parts.stands(two.second, part, 7, NOW, NOW, alone=alone)


def told(telegram_message_id: int) -> By:
    """An outgoing message came of which nobody knows yet whose it is."""
    seen = Seen(telegram_message_id, ANNA, True, "I am here", NOW)
    return lambda connection, _: messages.insert(connection, 1, ACCOUNT, seen, author=Author.UNEXPLAINED, revision=1)


async def stands_after_all(two: Two, part: Part) -> None:
    async with two.second.transaction():
        await explain.part_stands(two.second, part, 7, NOW, NOW)


async def test_a_colleagues_word_that_came_just_before_the_answer_is_theirs(two: Two) -> None:
    """Stored by a transaction that is not committed when the answer is to be recorded."""
    part = await sending(two, "One", "Two")
    assert await two.overtaken(told(9), lambda: stood(two, part)) is None
    assert await state_of(two, part) is SendState.SENDING, "nothing is done by halves"
    await stands_after_all(two, part)
    assert (await two.dialog()).status is Status.TAKEN
    assert [tuple(row) for row in await two.pool.fetch("select author, send_state from messages order by id")] == [
        *[("model", "sent"), ("model", "cancelled"), ("human", None)]
    ]


async def test_an_echo_that_came_just_before_the_answer_is_the_parts_own(two: Two) -> None:
    part = await sending(two, "One")
    assert await two.overtaken(told(7), lambda: stood(two, part)) is None
    await stands_after_all(two, part)
    assert (await two.dialog()).status is Status.ACTIVE
    assert [tuple(row) for row in await two.pool.fetch("select author, telegram_message_id from messages")] == [
        ("model", 7)
    ]


async def test_what_a_humans_row_holds_already_is_left_to_the_transaction(two: Two) -> None:
    part = await sending(two, "One")
    await messages.insert(two.first, 1, ACCOUNT, Seen(7, ANNA, True, "One", NOW), author=Author.HUMAN, revision=1)
    assert await stood(two, part) is None
    await stands_after_all(two, part)
    assert await state_of(two, part) is SendState.SENT


@pytest.mark.parametrize("event", [DialogEvent.STOP, DialogEvent.TAKE])
async def test_a_stop_that_waits_for_the_answer_hears_of_it(two: Two, event: DialogEvent) -> None:
    part = await sending(two, "One")
    found = await two.overtaken(led(event), lambda: stood(two, part))
    if event is DialogEvent.TAKE:
        assert found is not None and await state_of(two, part) is SendState.SENT
        return
    assert found is None
    await stands_after_all(two, part)
    assert await two.pool.fetchval("select count(*) from events where kind = 'stop_confirmed'") == 1


async def test_what_the_turn_left_for_after_its_last_part_is_done_in_the_transaction(two: Two) -> None:
    part = await sending(two, "One")
    await two.first.execute(
        "update dialogs set after_parts = 'handoff', after_outcome = 'none', after_reason = 'asked'"
    )
    assert await stood(two, part) is None
    await stands_after_all(two, part)
    assert (await two.dialog()).status is Status.HANDOFF


async def test_a_part_stands_once_and_answers_what_it_answers(two: Two) -> None:
    part = await sending(two, "One")
    assert await stood(two, part) == Stood(settles=False, watched=False, more=False)
    assert (await two.dialog()).answered_revision == part.revision
    assert await stood(two, part) is None and await stood(two, part, alone=False) is None


@pytest.mark.parametrize(
    ("also", "more"),
    [
        ("update dialogs set follow_up_at = now() + interval '100 years'", False),
        ("update dialogs set follow_up_at = now() - interval '100 years'", True),
        ("update dialogs set due_at = now()", True),
        ("insert into messages (dialog_id, account_id, direction, author, content, timestamp, send_state) "
         "values (1, 100, 'out', 'model', 'x', now(), 'pending')", True),
    ],
)  # fmt: skip
async def test_it_says_whether_there_is_more_to_be_done(two: Two, also: str, more: bool) -> None:
    part = await sending(two, "One")
    await two.first.execute(also)
    assert await stood(two, part) == Stood(settles=False, watched=False, more=more)


@pytest.mark.parametrize("why", ["pause", "draft", "taken_back"])
async def test_it_says_whether_somebody_watches(two: Two, why: str) -> None:
    draft_id = await drafts.begin(two.first, await two.dialog(), now=NOW, expires_at=NOW) if why == "draft" else None
    part = await sending(two, "One", draft_id=draft_id)
    if why == "pause":
        await switches.pause(two.first, NOW)
    if why == "taken_back":
        await two.first.execute("update messages set unsend_at = now()")
    found = await stood(two, part)
    assert found is not None and (found.watched, found.settles) == (True, False)


@pytest.mark.parametrize("purpose", [Purpose.COURTESY, Purpose.FAREWELL])
async def test_a_sentence_of_the_program_answers_nothing(two: Two, purpose: Purpose) -> None:
    part = await sending(two, "One", purpose=purpose)
    assert await stood(two, part)
    assert (await two.dialog()).answered_revision == 0


async def test_two_who_tell_of_the_same_part_tell_it_once(two: Two) -> None:
    part = await sending(two, "One")
    async with two.first.transaction():
        assert await parts.stands(two.first, part, 7, NOW, NOW, alone=True)
        second = asyncio.ensure_future(stood(two, part))
        await two.blocked()
    assert await second is None
