"""Customers who answer by themselves: switched on for a person, in their words, until they are switched off."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from sandbox.app import Options, Sandbox
from sandbox.control.client import Control, ControlRefused
from sandbox.mtproto.crypto import ServerKey
from tests.support.waiting import until

PAUSE = 0.02


@pytest.fixture(autouse=True)
async def quick(control: Control) -> None:
    await control.call("PATCH", "/rules", answer_pause=PAUSE)


async def switch(control: Control, who: str, kind: str) -> None:
    await control.call("PATCH", f"/users/{who}", automatic=kind)


async def test_who_is_switched_on_reads_types_and_answers(control: Control) -> None:
    await switch(control, "anna", "hot")
    said = await control.say("sales", "anna", "Здравствуйте! Сколько человек у вас в офисе?")
    answer = await control.wait_message("sales", "anna")
    assert any(digit.isdigit() for digit in answer["text"])
    events = [await control.wait_event(since=0, kind=kind, owner=said["owner"]) for kind in ("read_outbox", "typing")]
    assert events[0]["seq"] < events[1]["seq"]


async def test_they_buy_of_a_seller_who_offers(control: Control) -> None:
    await switch(control, "boris", "hot")
    lines = ("Hello! How many people are there in your office?", "The plan is 8,900 ₽ a month. When may we call you?")
    above = 0
    for line in lines:
        await control.say("sales", "boris", line)
        above = (await control.wait_message("sales", "boris", above=above))["id"]
    assert "on " in (await control.chat("sales", "boris"))["messages"][-1]["text"]


async def test_several_lines_get_one_answer(control: Control) -> None:
    await control.call("PATCH", "/rules", answer_pause=0.3)
    await switch(control, "anna", "warm")
    for line in ("Здравствуйте!", "Я Мария.", "Сколько вас в офисе?"):
        await control.say("sales", "anna", line)
    answer = await control.wait_message("sales", "anna")
    assert [one["out"] for one in (await control.chat("sales", "anna"))["messages"]] == [True] * 3 + [False]
    assert answer["text"]


async def test_who_is_switched_on_later_answers_what_waits(control: Control) -> None:
    await control.say("sales", "clara", "Hello! How many of you are there?")
    await switch(control, "clara", "warm")
    assert await control.wait_message("sales", "clara")


async def test_who_is_switched_off_is_silent(control: Control) -> None:
    await control.call("PATCH", "/rules", answer_pause=0.1)
    await switch(control, "anna", "hot")
    await control.say("sales", "anna", "Сколько вас?")
    await switch(control, "anna", "")
    with pytest.raises(ControlRefused, match="408"):
        await control.wait_message("sales", "anna", timeout=0.3)


async def test_nobody_answers_the_bot_or_a_friend(control: Control) -> None:
    await switch(control, "anna", "hot")
    hi = await control.say("anna", "boris", "hi")
    await control.say("boris", "anna", "How many of you are there?")
    with pytest.raises(ControlRefused, match="408"):
        await control.wait_message("boris", "anna", above=hi["twin_id"], timeout=0.2)


async def test_who_wants_no_more_is_deaf(control: Control) -> None:
    await switch(control, "emma", "hostile")
    await control.say("sales", "emma", "Hello!")
    above = (await control.wait_message("sales", "emma"))["id"]
    await control.say("sales", "emma", "A coffee machine?")
    above = (await control.wait_message("sales", "emma", above=above))["id"]
    await control.say("sales", "emma", "Are you sure?")
    await control.wait_event(since=0, kind="read_outbox")
    with pytest.raises(ControlRefused, match="408"):
        await control.wait_message("sales", "emma", above=above, timeout=0.3)


async def test_an_unknown_kind_is_refused(control: Control) -> None:
    with pytest.raises(ControlRefused, match="automatic is empty or one of hot, warm"):
        await switch(control, "anna", "sleepy")


async def test_after_a_restart_they_answer_what_waits(tmp_path: Path, server_key: ServerKey) -> None:
    options = Options(data=tmp_path, key=server_key)
    async with Sandbox.running(options) as first, Control(first.state()["control"]) as control:
        await control.call("PATCH", "/rules", answer_pause=60)
        await switch(control, "anna", "hot")
        anna = (await control.say("sales", "anna", "Сколько вас в офисе?"))["peer"]
    again = Sandbox(options)
    again.world.rules.answer_pause = timedelta(0)
    again.automatic.start()

    async def answered() -> bool:
        return again.world.dialogs(anna)[0][1].out

    await until(answered, "Anna has answered")
    again.automatic.stop()
    again.world.close()
