"""What people do: strangers, opt-outs, photos and voices, edits, deletions, quotes, reactions."""

from __future__ import annotations

from typing import Any

import pytest

from salesbot.scenarios.load import load
from tests.support.house import ACCOUNT, House
from tests.support.ledger import agree
from tests.support.waiting import until

FAREWELLS = frozenset(load("sales").farewell.values())
"""The one confirmation of an opt-out, by language."""
OPT_OUTS = ("Stop", "Please do not write to me any more.", "Больше не пишите мне")


async def last_request(house: House) -> str:
    """What the model was shown last, as one text."""
    requests: list[Any] = await house.control.call("GET", "/model/requests")
    return "\n".join(str(message["content"]) for message in requests[-1]["messages"])


async def view(house: House, number: int) -> str:
    said = await house.ask(f"/view {number}", rf"^\W*№ {number} ")
    return str(said["text"])


async def a_second_later(house: House) -> None:
    """Telegram tells times in whole seconds: what happens in the same one cannot be told apart."""

    async def over() -> bool:
        return bool(await house.db.fetchval("select max(timestamp) + interval '1 second' <= now() from messages"))

    await until(over, "the second is over")


# --- strangers


async def test_a_stranger_is_neither_answered_nor_stored(house: House) -> None:
    await house.says("clara", "Good morning, who is this?")
    number = await house.begin("anna")
    await house.says("clara", "Hello?")
    await house.says("anna", "We are 40 people")
    await house.has_stored(number, "We are 40 people")  # what came before it was seen before it
    await house.at_rest(number)
    assert await house.heard("clara") == []
    assert await house.db.fetchval("select count(*) from contacts") == 1
    assert await house.db.fetchval("select count(*) from dialogs") == 1
    assert await house.db.fetchval("select count(*) from messages where content ~ 'morning|Hello'") == 0


async def test_a_stranger_is_answered_when_the_settings_say_so(quiet_house: House) -> None:
    house = quiet_house
    await house.product.start({"ANSWER_STRANGERS": "true"})
    said = (await house.says("clara", "Good morning,", "we are 40 people. Do you rent coffee machines?"))["id"]
    await house.hears("clara", above=said)
    await house.at_rest(1)
    assert 1 <= len(await house.heard("clara")) <= 3
    assert (await house.dialog(1))["basis"] == "wrote first"
    await house.ask("/list", "№ 1 .*@clara")
    await agree(house, 1)


async def test_somebody_who_wrote_while_they_were_looked_up_is_in_one_dialog(quiet_house: House) -> None:
    house = quiet_house
    await house.product.start({"ANSWER_STRANGERS": "true"})
    held = await house.control.fault("contacts.resolveUsername", "hold")
    told = await house.tell_bot("/start @anna")
    await house.control.fired(held)
    await house.says("anna", "Hello, we are 40 people")
    await house.hears("anna")
    await house.control.call("POST", f"/faults/{held}/release")
    await house.bot_says("there is an open dialog with .*@anna.* already: № 2", above=told)
    await house.at_rest(1, 2)
    assert [(await house.dialog(n))["status"] for n in (1, 2)] == ["failed", "active"]
    await agree(house, 2)


# --- opt-out


@pytest.mark.parametrize("words", OPT_OUTS)
async def test_an_opt_out_in_plain_words_is_for_ever(house: House, words: str) -> None:
    number = await house.begin("anna")
    said = (await house.says("anna", words))["id"]
    await house.bot_says("asked not to be written to. The dialog is closed for ever")
    told = await house.tell_bot("/start @anna")
    await house.bot_says(r"^№ 2: .*@anna.*asked never to be written to", above=told)
    await house.says("anna", "Did you understand?")
    await house.has_stored(number, "Did you understand?")
    await house.at_rest(1, 2)
    (farewell,) = await house.heard("anna", above=said)
    assert farewell in FAREWELLS
    dialog = await house.dialog(number)
    assert (dialog["status"], dialog["outcome"]) == ("closed", "opted_out")
    assert await house.db.fetchval("select count(*) from model_calls where purpose = 'reply'") == 0
    await agree(house, number)


async def test_an_opt_out_wins_against_the_model_that_is_thinking(house: House) -> None:
    number = await house.begin("anna")
    asked = await house.control.fault("model.chat", "hold")
    said = (await house.says("anna", "We are 40 people"))["id"]
    await house.control.fired(asked)
    await house.says("anna", "Stop")
    await house.bot_says("closed for ever")
    await house.control.call("POST", f"/faults/{asked}/release")

    async def dropped() -> bool:
        return bool(await house.db.fetchval("select true from model_calls where state = 'dropped'"))

    await until(dropped, "what was paid for and not said is recorded")
    await house.at_rest(number)
    (farewell,) = await house.heard("anna", above=said)
    assert farewell in FAREWELLS
    await agree(house, number)


# --- other kinds than text


@pytest.mark.parametrize(
    ("media", "text", "kind", "shown", "told"),
    [
        ({"kind": "photo"}, "our kitchen", "photo", "[photo]", "[photo] our kitchen"),
        ({"kind": "voice", "duration": 12}, "", "voice", "[voice message, 0:12]", "[voice message, 0:12]"),
        ({"kind": "sticker", "emoji": "👍"}, "", "sticker", "[sticker, 👍]", "[sticker, 👍]"),
        ({"kind": "document", "name": "plan.pdf"}, "", "document", "[file, plan.pdf]", "[document, plan.pdf]"),
        ({"kind": "contact", "first_name": "Boss", "phone": "12025550100"}, "", "contact", "[contact", "[contact"),
    ],
)
async def test_what_is_not_text_is_stored_shown_and_answered(
    house: House, media: dict[str, Any], text: str, kind: str, shown: str, told: str
) -> None:
    number = await house.begin("anna")
    said = await house.control.say("anna", ACCOUNT, text, media=media)
    await house.hears("anna", above=said["id"])
    await house.at_rest(number)
    (stored,) = [row for row in await house.messages(number) if row["direction"] == "in"]
    assert (stored["kind"], stored["content"]) == (kind, text)
    assert told in await last_request(house)
    page = await view(house, number)
    assert shown in page and text in page
    await agree(house, number)


# --- edits, deletions, quotes, reactions


async def test_an_edit_before_the_answer_changes_what_is_answered(house: House) -> None:
    number = await house.begin("anna")
    asked = await house.control.fault("model.chat", "hold")
    said = await house.says("anna", "We are 40 people")
    await house.control.fired(asked)
    await house.control.call("POST", "/edit", as_="anna", message_id=said["id"], text="We are 7 people")
    await house.has_stored(number, "We are 7 people")
    await house.control.call("POST", f"/faults/{asked}/release")
    await house.hears("anna", above=said["id"])
    await house.at_rest(number)
    shown = await last_request(house)
    assert "We are 7 people" in shown and "We are 40 people" not in shown
    answer = "\n".join(await house.heard("anna", above=said["id"]))
    assert "7" in answer and "40 people" not in answer
    rows = await house.db.fetch("select state from model_calls where purpose = 'reply' order by id")
    assert [row["state"] for row in rows] == ["dropped", "used"]
    page = await view(house, number)
    assert "We are 7 people" in page and "before it read: “We are 40 people”" in page
    await agree(house, number)


async def test_an_edit_after_the_answer_is_one_more_thing_the_model_knows(house: House) -> None:
    number = await house.begin("anna")
    said = await house.says("anna", "We are 40 people")
    await house.hears("anna", above=said["id"])
    await house.at_rest(number)
    before = await house.heard("anna")
    await a_second_later(house)
    await house.control.call("POST", "/edit", as_="anna", message_id=said["id"], text="We are 7 people")
    await house.has_stored(number, "We are 7 people")
    await house.at_rest(number)
    assert await house.heard("anna") == before, "an edit of what was answered asks for nothing"
    await house.says("anna", "How long is the contract?")
    await house.has_stored(number, "How long is the contract?")
    await house.at_rest(number)
    assert '[edited after it was answered; it said "We are 40 people"]' in await last_request(house)
    await agree(house, number)


async def test_a_message_deleted_before_the_answer_is_not_answered(house: House) -> None:
    number = await house.begin("anna")
    asked = await house.control.fault("model.chat", "hold")
    said = await house.says("anna", "Sorry, wrong chat: the parcel is at the door")
    await house.control.fired(asked)
    await house.control.call("POST", "/delete", as_="anna", message_id=said["id"])

    async def deleted() -> bool:
        return bool(await house.db.fetchval("select true from messages where deleted_at is not null"))

    await until(deleted, "the deletion is stored")
    await house.control.call("POST", f"/faults/{asked}/release")
    await house.at_rest(number)
    assert await house.heard("anna", above=said["id"]) == []
    page = await view(house, number)
    assert "wrong chat" in page and "deleted" in page


async def test_quotes_and_reactions_are_shown_to_the_operator_and_to_the_model(house: House) -> None:
    number = await house.begin("anna")
    first = next(one for one in await house.chat("anna") if not one["out"])
    await house.control.call("POST", "/react", as_="anna", message_id=first["id"], emoji="👍")

    async def reacted() -> bool:
        return bool(await house.db.fetchval("select true from messages where reaction = '👍'"))

    await until(reacted, "the reaction is stored")
    said = await house.control.say("anna", ACCOUNT, "Since when?", reply_to=first["id"], quote="Brisk Corner")
    await house.hears("anna", above=said["id"])
    await house.at_rest(number)
    shown = await last_request(house)
    assert '[in reply to "Brisk Corner"] Since when?' in shown
    assert "The person reacted with 👍 to your line" in shown
    page = await view(house, number)
    assert "reaction: 👍" in page and "\nBrisk Corner\nSince when?" in page
    await agree(house, number)


# --- a colleague


async def test_typing_from_another_device_takes_over_by_itself(house: House) -> None:
    number = await house.begin("anna")
    await house.control.say(ACCOUNT, "anna", "It is Maria in person now")
    await house.bot_says("somebody typed to .* from the account, so the model keeps quiet")
    assert (await house.dialog(number))["status"] == "taken"
    said = (await house.says("anna", "Nice to meet you, Maria"))["id"]
    await house.has_stored(number, "Nice to meet you, Maria")
    await house.at_rest(number)
    await house.begin("boris")  # what is decided later is said: what was not said by now never will be
    assert await house.heard("anna", above=said) == []
    await house.ask(f"/give {number}", "the model speaks again")
    await house.hears("anna", above=said)
    await house.at_rest(number)
    await agree(house, number)


async def test_typing_from_another_device_wins_against_the_model_that_is_thinking(house: House) -> None:
    number = await house.begin("anna")
    answered = await house.control.fault("model.chat", "hold_answer")
    said = (await house.says("anna", "We are 40 people"))["id"]
    await house.control.fired(answered)
    await house.control.say(ACCOUNT, "anna", "I answer that myself")
    await house.bot_says("somebody typed to")
    await house.control.call("POST", f"/faults/{answered}/release")

    async def dropped() -> bool:
        return bool(await house.db.fetchval("select true from model_calls where state = 'dropped'"))

    await until(dropped, "what was paid for and not said is recorded")
    await house.at_rest(number)
    assert await house.heard("anna", above=said) == ["I answer that myself"]
    await agree(house, number)
