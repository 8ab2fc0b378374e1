"""Speaking as the account from the desk: by command, and by answering a message of the bot, after one more tap."""

from __future__ import annotations

import asyncio

import pytest

from salesbot.adminbot.desk import Desk
from salesbot.adminbot.html import LIMIT
from salesbot.adminbot.speaking import Speak
from salesbot.i18n import CODES, lang
from sandbox.app import Sandbox
from sandbox.world.text import units
from tests.adminbot.drafts import drafted, events_of, overtaken, reads
from tests.adminbot.people import Operator, buttons, open_with, said, sign_in, working
from tests.adminbot.test_notices import happen

COLLEAGUE = 6_001


async def words(desk: Desk) -> list[tuple[str, str, int]]:
    """What waits to be said: text, purpose, whose."""
    rows = await desk.pool.fetch(
        "select content, purpose, written_by from messages where send_state = 'pending' order by id"
    )
    return [tuple(row) for row in rows]


async def status(desk: Desk) -> tuple[str, int | None]:
    row = await desk.pool.fetchrow("select status, taken_by from dialogs where id = 1")
    assert row is not None
    return row["status"], row["taken_by"]


async def test_say_speaks_as_the_account_and_takes_the_dialog(desk: Desk, operator: Operator, admin: int) -> None:
    await open_with(desk, 501, "anna", "Anna P.")
    told = (await operator.ask("/say №1 Good <morning>,\nAnna!"))["text"]
    assert told.startswith("№ 1: on its way to Anna P. (@anna). The dialog is yours: /give 1 gives it back")
    assert await words(desk) == [("Good <morning>,\nAnna!", "desk", admin)]
    assert await status(desk) == ("taken", admin)
    assert ("said", f"admin:{admin}") in await events_of(desk, 1)


async def test_what_cannot_be_said_is_refused(desk: Desk, operator: Operator) -> None:
    await open_with(desk, 501, "anna", status="closed")
    await open_with(desk, 502, "boris", status="taken")
    await desk.pool.execute("insert into admins (id, role, name) values ($1, 'operator', 'Carl')", COLLEAGUE)
    await desk.pool.execute("update dialogs set taken_by = $1 where id = 2", COLLEAGUE)
    wrong = {
        "/say": "The dialog's number is missing. Example: /say 7 Good morning!",
        "/say 1": "What is to be said? The words are missing.",
        "/say anna hello": "anna is not a dialog's number",
        "/say 7 hello": "There is no dialog № 7",
        "/say 1 hello": "№ 1 is closed",
        "/say 2 hello": "№ 2: Carl was first and speaks there",
        "/unsend 7": "There is no dialog № 7",
    }
    for typed, answer in wrong.items():
        assert answer in (await operator.ask(typed))["text"], typed
    assert await words(desk) == []


async def test_while_all_is_paused_it_says_when_it_goes_out(desk: Desk, operator: Operator) -> None:
    await open_with(desk, 501, "anna")
    await operator.ask("/pause")
    assert "everything is paused, so it goes out to @anna after /resume" in (await operator.ask("/say 1 Hi"))["text"]


@pytest.mark.parametrize("code", CODES)
async def test_an_answer_to_a_notice_is_said_after_a_tap_that_names_the_person(
    desk: Desk, operator: Operator, sandbox: Sandbox, admin: int, code: str
) -> None:
    _ = lang(code)
    sandbox.world.users.change(admin, lang_code=code)
    shown = await operator.ask("/help")
    await open_with(desk, 501, "anna", "Anna P.", status="handoff")
    await happen(desk, "handoff", 1, reason="asked")
    notice = await operator.next(shown["id"])
    asked = await operator.next(await operator.say("I am <Maria>.", reply_to=notice["id"]))
    assert asked["text"].startswith(
        _("№ {n}: say this to {who}?").format(n=1, who="Anna P. (@anna)") + "\n\n→ I am <Maria>."
    )
    assert buttons(asked) == [_("Send to {who}").format(who="Anna P."), _("Cancel")]
    assert await words(desk) == []
    await operator.press(asked, _("Send to {who}").format(who="Anna P."))
    told = _("№ {n}: on its way to {who}. The dialog is yours: /give {n} gives it back, /unsend {n} takes it back.")
    await reads(operator, asked["id"], told.format(n=1, who="Anna P. (@anna)"))
    assert await words(desk) == [("I am <Maria>.", "desk", admin)]
    assert await status(desk) == ("taken", admin)


async def test_a_cancelled_answer_is_not_said_and_forgotten(desk: Desk, operator: Operator) -> None:
    await open_with(desk, 501, "anna", "Anna P.")
    card = await operator.ask("/take 1")
    asked = await operator.next(await operator.say("Hi", reply_to=card["id"]))
    assert asked["text"] == "№ 1: say this to Anna P. (@anna)?\n\n→ Hi"
    await operator.press(asked, "Cancel")
    await reads(operator, asked["id"], "№ 1: not sent.")
    assert await words(desk) == []
    assert await desk.pool.fetchval("select count(*) from admin_updates where answer ? 'words'") == 0


async def test_two_taps_say_it_once(desk: Desk, operator: Operator, sandbox: Sandbox, admin: int) -> None:
    await open_with(desk, 501, "anna")
    card = await operator.ask("/take 1")
    asked = await operator.next(await operator.say("Hi", reply_to=card["id"]))
    update = await desk.pool.fetchval("select update_id from admin_updates where answer ? 'words'")
    send = Speak(update=update, send=True).pack().encode()
    for tap in [sandbox.world.press_button(admin, asked["id"], send) for _ in range(2)]:
        await asyncio.wait_for(asyncio.shield(tap.answer), 10)
    assert len(await words(desk)) == 1
    await reads(operator, asked["id"], "too old")


async def test_what_waits_for_a_tap_outlives_the_process(quiet_desk: Desk, operator: Operator) -> None:
    await sign_in(quiet_desk.pool)
    await open_with(quiet_desk, 501, "anna")
    async with working(quiet_desk):
        card = await operator.ask("/take 1")
        asked = await operator.next(await operator.say("Hi", reply_to=card["id"]))
    async with working(quiet_desk):
        await operator.press(asked, "Send to @anna")
        await reads(operator, asked["id"], "on its way")
    assert [text for text, _purpose, _by in await words(quiet_desk)] == ["Hi"]


async def test_an_edited_answer_is_not_taken_in_and_says_so(desk: Desk, operator: Operator) -> None:
    await open_with(desk, 501, "anna")
    card = await operator.ask("/take 1")
    number = await operator.say("Hi", reply_to=card["id"])
    asked = await operator.next(number)
    await operator.control.call("POST", "/edit", as_="operator", message_id=number, text="Hello")
    assert (await operator.next(asked["id"]))["text"].startswith("What you edited is not taken in")


async def test_an_answer_to_what_is_about_no_single_dialog_is_no_speech(desk: Desk, operator: Operator) -> None:
    await open_with(desk, 501, "anna")
    for page in ("/help", "/list"):
        shown = await operator.ask(page)
        told = await operator.next(await operator.say("Hello?", reply_to=shown["id"]))
        assert told["text"].startswith("That message is not about one dialog.")
        assert told["text"].endswith("/say 7 Good morning!")


async def test_an_answer_to_the_page_of_a_dialog_speaks_in_it(desk: Desk, operator: Operator) -> None:
    await open_with(desk, 501, "anna", "№ 2")
    page = await operator.ask("/view 1")
    asked = await operator.next(await operator.say("Hello!", reply_to=page["id"]))
    assert asked["text"].startswith("№ 1: say this to № 2 (@anna)?")


async def test_a_command_in_an_answer_is_a_command(desk: Desk, operator: Operator) -> None:
    await open_with(desk, 501, "anna")
    card = await operator.ask("/take 1")
    told = await operator.next(await operator.say("/give 1", reply_to=card["id"]))
    assert told["text"] == "№ 1: the model speaks again."


async def test_a_picture_is_not_said(desk: Desk, operator: Operator) -> None:
    await open_with(desk, 501, "anna")
    card = await operator.ask("/take 1")
    number = await operator.say("", reply_to=card["id"], media={"kind": "photo"})
    assert (await operator.next(number))["text"].startswith("Only text can be said from here")


async def test_an_answer_to_a_draft_that_is_over_may_still_be_said(desk: Desk, operator: Operator, admin: int) -> None:
    shown = await operator.ask("/help")
    anna = await open_with(desk, 501, "anna", "Anna")
    await drafted(desk, anna, "From 990.")
    card = await operator.next(shown["id"])
    await overtaken(desk, anna)
    await reads(operator, card["id"], "Out of date")
    asked = await operator.next(await operator.say("From 890.", reply_to=card["id"]))
    assert buttons(asked) == ["Send to Anna", "Cancel"]
    await operator.press(asked, "Send to Anna")
    await reads(operator, asked["id"], "on its way")
    assert await words(desk) == [("From 890.", "desk", admin)]


async def test_a_colleague_who_took_it_first_is_named(desk: Desk, operator: Operator) -> None:
    await open_with(desk, 501, "anna")
    card = await operator.ask("/take 1")
    asked = await operator.next(await operator.say("Hi", reply_to=card["id"]))
    await desk.pool.execute("insert into admins (id, role, name) values ($1, 'operator', 'Carl')", COLLEAGUE)
    await desk.pool.execute("update dialogs set taken_by = $1", COLLEAGUE)
    await operator.press(asked, "Send to @anna")
    await reads(operator, asked["id"], "№ 1: Carl was first and speaks there")
    assert await words(desk) == []


async def test_the_longest_answer_to_the_longest_name_fits_and_is_said_whole(desk: Desk, operator: Operator) -> None:
    await open_with(desk, 501, "a" * 32, "<&>" * 80)
    card = await operator.ask("/take 1")
    asked = await operator.next(await operator.say("<" * 4096, reply_to=card["id"]))
    assert "… and all the rest that you wrote." in asked["text"]
    assert units(asked["text"]) <= LIMIT
    send, _cancel = buttons(asked)
    assert len(send) <= 64
    await operator.press(asked, send)
    await reads(operator, asked["id"], "on its way")
    assert [text for text, _, _ in await words(desk)] == ["<" * 4096]


async def test_what_waits_for_a_tap_goes_with_the_persons_data(desk: Desk, operator: Operator) -> None:
    await open_with(desk, 501, "anna", "Anna")
    card = await operator.ask("/take 1")
    await operator.next(await operator.say("Your secret", reply_to=card["id"]))
    page = await operator.ask("/forget @anna")
    await operator.press(page, "Erase")
    await reads(operator, page["id"], "Erased")
    assert await desk.pool.fetchval("select count(*) from admin_updates where answer::text like '%secret%'") == 0


async def test_the_last_message_is_taken_back(desk: Desk, operator: Operator, admin: int) -> None:
    anna = await open_with(desk, 501, "anna")
    assert (await operator.ask("/unsend 1"))["text"] == "№ 1: there is no message of ours to be taken back."
    row = await said(desk, anna, "Oops", direction="out", author="model", send_state="sent", random_id=1)
    told = await operator.ask("/unsend 1")
    assert told["text"] == "№ 1: the last message is being taken back; I will say so once it is gone."
    assert await desk.pool.fetchval("select unsend_by from messages where id = $1", row) == admin
    await operator.ask("/say 1 Not this")
    assert (await operator.ask("/unsend 1"))["text"] == "№ 1: what was about to be sent is not sent."
    assert await words(desk) == []
