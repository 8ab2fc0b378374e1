"""The control API: people are played, things are waited for, trouble is made, and all of it can be looked up."""

from __future__ import annotations

import asyncio
import json

import aiohttp
import pytest
from aiogram import Bot

from sandbox.app import Sandbox
from sandbox.control.client import Control, ControlRefused
from sandbox.world.log import LIMIT


async def test_people_are_listed_and_made(control: Control) -> None:
    made = await control.call("POST", "/users", first_name="Greta", username="greta", lang_code="en")
    assert (made["role"], made["name"]) == ("target", "Greta")
    assert {"operator", "sales", "anna", "greta"} <= {user["username"] for user in await control.call("GET", "/users")}
    changed = await control.call("PATCH", "/users/greta", username=None, deleted=True, privacy="contacts")
    assert changed["username"] is None
    with pytest.raises(ControlRefused, match="there is no user greta"):
        await control.say("greta", "sales", "hello")


async def test_what_is_said_stands_in_both_chats(control: Control) -> None:
    said = await control.say("anna", "sales", "Hello")
    answered = await control.say("sales", "anna", "Hello, Anna", reply_to=1)
    chat = await control.chat("anna", "sales")
    assert [(message["out"], message["text"]) for message in chat["messages"]] == [
        (True, "Hello"),
        (False, "Hello, Anna"),
    ]
    assert chat["unread"] == 1
    assert chat["messages"][1]["reply_to"] == {"message_id": said["id"], "text": "Hello", "gone": False}
    assert answered["twin_id"] == chat["messages"][1]["id"]
    (entry,) = await control.call("GET", "/chats", as_="anna")
    assert (entry["unread"], entry["last"]["text"]) == (1, "Hello, Anna")


async def test_reading_is_seen_by_the_other(control: Control) -> None:
    await control.say("anna", "sales", "Hello")
    assert not (await control.chat("anna", "sales"))["messages"][0]["read"]
    await control.call("POST", "/read", as_="sales", with_="anna")
    assert (await control.chat("anna", "sales"))["messages"][0]["read"]
    assert (await control.wait_event(since=0, kind="read_outbox"))["max_id"] == 1


async def test_edits_deletions_and_reactions(control: Control) -> None:
    first, second = await control.say("anna", "sales", "one"), await control.say("anna", "sales", "two")
    await control.call("POST", "/edit", as_="anna", message_id=first["id"], text="one more")
    await control.call("POST", "/react", as_="sales", message_id=1, emoji="👍")
    await control.call("POST", "/delete", as_="anna", message_id=second["id"])
    (message,) = (await control.chat("sales", "anna"))["messages"]
    assert (message["text"], [one["emoji"] for one in message["reactions"]]) == ("one more", ["👍"])
    assert message["edited"]


@pytest.mark.parametrize("kind", ["photo", "voice", "video_note", "sticker", "document", "contact", "location"])
async def test_other_kinds_than_text(control: Control, kind: str) -> None:
    fields = {"contact": {"phone": "+1 555 0100", "first_name": "Ann"}, "voice": {"duration": 12}}
    await control.say("anna", "sales", media={"kind": kind, **fields.get(kind, {})})
    seen = await control.wait_message("sales", "anna", media=kind)
    assert seen["media"].items() >= fields.get(kind, {}).items()


async def test_files_can_be_fetched_but_never_run(sandbox: Sandbox, control: Control) -> None:
    said = await control.say("anna", "sales", media={"kind": "document", "name": "a.html", "content": "<script>"})
    url = f"{sandbox.state()['control']}/files/{said['media']['file_id']}?name=a.html&inline=1&mime=text/html"
    async with aiohttp.ClientSession() as http, http.get(url) as response:
        assert (response.content_type, await response.text()) == ("application/octet-stream", "<script>")


async def test_waiting_for_a_message_ends_when_it_comes(control: Control) -> None:
    waiting = asyncio.create_task(control.wait_message("anna", "sales", matching="plan .Team."))
    await control.say("sales", "anna", "Hello")
    await control.say("sales", "anna", "I suggest plan «Team»")
    found = await waiting
    assert found["text"] == "I suggest plan «Team»"
    with pytest.raises(ControlRefused, match="no such message came; the last are"):
        await control.wait_message("anna", "sales", above=found["id"], timeout=0.05)


async def test_waiting_for_an_event_sees_those_that_were(control: Control) -> None:
    await control.call("POST", "/typing", as_="sales", to="anna")
    seen = await control.wait_event(since=0, kind="typing")
    assert seen["action"] == "typing"
    with pytest.raises(ControlRefused) as late:
        await control.wait_event(since=seen["seq"], kind="typing", timeout=0.05)
    assert late.value.status == 408


async def test_the_event_stream_tells_every_change_in_order(sandbox: Sandbox, control: Control) -> None:
    await control.say("anna", "sales", "before")
    async with aiohttp.ClientSession() as http, http.get(sandbox.state()["control"] + "/events?since=0") as stream:
        await control.say("anna", "sales", "after")
        texts: list[str] = []
        while "after" not in texts:
            line = await asyncio.wait_for(stream.content.readline(), 5)
            if line.startswith(b"data: "):
                event = json.loads(line.removeprefix(b"data: "))
                texts += [event["message"]["text"]] if event["kind"] == "message_new" else []
    assert list(dict.fromkeys(texts)) == ["before", "after"]


async def test_the_log_is_followed_as_it_grows(sandbox: Sandbox, bot: Bot) -> None:
    await bot.get_me()
    async with aiohttp.ClientSession() as http, http.get(sandbox.state()["control"] + "/log/follow?since=0") as stream:
        await bot.get_webhook_info()
        methods: list[str] = []
        while "bot.getWebhookInfo" not in methods:
            line = await asyncio.wait_for(stream.content.readline(), 5)
            if line.startswith(b"data: "):
                methods += [packet["method"] for packet in json.loads(line.removeprefix(b"data: "))]
    assert methods == ["bot.getMe", "bot.getWebhookInfo"]


async def test_blocking_keeps_the_account_out(control: Control) -> None:
    await control.call("POST", "/block", as_="anna", who="sales")
    with pytest.raises(ControlRefused, match="USER_IS_BLOCKED"):
        await control.say("sales", "anna", "Hello")
    await control.call("POST", "/block", as_="anna", who="sales", blocked=False)
    assert await control.say("sales", "anna", "Hello")


async def test_faults_are_listed_waited_for_and_cleared(control: Control, bot: Bot) -> None:
    fault = await control.fault("bot.getMe", "delay", seconds=0, count=2)
    with pytest.raises(ControlRefused) as late:
        await control.fired(fault, timeout=0.05)
    assert late.value.status == 408
    await bot.get_me()
    assert (await control.fired(fault))["fired"] == 1
    assert [one["id"] for one in await control.call("GET", "/faults")] == [fault]
    await control.call("DELETE", f"/faults/{fault}")
    assert await control.call("GET", "/faults") == []
    with pytest.raises(ControlRefused, match="action is none of error, flood_wait"):
        await control.fault("bot.getMe", "explode")


async def test_rules_are_shown_changed_and_restored(control: Control) -> None:
    usual = await control.call("GET", "/rules")
    changed = await control.call("PATCH", "/rules", resolve_per_minute=2, query_window=1.5, document_limit=10)
    assert (changed["resolve_per_minute"], changed["query_window"], changed["document_limit"]) == (2, 1.5, 10)
    for never in (0, None):
        assert (await control.call("PATCH", "/rules", random_id_memory=never))["random_id_memory"] == never
    with pytest.raises(ControlRefused, match="patience: known are"):
        await control.call("PATCH", "/rules", patience=1)
    await control.call("POST", "/reset")
    assert await control.call("GET", "/rules") == usual


async def test_a_reset_forgets_what_was_said(control: Control, bot: Bot) -> None:
    await control.say("operator", "sales_desk_bot", "/list")
    await control.call("POST", "/reset")
    assert (await control.chat("operator", "sales_desk_bot"))["messages"] == []
    assert await bot.get_updates() == []


async def test_the_log_tells_what_the_server_saw(control: Control, bot: Bot) -> None:
    await bot.get_me()
    (line,) = await control.call("POST", "/wait/log", kind="bot")
    assert (line["method"], line["outcome"]) == ("bot.getMe", "ok")
    seen = await control.call("GET", "/log", since=line["order"])
    assert seen["lines"] == [] and seen["last"] == line["order"]


async def test_the_log_says_from_where_on_it_is_whole(sandbox: Sandbox, control: Control) -> None:
    log = sandbox.world.log
    for _ in range(LIMIT + 5):
        log.add("service")
    told = await control.call("GET", "/log", since=log.last - 2)
    assert [line["order"] for line in told["lines"]] == [log.last - 1, log.last]
    assert (told["first"], told["last"]) == (log.last - LIMIT + 1, log.last)
    assert len(log.since(0)) == LIMIT and log.since(log.last + 7) == []


async def test_waiting_for_lines_counts_those_that_were_and_those_that_come(sandbox: Sandbox, control: Control) -> None:
    sandbox.world.log.add("bot", method="bot.getMe")
    waiting = asyncio.create_task(control.call("POST", "/wait/log", kind="bot", times=3))
    for _ in range(2):
        await asyncio.sleep(0)  # a turn of the loop: the one who waits is woken for each
        sandbox.world.log.add("bot", method="bot.getUpdates")
    assert [line["method"] for line in await waiting] == ["bot.getMe", "bot.getUpdates", "bot.getUpdates"]
    with pytest.raises(ControlRefused, match="the log has 3 such lines"):
        await control.call("POST", "/wait/log", kind="bot", times=4, timeout=0.05)


@pytest.mark.parametrize(
    "headers", [{"Origin": "https://elsewhere.example"}, {"Host": "elsewhere.example"}, {"Origin": "null"}]
)
async def test_pages_from_elsewhere_are_refused(sandbox: Sandbox, headers: dict[str, str]) -> None:
    url = sandbox.state()["control"] + "/reset"
    async with aiohttp.ClientSession() as http, http.post(url, headers=headers) as response:
        assert response.status == 403


async def test_a_session_is_made_for_whoever_is_wanted(control: Control) -> None:
    one, two = [(await control.call("POST", "/session", user="anna"))["session"] for _ in range(2)]
    assert one != two


@pytest.mark.parametrize(
    ("method", "path", "fields", "problem"),
    [
        ("POST", "/nothing", {}, "there is no POST /control/nothing"),
        ("POST", "/say", {"as": "anna"}, "to is missing"),
        ("POST", "/say", {"as": "anna", "to": "sales", "media": {"kind": "smell"}}, "kinds: photo"),
        ("POST", "/say", {"as": "anna", "to": "sales", "text": ""}, "MESSAGE_EMPTY"),
        ("POST", "/edit", {"as": "anna", "message_id": 9, "text": "x"}, "MESSAGE_ID_INVALID"),
        ("POST", "/users", {"role": "king"}, "role is none of operator"),
        (
            "POST",
            "/faults",
            {"api": "push.MessageNew", "action": "flood_wait"},
            "flood_wait cannot befall push.Message",
        ),
        ("POST", "/faults", {"api": "bot.getMe", "action": "peer_flood"}, "what can: black_hole, cut_after"),
        ("POST", "/faults", {"api": "model.chat", "action": "hang", "user": "anna"}, "model.chat does not know user"),
        ("POST", "/faults", {"api": "bot.getMe", "action": "kill_after"}, "pid is missing"),
        ("POST", "/faults", {"api": "bot.getMe", "action": "kill_after", "pid": 1}, "process 1 is none of yours"),
        ("POST", "/faults", {"api": "model.chat", "action": "error", "metadata": 1}, "metadata is not an object"),
        ("POST", "/drop", {"user": "anna", "direction": "up"}, "direction is none of out, in"),
        ("GET", "/chat", {"as": "anna", "with": "nobody"}, "there is no user nobody"),
    ],
)
async def test_wrong_calls_are_told_why(
    control: Control, method: str, path: str, fields: dict[str, object], problem: str
) -> None:
    with pytest.raises(ControlRefused, match=problem):
        await control.call(method, path, **fields)
