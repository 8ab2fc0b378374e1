"""What we rely on inside Telethon. A new release that moves one of these fails here, with its name."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from typing import Any

import pytest
from telethon import TelegramClient
from telethon._updates import MessageBox
from telethon._updates.messagebox import ENTRY_ACCOUNT, PtsInfo
from telethon.crypto import aes
from telethon.network import MTProtoSender
from telethon.network.connection.connection import Connection
from telethon.sessions import MemorySession

PARAMETERS: list[tuple[Callable[..., Any], list[str]]] = [
    (MessageBox.process_updates, ["self", "updates", "chat_hashes", "result"]),
    (MessageBox.apply_pts_info, ["self", "update", "reset_deadlines"]),
    (MessageBox.apply_difference, ["self", "diff", "chat_hashes"]),
    (MessageBox.apply_difference_type, ["self", "diff", "chat_hashes"]),
    (MessageBox.end_difference, ["self"]),
    (MessageBox.try_begin_get_diff, ["self", "entry", "reason"]),
    (MessageBox.session_state, ["self"]),
    (TelegramClient.__call__, ["self", "request", "ordered", "flood_sleep_threshold"]),
    (TelegramClient._call, ["self", "sender", "request", "ordered", "flood_sleep_threshold"]),
    (TelegramClient._preprocess_updates, ["self", "updates", "users", "chats"]),
    (TelegramClient._on_login, ["self", "user"]),
    (TelegramClient._switch_dc, ["self", "new_dc"]),
    (MTProtoSender.send, ["self", "request", "ordered"]),
    (Connection._connect, ["self", "timeout", "ssl"]),
    (Connection._send, ["self", "data"]),
    (Connection._proxy_connect, ["self", "timeout", "local_addr"]),
    (Connection.disconnect, ["self"]),
    (MemorySession.process_entities, ["self", "tlo"]),
    (MemorySession.cache_file, ["self", "md5_digest", "file_size", "instance"]),
]


@pytest.mark.parametrize(("method", "parameters"), PARAMETERS, ids=lambda value: getattr(value, "__qualname__", ""))
def test_a_method_that_we_override_or_call_is_as_we_know_it(method: Callable[..., Any], parameters: list[str]) -> None:
    assert list(inspect.signature(method).parameters) == parameters


async def test_the_private_parts_of_a_client_are_where_we_look_for_them() -> None:
    client = TelegramClient(MemorySession(), 1, "hash")
    assert client._updates_error is None
    assert isinstance(client._message_box, MessageBox)
    assert client._sender._disconnected.done()
    assert client._log["messagebox"] is not None
    assert client._message_box.map == {}
    assert client._message_box.getting_diff_for == set()


def test_the_update_loop_takes_the_box_from_the_client_and_hands_every_batch_to_preprocess() -> None:
    loop = inspect.getsource(TelegramClient._update_loop)
    assert loop.count("self._message_box.process_updates(") == 1
    assert loop.count("self._message_box.apply_difference(") == 1
    assert loop.count("await self._preprocess_updates(") == 3, "account difference, channel difference, pushes"
    for moved in ("self._message_box.apply_difference(", "self._message_box.process_updates("):
        between = loop.partition(moved)[2].partition("await self._preprocess_updates(")[0]
        assert "await" not in between, "the state could move between the updates and our taking of it"


def test_the_accounts_own_updates_are_counted_under_the_name_we_know() -> None:
    assert PtsInfo(1, 1, ENTRY_ACCOUNT).entry is ENTRY_ACCOUNT
    assert not isinstance(ENTRY_ACCOUNT, int), "channels are told apart by their entry being a number"


def test_the_fast_cipher_is_installed() -> None:
    assert aes.cryptg is not None
