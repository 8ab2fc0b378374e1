"""The operator's commands against the whole product: wrong inputs, redeliveries, people who were stopped before."""

from __future__ import annotations

import asyncio
import re

import pytest

from tests.support.house import BOT, OPERATOR, House, Json
from tests.support.ledger import agree
from tests.support.waiting import until


async def count_dialogs(house: House) -> int:
    return int(await house.db.fetchval("select count(*) from dialogs"))


async def turned(house: House, page: Json, button: str) -> Json:
    """The page that a button puts in the place of another."""
    await house.control.press(OPERATOR, page["id"], text=button)

    async def other() -> Json | None:
        now = next(one for one in await house.chat(OPERATOR, BOT) if one["id"] == page["id"])
        return now if now["text"] != page["text"] else None

    return await until(other, "the next page is shown")


async def test_wrong_input_gets_one_clear_line(house: House) -> None:
    number = await house.begin("anna")
    wrong = {
        "/start @nobody_here": r"№ 2: @nobody_here: there is no such username\. No message was sent\.",
        "/start @sales_desk_bot": r"№ 3: @sales_desk_bot: that is a bot, a group or a channel, not a person\.",
        "/start @anna": rf"№ 4: there is an open dialog with .*@anna.* already: № {number}\. /view {number}",
        "/start https://t.me/anna": rf"№ 5: there is an open dialog with .*@anna.* already: № {number}",
        f"/start {house.id_of('anna')}": rf"open dialog with that person already: № {number}\.",
        "/start @a": r"@a cannot be a username: 4 to 32 .* Example: /start @anna",
        "/start @anna colour=red": r"I do not know the option colour; .* Example: /start @anna",
        "/start @anna scenario=teapots": r"There is no scenario teapots\. There are: .*sales",
        "/start 4711": r"I know nobody with the id .*4711 yet\. Use the username: /start @anna",
        "/stop": r"The dialog's number is missing\. Example: /stop 7",
        "/view": r"The dialog's number is missing\. Example: /view 7",
        "/stop all": r"all is not a dialog's number\. Example: /stop 7",
        "/take 99": r"There is no dialog № 99\. /list all shows the ones there are\.",
        "/export 99": r"There is no dialog № 99\.",
        f"/give {number}": rf"№ {number} is active already",
        f"/resume {number}": rf"№ {number} is active already",
        "/hello": r"I do not know that command\. /help",
    }
    for command, expected in wrong.items():
        told = await house.tell_bot(command)
        said = await house.bot_says(expected, above=told)
        assert "\n" not in said["text"], command
    await house.ask(f"/stop {number}", f"№ {number}: stopped")
    await house.ask(f"/stop {number}", rf"№ {number} is stopped already\. /resume {number} goes on\.")
    assert await house.heard("anna") and not await house.heard("boris")


async def test_nobody_but_the_admins_gets_an_answer(house: House) -> None:
    await house.tell_bot("/start @boris", who="clara")
    await house.tell_bot("/list", who="clara")
    await house.begin("anna")  # later, and done
    assert [one for one in await house.chat("clara", BOT) if not one["out"]] == []
    assert await house.heard("boris") == []
    assert await count_dialogs(house) == 1


async def test_a_start_that_is_delivered_again_after_a_kill_opens_one_dialog(house: House) -> None:
    """Telegram delivers until the offset confirms, and the product died before it could."""
    answering = await house.control.fault("bot.sendMessage", "hold")
    told = await house.tell_bot("/start @anna")
    await house.control.fired(answering)
    confirming = await house.control.fault("bot.getUpdates", "error", code=502, count=None)
    await house.control.call("POST", f"/faults/{answering}/release")
    await house.bot_says("^№ 1: looking up @anna", above=told)
    await house.hears("anna")
    await house.at_rest(1)
    before = await house.heard("anna")
    await house.control.fired(confirming)
    await house.product.kill()
    await house.control.call("DELETE", "/faults")
    await house.product.start()
    await house.ask("/list", "№ 1 ")
    answers = [one["text"] for one in await house.chat(OPERATOR, BOT) if not one["out"] and one["id"] > told]
    assert sum("looking up" in text for text in answers) == 2, "the same answer again"
    assert await count_dialogs(house) == 1
    await house.at_rest(1)
    assert await house.heard("anna") == before
    await agree(house, 1)


async def test_a_start_typed_twice_opens_one_dialog(house: House) -> None:
    held = await house.control.fault("contacts.resolveUsername", "hold")
    told = await house.tell_bot("/start @anna")
    await house.tell_bot("/start @anna")
    await house.bot_says("^№ 1: @anna is being looked up already", above=told)
    await house.control.call("POST", f"/faults/{held}/release")
    await house.hears("anna")
    await house.at_rest(1)
    assert await count_dialogs(house) == 1
    await agree(house, 1)


@pytest.mark.parametrize("anew", [False, True])
async def test_start_on_somebody_stopped_offers_to_go_on_or_to_begin_anew(house: House, anew: bool) -> None:
    number = await house.begin("anna")
    await house.ask(f"/stop {number}", "stopped")
    last = (await house.says("anna", "Are you still there?"))["id"]
    await house.bot_says("It is stored and not answered")
    offer = await house.ask(
        "/start @anna", rf"Dialog № {number} with @anna was stopped\. Go on with it, or begin anew\?"
    )
    assert await count_dialogs(house) == 1
    held = await house.control.fault("bot.answerCallbackQuery", "hold")
    button = {"text": "Begin anew" if anew else f"Resume № {number}"}
    first = asyncio.create_task(house.control.press(OPERATOR, offer["id"], **button))
    await house.control.fired(held)
    second = asyncio.create_task(house.control.press(OPERATOR, offer["id"], **button))
    await house.hears("anna", above=last)
    await house.control.call("POST", f"/faults/{held}/release")
    assert (await first)["answered"] and (await second)["answered"]
    await house.at_rest(1, 2, 3)
    rows = await house.db.fetch("select id, status from dialogs where status <> 'failed' order by id")
    found = [(row["id"], row["status"]) for row in rows]
    assert found == ([(number, "stopped"), (number + 1, "active")] if anew else [(number, "active")])


async def test_a_stop_while_a_part_is_on_its_way_is_confirmed_once_it_has_arrived(house: House) -> None:
    number = await house.begin("anna")
    answered = await house.control.fault("messages.sendMessage", "hold_answer", user="sales")
    said = (await house.says("anna", "We are 40 people"))["id"]
    await house.control.fired(answered)
    stopped = await house.tell_bot(f"/stop {number}")
    promised = await house.bot_says("stopping. One message was already on its way; I will confirm", above=stopped)
    await house.control.call("POST", f"/faults/{answered}/release")
    await house.bot_says("stopped. Nothing of it is on its way any more", above=promised["id"])
    await house.at_rest(number)
    assert len(await house.heard("anna", above=said)) == 1
    await agree(house, number)


async def test_a_stop_drops_the_reply_that_is_being_written(house: House) -> None:
    number = await house.begin("anna")
    asked = await house.control.fault("model.chat", "hold")
    said = (await house.says("anna", "We are 40 people"))["id"]
    await house.control.fired(asked)
    await house.ask(f"/stop {number}", f"№ {number}: stopped. Nothing of it is on its way")
    await house.control.call("POST", f"/faults/{asked}/release")
    await house.begin("boris")
    await house.at_rest(number)
    assert await house.heard("anna", above=said) == []
    await house.ask(f"/resume {number}", f"№ {number}: goes on")
    await house.hears("anna", above=said)
    await house.at_rest(number)
    states = [
        row["state"] for row in await house.db.fetch("select state from model_calls where dialog_id = $1", number)
    ]
    assert sorted(states) == ["dropped", "used", "used"]
    await agree(house, number)


async def test_a_long_dialogue_is_viewed_page_by_page_and_exported_whole(house: House) -> None:
    number = await house.begin("anna")
    lines = [f"Line {one}: " + ("a long story about coffee, " * 20).strip() for one in range(30)]
    await house.says("anna", *lines)
    await house.has_stored(number, lines[-1])
    await house.at_rest(number)
    page = await house.ask(f"/view {number}", rf"^\W*№ {number} ")
    shown = page["text"]
    for _ in range(20):
        buttons = [one["text"] for row in page["keyboard"]["rows"] for one in row]
        if "← older" not in buttons:
            break
        page = await turned(house, page, "← older")
        shown += page["text"]
    assert set(re.findall(r"Line \d+:", shown)) == {f"Line {one}:" for one in range(30)}
    exported = await house.ask(f"/export {number}", f"№ {number}")
    text = (await house.file(exported)).decode()
    assert all(line in text for line in lines)
