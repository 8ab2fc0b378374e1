"""Trouble of Telegram's made over the control API, as an unmodified Telethon meets it."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator
from typing import Any

import pytest
from telethon import errors, events
from telethon.errors.common import AuthKeyNotFound
from telethon.tl import functions

from sandbox.app import Sandbox
from sandbox.control.client import Control
from tests.support.clients import signed_in

PATIENCE = 10.0
GetState = functions.updates.GetStateRequest
Send = functions.messages.SendMessageRequest
SEND = "messages.sendMessage"


@pytest.fixture
async def sales(sandbox: Sandbox, control: Control) -> AsyncIterator[Any]:
    """The account's own client."""
    async with signed_in(sandbox, control) as client:
        yield client


async def heard(control: Control, who: str = "anna") -> list[str]:
    """What the account's messages to somebody say."""
    return [one["text"] for one in (await control.chat(who, "sales"))["messages"] if not one["out"]]


async def test_a_forgotten_random_id_makes_a_second_message(sales: Any, control: Control) -> None:
    request = Send(await sales.get_input_entity("anna"), "hello", random_id=7)
    await sales(request)
    with pytest.raises(errors.RandomIdDuplicateError):
        await sales(request)
    await control.call("POST", "/forget", user="sales")
    await sales(request)
    assert await heard(control) == ["hello", "hello"]


# --- connections that end


@pytest.mark.parametrize("count", [1, 50, 100])
async def test_an_answer_may_be_cut_at_any_byte(sales: Any, control: Control, count: int) -> None:
    await control.fault(SEND, "cut_at", bytes=count)
    with pytest.raises(ConnectionError):
        await sales(Send(await sales.get_input_entity("anna"), "hello", random_id=1))
    assert await heard(control) == ["hello"]


async def test_a_new_connection_may_be_cut_at_any_byte_of_either_way(sandbox: Sandbox, control: Control) -> None:
    for direction in ("out", "in"):
        for count in (0, 1, 150):
            fault = await control.fault("connect", "cut_at", bytes=count, direction=direction)
            with pytest.raises(ConnectionError):
                async with signed_in(sandbox, control) as client:
                    await client(GetState())
            assert (await control.fired(fault))["fired"] == 1
    async with signed_in(sandbox, control) as client:
        assert await client(GetState())


async def test_exactly_so_many_bytes_leave(sandbox: Sandbox, control: Control) -> None:
    await control.fault("connect", "cut_at", bytes=7)
    reader, writer = await asyncio.open_connection("127.0.0.1", sandbox.state()["mtproto"]["port"])
    ask_nonce = bytes.fromhex("f18e7ebe") + bytes(16)  # req_pq_multi
    packet = bytes(8) + (4 << 32).to_bytes(8, "little") + len(ask_nonce).to_bytes(4, "little") + ask_nonce
    writer.write(b"\xef" + bytes([len(packet) // 4]) + packet)
    assert len(await reader.readexactly(7)) == 7
    with pytest.raises(ConnectionResetError):
        await reader.read()
    writer.close()


@pytest.mark.parametrize("direction", ["out", "in"])
async def test_an_open_connection_is_cut_after_so_many_bytes(sales: Any, control: Control, direction: str) -> None:
    assert (await control.call("POST", "/drop", user="sales", after_bytes=700, direction=direction))["dropped"] == 1
    answered = 0
    with contextlib.suppress(ConnectionError):
        while answered < 10:
            await sales(GetState())
            answered += 1
    assert 0 < answered < 10


async def test_an_idle_connection_falls_silent(sandbox: Sandbox, control: Control, sales: Any) -> None:
    await sales(GetState())
    assert (await control.call("POST", "/silence", user="sales"))["silenced"] == 1
    with pytest.raises(TimeoutError):
        await asyncio.wait_for(sales(GetState()), 0.1)
    assert sales.is_connected()
    async with signed_in(sandbox, control) as another:
        assert await another(GetState())


# --- pushes


class Pushed:
    """The pts and texts of the new messages as they come over the wire."""

    def __init__(self, client: Any) -> None:
        self._queue: asyncio.Queue[str] = asyncio.Queue()
        client.add_event_handler(self._take, events.Raw())
        self._client = client

    async def _take(self, update: Any) -> None:
        message = getattr(update, "message", None)
        if message is not None:
            self._queue.put_nowait(getattr(message, "message", message))

    async def take(self, count: int) -> list[str]:
        async with asyncio.timeout(PATIENCE):
            return [await self._queue.get() for _ in range(count)]


async def test_a_push_may_come_after_the_next_one(sales: Any, control: Control) -> None:
    await sales(GetState())
    start = (await control.call("GET", "/log"))["last"]
    seen = Pushed(sales)
    await control.fault("push.MessageNew", "reorder", user="sales")
    await control.say("anna", "sales", "first")
    await control.call("POST", "/typing", as_="anna", to="sales")
    await control.say("anna", "sales", "second")
    assert await seen.take(2) == ["first", "second"]  # the client waits a moment for what is missing
    pushes = await control.call("POST", "/wait/log", kind="push", user="sales", since=start, times=3)
    assert [line["message_id"] for line in pushes if line["method"] == "MessageNew"] == [2, 1]


@pytest.mark.parametrize("action", ["cut_before", "cut_after", "cut_at"])
async def test_a_connection_may_be_cut_at_a_push(sandbox: Sandbox, control: Control, action: str) -> None:
    async with signed_in(sandbox, control) as sales:
        await sales(GetState())
        seen = Pushed(sales)
        await control.fault("push.MessageNew", action, user="sales", bytes=20)
        await control.say("anna", "sales", "hello")
        with pytest.raises(ConnectionError):
            await asyncio.wait_for(sales.disconnected, PATIENCE)
        if action == "cut_after":
            assert await seen.take(1) == ["hello"]


async def test_the_difference_may_be_too_long_or_come_in_slices_or_fail(sales: Any, control: Control) -> None:
    for text in ("one", "two"):
        await control.say("anna", "sales", text)
    difference = functions.updates.GetDifferenceRequest(pts=1, date=None, qts=0)
    await control.call("PATCH", "/rules", difference_too_long=0)
    assert type(await sales(difference)).__name__ == "DifferenceTooLong"
    await control.call("PATCH", "/rules", difference_too_long=None, difference_slice=1)
    assert type(await sales(difference)).__name__ == "DifferenceSlice"
    await control.fault("updates.getDifference", "error", code=500, text="INTERNAL")
    with pytest.raises(errors.ServerError):
        await sales(difference)


# --- accounts and people


async def said_again(client: Any) -> None:
    await client.connect()
    await client(GetState())


async def test_a_key_may_be_unknown_to_the_server(sandbox: Sandbox, control: Control) -> None:
    async with signed_in(sandbox, control) as sales:
        await sales(GetState())
        await control.call("POST", "/forget_key", user="sales")
        with pytest.raises((AuthKeyNotFound, ConnectionError)):
            await sales(GetState())
        with pytest.raises(AuthKeyNotFound):
            await sales.disconnected
        with pytest.raises(AuthKeyNotFound):
            await said_again(sales)


@pytest.mark.parametrize(
    ("error", "expected"),
    [
        ("AUTH_KEY_UNREGISTERED", errors.AuthKeyUnregisteredError),
        ("SESSION_REVOKED", errors.SessionRevokedError),
        ("AUTH_KEY_DUPLICATED", errors.AuthKeyDuplicatedError),
    ],
)
async def test_a_session_ends_with_the_error_wanted(
    sales: Any, control: Control, error: str, expected: type[Exception]
) -> None:
    await control.call("POST", "/revoke", user="sales", error=error)
    with pytest.raises(expected):
        await sales(GetState())


@pytest.mark.parametrize(
    ("who", "change", "expected"),
    [
        ("sales", {"frozen": True}, errors.FrozenMethodInvalidError),
        ("sales", {"banned": True}, errors.UserDeactivatedBanError),
        ("sales", {"deleted": True}, errors.UserDeactivatedError),
        ("sales", {"spam_limited": True}, errors.PeerFloodError),
        ("anna", {"deleted": True}, errors.InputUserDeactivatedError),
        ("anna", {"privacy": "contacts"}, errors.UserPrivacyRestrictedError),
        ("anna", {"privacy": "premium"}, errors.AuthKeyError),  # 406: Telethon knows no better name
    ],
)
async def test_states_of_people_refuse_what_is_sent_to_or_by_them(
    sales: Any, control: Control, who: str, change: dict[str, Any], expected: type[Exception]
) -> None:
    peer = await sales.get_input_entity("anna")
    await control.call("PATCH", f"/users/{who}", **change)
    with pytest.raises(expected):
        await sales(Send(peer, "hello", random_id=1))
    assert await heard(control) == []


async def test_who_is_banned_is_told_of_nothing_any_more(sales: Any, control: Control) -> None:
    await sales(GetState())
    await control.call("PATCH", "/users/sales", banned=True)
    await control.say("anna", "sales", "hello?")
    assert (await control.call("GET", "/log", kind="push", user="sales"))["lines"] == []


async def test_who_blocks_the_account_is_out_of_reach(sales: Any, control: Control) -> None:
    peer = await sales.get_input_entity("anna")
    await control.call("POST", "/block", as_="anna", who="sales")
    with pytest.raises(errors.UserIsBlockedError):
        await sales(Send(peer, "hello", random_id=1))


# --- what is told of it


async def test_events_and_packets_say_when_and_by_whom(sales: Any, control: Control) -> None:
    began = time.time()
    sent = 2**62 + 1  # wider than a number of JavaScript
    await sales(Send(await sales.get_input_entity("anna"), "by the client", random_id=sent))
    await control.say("sales", "anna", "by hand")
    by_client = await control.wait_event(since=0, kind="message_new", by_client=True)
    assert (by_client["message"]["text"], by_client["message"]["random_id"]) == ("by the client", str(sent))
    by_hand = await control.wait_event(since=by_client["seq"] + 1, kind="message_new", by_client=False)
    assert (by_hand["message"]["text"], by_hand["message"]["random_id"]) == ("by hand", None)
    lines = (await control.call("GET", "/log", method=SEND))["lines"]
    assert [line["kind"] for line in lines] == ["rpc", "answer"]
    assert lines[0]["random_id"] == str(sent)
    moments = [began, lines[0]["at"], by_client["at"], lines[1]["at"], by_hand["at"], time.time()]
    assert moments == sorted(moments)
