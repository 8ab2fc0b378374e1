"""Write-through persistence: every mutation is in the file before anybody is told of it.

One table of JSON records in SQLite. The file survives a killed process (not a killed machine: `synchronous` is off,
which is what makes it cheap enough to write each message at once).
"""

import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from pydantic import ConfigDict, TypeAdapter, with_config

from sandbox.world.model import Entry, Message, User

Key = tuple[int, int]


@with_config(ConfigDict(ser_json_bytes="base64", val_json_bytes="base64"))
@dataclass(frozen=True)
class AuthKey:
    """An MTProto authorization key; `user` signed in with it (0: nobody), `dead` is an error it answers for ever."""

    id: int
    key: bytes
    user: int = 0
    layer: int = 0
    dead: str | None = None


@dataclass(frozen=True)
class Fact:
    """A named text: secrets of the world, counters."""

    text: str


Kind = Literal["user", "message", "entry", "auth_key", "fact", "update"]
_CODECS: dict[Kind, TypeAdapter[Any]] = {
    "user": TypeAdapter(User),
    "message": TypeAdapter(Message),
    "entry": TypeAdapter(Entry),
    "auth_key": TypeAdapter(AuthKey),
    "fact": TypeAdapter(Fact),
    "update": TypeAdapter(Fact),
}


class Store:
    def __init__(self, path: Path) -> None:
        self._db = sqlite3.connect(path, isolation_level=None)
        self._db.execute("pragma journal_mode = wal")
        self._db.execute("pragma synchronous = off")
        self._db.execute(
            "create table if not exists records (kind text, a integer, b integer, value text, primary key (kind, a, b))"
            " without rowid"
        )

    def put(self, kind: Kind, key: Key, value: object) -> None:
        if not self._db.in_transaction:
            self._db.execute("begin")
        text = _CODECS[kind].dump_json(value)
        self._db.execute("insert or replace into records values (?, ?, ?, ?)", (kind, *key, text))

    def remove(self, kind: Kind, key: Key) -> None:
        if not self._db.in_transaction:
            self._db.execute("begin")
        self._db.execute("delete from records where kind = ? and a = ? and b = ?", (kind, *key))

    def commit(self) -> None:
        if self._db.in_transaction:
            self._db.execute("commit")

    def all(self, kind: Kind, a: int | None = None) -> Iterator[Any]:
        """Every record of a kind (with first key `a`), by its key."""
        rows = self._db.execute(
            "select value from records where kind = ?1 and (?2 is null or a = ?2) order by a, b", (kind, a)
        )
        for (text,) in rows.fetchall():
            yield _CODECS[kind].validate_json(text)

    def clear(self, kind: Kind) -> None:
        if not self._db.in_transaction:
            self._db.execute("begin")
        self._db.execute("delete from records where kind = ?", (kind,))

    def close(self) -> None:
        self.commit()
        self._db.close()
