"""What a pause, a mode, a button that nobody pressed keep from being claimed, by the order of two commits (law 6)."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from typing import TypeAlias

import pytest

from salesbot.dialog.model import Dialog, DialogEvent, DraftState, Mode, Part, Purpose, SendState
from salesbot.store import dialogs, drafts, parts, switches
from salesbot.store.pool import Connection
from tests.engine.two import NOW, Two, a_message, add_part, led, state_of

OPERATOR = 1

Case: TypeAlias = tuple[Mode, bool, Purpose]
"""The mode, whether the first message is still to be shown, and what for the part is."""

CLAIMED: Mapping[Case, tuple[bool, bool, bool]] = {  # without a draft; of one that waits; of one that is approved
    (Mode.AUTO, False, Purpose.REPLY): (True, False, True),
    (Mode.AUTO, True, Purpose.REPLY): (False, False, True),
    (Mode.DRAFT, False, Purpose.REPLY): (False, False, True),
    (Mode.DRAFT, True, Purpose.REPLY): (False, False, True),
    (Mode.OFF, False, Purpose.REPLY): (False, False, False),
    (Mode.OFF, True, Purpose.REPLY): (False, False, False),
    (Mode.DRAFT, False, Purpose.FOLLOW_UP): (False, False, True),
    (Mode.AUTO, False, Purpose.COURTESY): (True, False, True),
    (Mode.AUTO, True, Purpose.COURTESY): (False, False, True),
    (Mode.DRAFT, False, Purpose.COURTESY): (False, False, True),
    (Mode.OFF, True, Purpose.DESK): (True, False, True),
}
WAITS_FOR_A_BUTTON = {(mode, preview) for mode in (Mode.AUTO, Mode.DRAFT) for preview in (False, True)} - {
    (Mode.AUTO, False)
}


async def a_draft(two: Two, *texts: str, purpose: Purpose = Purpose.REPLY) -> tuple[int, Part]:
    draft_id = await drafts.begin(two.first, await two.dialog(), now=NOW, expires_at=NOW)
    return draft_id, await add_part(two, *texts, purpose=purpose, draft_id=draft_id)


async def set_up(two: Two, case: Case, *, of_all: bool) -> None:
    mode, preview, _ = case
    await two.first.execute("update switches set mode = $1", (mode if of_all else Mode.AUTO).value)
    await two.first.execute("update dialogs set mode = $1, preview = $2", None if of_all else mode.value, preview)


@pytest.mark.parametrize("of_all", [False, True], ids=["own", "of_all"])
@pytest.mark.parametrize("case", CLAIMED, ids=lambda case: f"{case[0]}-{'preview' if case[1] else 'begun'}-{case[2]}")
async def test_a_part_is_claimed_as_the_mode_says(two: Two, case: Case, of_all: bool) -> None:
    await set_up(two, case, of_all=of_all)
    purpose = case[2]
    alone, waiting, approved = CLAIMED[case]

    async def is_claimed(part: Part) -> bool:
        claimed = await parts.claim(two.second, part, two.fence, [], NOW)
        await two.second.execute("update messages set send_state = 'pending'")
        return claimed

    part = await add_part(two, "One", purpose=purpose)
    assert (part.fits, part.held, await is_claimed(part)) == (alone, False, alone)
    await two.first.execute("delete from messages")
    draft_id, part = await a_draft(two, "One", purpose=purpose)
    assert await is_claimed(part) is waiting
    if purpose is not Purpose.DESK:
        assert part.held is part.fits is (case[:2] in WAITS_FOR_A_BUTTON), "where none is wanted it waits for nothing"
    await two.first.execute("update drafts set state = 'approved' where id = $1", draft_id)
    part = await parts.get(two.first, part.id)
    assert (part.fits, part.held, await is_claimed(part)) == (approved, False, approved)


async def a_pause(connection: Connection) -> None:
    await switches.pause(connection, NOW)


async def off_for_all(connection: Connection) -> None:
    await switches.set_mode(connection, Mode.OFF)


@pytest.mark.parametrize("switch", [a_pause, off_for_all])
async def test_nothing_is_claimed_once_the_switch_has_committed(
    two: Two, switch: Callable[[Connection], Awaitable[None]]
) -> None:
    part = await add_part(two, "One", stands=True)
    async with two.first.transaction():
        await switch(two.first)
        claiming = asyncio.ensure_future(parts.claim(two.second, part, two.fence, [], NOW))
        await two.blocked()
    assert not await claiming
    assert await state_of(two, part) is SendState.PENDING


async def test_a_pause_knows_of_a_part_claimed_before_it(two: Two) -> None:
    part = await add_part(two, "One")

    async def pause() -> int:
        async with two.second.transaction():
            await switches.pause(two.second, NOW)
            return await switches.in_flight(two.second)

    async with two.first.transaction():
        assert await parts.claim(two.first, part, two.fence, [], NOW)
        pausing = asyncio.ensure_future(pause())
        await two.blocked()
    assert await pausing == 1
    assert not await switches.landed(two.first, NOW), "it is on its way"
    await parts.end(two.first, part.id, SendState.FAILED, "blocked")
    assert await switches.landed(two.first, NOW)
    assert not await switches.landed(two.first, NOW), "that is said once"


async def test_a_pause_with_nothing_on_its_way_is_quiet_at_once(two: Two) -> None:
    await add_part(two, "One")
    assert await switches.pause(two.first, NOW)
    assert (await switches.get(two.first)).quiet
    assert not await switches.landed(two.first, NOW)
    assert not await switches.pause(two.first, NOW), "it was paused before"
    assert await switches.resume(two.first) and not await switches.resume(two.first)


async def test_an_account_that_is_out_has_nothing_on_its_way(two: Two) -> None:
    part = await add_part(two, "One")
    assert await parts.claim(two.first, part, two.fence, [], NOW)
    await two.first.execute("update accounts set state = 'key_lost'")
    assert await switches.in_flight(two.first) == 0


async def test_parts_of_two_dialogs_are_claimed_beside_each_other(two: Two) -> None:
    """The switches are locked for share: who talks with one person does not wait for who talks with another."""
    part = await add_part(two, "One")
    async with two.first.transaction():
        await two.first.execute("select from switches for share")
        async with asyncio.timeout(5):
            assert await parts.claim(two.second, part, two.fence, [], NOW)


Late: TypeAlias = Callable[[Connection, Dialog], Awaitable[object]]


async def a_mode(connection: Connection, dialog: Dialog) -> None:
    await dialogs.set_mode(connection, dialog, Mode.AUTO, actor="admin:1", now=NOW)


@pytest.mark.parametrize(
    "by", [a_message, a_mode, led(DialogEvent.STOP), led(DialogEvent.TAKE)], ids=["message", "mode", "stop", "take"]
)
async def test_a_button_that_is_pressed_too_late_lets_nothing_out(two: Two, by: Late) -> None:
    await two.first.execute("update dialogs set mode = 'draft'")
    draft_id, part = await a_draft(two, "One")

    async def press() -> object:
        async with two.second.transaction():
            return await drafts.approve(two.second, draft_id, OPERATOR, NOW)

    assert await two.overtaken(by, press) is None
    draft = await drafts.get(two.second, draft_id)
    assert draft is not None and draft.state is DraftState.STALE
    assert await state_of(two, part) is SendState.CANCELLED


async def test_a_message_just_after_the_button_keeps_the_draft_from_being_claimed(two: Two) -> None:
    await two.first.execute("update dialogs set mode = 'draft'")
    draft_id, part = await a_draft(two, "One")
    assert await drafts.approve(two.first, draft_id, OPERATOR, NOW)
    assert not await two.overtaken(a_message, lambda: parts.claim(two.second, part, two.fence, [], NOW))
    draft = await drafts.get(two.second, draft_id)
    assert draft is not None and draft.state is DraftState.STALE, "it was let out, and never said"


async def test_two_who_press_at_once_are_told_apart(two: Two) -> None:
    await two.first.execute("update dialogs set mode = 'draft'")
    draft_id, _ = await a_draft(two, "One")

    async def press() -> object:
        async with two.second.transaction():
            return await drafts.skip(two.second, draft_id, 2, NOW)

    async def first(connection: Connection, _: Dialog) -> None:
        assert await drafts.approve(connection, draft_id, OPERATOR, NOW)

    assert await two.overtaken(first, press) is None
    draft = await drafts.get(two.second, draft_id)
    assert draft is not None and (draft.state, draft.decided_by) == (DraftState.APPROVED, OPERATOR)
