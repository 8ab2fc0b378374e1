"""``suppressions``: who may never be written to. Keyed hashes; the only truth about opt-outs (law 7)."""

from __future__ import annotations

from collections.abc import Sequence

from salesbot.errors import DataError
from salesbot.store.pool import Connection

Marks = Sequence[tuple[str, bytes]]
"""A person under every key ever used: (key id, keyed hash of the Telegram id), the current key first."""


async def add(connection: Connection, marks: Marks) -> None:
    """For ever. Only the current key's mark is written; older ones are still asked for."""
    key_id, mark = marks[0]
    await connection.execute(
        "insert into suppressions (mark, key_id) values ($1, $2) on conflict do nothing", mark, key_id
    )


async def holds(connection: Connection, marks: Marks) -> bool:
    return bool(
        await connection.fetchval(
            "select exists (select from suppressions where mark = any($1::bytea[]))", [mark for _, mark in marks]
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
