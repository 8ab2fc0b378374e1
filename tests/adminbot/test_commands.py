"""The commands, as an operator meets them."""

from __future__ import annotations

from decimal import Decimal

import pytest

from salesbot import words
from salesbot.adminbot import import_texts, views
from salesbot.adminbot.desk import Desk
from salesbot.i18n import lang
from sandbox.app import Sandbox
from tests.adminbot.people import ACCOUNT, Operator, buttons, meet, open_with, said, sign_in, working


async def statuses(desk: Desk) -> list[tuple[int, str]]:
    return [(row["id"], row["status"]) for row in await desk.pool.fetch("select id, status from dialogs order by id")]


async def test_start_answers_with_the_number_and_commits_a_dialog_to_look_up(desk: Desk, operator: Operator) -> None:
    answer = await operator.ask('/start @anna basis="asked at the fair" scenario=sales account=@sales')
    assert answer["text"] == "№ 1: looking up @anna…"
    row = await desk.pool.fetchrow("select * from dialogs")
    assert row is not None
    assert (row["status"], row["target_username"], row["basis"], row["account_id"], row["scenario"]) == (
        "resolving", "anna", "asked at the fair", ACCOUNT, "sales",
    )  # fmt: skip


WRONG = {
    "/start 12": "I know nobody with the id 12",
    "/start @a": "@a cannot be a username",
    "/start https://t.me/+79990000000": "cannot be a username",
    "/start @anna colour=red": "I do not know the option colour",
    "/start @anna basis=": "The option basis has no value",
    "/start @anna hello": "I do not understand hello. Example: /start @anna basis=",
    "/start @anna scenario=cars": "There is no scenario cars. There are: sales.",
    "/start @anna account=@nobody": "There is no account @nobody here",
    "/stop": "The dialog's number is missing. Example: /stop 7",
    "/take anna": "anna is not a dialog's number. Example: /take 7",
    "/give 1 2": "I do not understand 2. Example: /give 7",
    "/view -1": "-1 is not a dialog's number",
    "/view 99999999999999999999": "is not a dialog's number",
    "/export 5": "There is no dialog № 5",
    "/view 5": "There is no dialog № 5",
    "/stop 5": "There is no dialog № 5",
    "/list some": "There is no list some; there are: open, all, mine, unread, needs you, draft ready",
    "/find": "How their name, @username or #label begins is missing. Example: /find anna",
    "/note": "The dialog's number is missing. Example: /note 7 calls back on Monday",
    "/note x y": "x is not a dialog's number",
    "/note 5 hello": "There is no dialog № 5",
    "/export_all 7": "I do not understand 7. Example: /export_all",
    "/help me": "I do not understand me. Example: /help",
    "/tasks 7": "I do not understand 7. Example: /tasks",
    "/costs all": "I do not understand all. Example: /costs",
    "/forget @anna now": "I do not understand now. Example: /forget @anna",
    "/data №x": "x is not a dialog's number. Example: /data @anna",
    "/sell": "I do not know that command",
    "/vew 7": "Did you mean /view?",
    "/draft 7": "Did you mean /mode?",
    "hello": "I do not know whom it is for. Answer a message of mine about them, or: /say 7 Good morning!",
    "/quiet 22:30-8": "22:30-8: two different whole hours of the day are needed. Example: /quiet 22-8",
    "/start <b>&": "<b>& cannot be a username",
}
"""What an admin types, and the line that says what is wrong with it."""


async def test_wrong_input_gets_one_clear_line(desk: Desk, operator: Operator) -> None:
    for typed, answer in WRONG.items():
        text = (await operator.ask(typed))["text"]
        assert answer in text, typed
        assert "\n" not in text, typed
    assert await statuses(desk) == []


@pytest.mark.parametrize("typed", ["/start", "/help"])
async def test_the_help_names_every_command(desk: Desk, operator: Operator, typed: str) -> None:
    text = (await operator.ask(typed))["text"]
    for command in ("/start", "/list", "/view", "/take", "/give", "/stop", "/resume", "/export", "/export_all",
                    "/costs", "/tasks", "/basis", "/data", "/forget"):  # fmt: skip
        assert command in text


async def test_without_an_account_start_names_the_command_that_signs_in(quiet_desk: Desk, operator: Operator) -> None:
    async with working(quiet_desk):
        assert "python -m salesbot login" in (await operator.ask("/start @anna"))["text"]


async def test_a_dead_account_is_named(quiet_desk: Desk, operator: Operator) -> None:
    await sign_in(quiet_desk.pool, state="banned")
    async with working(quiet_desk):
        text = (await operator.ask("/start @anna"))["text"]
        assert "@sales cannot write (banned by Telegram)" in text


async def test_a_limited_account_is_allowed_new_conversations_by_a_button(quiet_desk: Desk, operator: Operator) -> None:
    await sign_in(quiet_desk.pool, openings_blocked=True)
    async with working(quiet_desk):
        refused = await operator.ask("/start @anna")
        assert buttons(refused) == ["Allow new conversations"]
        await operator.press(refused, "Allow new conversations")
        await operator.next(refused["id"] - 1, "may open new conversations again")
        assert (await operator.ask("/start @anna"))["text"] == "№ 1: looking up @anna…"


async def test_the_account_that_knows_the_person_speaks_again(desk: Desk, operator: Operator) -> None:
    await sign_in(desk.pool, 6_000, "other")
    await open_with(desk, 501, "anna", status="closed")
    await desk.pool.execute("update accounts set created_at = created_at - interval '1 day' where id = 6000")
    await operator.ask("/start @anna")
    assert await desk.pool.fetchval("select account_id from dialogs where id = 2") == ACCOUNT


async def test_a_name_that_is_being_looked_up_is_not_looked_up_twice(desk: Desk, operator: Operator) -> None:
    await operator.ask("/start @anna")
    assert (await operator.ask("/start @Anna"))["text"] == "№ 1: @Anna is being looked up already."
    assert await statuses(desk) == [(1, "resolving")]


async def test_a_person_known_by_id_is_in_at_most_one_open_dialog(desk: Desk, operator: Operator) -> None:
    await open_with(desk, 501, "anna", "Anna")
    text = (await operator.ask("/start 501"))["text"]
    assert "There is an open dialog with that person already: № 1" in text
    await meet(desk.pool, 502, None, "Boris")
    assert (await operator.ask("/start 502"))["text"] == "№ 2: looking up id 502…"


async def test_a_username_of_an_open_dialog_is_resolved_anew_since_names_change_hands(
    desk: Desk, operator: Operator
) -> None:
    await open_with(desk, 501, "anna", "Anna")
    assert (await operator.ask("/start @anna"))["text"] == "№ 2: looking up @anna…"


async def test_a_stopped_dialog_is_resumed_by_button_under_its_old_number(desk: Desk, operator: Operator) -> None:
    await open_with(desk, 501, "anna", status="stopped")
    offer = await operator.ask("/start @ANNA")
    assert "was stopped" in offer["text"]
    assert buttons(offer) == ["Resume № 1", "Begin anew"]
    await operator.press(offer, "Resume № 1")
    changed = await operator.next(offer["id"] - 1, "№ 1: goes on.")
    assert changed["id"] == offer["id"]
    assert buttons(changed) == ["Open № 1"]
    assert await statuses(desk) == [(1, "active")]


async def test_beginning_anew_carries_out_the_start_with_its_options(desk: Desk, operator: Operator) -> None:
    await open_with(desk, 501, "anna", status="stopped")
    offer = await operator.ask("/start @anna basis=“she asked again”")
    await operator.press(offer, "Begin anew")
    await operator.next(offer["id"] - 1, "№ 2: looking up @anna…")
    assert await desk.pool.fetchval("select basis from dialogs where id = 2") == "she asked again"
    assert await statuses(desk) == [(1, "stopped"), (2, "resolving")]


async def test_stop_confirms_at_once_when_nothing_is_on_its_way(desk: Desk, operator: Operator) -> None:
    dialog = await open_with(desk, 501, "anna")
    await said(desk, dialog, "a part", direction="out", author="model", send_state="pending", telegram_message_id=None)
    assert (await operator.ask("/stop 1"))["text"] == ("№ 1: stopped. Nothing of it is on its way. /resume 1 goes on.")
    assert await desk.pool.fetchval("select send_state from messages") == "cancelled"
    assert (await operator.ask("/stop 1"))["text"] == "№ 1 is stopped already. /resume 1 goes on."


async def test_stop_says_when_a_message_was_on_its_way(desk: Desk, operator: Operator) -> None:
    dialog = await open_with(desk, 501, "anna")
    await said(desk, dialog, "a part", direction="out", author="model", send_state="sending", telegram_message_id=None)
    text = (await operator.ask("/stop №1"))["text"]
    assert text == "№ 1: stopping. One message was already on its way; I will confirm once that is settled."


async def test_take_give_stop_resume_lead_the_dialog(desk: Desk, operator: Operator) -> None:
    await open_with(desk, 501, "anna")
    story = {
        "/resume 1": "№ 1 is active already: the model speaks.",
        "/give 1": "№ 1 is active already: the model speaks.",
        "/take 1": "№ 1: yours. The model keeps quiet until /give 1.",
        "/take #1": "№ 1 is yours already. /give 1 gives it back to the model.",
        "/give  1": "№ 1: the model speaks again.",
        "/stop 1": "№ 1: stopped. Nothing of it is on its way. /resume 1 goes on.",
        "/take   1": "№ 1 is stopped. /resume 1 goes on.",
        "/resume  1": "№ 1: goes on.",
    }
    for typed, answer in story.items():
        assert (await operator.ask(typed))["text"] == answer, typed
    assert await statuses(desk) == [(1, "active")]


async def test_a_name_that_is_still_looked_up_is_dropped_and_cannot_be_resumed(desk: Desk, operator: Operator) -> None:
    await operator.ask("/start @anna")
    dropped = await operator.ask("/stop 1")
    assert dropped["text"] == "№ 1: dropped before the first message. Nobody was written to."
    assert "№ 1 was never begun: stopped before the first message" in (await operator.ask("/resume 1"))["text"]


@pytest.mark.parametrize("status", ["closed", "failed"])
async def test_nobody_who_opted_out_is_to_be_begun_anew(desk: Desk, operator: Operator, status: str) -> None:
    await open_with(desk, 501, "anna", status=status)
    await desk.pool.execute("update dialogs set outcome = 'opted_out'")
    for command in ("/resume", "/take", "/give", "/stop"):
        text = (await operator.ask(f"{command} 1"))["text"]
        assert text == "№ 1 is closed for ever: that person asked not to be written to."


async def test_resume_is_refused_while_the_person_is_in_another_dialog(desk: Desk, operator: Operator) -> None:
    await open_with(desk, 501, "anna", status="stopped")
    await open_with(desk, 501, "anna")
    assert "open dialog with that person already: № 2" in (await operator.ask("/resume 1"))["text"]


async def test_an_edited_command_is_not_carried_out(desk: Desk, operator: Operator) -> None:
    await open_with(desk, 501, "anna")
    number = await operator.say("/view 1")
    shown = await operator.next(number)
    await operator.control.call("POST", "/edit", as_="operator", message_id=number, text="/stop 1")
    assert "An edited command is not carried out" in (await operator.next(shown["id"]))["text"]
    assert await statuses(desk) == [(1, "active")]


async def test_an_admin_whose_telegram_is_russian_reads_russian(
    desk: Desk, operator: Operator, sandbox: Sandbox, admin: int
) -> None:
    sandbox.world.users.change(admin, lang_code="ru")
    assert (await operator.ask("/start @anna"))["text"] == "№ 1: ищу @anna…"


async def test_the_engine_is_told_at_once(desk: Desk, operator: Operator, poked: list[int]) -> None:
    await operator.ask("/start @anna")
    await operator.ask("/stop 1")
    assert poked == [1, 1]


def test_who_only_looks_is_not_told_how_to_speak() -> None:
    assert views.no_command(lang("en"), speaks=False).text.startswith("I understand commands alone")


async def test_an_answer_about_a_dialog_has_a_button_that_opens_it(desk: Desk, operator: Operator) -> None:
    """A command with a number cannot be tapped."""
    await open_with(desk, 501, "anna", "Anna")
    for typed in ("/take 1", "/say 1 Hello", "/note 1 tall", "/give 1", "/give 1", "/stop 1"):
        assert buttons(await operator.ask(typed)) == ["Open № 1"], typed


@pytest.mark.parametrize(("code", "basis"), [("en", "asked for a price"), ("ru", "спрашивала цену")])
def test_the_example_of_a_list_is_in_the_readers_language(code: str, basis: str) -> None:
    assert basis in import_texts.asked(lang(code))


def test_nothing_costs_nothing() -> None:
    assert words.cost(lang("en"), Decimal(0), 0) == "Cost: $0 (0 questions to the model)"
