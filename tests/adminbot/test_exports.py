"""Exports over the bot: complete, split below the limit, beside other commands, and only ever whole."""

from __future__ import annotations

import asyncio
import io
import re
import zipfile
from dataclasses import replace

import pytest

from salesbot.adminbot.desk import Desk
from sandbox.app import Sandbox
from tests.adminbot.people import Operator, open_with, said, sign_in, until, working


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
    assert re.fullmatch(r"dialogs-\d{4}-\d\d-\d\d\.zip", name)
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
    await operator.next(number, "No dialog is active")
    assert documents(sandbox, admin) == []
    await operator.control.call("POST", f"/faults/{fault}/release")
    await operator.next(number, "Exported 3 dialogs in 1 file.")


@pytest.mark.filterwarnings("ignore:Exception ignored in.*SpooledTemporaryFile")  # the sandbox's half-read upload
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
