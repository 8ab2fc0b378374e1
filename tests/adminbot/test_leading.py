"""The card of a dialog and the buttons under it: what comes next, who speaks, a pause with an end; notes and labels."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from salesbot.adminbot import noting, sheet
from salesbot.adminbot.desk import Desk
from salesbot.adminbot.noting import Noted
from salesbot.adminbot.parse import WrongInput
from salesbot.adminbot.sheet import Sheet
from salesbot.dialog.model import NEVER, Mode, Status
from salesbot.i18n import CODES, lang
from salesbot.store.desk import Head
from salesbot.store.standing import Standing
from sandbox.app import Sandbox
from tests.adminbot.people import Operator, buttons, open_with, said
from tests.talk import ANNA, DIALOG

EN = lang("en")
NOW = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)
LATER = NOW + timedelta(hours=3)


async def dialog(desk: Desk) -> Any:
    return await desk.pool.fetchrow("select * from dialogs")


async def kinds(desk: Desk) -> list[str]:
    return [row["kind"] for row in await desk.pool.fetch("select kind from events order by id")]


# --- what comes next


@pytest.mark.parametrize(
    ("changed", "standing", "step"),
    [
        ({}, {}, "they answer"),
        ({"due_at": NOW}, {}, "the model answers now"),
        ({"due_at": NOW, "not_before": LATER}, {}, "the model answers at 21.11 15:00"),
        ({"due_at": LATER}, {}, "the model answers at 21.11 15:00"),
        ({"follow_up_at": LATER}, {}, "if they stay silent, a reminder at 21.11 15:00"),
        ({"due_at": NOW, "mode": Mode.OFF}, {}, "nothing is said in this mode"),
        ({}, {"speaks_at": LATER}, "a message goes out at 21.11 15:00"),
        ({}, {"speaks_at": NOW}, "a message goes out now"),
        ({}, {"sending": True}, "a message is being sent"),
        ({}, {"draft_until": LATER, "speaks_at": NOW}, "a draft waits for your button until 21.11 15:00"),
        ({"paused": True}, {}, "nothing, everything is paused (/resume)"),
        ({"status": Status.HANDOFF}, {}, "you: take it, or give it back to the model"),
        ({"status": Status.TAKEN}, {}, "a colleague speaks; after 12 h of silence the model goes on"),
        ({"status": Status.TAKEN, "taken_until": LATER}, {}, "the model goes on at 21.11 15:00"),
        ({"status": Status.TAKEN, "taken_until": NEVER}, {}, "a colleague speaks, until it is given back"),
        ({"status": Status.RESOLVING}, {}, "the name is looked up"),
        ({"status": Status.STOPPED, "paused": True}, {}, ""),
        ({"status": Status.CLOSED}, {}, ""),
    ],
)
def test_the_next_step_and_when(changed: dict[str, Any], standing: dict[str, Any], step: str) -> None:
    head = Head(replace(replace(DIALOG, due_at=None, follow_up_at=None), **changed), ANNA, "@sales")
    page = Sheet(standing=Standing(**standing), now=NOW, takeover=timedelta(hours=12))
    assert sheet.next_step(EN, head, page, UTC) == step


# --- the buttons


LED = {
    "🙋 Take over": ("taken", "№ 1: yours. The model keeps quiet until /give 1."),
    "Give back": ("active", "№ 1: the model speaks again."),
    "⏹ Stop": ("stopped", "№ 1: stopped. Nothing of it is on its way. /resume 1 goes on."),
    "Resume": ("active", "№ 1: goes on."),
}


async def test_a_dialog_is_led_by_the_buttons_under_it_and_the_page_shows_how_it_stands(
    desk: Desk, operator: Operator
) -> None:
    await open_with(desk, 501, "anna", "Anna")
    page = await operator.ask("/view 1")
    marks = {"taken": "🙋 № 1", "active": "⏳ № 1|💬 № 1", "stopped": "⏹ № 1"}
    for button, (status, toast) in LED.items():
        answer = await operator.press(page, button)
        assert (answer["text"], answer["alert"]) == (toast, False)
        page = await operator.next(page["id"] - 1, f"^({marks[status]})")
        assert (await dialog(desk))["status"] == status
    assert len(await operator.heard()) == 1


@pytest.mark.parametrize("code", CODES)
async def test_a_dialog_is_paused_for_a_while_or_until_one_returns(
    desk: Desk, operator: Operator, sandbox: Sandbox, admin: int, code: str
) -> None:
    _ = lang(code)
    sandbox.world.users.change(admin, lang_code=code)
    await open_with(desk, 501, "anna", "Anna")
    page = await operator.ask("/view 1")
    for button, span in ((_("⏸ 30 min"), timedelta(minutes=30)), (_("⏸ 2 h"), timedelta(hours=2))):
        before = datetime.now(UTC)
        await operator.press(page, button)
        row = await dialog(desk)
        assert (row["status"], row["taken_by"]) == ("taken", admin)
        assert before + span <= row["taken_until"] <= datetime.now(UTC) + span
    answer = await operator.press(page, _("⏸ till I return"))
    assert answer["text"] == _("№ {n}: paused. The model keeps quiet until you give it back.").format(n=1)
    assert (await dialog(desk))["taken_until"] == NEVER
    assert await kinds(desk) == ["take", "held", "held"]
    page = await operator.next(page["id"] - 1, _("a colleague speaks, until it is given back"))
    await operator.press(page, _("Give back"))
    row = await dialog(desk)
    assert (row["status"], row["taken_by"], row["taken_until"]) == ("active", None, None)


async def test_what_a_colleague_has_taken_is_not_paused_by_another(desk: Desk, operator: Operator) -> None:
    await open_with(desk, 501, "anna", status="taken")
    await desk.pool.execute("insert into admins (id, name) values (77, 'Boris <B>')")
    await desk.pool.execute("update dialogs set taken_by = 77")
    page = await operator.ask("/view 1")
    assert "Colleagues: in it: Boris <B>" in page["text"]
    answer = await operator.press(page, "⏸ 2 h")
    assert "Boris <B>" in answer["text"]
    assert answer["alert"]
    assert (await dialog(desk))["taken_until"] is None


async def test_a_button_for_what_is_no_longer_possible_says_so(desk: Desk, operator: Operator) -> None:
    await open_with(desk, 501, "anna")
    page = await operator.ask("/view 1")
    await operator.ask("/stop 1")
    answer = await operator.press(page, "🙋 Take over")
    assert (answer["text"], answer["alert"]) == ("№ 1 is stopped. /resume 1 goes on.", True)


async def test_what_cannot_be_done_has_no_button(desk: Desk, operator: Operator) -> None:
    closed = {"refresh", "Assign", "✎ Note", "Export"}
    speaking = closed | {"⏸ 30 min", "⏸ 2 h", "⏸ till I return", "⏹ Stop", "Mode"}
    wanted = {
        "active": speaking | {"🙋 Take over"},
        "handoff": speaking | {"🙋 Take over", "Give back"},
        "taken": speaking | {"Give back"},
        "resolving": closed | {"⏹ Stop", "Mode"},
        "stopped": closed | {"Resume"},
        "closed": closed,
    }
    await open_with(desk, 501, "anna")
    for status, shown in wanted.items():
        await desk.pool.execute("update dialogs set status = $1", status)
        assert set(buttons(await operator.ask("/view 1"))) == shown, status


async def test_a_viewer_reads_without_buttons_and_what_they_read_stays_unread(
    desk: Desk, operator: Operator, sandbox: Sandbox, admin: int
) -> None:
    dialog = await open_with(desk, 501, "anna", "Anna")
    await said(desk, dialog, "hello")
    viewer = sandbox.world.users.create("target", "Vera", username="vera")
    await desk.pool.execute("insert into admins (id, role) values ($1, 'viewer')", viewer.id)
    looking = Operator(operator.control, "vera")
    await looking.ask("/start")
    page = await looking.ask("/view 1")
    assert buttons(page) == ["refresh"]
    assert "Anna (@anna) · 1 new" in (await looking.ask("/list"))["text"]


async def test_mode_export_and_assignment_are_under_the_dialog(desk: Desk, operator: Operator) -> None:
    await said(desk, await open_with(desk, 501, "anna", "Anna"), "hello")
    page = await operator.ask("/view 1")
    for button in ("Mode", "Assign", "Export"):
        last = (await operator.heard())[-1]["id"]
        await operator.press(page, button)
        await operator.next(last)


# --- notes


@pytest.mark.parametrize(
    ("typed", "noted"),
    [
        ("7 calls back #VIP #hot_lead", Noted(7, "calls back #VIP #hot_lead", frozenset({"vip", "hot_lead"}))),
        ("№7\nline\nline", Noted(7, "line\nline")),
        ("#7 #vip", Noted(7, "", frozenset({"vip"}))),
        ("7 #срочно -#cold", Noted(7, "", frozenset({"срочно"}), frozenset({"cold"}))),
        ("7 see issue#5 or a##b", Noted(7, "see issue#5 or a##b")),
        ("7", Noted(7)),
    ],
)
def test_what_a_note_says(typed: str, noted: Noted) -> None:
    assert noting.noted(typed) == noted


@pytest.mark.parametrize("typed", ["", "anna hello", "7 " + "x" * 2_001])
def test_what_is_no_note(typed: str) -> None:
    with pytest.raises(WrongInput):
        noting.noted(typed)


async def test_a_note_is_kept_shown_on_the_card_and_found_by_its_labels(
    desk: Desk, operator: Operator, admin: int
) -> None:
    await open_with(desk, 501, "anna", "Anna")
    answer = await operator.ask("/note 1 calls back <Monday> #VIP #cold")
    assert answer["text"] == "№ 1: noted. /note 1 shows all notes."
    card = (await operator.ask("/view 1"))["text"]
    assert "#cold #vip\n" in card
    assert "calls back <Monday> #VIP #cold" in card
    assert "№ 1" in (await operator.ask("/find #vip"))["text"]
    await operator.ask("/note 1 -#vip")
    assert "Nobody is found" in (await operator.ask("/find #vip"))["text"]
    row = await desk.pool.fetchrow("select * from notes")
    assert (row["admin_id"], row["content"]) == (admin, "calls back <Monday> #VIP #cold")
    assert await kinds(desk) == ["noted", "noted"]


async def test_the_button_asks_for_a_note_and_the_answer_is_one(desk: Desk, operator: Operator) -> None:
    await open_with(desk, 501, "anna", "Anna")
    page = await operator.ask("/view 1")
    await operator.press(page, "✎ Note")
    asked = await operator.next(page["id"])
    assert asked["text"].startswith("✎ № 1\n")
    number = await operator.say("likes tea #tea", reply_to=asked["id"])
    assert "№ 1: noted" in (await operator.next(number))["text"]
    assert await desk.pool.fetchval("select content from notes") == "likes tea #tea"


async def test_all_notes_are_shown_page_by_page_the_newest_first(desk: Desk, operator: Operator) -> None:
    await open_with(desk, 501, "anna")
    assert "None yet: /note 1 calls back" in (await operator.ask("/note 1"))["text"]
    await desk.pool.execute(
        "insert into notes (dialog_id, admin_id, content, created_at) "
        "select 1, 77, 'N' || n || ' ' || repeat('&', 900), now() from generate_series(1, 7) n"
    )
    page = await operator.ask("/note 1")
    told = page["text"]
    while "← older" in buttons(page):
        first = page["text"]
        await operator.press(page, "← older")
        page = await operator.next(page["id"] - 1, f"^(?!{first[:40]})")
        told += page["text"]
    assert [word for word in told.split() if word.startswith("N") and word[1:].isdecimal()] == [
        f"N{n}" for n in range(7, 0, -1)
    ]
    assert told.count("&") == 6_300


async def test_notes_and_labels_go_with_the_person(desk: Desk, operator: Operator) -> None:
    await open_with(desk, 501, "anna", "Anna", status="stopped")
    await operator.ask("/note 1 likes tea #tea")
    page = await operator.ask("/forget @anna")
    await operator.press(page, "Erase")
    await operator.next(page["id"] - 1, "Erased")
    for table in ("notes", "labels", "dialog_words"):
        assert await desk.pool.fetchval(f"select count(*) from {table}") == 0, table  # noqa: S608 - our own names
