"""``suppressions``: who may never be written to. Keyed hashes; the only truth about opt-outs (law 7).

A person is their Telegram id. Their username is marked besides, so that somebody who comes back under it with a new
account is left alone. Whoever takes over a released username is left alone as well: nobody can tell them apart from
here, and of the two mistakes it is the one that does no harm. There is no way around a mark.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence

from salesbot.errors import DataError
from salesbot.keys import KeyRing
from salesbot.store.pool import Connection

Marks = Sequence[tuple[str, bytes]]
"""An id, or a username, under every key ever used: (key id, keyed hash), the current key first."""


async def add(connection: Connection, *marked: Marks) -> None:
    """For ever. Only the current key's mark is written; older ones are still asked for."""
    await connection.executemany(
        "insert into suppressions (mark, key_id) values ($2, $1) on conflict do nothing", [one[0] for one in marked]
    )


async def add_person(connection: Connection, keys: KeyRing, contact_id: int) -> None:
    """For ever, by the id and by the username last seen."""
    username = await connection.fetchval("select username from contacts where id = $1", contact_id)
    await add(connection, keys.marks(contact_id), *([keys.name_marks(username)] if username else []))


async def holds(connection: Connection, *asked: Marks) -> bool:
    """Whether any of them was ever marked."""
    return bool(
        await connection.fetchval(
            "select exists (select from suppressions where mark = any($1::bytea[]))",
            [mark for marks in asked for _, mark in marks],
        )
    )


async def hold_keys(connection: Connection) -> None:
    """Nobody else comes with a new key before this transaction ends."""
    await connection.execute("lock table secret_keys in share row exclusive mode")


async def check_keys(connection: Connection, key_ids: Sequence[str]) -> None:
    """Remember the keys given, and raise ``DataError`` when one that was ever used is missing."""
    missing = await connection.fetch("select key_id from secret_keys where key_id <> all($1::text[])", key_ids)
    if missing:
        names = ", ".join(row["key_id"] for row in missing)
        raise DataError(
            f"SECRET_KEY lacks a key that was used before (fingerprint {names}): opt-outs made with it would be "
            "forgotten. Add the old key after the current one."
        )
    await connection.execute(
        "insert into secret_keys (key_id) select unnest($1::text[]) on conflict do nothing", list(key_ids)
    )


async def among(connection: Connection, marks: Collection[bytes]) -> frozenset[bytes]:
    """Those of these marks that stand for somebody who may never be written to."""
    rows = await connection.fetch("select mark from suppressions where mark = any($1::bytea[])", list(marks))
    return frozenset(row["mark"] for row in rows)
