"""What Telegram limits and refuses: waited out, told, and final where it is final."""

from __future__ import annotations

from datetime import timedelta

import pytest

from salesbot.dialog.model import DialogEvent, Outcome, Status
from salesbot.store import desk
from sandbox.world import Action
from tests.engine.patience import until
from tests.engine.running import Engine, Town


async def test_a_flood_wait_is_waited_out_and_told(town: Town, engine: Engine) -> None:
    await engine.begin()
    fault = town.fault("messages.sendMessage", Action.FLOOD_WAIT, user=town.account, seconds=300)
    town.says("A-1")
    await town.fired(fault)
    await town.until_parts(("Hello", "sent"), ("A-1", "pending"))
    await town.until_value("select count(*) from events where kind = 'flood_wait'", 1)
    called = len(town.world.log.since(kind="rpc"))
    town.says("B-2", who=town.who("boris"))
    engine.context.work.wake()
    await engine.turn_clock(timedelta(seconds=200))
    engine.context.work.wake()
    assert len(town.world.log.since(kind="rpc")) == called
    await engine.turn_clock(timedelta(seconds=101))
    await town.until_heard("Hello", "A-1")
    assert town.asked == 2


async def test_what_is_too_old_after_a_flood_wait_is_decided_anew(town: Town, engine: Engine) -> None:
    await engine.begin()
    fault = town.fault("messages.sendMessage", Action.FLOOD_WAIT, user=town.account, seconds=5 * 3600)
    town.answers("Stale", handoff="wants a person")
    town.says("A-1")
    await town.fired(fault)
    await town.until_parts(("Hello", "sent"), ("Stale", "pending"))
    await engine.turn_clock(timedelta(hours=5, seconds=1))
    await town.until_heard("Hello", "A-1")
    await town.until_at_rest()
    assert await town.parts() == [("Hello", "sent"), ("Stale", "cancelled"), ("A-1", "sent")]
    assert (await town.dialog()).status is Status.ACTIVE


async def test_the_rest_of_a_reply_that_became_too_old_is_decided_anew(town: Town, engine: Engine) -> None:
    await engine.begin()
    town.answers("One", "Stale")
    fault = town.fault("messages.sendMessage", Action.FLOOD_WAIT, user=town.account, seconds=3600, skip=1)
    town.says("A-1")
    await town.fired(fault)
    await town.until_parts(("Hello", "sent"), ("One", "sent"), ("Stale", "pending"))
    await engine.turn_clock(timedelta(hours=1, seconds=1))
    await town.until_heard("Hello", "One", "A-1")
    await town.until_at_rest()


async def test_a_flood_wait_on_names_holds_openings_and_nothing_else(town: Town, engine: Engine) -> None:
    await engine.begin()
    town.fault("contacts.resolveUsername", Action.FLOOD_WAIT, seconds=3600)
    before = town.calls("contacts.resolveUsername")
    second = await engine.start("boris")
    await town.until_value("select count(*) from events where kind = 'names_wait'", 1)
    town.says("A-1")
    await town.until_heard("Hello", "A-1")
    assert town.calls("contacts.resolveUsername") == before + 1
    await engine.turn_clock(timedelta(hours=1, seconds=1))
    await town.until_status(Status.ACTIVE, second)
    assert town.calls("contacts.resolveUsername") == before + 2


async def test_a_flood_wait_on_reading_is_asked_into_once(town: Town, engine: Engine) -> None:
    await engine.begin()
    fault = town.fault("messages.readHistory", Action.FLOOD_WAIT, seconds=120, count=None)
    town.says("A-1")
    await town.fired(fault)
    await town.until_value("select flood_until is not null from accounts", True)
    engine.context.work.wake()
    await until(lambda: not engine.context.poked)
    assert fault.fired == 1
    town.world.faults.clear()
    await engine.turn_clock(timedelta(seconds=121))
    await town.until_heard("Hello", "A-1")


async def test_an_opening_that_meets_a_short_flood_wait_goes_out_when_it_is_over(town: Town, engine: Engine) -> None:
    """Written while another dialog ran into it; it once waited a minute, as for the operator's word."""
    thinks = town.fault("model.chat", Action.HOLD)
    await engine.start()
    await town.fired(thinks)
    await town.value("update accounts set flood_until = $1", town.clock.now() + timedelta(seconds=5))
    town.world.faults.release(thinks.id)
    await town.until_value("select count(*) from messages where not_before > $1", 1, town.clock.now())
    await engine.turn_clock(timedelta(seconds=6))
    await town.until_heard("ok")


async def test_a_limited_account_opens_nothing_until_the_operator_says_so(town: Town, engine: Engine) -> None:
    town.fault("messages.sendMessage", Action.PEER_FLOOD, user=town.account)
    town.answers("Hello")
    await engine.start()
    await town.until_value("select openings_blocked from accounts", True)
    await town.until_parts(("Hello", "cancelled"))
    for _ in range(4):
        await engine.turn_clock(timedelta(minutes=20))
        engine.context.work.wake()
    await until(lambda: not engine.context.poked)
    assert town.asked == 1
    assert await town.value("select count(*) from events where kind = 'account_limited'") == 1
    async with town.pool.acquire() as connection:
        assert await desk.allow_openings(connection, town.account)
    town.answers("Hello now")
    await engine.turn_clock(timedelta(minutes=1, seconds=1))
    await town.until_heard("Hello now")


@pytest.mark.parametrize(
    ("error", "outcome"), [("USER_IS_BLOCKED", Outcome.BLOCKED), ("INPUT_USER_DEACTIVATED", Outcome.UNREACHABLE)]
)
async def test_who_cannot_be_written_to_any_more_closes_the_dialog(
    town: Town, engine: Engine, error: str, outcome: Outcome
) -> None:
    """In the middle of a reply, whatever was to follow it."""
    await engine.begin()
    town.answers("One", "Two", "Three", outcome="won")
    town.fault("messages.sendMessage", Action.ERROR, user=town.account, code=400, text=error, skip=1)
    town.says("A-1")
    closed = await town.until_status(Status.CLOSED)
    assert closed.outcome is outcome
    assert town.heard() == ["Hello", "One"]
    await town.until_at_rest()


async def test_a_refused_last_part_is_no_success(town: Town, engine: Engine) -> None:
    await engine.begin()
    town.answers("Agreed", outcome="won")
    town.fault("messages.sendMessage", Action.ERROR, user=town.account, code=400, text="USER_IS_BLOCKED")
    town.says("A-1")
    closed = await town.until_status(Status.CLOSED)
    assert closed.outcome is Outcome.BLOCKED
    assert "close" not in await town.kinds()


async def test_a_chat_that_cannot_be_read_closes_with_its_reason(town: Town, engine: Engine) -> None:
    await engine.begin()
    town.fault("messages.readHistory", Action.ERROR, code=400, text="INPUT_USER_DEACTIVATED")
    town.says("A-1")
    closed = await town.until_status(Status.CLOSED)
    assert closed.outcome is Outcome.UNREACHABLE


async def test_an_unknown_part_in_a_chat_that_cannot_be_read_comes_to_rest(town: Town) -> None:
    async with town.engine() as engine:
        await engine.begin()
        fault = town.fault("messages.sendMessage", Action.BLACK_HOLE, user=town.account)
        town.says("A-1")
        await town.fired(fault)
        await engine.kill()
    town.world.faults.clear()
    await town.lead(DialogEvent.STOP)
    town.fault("messages.getHistory", Action.ERROR, code=400, text="PEER_ID_INVALID", count=None)
    async with town.engine():
        await town.until_parts(("Hello", "sent"), ("A-1", "failed"))
    assert "stop_confirmed" in await town.kinds()


async def test_an_answer_that_is_not_one_is_asked_again_later_and_not_at_once(town: Town, engine: Engine) -> None:
    await engine.begin()
    fault = town.fault("messages.readHistory", Action.ERROR, code=500, text="INTERNAL", count=None)
    town.says("A-1")
    await town.fired(fault)
    await town.until_value("select not_before is not null from dialogs", True)
    engine.context.work.wake()
    await until(lambda: not engine.context.poked)
    assert fault.fired == 1
    town.world.faults.clear()
    await engine.turn_clock(timedelta(seconds=3))
    await town.until_heard("Hello", "A-1")


@pytest.mark.parametrize(
    ("target", "outcome"), [("nobody_here", Outcome.NO_SUCH_PERSON), ("sales_desk_bot", Outcome.NOT_A_PERSON)]
)
async def test_a_name_that_leads_to_nobody_ends_the_opening(
    town: Town, engine: Engine, target: str, outcome: Outcome
) -> None:
    await engine.start(target)
    failed = await town.until_status(Status.FAILED)
    assert failed.outcome is outcome
    assert town.asked == 0


async def test_a_flood_wait_on_comparing_chats_keeps_nobody_waiting_who_writes(town: Town) -> None:
    """It ended the connection, and the next one began with the same call."""
    async with town.engine() as engine:
        await engine.begin()
    fault = town.fault("messages.getPeerDialogs", Action.FLOOD_WAIT, user=town.account, seconds=60)
    async with town.engine():
        await town.fired(fault)
        town.says("A-1")
        await town.until_heard("Hello", "A-1")


async def test_a_flood_wait_on_comparing_what_is_due_is_written_down(town: Town) -> None:
    async with town.engine() as engine:
        await engine.begin()
    town.says("A-1")
    await town.pool.execute("update dialogs set due_at = now() - interval '1 minute'")
    fault = town.fault("messages.getPeerDialogs", Action.FLOOD_WAIT, user=town.account, seconds=3)
    async with town.engine(live=False) as engine:
        await town.fired(fault)
        await town.until_value("select count(*) from accounts where flood_until is not null", 1)
        await engine.turn_clock(timedelta(seconds=4))
        await town.until_heard("Hello", "A-1")
