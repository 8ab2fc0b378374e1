"""A person's data go, whole and for good, whatever the process was doing: with real people, a model and a kill."""

from __future__ import annotations

import pytest

from tests.support.house import OPERATOR, House
from tests.support.waiting import until

STREET, PHONE = "Zolotaya Ulitsa", "+79991234567"


async def left(house: House, *words: str) -> list[str]:
    """Rows with a word in them, of whatever table."""
    tables = await house.db.fetch("select tablename as name from pg_tables where schemaname = 'public'")
    return [
        f"{table['name']}: {row['line']}"
        for table in tables
        for row in await house.db.fetch(f'select t::text as line from "{table["name"]}" t')  # noqa: S608
        if any(word.lower() in row["line"].lower() for word in words)
    ]


async def of_anna(house: House) -> list[str]:
    return await left(house, "anna", str(house.id_of("anna")), STREET, PHONE.removeprefix("+"), "clearly")


async def erase(house: House, button: str, expected: str = "Erased: ") -> None:
    shown = await house.ask("/forget @anna", "Erasing takes their words")
    await house.control.press(OPERATOR, shown["id"], text=button)
    await house.bot_says(expected, above=shown["id"] - 1)


async def talk(house: House) -> int:
    """A dialog in which something was said, learnt, edited and drafted."""
    number = await house.begin("anna", 'basis="Anna clearly asked for it"')
    said = await house.says("anna", f"We are 40 people at {STREET}, my number is {PHONE}")
    await house.hears("anna", above=said["id"])
    await house.at_rest(number)
    assert await left(house, STREET)
    return number


async def test_nothing_is_left_and_a_later_message_is_a_strangers(house: House) -> None:
    number = await talk(house)
    for command in (f"/view {number}", f"/data {number}", f"/take {number}", f"/give {number}", "/basis @anna clearly"):
        await house.ask(command)
    await house.at_rest(number)
    await erase(house, "Erase")
    assert await of_anna(house) == []
    before = len(await house.heard("anna"))
    await house.says("anna", "Hello, it is Anna again")
    second = await house.begin("boris")
    assert await of_anna(house) == []
    assert len(await house.heard("anna")) == before
    assert STREET not in house.product.log()
    assert (await house.dialog(second))["status"] == "active"
    await house.begin("anna")  # an erasure is no opt-out


async def test_who_is_never_to_be_written_to_stays_so_under_the_name_alone(house: House) -> None:
    await talk(house)
    await erase(house, "Erase and never write again", "They will never be written to again")
    assert await of_anna(house) == []
    before = await house.heard("anna")
    await house.ask("/start @anna", "that person asked never to be written to")
    await house.control.call("PATCH", "/users/anna", username="anna_the_first")
    await house.settle("anna_two")
    await house.control.call("PATCH", "/users/anna_two", username="anna")
    await house.ask("/start @Anna", "somebody with this username asked never to be written to")
    await house.ask("/start @anna_the_first", "that person asked never to be written to")
    assert await house.heard("anna_the_first") == before
    assert await house.heard("anna") == []


async def test_an_answer_that_the_model_still_writes_is_not_kept(house: House) -> None:
    number = await talk(house)
    asked = await house.control.fault("model.chat", "hold_answer")
    await house.says("anna", f"Please answer Anna clearly about {STREET}")
    await house.control.fired(asked)
    await erase(house, "Erase")
    await house.control.call("POST", f"/faults/{asked}/release")
    settled = "select count(*) = 0 from model_calls where dialog_id = $1 and state = 'asked'"
    await until(lambda: house.db.fetchval(settled, number), "the answer is settled")
    assert await of_anna(house) == []
    await house.begin("boris")


async def test_a_part_on_its_way_is_waited_for(house: House) -> None:
    await talk(house)
    sending = await house.control.fault("messages.sendMessage", "hold_answer", user="sales")
    await house.says("anna", "How much is it?")
    await house.control.fired(sending)
    await erase(house, "Erase", "already on its way; once that is settled")
    assert await of_anna(house) != []
    await house.control.call("POST", f"/faults/{sending}/release")
    await house.bot_says("^Erased: ")
    assert await of_anna(house) == []


@pytest.mark.parametrize("in_flight", [False, True])
async def test_a_kill_in_the_midst_of_it_leaves_a_promise_that_the_next_process_keeps(
    house: House, in_flight: bool
) -> None:
    await talk(house)
    if in_flight:
        sending = await house.control.fault("messages.sendMessage", "drop_answer", user="sales")
        await house.says("anna", "How much is it?")
        await house.control.fired(sending)
    shown = await house.ask("/forget @anna", "Erasing takes their words")
    answering = await house.control.fault("bot.editMessageText", "hold")
    await house.control.press(OPERATOR, shown["id"], text="Erase")
    await house.control.fired(answering)
    await house.product.kill()
    await house.control.call("DELETE", "/faults")
    await house.product.start()
    await house.bot_says("^Erased: ", above=shown["id"] - 1)
    assert await of_anna(house) == []
    erasures = await house.db.fetchval("select count(*) from events where kind = 'erase'")
    assert erasures == 1
