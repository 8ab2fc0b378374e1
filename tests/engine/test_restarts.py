"""Laws 5 and 8: every part is a row before it is a message; what is paid for is used; unknown is resolved."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from salesbot.dialog.model import DialogEvent, Status
from salesbot.store.pool import transaction
from sandbox.world import Action
from tests.engine.patience import until
from tests.engine.running import Engine, Town


@asynccontextmanager
async def locked(town: Town, dialog_id: int = 1) -> AsyncIterator[None]:
    """Nobody changes the dialog's row; an answer is written down beside it all the same."""
    async with transaction(town.pool) as connection:
        await connection.execute("select from dialogs where id = $1 for no key update", dialog_id)
        yield


async def killed_while_sending(town: Town, action: Action, text: str = "A-1") -> None:
    """A life of the engine that ends after its reply was claimed, with no answer to the call."""
    async with town.engine() as engine:
        await engine.begin()
        fault = town.fault("messages.sendMessage", action, user=town.account)
        town.says(text)
        await town.fired(fault)
        await engine.kill()
    town.world.faults.clear()


async def forget_the_difference(town: Town) -> None:
    """Let the next connection begin after all that happened."""
    await town.pool.execute("update accounts set pts = $1", town.world.box(town.account).pts)


async def test_a_paid_answer_survives_a_restart(town: Town) -> None:
    async with town.engine() as engine:
        await engine.begin()
        held = town.fault("model.chat", Action.HOLD)
        town.says("A-1")
        await town.fired(held)
        async with locked(town):  # what was answered is written down, what is made of it cannot be
            town.release(held)
            await town.until_value("select count(*) from model_calls where state = 'answered'", 1)
            await engine.kill()
    async with town.engine():
        await town.until_heard("Hello", "A-1")
        await town.until_at_rest()
    assert town.asked == 2
    assert [row["state"] for row in await town.rows("select state from model_calls order by id")] == ["used", "used"]


async def test_a_paid_answer_to_what_does_not_stand_any_more_is_recorded_as_dropped(town: Town) -> None:
    async with town.engine() as engine:
        await engine.begin()
        held = town.fault("model.chat", Action.HOLD)
        town.says("A-1")
        await town.fired(held)
        async with locked(town):
            town.release(held)
            await town.until_value("select count(*) from model_calls where state = 'answered'", 1)
            await engine.kill()
    town.says("B-2")
    async with town.engine():
        await town.until_heard("Hello", "A-1 B-2")
        await town.until_at_rest()
    states = [row["state"] for row in await town.rows("select state from model_calls order by id")]
    assert states == ["used", "dropped", "used"]


async def test_a_call_that_nobody_waits_for_any_more_is_settled(town: Town) -> None:
    async with town.engine() as engine:
        await engine.begin()
        fault = town.fault("model.chat", Action.HANG)
        town.says("A-1")
        await town.fired(fault)
        await engine.kill()
    async with town.engine():
        await town.until_heard("Hello", "A-1")
        await town.until_at_rest()
    rows = await town.rows("select state, error from model_calls order by id")
    assert [tuple(row) for row in rows] == [("used", ""), ("failed", "interrupted"), ("used", "")]


async def test_a_reply_that_was_committed_is_sent_by_the_next_process(town: Town) -> None:
    async with town.engine() as engine:
        await engine.begin()
        town.slower(typing_min_seconds=60, typing_max_seconds=60)
    async with town.engine() as engine:
        town.says("A-1")
        await town.until_parts(("Hello", "sent"), ("A-1", "pending"))
        await engine.kill()
    town.slower(typing_min_seconds=0, typing_max_seconds=0)
    async with town.engine():
        await town.until_heard("Hello", "A-1")
        await town.until_at_rest()
    assert town.asked == 2


async def test_a_lost_answer_is_found_and_not_said_twice(town: Town, engine: Engine) -> None:
    await engine.begin()
    town.fault("messages.sendMessage", Action.CUT_AFTER, user=town.account)
    town.says("A-1")
    await town.until_parts(("Hello", "sent"), ("A-1", "sent"))
    await town.until_at_rest()
    assert town.heard() == ["Hello", "A-1"]
    assert town.calls("messages.sendMessage") == 2
    assert (await town.dialog()).status is Status.ACTIVE
    assert await town.value("select count(*) from messages where author = 'human'") == 0


async def test_a_lost_answer_is_found_in_the_history_and_not_said_twice(town: Town) -> None:
    await killed_while_sending(town, Action.DROP_ANSWER)
    assert await town.parts() == [("Hello", "sent"), ("A-1", "sending")]
    await forget_the_difference(town)
    async with town.engine():
        await town.until_parts(("Hello", "sent"), ("A-1", "sent"))
        await town.until_at_rest()
    assert town.heard() == ["Hello", "A-1"]
    assert town.calls("messages.sendMessage") == 2
    assert (
        await town.value("select count(*) from messages where send_state = 'sent' and telegram_message_id is null") == 0
    )


async def test_an_older_line_with_the_same_text_is_not_taken_for_the_part(town: Town) -> None:
    """The account said the very same before the dialog, longer ago than was read: that is not the part's delivery."""
    with town.long_ago():
        town.colleague_types("A-1")
        for number in range(110):
            town.says(f"line {number}")
    await killed_while_sending(town, Action.BLACK_HOLE)
    async with town.engine():
        await town.until_parts(("Hello", "sent"), ("A-1", "sent"))
    assert [text for text in town.heard() if text != "Hello"] == ["A-1", "A-1"]


async def test_what_never_arrived_is_sent_again_with_the_same_random_id(town: Town) -> None:
    await killed_while_sending(town, Action.BLACK_HOLE)
    async with town.engine():
        await town.until_heard("Hello", "A-1")
        await town.until_parts(("Hello", "sent"), ("A-1", "sent"))
    sent = town.world.log.since(kind="rpc", method="messages.sendMessage")
    assert len({packet.random_id for packet in sent}) == 2
    assert len(sent) == 3


async def test_a_repeated_random_id_means_delivered_even_without_a_trace(town: Town) -> None:
    """The person deleted the message before the next process could find it."""
    await killed_while_sending(town, Action.DROP_ANSWER)
    await forget_the_difference(town)
    newest = town.world.history(town.anna, town.account, limit=1)[0]
    town.world.delete(town.anna, [newest.id])
    async with town.engine():
        await town.until_parts(("Hello", "sent"), ("A-1", "sent"))
        await town.until_at_rest()
    assert town.heard() == ["Hello"]
    assert (await town.dialog()).status is Status.ACTIVE


@pytest.mark.parametrize("event", [DialogEvent.STOP, DialogEvent.TAKE])
async def test_an_unknown_part_is_not_sent_again_after_it_was_silenced(town: Town, event: DialogEvent) -> None:
    await killed_while_sending(town, Action.BLACK_HOLE)
    assert await town.lead(event), "a part is on its way"
    async with town.engine():
        await town.until_parts(("Hello", "sent"), ("A-1", "cancelled"))
        await town.until_at_rest()
    assert town.heard() == ["Hello"]
    assert town.calls("messages.sendMessage") == 2
    assert ("stop_confirmed" in await town.kinds()) is (event is DialogEvent.STOP)


async def test_an_unknown_part_is_not_sent_again_after_a_newer_message(town: Town) -> None:
    await killed_while_sending(town, Action.BLACK_HOLE)
    town.says("B-2")
    async with town.engine():
        await town.until_heard("Hello", "A-1 B-2")
        await town.until_at_rest()
    assert await town.parts() == [("Hello", "sent"), ("A-1", "cancelled"), ("A-1 B-2", "sent")]


async def test_a_part_given_up_that_arrives_after_all_is_ours(town: Town) -> None:
    """A stop came while the part was on its way; Telegram delivered it later than anybody looked."""
    await killed_while_sending(town, Action.BLACK_HOLE)
    await town.lead(DialogEvent.STOP)
    async with town.engine():
        await town.until_parts(("Hello", "sent"), ("A-1", "cancelled"))
        town.colleague_types(await town.value("select content from messages where send_state = 'cancelled'"))
        await town.until_parts(("Hello", "sent"), ("A-1", "sent"))
    assert await town.value("select count(*) from messages where author = 'human'") == 0


async def test_a_refused_part_is_never_taken_for_delivered(town: Town, engine: Engine) -> None:
    """Telegram said no; a colleague who types the same words later has taken over."""
    await engine.begin()
    town.fault("messages.sendMessage", Action.ERROR, user=town.account, code=400, text="MESSAGE_ODD")
    town.says("A-1")
    await town.until_status(Status.HANDOFF)
    await town.until_parts(("Hello", "sent"), ("A-1", "failed"))
    town.colleague_types("A-1")
    await town.until_status(Status.TAKEN)
    assert await town.parts() == [("Hello", "sent"), ("A-1", "failed")]


async def test_the_echo_of_an_ended_dialog_belongs_there(town: Town) -> None:
    """Stopped with a part on its way, and begun anew: what arrives is nobody's takeover of the new dialog."""
    await killed_while_sending(town, Action.DROP_ANSWER)
    await town.lead(DialogEvent.STOP)
    async with town.engine(live=False) as engine:
        await engine.start()
        await engine.until_live()
        await town.until_parts(("Hello", "sent"), ("A-1", "sent"))
        await town.until_status(Status.ACTIVE, 2)
        await town.until_at_rest(2)
    assert "stop_confirmed" in await town.kinds(1)
    assert "human_spoke" not in await town.kinds(2)


async def test_a_part_that_waited_is_not_said_before_its_dialog_was_compared(town: Town) -> None:
    """The person wrote meanwhile, and no update tells of it: the part is overtaken."""
    async with town.engine() as engine:
        await engine.begin()
        town.slower(typing_min_seconds=60, typing_max_seconds=60)
    async with town.engine() as engine:
        town.says("A-1")
        await town.until_parts(("Hello", "sent"), ("A-1", "pending"))
        await engine.kill()
    town.says("B-2")
    await town.pool.execute("update accounts set pts = $1", town.world.box(town.account).pts)
    town.slower(typing_min_seconds=0, typing_max_seconds=0)
    async with town.engine():
        await until(lambda: "B-2" in " ".join(town.heard()), "an answer")
        await town.until_at_rest()
    assert await town.parts() == [("Hello", "sent"), ("A-1", "cancelled"), ("A-1 B-2", "sent")]
