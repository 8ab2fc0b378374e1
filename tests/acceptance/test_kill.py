"""kill -9 at the worst moments; the next start goes on with the story: nothing is lost, nothing is said twice."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Awaitable, Callable

import pytest

from tests.support.house import BOT, OPERATOR, House
from tests.support.ledger import agree
from tests.support.waiting import until

QUESTION = "We are 40 people, what would that cost?"
PARTS = ["Let us begin with your office.", "Coffee comes next.", "A colleague knows the rest."]


async def three_parts(house: House) -> None:
    """Let the model's next answer have three parts."""
    reply = {"parts": PARTS, "stage": "qualification", "outcome": "none", "handoff": None}
    await house.control.fault("model.chat", "content", text=json.dumps(reply))


async def calls(house: House, number: int) -> list[str]:
    """How the model's calls for replies ended."""
    rows = await house.db.fetch(
        "select state from model_calls where dialog_id = $1 and purpose = 'reply' order by id", number
    )
    return [row["state"] for row in rows]


async def parts(house: House, number: int, above: int) -> list[tuple[str, str]]:
    """Text and state of the parts decided after a message of the database."""
    rows = await house.db.fetch(
        "select content, send_state from messages where dialog_id = $1 and id > $2 and send_state is not null "
        "order by id",
        number,
        above,
    )
    return [(row["content"], row["send_state"]) for row in rows]


async def goes_on(house: House, number: int, above: int) -> list[str]:
    """Start again, and return what Anna heard since once the dialog is at rest."""
    await house.control.call("DELETE", "/faults")
    await house.product.start()
    await house.hears("anna", above=above)
    await house.at_rest(number)
    await agree(house, number)
    return await house.heard("anna", above=above)


async def test_a_message_that_was_stored_and_not_yet_answered(house: House) -> None:
    number = await house.begin("anna")
    said = (await house.says("anna", QUESTION))["id"]
    await house.has_stored(number, QUESTION)
    await house.product.kill()
    assert await calls(house, number) == [], "killed before its turn"
    answer = await goes_on(house, number, said)
    assert 1 <= len(answer) <= 3
    assert await calls(house, number) == ["used"]


async def test_messages_that_came_while_it_was_dead_are_answered_as_one_burst(house: House) -> None:
    number = await house.begin("anna")
    await house.product.kill()
    said = (await house.says("anna", "Hello", QUESTION))["id"]
    assert 1 <= len(await goes_on(house, number, said)) <= 3
    assert await calls(house, number) == ["used"]


async def test_the_model_is_being_asked(house: House) -> None:
    number = await house.begin("anna")
    asked = await house.control.fault("model.chat", "hold")
    said = (await house.says("anna", QUESTION))["id"]
    await house.control.fired(asked)
    await house.product.kill()
    assert 1 <= len(await goes_on(house, number, said)) <= 3
    assert await calls(house, number) == ["failed", "used"]


async def test_the_model_has_answered_and_nobody_knows_yet(house: House) -> None:
    """Not promised: a crash between the provider's answer and its commit pays twice. It speaks once all the same."""
    number = await house.begin("anna")
    answered = await house.control.fault("model.chat", "hold_answer")
    said = (await house.says("anna", QUESTION))["id"]
    await house.control.fired(answered)
    await house.product.kill()
    assert 1 <= len(await goes_on(house, number, said)) <= 3
    assert await calls(house, number) == ["failed", "used"]


async def test_the_model_has_answered_and_the_turn_is_not_committed(house: House) -> None:
    number = await house.begin("anna")
    asked = await house.control.fault("model.chat", "hold")
    said = (await house.says("anna", QUESTION))["id"]
    await house.control.fired(asked)
    async with house.db.acquire() as connection:
        held = connection.transaction()
        await held.start()
        await connection.execute("select from dialogs where id = $1 for no key update", number)
        await house.control.call("POST", f"/faults/{asked}/release")

        async def settled() -> bool:
            return await calls(house, number) == ["answered"]

        await until(settled, "the model's answer is stored")
        await house.product.kill()
        await held.rollback()
    paid = await house.db.fetchval("select answer from model_calls where state = 'answered'")
    answer = await goes_on(house, number, said)
    assert answer == json.loads(paid)["parts"], "the answer that was paid for is the one that is said"
    assert await calls(house, number) == ["used"], "and it is not paid for again"


async def test_a_reply_that_is_committed_and_nothing_of_it_sent(house: House) -> None:
    number = await house.begin("anna")
    await house.product.stop()
    await house.product.start({"TYPING_MIN_SECONDS": "60", "TYPING_MAX_SECONDS": "60"})
    await three_parts(house)
    said = (await house.says("anna", QUESTION))["id"]
    stored = await house.has_stored(number, QUESTION)

    async def committed() -> bool:
        return await parts(house, number, stored["id"]) == [(text, "pending") for text in PARTS]

    await until(committed, "the reply is committed")
    await house.product.kill()
    assert await goes_on(house, number, said) == PARTS
    assert await calls(house, number) == ["used"]


async def test_between_two_parts(house: House) -> None:
    number = await house.begin("anna")
    await house.product.stop()
    await house.product.start({"PART_PAUSE_SECONDS": "60"})
    await three_parts(house)
    said = (await house.says("anna", QUESTION))["id"]
    stored = await house.has_stored(number, QUESTION)

    async def one_sent() -> bool:
        states = [state for _, state in await parts(house, number, stored["id"])]
        return states == ["sent", "pending", "pending"]

    await until(one_sent, "one part is sent")
    await house.product.kill()
    assert await house.heard("anna", above=said) == PARTS[:1]
    assert await goes_on(house, number, said) == PARTS
    assert await calls(house, number) == ["used"]


@pytest.mark.parametrize("which", [0, 1, 2])
@pytest.mark.parametrize("fate", ["hold", "drop_answer"])
async def test_a_part_that_was_claimed_and_whose_fate_is_unknown(house: House, which: int, fate: str) -> None:
    """Held by Telegram before it was carried out, or carried out and never answered: sent, not marked."""
    number = await house.begin("anna")
    await three_parts(house)
    sending = await house.control.fault("messages.sendMessage", fate, user="sales", skip=which)
    said = (await house.says("anna", QUESTION))["id"]
    await house.control.fired(sending)
    if fate == "drop_answer":
        await house.hears("anna", PARTS[which], above=said)
    await house.product.kill()
    stored = await house.has_stored(number, QUESTION)
    states = [state for _, state in await parts(house, number, stored["id"])]
    assert states == [*["sent"] * which, "sending", *["pending"] * (2 - which)]
    assert await goes_on(house, number, said) == PARTS
    assert await calls(house, number) == ["used"]


async def test_a_stop_that_came_while_a_part_of_unknown_fate_was_left_is_confirmed_after_the_restart(
    house: House,
) -> None:
    number = await house.begin("anna")
    await three_parts(house)
    sending = await house.control.fault("messages.sendMessage", "drop_answer", user="sales")
    said = (await house.says("anna", QUESTION))["id"]
    await house.control.fired(sending)
    await house.hears("anna", PARTS[0], above=said)
    stopped = await house.tell_bot(f"/stop {number}")
    await house.bot_says("One message was already on its way", above=stopped)
    await house.product.kill()
    await house.control.call("DELETE", "/faults")
    await house.product.start()
    await house.bot_says("Nothing of it is on its way any more", above=stopped)
    await house.at_rest(number)
    assert await house.heard("anna", above=said) == PARTS[:1]
    await agree(house, number)


@pytest.mark.parametrize("at", ["contacts.resolveUsername", "model.chat", "messages.sendMessage"])
async def test_while_a_dialog_is_being_opened(house: House, at: str) -> None:
    held = await house.control.fault(at, "hold")
    await house.tell_bot("/start @anna")
    await house.control.fired(held)
    await house.product.kill()
    opening = await goes_on(house, 1, 0)
    assert 1 <= len(opening) <= 3
    assert await house.db.fetchval("select count(*) from dialogs") == 1


async def export_reads(house: House) -> int:
    """Kill it while the archive is being written: it has begun, and cannot read what was said."""
    async with house.db.acquire() as connection, connection.transaction():
        await connection.execute("lock table messages in access exclusive mode")
        asked = await house.tell_bot("/export_all")
        await house.bot_says("Exporting: 0 of 1", above=asked)

        async def remembered() -> bool:
            return bool(await house.db.fetchval("select true from admin_updates where answer ? 'message'"))

        await until(remembered, "the message that shows the progress is remembered")
        await house.product.kill()
    return asked


async def export_sends(house: House) -> int:
    """Kill it while the archive is being uploaded."""
    held = await house.control.fault("bot.sendDocument", "hold")
    asked = await house.tell_bot("/export_all")
    await house.control.fired(held)
    await house.product.kill()
    await house.control.call("DELETE", "/faults")
    return asked


@pytest.mark.parametrize("killed", [export_reads, export_sends])
async def test_while_an_archive_is_exported(house: House, killed: Callable[[House], Awaitable[int]]) -> None:
    number = await house.begin("anna")
    asked = await killed(house)
    await house.product.start()
    done = await house.bot_says("Exported 1 dialog in 1 file", above=asked)
    since = [one for one in await house.chat(OPERATOR, BOT) if one["id"] > asked]
    documents = [one for one in since if one["media"]]
    assert len(documents) == 1
    with zipfile.ZipFile(io.BytesIO(await house.file(documents[0]))) as archive:
        assert archive.testzip() is None
    shown = [one["id"] for one in since if one["text"].startswith("Export")]
    assert shown == [done["id"]], "the message that showed the progress shows the end"
    await agree(house, number)


async def test_it_is_killed_again_and_again(house: House) -> None:
    """Ten lines, ten kills, each wherever it happens to be."""
    number = await house.begin("anna")
    for line in range(10):
        await house.says("anna", f"Line {line} of ten, please wait")
        if line % 3:
            await house.has_stored(number, f"Line {line} of ten, please wait")
        await house.product.kill()
        await house.product.start()
    await house.has_stored(number, "Line 9 of ten, please wait")
    await house.at_rest(number)
    await agree(house, number)
