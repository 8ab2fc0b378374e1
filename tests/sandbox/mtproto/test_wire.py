"""Transports, key exchange and the session layer, seen by an unmodified Telethon."""

import asyncio
import contextlib
import os

import pytest
from telethon.errors import AuthKeyNotFound, BadRequestError
from telethon.network.connection import (
    Connection,
    ConnectionTcpAbridged,
    ConnectionTcpFull,
    ConnectionTcpIntermediate,
    ConnectionTcpObfuscated,
)
from telethon.sessions import StringSession
from telethon.tl import TLRequest, functions, types

from tests.sandbox.mtproto.playground import Telegram

HELLO = functions.help.GetNearestDcRequest()


@pytest.mark.parametrize(
    "transport", [ConnectionTcpFull, ConnectionTcpAbridged, ConnectionTcpIntermediate, ConnectionTcpObfuscated]
)
async def test_a_client_agrees_on_a_key_over_every_transport(telegram: Telegram, transport: type[Connection]) -> None:
    client = telegram.stranger(connection=transport)
    await client.connect()
    assert (await client(HELLO)).this_dc == 2
    long_text = "x" * 3000  # past the short form of the abridged length
    user = await telegram.client(telegram.maria, connection=transport)
    await user.send_message("anna", long_text)
    assert [m.raw_text for m in await user.get_messages("anna")] == [long_text]


async def test_a_made_up_key_is_not_found(telegram: Telegram) -> None:
    kept = StringSession(telegram.server.string_session(telegram.maria.id))
    telegram.server.keys.remove(next(telegram.server.keys.of(telegram.maria.id)))
    client = telegram.stranger(kept.save())
    with pytest.raises(AuthKeyNotFound):
        await client.connect()


async def test_garbage_ends_only_its_own_connection(telegram: Telegram) -> None:
    client = await telegram.client(telegram.maria)
    reader, writer = await asyncio.open_connection("127.0.0.1", telegram.server.port)
    writer.write(b"GET / HTTP/1.1\r\nHost: somebody\r\n\r\n" + bytes(64))
    with contextlib.suppress(ConnectionError):
        assert await reader.read() == b""
    writer.close()
    assert (await client.get_me()).id == telegram.maria.id


async def test_many_calls_at_once_are_all_answered_in_order(telegram: Telegram) -> None:
    client = await telegram.client(telegram.maria)
    peer = await client.get_input_entity("anna")
    calls = [functions.messages.SendMessageRequest(peer, f"{i}", random_id=i + 1) for i in range(150)]
    answers = await asyncio.gather(*(client(call) for call in calls))
    assert [a.id for a in answers] == list(range(1, 151))
    assert [m.text for m in telegram.world.history(telegram.anna.id, telegram.maria.id, limit=3)] == [
        "149",
        "148",
        "147",
    ]


async def test_a_big_answer_is_zipped_and_understood(telegram: Telegram) -> None:
    for number in range(100):
        telegram.world.send(telegram.maria.id, telegram.anna.id, f"{number} " + "word " * 100)
    client = await telegram.client(telegram.anna)
    assert len(await client.get_messages("sales", limit=100)) == 100


async def test_pings_and_future_salts_are_answered(telegram: Telegram) -> None:
    client = await telegram.client(telegram.maria)
    assert (await client(functions.PingRequest(5))).ping_id == 5
    assert len((await client(functions.GetFutureSaltsRequest(1))).salts) == 1


@pytest.mark.parametrize("seconds", [-1000, 1000])
async def test_a_client_whose_clock_is_wrong_is_told_and_comes_right(telegram: Telegram, seconds: int) -> None:
    client = telegram.stranger(telegram.server.string_session(telegram.maria.id))
    client._sender._state.time_offset = seconds
    await client.connect()
    assert (await client.get_me()).id == telegram.maria.id
    assert abs(client._sender._state.time_offset) <= 1


async def test_what_is_not_implemented_answers_with_an_error_that_names_it(telegram: Telegram) -> None:
    client = await telegram.client(telegram.maria)
    with pytest.raises(Exception, match=r"METHOD_NOT_IMPLEMENTED_messages\.getStickers") as caught:
        await client(functions.messages.GetStickersRequest("x", 0))
    assert caught.value.code == 400  # type: ignore[attr-defined]


class Nonsense(TLRequest):  # type: ignore[misc]
    """A call made of any bytes."""

    def __init__(self, data: bytes) -> None:
        self._data = data

    def _bytes(self) -> bytes:
        return self._data


async def test_nonsense_inside_a_session_is_answered_with_an_error(telegram: Telegram) -> None:
    client = await telegram.client(telegram.maria)
    call = bytes(functions.messages.SendMessageRequest(types.InputPeerSelf(), "hello", random_id=1))
    nonsense = [b"", b"\x00", os.urandom(40), call[:12], call[:4] + os.urandom(len(call))]
    for data in nonsense:
        with pytest.raises(BadRequestError):
            await client(Nonsense(data))
    assert (await client.get_me()).id == telegram.maria.id


async def test_the_log_names_every_call_and_its_answer(telegram: Telegram) -> None:
    client = await telegram.client(telegram.maria)
    peer = await client.get_input_entity("anna")
    start = telegram.world.log.last
    answer = await client(functions.messages.SendMessageRequest(peer, "hello", random_id=77))
    assert isinstance(answer, types.UpdateShortSentMessage)
    call, done = telegram.world.log.since(start, method="messages.sendMessage")
    assert (call.kind, call.user, call.peer, call.random_id) == ("rpc", telegram.maria.id, telegram.anna.id, 77)
    assert (done.kind, done.msg_id, done.message_id) == ("answer", call.msg_id, answer.id)
