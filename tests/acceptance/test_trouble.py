"""Trouble with Telegram and with the model, as the person and the operator see it: the person sees none of it."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from salesbot.scenarios.load import load
from tests.support.house import ACCOUNT, House
from tests.support.ledger import agree
from tests.support.waiting import until

SALES = load("sales")
QUESTION = "We are 40 people, what would that cost?"
PARTS = ["Let us begin with your office.", "Coffee comes next.", "A colleague knows the rest."]
REPLY = json.dumps({"parts": PARTS, "stage": "qualification", "outcome": "none", "handoff": None})


async def answered(house: House, number: int, above: int) -> list[str]:
    """What Anna hears, once the dialog is at rest."""
    await house.hears("anna", above=above)
    await house.at_rest(number)
    await agree(house, number)
    return await house.heard("anna", above=above)


# --- Telegram


@pytest.mark.parametrize("action", ["cut_before", "cut_after", "drop_answer"])
async def test_a_part_whose_answer_is_lost_arrives_once(house: House, action: str) -> None:
    number = await house.begin("anna")
    await house.control.fault("model.chat", "content", text=REPLY)
    await house.control.fault("messages.sendMessage", action, user=ACCOUNT, skip=1)
    said = (await house.says("anna", QUESTION))["id"]
    assert await answered(house, number, said) == PARTS


async def test_what_is_said_while_the_connection_is_cut_is_answered(house: House) -> None:
    number = await house.begin("anna")
    refused = await house.control.fault("connect", "cut_before", count=2)
    assert (await house.control.call("POST", "/drop", user=ACCOUNT))["dropped"] == 1
    said = (await house.says("anna", "Hello", QUESTION))["id"]
    await house.control.fired(refused, times=2)
    assert 1 <= len(await answered(house, number, said)) <= 3


@pytest.mark.parametrize("push", ["lose", "duplicate"])
async def test_a_push_that_is_lost_or_comes_twice_changes_nothing(house: House, push: str) -> None:
    number = await house.begin("anna")
    await house.control.fault("push.MessageNew", push, user=ACCOUNT)
    said = (await house.says("anna", "Hello", QUESTION))["id"]
    assert 1 <= len(await answered(house, number, said)) <= 3
    assert [r["content"] for r in await house.messages(number) if r["direction"] == "in"] == ["Hello", QUESTION]


async def test_a_flood_wait_is_waited_out(house: House) -> None:
    number = await house.begin("anna")
    await house.control.fault("model.chat", "content", text=REPLY)
    flood = await house.control.fault("messages.sendMessage", "flood_wait", user=ACCOUNT, seconds=2, skip=1)
    said = (await house.says("anna", QUESTION))["id"]
    await house.control.fired(flood)
    assert await answered(house, number, said) == PARTS


async def test_a_flood_wait_of_hours_is_told_and_survives_a_kill(house: House) -> None:
    number = await house.begin("anna")
    await house.control.fault("messages.sendMessage", "flood_wait", user=ACCOUNT, seconds=18_000)
    told = await house.tell_bot("/list")
    said = (await house.says("anna", QUESTION))["id"]
    await house.bot_says(f"Telegram makes @{ACCOUNT} wait until", above=told)
    await house.product.kill()
    await house.product.start()
    await house.ask("/list", f"№ {number}")
    left = await house.db.fetchval("select flood_until - now() > interval '4 hours' from accounts")
    assert left and await house.heard("anna", above=said) == []
    await house.db.execute("update accounts set flood_until = now()")
    await house.db.execute("update messages set not_before = now() where send_state = 'pending'")
    await house.db.execute("update dialogs set not_before = null")
    assert 1 <= len(await answered(house, number, said)) <= 3


async def test_the_spam_limit_holds_new_conversations_until_the_operator_allows_them(house: House) -> None:
    number = await house.begin("anna")
    await house.control.fault("messages.sendMessage", "peer_flood", user=ACCOUNT, peer=house.id_of("boris"))
    told = await house.tell_bot("/start @boris")
    limited = await house.bot_says(f"Telegram limits @{ACCOUNT}: no new conversations", above=told)
    said = (await house.says("anna", QUESTION))["id"]
    assert await answered(house, number, said), "running dialogs go on"
    assert await house.heard("boris") == []
    await house.control.press("operator", limited["id"], text="Allow new conversations")
    held = await house.dialog(2)
    assert held["due_at"] <= datetime.now(UTC) + timedelta(minutes=1), "it looks again within a minute"
    await house.db.execute("update dialogs set due_at = now() where id = 2")
    await house.hears("boris")
    await house.at_rest(2)
    await agree(house, 2)


async def test_a_person_who_blocks_the_account_ends_the_dialog_with_that_reason(house: House) -> None:
    number = await house.begin("anna")
    asked = await house.control.fault("model.chat", "hold")
    await house.says("anna", QUESTION)
    await house.control.fired(asked)
    await house.control.call("POST", "/block", as_="anna", who=ACCOUNT)
    await house.control.call("POST", f"/faults/{asked}/release")
    await house.bot_says(f"№ {number}: .* cannot be written to: the person blocked the account")
    await house.at_rest(number)
    dialog = await house.dialog(number)
    assert (dialog["status"], dialog["outcome"]) == ("closed", "blocked")


async def test_a_session_that_telegram_ended_is_told_and_another_login_goes_on(house: House) -> None:
    number = await house.begin("anna")
    await house.control.call("POST", "/revoke", user=ACCOUNT)
    said = (await house.says("anna", QUESTION))["id"]
    await house.tell_bot("/start @boris")  # whoever only listens never learns of it, and looks once a minute
    await house.bot_says(f"The account @{ACCOUNT} is out")
    await house.sign_in()
    assert 1 <= len(await answered(house, number, said)) <= 3


# --- the model


@pytest.mark.parametrize(
    ("action", "fields"),
    [
        ("error", {"code": 500}),
        ("flood_wait", {"seconds": 1}),
        ("broken_json", {}),
        ("empty", {}),
        ("error_body", {}),
        ("content", {"text": "It costs 1 ₽ for ever, I promise!"}),
        ("cut_before", {}),
    ],
)
async def test_a_model_on_a_bad_day_is_asked_again_and_the_person_sees_nothing(
    house: House, action: str, fields: dict[str, Any]
) -> None:
    number = await house.begin("anna")
    trouble = await house.control.fault("model.chat", action, **fields)
    said = (await house.says("anna", QUESTION))["id"]
    await house.control.fired(trouble)
    answer = await answered(house, number, said)
    assert 1 <= len(answer) <= 3
    assert "1 ₽" not in "\n".join(answer)


async def test_the_next_model_is_asked_when_the_first_one_hangs(quiet_house: House) -> None:
    house = quiet_house
    await house.product.start({"LLM_MODELS": "sandbox/seller,sandbox/echo", "LLM_TIMEOUT": "1"})
    number = await house.begin("anna")
    await house.control.fault("model.chat", "hang")
    said = (await house.says("anna", "Please confirm ANNA-1"))["id"]
    assert await answered(house, number, said) == ["ANNA-1"]


async def test_a_model_that_is_down_is_told_once_and_the_dialog_goes_on_by_itself(house: House) -> None:
    number = await house.begin("anna")
    down = await house.control.fault("model.chat", "error", code=503, count=None)
    said = (await house.says("anna", QUESTION))["id"]
    await house.bot_says("no model answers|No model answers")
    assert await house.heard("anna", above=said) == []
    await house.control.call("DELETE", f"/faults/{down}")
    await house.bot_says("the model answers again|The model answers again")
    assert 1 <= len(await answered(house, number, said)) <= 3


async def test_an_answer_that_cannot_be_used_calls_a_human(house: House) -> None:
    number = await house.begin("anna")
    await house.control.fault("model.chat", "content", text="Not an object at all", count=None)
    said = (await house.says("anna", QUESTION))["id"]
    await house.bot_says(f"№ {number}: .* needs a human")

    async def handed_over() -> bool:
        return bool((await house.dialog(number))["status"] == "handoff")

    await until(handed_over, "a human is asked for")
    await house.at_rest(number)
    safe = (await house.hears("anna", above=said))["id"]
    assert await house.heard("anna", above=said) == [SALES.safe_sentence["en"]]
    await house.control.call("DELETE", "/faults")
    await house.ask(f"/give {number}", "the model speaks again")
    assert 1 <= len(await answered(house, number, safe)) <= 3
