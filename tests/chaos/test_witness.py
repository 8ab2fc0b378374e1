"""The witness sees every message of the account's box, whoever caused it, and what the operator is told of stops."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any
from urllib.parse import urlsplit

import pytest
from aiogram import Bot
from telethon.tl import functions

from sandbox.app import Sandbox
from sandbox.control.client import Control
from tests.chaos.record import Line
from tests.chaos.witness import Witness
from tests.support.clients import signed_in
from tests.support.waiting import until

Send = functions.messages.SendMessageRequest
WIDE = 2**63 - 1
CONFIRMED = "№ 7: stopped. Nothing of it is on its way"
IN_RUSSIAN = "№ 8: остановлен. В пути больше ничего нет."


def id_of(sandbox: Sandbox, username: str) -> int:
    user = sandbox.world.users.by_username(username)
    assert user is not None
    return user.id


@asynccontextmanager
async def watching(sandbox: Sandbox, url: str = "") -> AsyncIterator[Witness]:
    account, operator, bot = id_of(sandbox, "sales"), id_of(sandbox, "operator"), sandbox.state()["bot"]["id"]
    async with Witness.watching(url or sandbox.state()["control"], account, operator, bot) as witness:
        yield witness


async def caught_up(witness: Witness, control: Control) -> None:
    await witness.caught_up((await control.call("GET", "/log", since=1 << 40))["last_event"])


def told(lines: list[Line]) -> list[tuple[str, bool, bool, int | None]]:
    return [(line.text, line.out, line.by_product, line.random_id) for line in lines]


async def test_lines_tell_who_caused_them(sandbox: Sandbox, control: Control) -> None:
    async with watching(sandbox) as witness, signed_in(sandbox, control) as client:
        await control.say("anna", "sales", "from anna")
        await client(Send(await client.get_input_entity("anna"), "by the product", random_id=WIDE))
        await control.say("sales", "anna", "by a colleague")
        await control.say("anna", "boris", "not of the account")
        await caught_up(witness, control)
        assert told(witness.lines) == [
            ("from anna", False, False, None),
            ("by the product", True, True, WIDE),
            ("by a colleague", True, False, None),
        ]
        assert {line.person for line in witness.lines} == {id_of(sandbox, "anna")}
        assert sorted(witness.lines, key=lambda line: (line.seq, line.id)) == witness.lines


async def test_what_happened_before_the_watch_is_seen_too(sandbox: Sandbox, control: Control) -> None:
    await control.say("anna", "sales", "early")
    async with watching(sandbox) as witness:
        await caught_up(witness, control)
        assert told(witness.lines) == [("early", False, False, None)]


async def test_deletions_are_told_by_their_ids_in_the_accounts_box(sandbox: Sandbox, control: Control) -> None:
    async with watching(sandbox) as witness:
        said = await control.say("anna", "sales", "taken back")
        await control.call("POST", "/delete", as_="anna", message_id=said["id"])
        await caught_up(witness, control)
        assert list(witness.deleted) == [said["twin_id"]] == [witness.lines[0].id]
        assert witness.deleted[said["twin_id"]] >= witness.lines[0].at


@pytest.mark.parametrize(("text", "dialog"), [(CONFIRMED, 7), (IN_RUSSIAN, 8)])
async def test_a_confirmed_stop_is_seen_when_said_and_when_edited_into_a_message(
    sandbox: Sandbox, control: Control, bot: Bot, operator: int, text: str, dialog: int
) -> None:
    async with watching(sandbox) as witness:
        await control.say("operator", (await bot.me()).id, "/start")
        await bot.send_message(operator, text)
        said = await bot.send_message(operator, "№ 9: stopping. One message was already on its way")
        edited = await bot.edit_message_text(text, chat_id=operator, message_id=said.message_id)
        await control.say("anna", "sales", text)
        await caught_up(witness, control)
        assert [one.dialog for one in witness.confirmed] == [dialog, dialog]
        assert witness.confirmed[0].seq < witness.confirmed[1].seq < witness.lines[-1].seq
        assert edited


class Relay:
    """A TCP relay in front of the sandbox whose connections can be reset."""

    def __init__(self, port: int) -> None:
        self._port = port
        self.open: list[asyncio.StreamWriter] = []
        self.accepted = 0

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.accepted += 1
        there_reader, there_writer = await asyncio.open_connection("127.0.0.1", self._port)
        self.open += [writer, there_writer]
        await asyncio.gather(self._pipe(reader, there_writer), self._pipe(there_reader, writer), return_exceptions=True)

    async def _pipe(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while data := await reader.read(1 << 16):
            writer.write(data)

    def reset(self) -> None:
        for writer in self.open:
            writer.transport.abort()
        self.open.clear()


async def test_a_lost_connection_loses_and_repeats_nothing(sandbox: Sandbox, control: Control) -> None:
    url: Any = urlsplit(sandbox.state()["control"])
    relay = Relay(url.port)
    async with await asyncio.start_server(relay.serve, "127.0.0.1") as server:
        port = server.sockets[0].getsockname()[1]
        async with watching(sandbox, url._replace(netloc=f"127.0.0.1:{port}").geturl()) as witness:
            for number in range(1, 4):
                await control.say("anna", "sales", f"line {number}")
                await caught_up(witness, control)
                relay.reset()
                await control.say("anna", "sales", f"meanwhile {number}")

                async def accepted(times: int = number + 1) -> bool:
                    return relay.accepted >= times

                await until(accepted, "the witness is back")
            await caught_up(witness, control)
            texts = [line.text for line in witness.lines]
            assert texts == [f"{word} {number}" for number in range(1, 4) for word in ("line", "meanwhile")]
        relay.reset()
