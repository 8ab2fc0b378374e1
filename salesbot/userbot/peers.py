"""Whom this account can address: access hashes, from ``account_peers`` and from what the connection is taught.

A hash is valid for one account only. The book is bounded: who falls out is looked up in the database again.
"""

from __future__ import annotations

from collections import OrderedDict
from typing import TypeVar

import asyncpg
from telethon.tl import types

from salesbot.dialog.model import Person
from salesbot.errors import NoSuchPerson, Transient
from salesbot.store import contacts, sessions
from salesbot.store.pool import ACQUIRE_TIMEOUT, UNAVAILABLE
from salesbot.userbot.convert import SERVICE_USERS

CAPACITY = 50_000

_Value = TypeVar("_Value")


class PeerBook:
    """Access hashes by user id, and the ids known not to be people (bots), both bounded."""

    def __init__(self, account_id: int, pool: asyncpg.Pool) -> None:
        self._account_id = account_id
        self._pool = pool
        self._hashes: OrderedDict[int, int] = OrderedDict()
        self._others: OrderedDict[int, None] = OrderedDict()

    async def load(self) -> None:
        async with self._pool.acquire(timeout=ACQUIRE_TIMEOUT) as connection:
            self._hashes.update(await sessions.peers(connection, self._account_id, CAPACITY))

    def learn(self, person: Person) -> None:
        _put(self._hashes, person.id, person.access_hash)

    def not_a_person(self, user_id: int) -> None:
        _put(self._others, user_id, None)

    def is_other(self, user_id: int) -> bool:
        """The account itself, Telegram's notifications, a bot."""
        return user_id == self._account_id or user_id in SERVICE_USERS or user_id in self._others

    def knows(self, user_id: int) -> bool:
        return user_id in self._hashes or self.is_other(user_id)

    async def input_peer(self, user_id: int) -> types.InputPeerUser:
        """Raises ``NoSuchPerson`` (``unknown_id``) for somebody this account never met."""
        found = self._hashes.get(user_id)
        if found is None:
            found = await self._stored(user_id)
            if found is None:
                raise NoSuchPerson("unknown_id", f"this account never met {user_id}")
        _put(self._hashes, user_id, found)
        return types.InputPeerUser(user_id, found)

    async def _stored(self, user_id: int) -> int | None:
        try:
            async with self._pool.acquire(timeout=ACQUIRE_TIMEOUT) as connection:
                return await contacts.access_hash(connection, self._account_id, user_id)
        except UNAVAILABLE as exc:
            raise Transient("the database is away") from exc


def _put(book: OrderedDict[int, _Value], key: int, value: _Value) -> None:
    book[key] = value
    book.move_to_end(key)
    if len(book) > CAPACITY:
        book.popitem(last=False)
