"""Exports over the bot: complete, split below the limit, beside other commands, and only ever whole."""

from __future__ import annotations

import asyncio
import csv
import io
import re
import zipfile
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest
from aiogram.types import InlineKeyboardButton

from salesbot.adminbot import keyboards
from salesbot.adminbot.bot import make_bot
from salesbot.adminbot.desk import Desk
from salesbot.adminbot.keyboards import CancelExport, ExportDialog, button
from sandbox.app import Sandbox
from tests.adminbot.people import Operator, buttons, open_with, said, sign_in, until, working

half_read = pytest.mark.filterwarnings("ignore:Exception ignored in.*SpooledTemporaryFile")
"""An upload that the product breaks off: the sandbox's web framework leaves its file to the collector."""


def documents(sandbox: Sandbox, admin: int) -> list[tuple[str, bytes]]:
    """The files the bot sent to the operator, in order: name and content."""
    bot = sandbox.state()["bot"]
    peer = next(user.id for user in sandbox.world.users if user.username == bot["username"])
    messages = reversed(sandbox.world.history(admin, peer, limit=1_000))
    media = [message.media for message in messages if message.media]
    return [(m.name, sandbox.world.files.get(m.file_id) or b"") for m in media]


async def talk(desk: Desk, people: int, messages: int, words: int = 5) -> None:
    for person in range(1, people + 1):
        dialog = await open_with(desk, 500 + person, f"user{person}", f"User {person}", status="closed")
        for number in range(messages):
            await said(desk, dialog, f"T{person:03}-{number:03} " + "word " * words)


def entries(archive: bytes) -> dict[str, str]:
    with zipfile.ZipFile(io.BytesIO(archive)) as opened:
        assert opened.testzip() is None
        return {name: opened.read(name).decode() for name in opened.namelist()}


async def test_a_dialog_comes_as_a_text_file(desk: Desk, operator: Operator, sandbox: Sandbox, admin: int) -> None:
    dialog = await open_with(desk, 501, "anna", "Анна П.")
    await said(desk, dialog, "Здравствуйте 😀")
    sent = await operator.ask("/export 1")
    assert sent["media"]["name"] == "dialog-000001-anna.txt"
    ((_, content),) = documents(sandbox, admin)
    assert "With: Анна П. (@anna)" in content.decode()
    assert "Здравствуйте 😀" in content.decode()


async def test_export_all_holds_every_message_of_every_dialog(
    desk: Desk, operator: Operator, sandbox: Sandbox, admin: int
) -> None:
    await talk(desk, people=30, messages=7)
    number = await operator.say("/export_all")
    done = await operator.next(number, "Exported 30 dialogs in 1 file.")
    ((name, archive),) = documents(sandbox, admin)
    assert re.fullmatch(r"dialogs-txt-\d{4}-\d\d-\d\d\.zip", name)
    told = entries(archive)
    assert list(told) == [f"dialog-{n:06}-user{n}.txt" for n in range(1, 31)]
    for person in range(1, 31):
        text = told[f"dialog-{person:06}-user{person}.txt"]
        assert re.findall(r"T\d{3}-\d{3}", text) == [f"T{person:03}-{number:03}" for number in range(7)]
    heard = await operator.heard()
    assert (len(heard), heard[0]["id"]) == (2, done["id"]), "one message of progress, edited, and the document"


async def test_an_export_past_the_limit_is_split_into_whole_archives(
    quiet_desk: Desk, operator: Operator, sandbox: Sandbox, admin: int
) -> None:
    await sign_in(quiet_desk.pool)
    limit = 6_000
    await talk(quiet_desk, people=40, messages=3)
    async with working(replace(quiet_desk, document_limit=limit)):
        number = await operator.say("/export_all")
        await operator.next(number, "Exported 40 dialogs in [0-9]+ files.")
    found = documents(sandbox, admin)
    assert len(found) > 2
    assert all(len(archive) <= limit for _, archive in found)
    assert all(name.endswith(f"-{n}of{len(found)}.zip") for n, (name, _) in enumerate(found, 1))
    names = [name for _, archive in found for name in entries(archive)]
    assert names == [f"dialog-{n:06}-user{n}.txt" for n in range(1, 41)]


@pytest.mark.parametrize(("words", "ending"), [("html", "html"), ("JSON", "json"), ("txt", "txt"), ("", "txt")])
async def test_a_dialog_comes_in_the_format_that_was_asked_for(
    desk: Desk, operator: Operator, words: str, ending: str
) -> None:
    await said(desk, await open_with(desk, 501, "anna"), "hello")
    sent = await operator.ask(f"/export № 1 {words}")
    assert sent["media"]["name"] == f"dialog-000001-anna.{ending}"


@pytest.mark.parametrize("words", ["1 csv", "1 docx", "1 html now", "html", "x"])
async def test_a_mistake_is_answered_with_an_example(desk: Desk, operator: Operator, words: str) -> None:
    await open_with(desk, 501, "anna")
    assert "Example: /export 7 html" in (await operator.ask(f"/export {words}"))["text"]


@pytest.mark.parametrize("words", ["docx", "html csv", "30d 2026-01-01", "2026-02-30", "9999-01-01"])
async def test_a_mistake_about_all_of_them_as_well(desk: Desk, operator: Operator, words: str) -> None:
    await open_with(desk, 501, "anna")
    assert "Example: /export_all csv 30d" in (await operator.ask(f"/export_all {words}"))["text"]


async def shown_button(desk: Desk, operator: Operator, admin: int, pressed: InlineKeyboardButton) -> dict[str, Any]:
    """A message of the bot with a button of ours."""
    await operator.ask("/help")
    bot = make_bot(desk)
    await bot.send_message(admin, "card", reply_markup=keyboards.rows([pressed]))
    await bot.session.close()
    return (await operator.heard())[-1]


async def test_the_desk_asks_for_the_format_and_the_button_brings_it(
    desk: Desk, operator: Operator, admin: int
) -> None:
    await open_with(desk, 501, "anna")
    card = await shown_button(desk, operator, admin, button("export", ExportDialog(dialog=1)))
    await operator.press(card, "export")
    asked = await operator.next(card["id"], "export it as what")
    await operator.press(asked, "web page")
    sent = await operator.next(asked["id"])
    assert sent["media"]["name"] == "dialog-000001-anna.html"


@pytest.mark.parametrize(("words", "name"), [("html", "dialogs-html-"), ("json 30d", "dialogs-json-")])
async def test_everything_comes_in_the_format_that_was_asked_for(
    desk: Desk, operator: Operator, sandbox: Sandbox, admin: int, words: str, name: str
) -> None:
    await talk(desk, people=3, messages=2)
    number = await operator.say(f"/export_all {words}")
    await operator.next(number, "Exported 3 dialogs in 1 file.")
    ((sent, archive),) = documents(sandbox, admin)
    assert sent.startswith(name)
    names = [f"dialog-{n:06}-user{n}.{words[:4]}" for n in range(1, 4)]
    assert list(entries(archive)) == names + ["index.html"] * words.startswith("html")


async def test_a_table_of_what_was_said_since_a_day(
    desk: Desk, operator: Operator, sandbox: Sandbox, admin: int
) -> None:
    dialog = await open_with(desk, 501, "anna")
    await said(desk, dialog, "long ago", timestamp=datetime(2020, 1, 1, tzinfo=UTC))
    await said(desk, dialog, "lately", timestamp=datetime(2026, 11, 1, tzinfo=UTC))
    number = await operator.say("/export_all 2026-10-01 csv")
    await operator.next(number, "Exported 1 dialog in 1 file.")
    ((name, table),) = documents(sandbox, admin)
    assert re.fullmatch(r"messages-\d{4}-\d\d-\d\d\.csv", name)
    assert [row["text"] for row in csv.DictReader(io.StringIO(table.decode("utf-8-sig")))] == ["lately"]


async def test_nothing_since_is_said(desk: Desk, operator: Operator) -> None:
    await open_with(desk, 501, "anna")
    await desk.pool.execute("update dialogs set created_at = '2020-01-01'")
    assert (await operator.ask("/export_all 30d"))["text"] == "Nothing was said since then."


async def exports_logged(desk: Desk) -> list[tuple[str, int | None, object]]:
    rows = await desk.pool.fetch("select actor, dialog_id, data from events where kind = 'exported' order by id")
    return [(row["actor"], row["dialog_id"], row["data"]) for row in rows]


async def test_who_exported_what_is_in_the_log(desk: Desk, operator: Operator, sandbox: Sandbox, admin: int) -> None:
    await talk(desk, people=2, messages=1)
    await operator.ask("/export 2 html")
    await operator.control.fault("bot.sendDocument", "error", code=400, text="Bad Request: no")
    number = await operator.say("/export_all json")
    await operator.next(number, "Exported 2 dialogs in 1 file.")
    await operator.ask("/data @user1")
    assert await exports_logged(desk) == [
        (f"admin:{admin}", 2, {"what": "dialog", "format": "html", "count": 1}),
        (f"admin:{admin}", None, {"what": "all", "format": "json", "count": 2, "since": None}),
        (f"admin:{admin}", 1, {"what": "person", "format": "zip", "count": 1}),
    ], "once, though it was sent again"


@half_read
async def test_a_cancelled_export_sends_nothing_and_says_so(
    desk: Desk, operator: Operator, sandbox: Sandbox, admin: int
) -> None:
    await talk(desk, people=3, messages=1)
    fault = await operator.control.fault("bot.sendDocument", "hold")
    number = await operator.say("/export_all html")
    shown = await operator.next(number, "Exporting: ")
    await operator.control.fired(fault)
    await operator.press(shown, "Cancel")
    over = await operator.next(number, "The export was cancelled. Nothing of it is left.")
    assert (over["id"], buttons(over)) == (shown["id"], [])
    await operator.control.call("DELETE", "/faults")
    await until(lambda: desk.pool.fetchval("select answer ? 'done' from admin_updates where answer ? 'cancelled'"))
    assert documents(sandbox, admin) == []
    assert [message["text"] for message in await operator.heard()] == [over["text"]]


@half_read
async def test_what_was_sent_before_it_was_cancelled_is_taken_back(
    quiet_desk: Desk, operator: Operator, sandbox: Sandbox, admin: int
) -> None:
    await sign_in(quiet_desk.pool)
    await talk(quiet_desk, people=40, messages=3)
    fault = await operator.control.fault("bot.sendDocument", "hold", skip=1)
    async with working(replace(quiet_desk, document_limit=6_000)):
        number = await operator.say("/export_all")
        shown = await operator.next(number, "Exporting: ")
        await operator.control.fired(fault)
        assert len(documents(sandbox, admin)) == 1
        await operator.press(shown, "Cancel")
        await operator.next(number, "The export was cancelled")
        assert documents(sandbox, admin) == []


@half_read
async def test_a_cancelled_export_stays_cancelled_when_the_process_dies(
    quiet_desk: Desk, operator: Operator, sandbox: Sandbox, admin: int
) -> None:
    await sign_in(quiet_desk.pool)
    await talk(quiet_desk, people=3, messages=1)
    sending = await operator.control.fault("bot.sendDocument", "hold")
    telling = await operator.control.fault("bot.editMessageText", "hold")
    async with working(quiet_desk):
        number = await operator.say("/export_all")
        shown = await operator.next(number, "Exporting: ")
        await operator.control.fired(sending)
        await operator.press(shown, "Cancel")
        await operator.control.fired(telling)
    await operator.control.call("DELETE", "/faults")
    async with working(quiet_desk):
        over = await operator.next(number, "The export was cancelled")
        assert over["id"] == shown["id"]
        await until(lambda: quiet_desk.pool.fetchval("select answer ? 'done' from admin_updates order by created_at"))
    assert documents(sandbox, admin) == []


async def test_the_button_of_an_export_that_is_over_is_too_late(desk: Desk, operator: Operator, admin: int) -> None:
    await talk(desk, people=1, messages=1)
    number = await operator.say("/export_all")
    await operator.next(number, "Exported 1 dialog")
    job = await desk.pool.fetchval("select update_id from admin_updates where answer ->> 'said' = 'exporting'")
    old = await shown_button(desk, operator, admin, button("Cancel", CancelExport(job=job)))
    assert "too old" in (await operator.press(old, "Cancel"))["text"]


async def test_an_empty_house_has_nothing_to_export(desk: Desk, operator: Operator) -> None:
    assert "No dialogs yet" in (await operator.ask("/export_all"))["text"]


async def test_other_commands_are_answered_while_an_export_runs(
    desk: Desk, operator: Operator, sandbox: Sandbox, admin: int
) -> None:
    await talk(desk, people=3, messages=1)
    fault = await operator.control.fault("bot.sendDocument", "hold")
    number = await operator.say("/export_all")
    await operator.control.fired(fault)
    await operator.say("/list")
    await operator.next(number, "No dialog is open")
    assert documents(sandbox, admin) == []
    await operator.control.call("POST", f"/faults/{fault}/release")
    await operator.next(number, "Exported 3 dialogs in 1 file.")


@half_read
async def test_an_export_cut_short_is_done_by_the_next_process_once(
    quiet_desk: Desk, operator: Operator, sandbox: Sandbox, admin: int
) -> None:
    await sign_in(quiet_desk.pool)
    await talk(quiet_desk, people=3, messages=1)
    fault = await operator.control.fault("bot.sendDocument", "hold")
    async with working(quiet_desk):
        number = await operator.say("/export_all")
        await operator.control.fired(fault)
    assert documents(sandbox, admin) == []
    await operator.control.call("DELETE", "/faults")
    async with working(quiet_desk):
        await operator.next(number, "Exported 3 dialogs in 1 file.")
        assert len(documents(sandbox, admin)) == 1
        assert len(entries(documents(sandbox, admin)[0][1])) == 3
        await until(lambda: quiet_desk.pool.fetchval("select answer ? 'done' from admin_updates"))


async def test_an_export_that_cannot_be_sent_is_given_up_after_some_attempts(
    desk: Desk, operator: Operator, sandbox: Sandbox, admin: int
) -> None:
    await talk(desk, people=1, messages=1)
    await operator.control.fault("bot.sendDocument", "error", code=400, text="Bad Request: no", count=9)
    number = await operator.say("/export_all")
    await operator.next(number, "The export failed")
    assert documents(sandbox, admin) == []


async def test_a_document_lost_on_the_way_is_sent_again(
    desk: Desk, operator: Operator, sandbox: Sandbox, admin: int
) -> None:
    await talk(desk, people=2, messages=1)
    await operator.control.fault("bot.sendDocument", "error", code=500, text="Internal Server Error")
    await operator.control.fault("bot.sendDocument", "flood_wait", seconds=1)
    number = await operator.say("/export_all")
    await operator.next(number, "Exported 2 dialogs")
    assert len(entries(documents(sandbox, admin)[0][1])) == 2


async def test_two_exports_at_once_are_both_delivered(
    desk: Desk, operator: Operator, sandbox: Sandbox, admin: int
) -> None:
    await talk(desk, people=2, messages=1)
    await asyncio.gather(operator.say("/export_all"), operator.say("/export_all"))
    await until(lambda: _both(sandbox, admin))


async def _both(sandbox: Sandbox, admin: int) -> bool:
    return len(documents(sandbox, admin)) == 2
