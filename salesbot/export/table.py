"""Messages as a table: CSV that spreadsheets open as it is, made by the database itself.

A byte order mark tells them that it is UTF-8. What people said can begin like a formula; an apostrophe stands before it
then (``store.exports``), so that nothing they say runs in the operator's spreadsheet.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta, tzinfo
from typing import IO
from zoneinfo import ZoneInfo

import asyncpg

from salesbot.export.document import Reader
from salesbot.store import exports
from salesbot.store.pool import transaction

HEAD = ("\ufeff" + ",".join(exports.COLUMNS) + "\n").encode()

_BATCH = 200
"""Dialogs copied at a time: their messages are sorted in memory."""

_PIECE = 1_000_000
"""Bytes written at a time."""


class Tables:
    """Files of at most ``limit`` bytes, each with the names of the columns."""

    def __init__(self, limit: int | None, new: Callable[[], IO[bytes]]) -> None:
        self.files: list[IO[bytes]] = []
        self._limit, self._new = limit, new
        self._held, self._size = list[bytes](), 0
        self._written = 0

    async def take(self, rows: bytes) -> None:
        """Whole rows."""
        self._held.append(rows)
        self._size += len(rows)
        if self._size >= _PIECE:
            await self.flush()

    async def flush(self) -> None:
        """Write what is held."""
        held = b"".join(self._held)
        self._held, self._size = [], 0
        await asyncio.to_thread(self._write, held)

    def _write(self, rows: bytes) -> None:
        if not self.files or (self._limit is not None and self._written + len(rows) > self._limit):
            self.files.append(self._new())
            self.files[-1].write(HEAD)
            self._written = len(HEAD)
        self.files[-1].write(rows)
        self._written += len(rows)


async def write(
    pool: asyncpg.Pool,
    reader: Reader,
    limit: int | None,
    progress: Callable[[int], object],
    new: Callable[[], IO[bytes]],
) -> tuple[Sequence[IO[bytes]], int]:
    """The messages of every dialog, and how many dialogs that are. No transaction is longer than some of them."""
    tables, done, last = Tables(limit, new), 0, 0
    zone = posix(reader.zone)
    try:
        while True:
            async with transaction(pool) as connection:
                numbers = await exports.numbers(connection, last, reader.since, _BATCH)
                if not numbers:
                    break
                await exports.table(connection, numbers, reader.since, zone, tables.take)
            done, last = done + len(numbers), numbers[-1]
            progress(done)
        await tables.flush()
    except BaseException:  # whatever ended it, nothing half written stays
        for file in tables.files:
            file.close()
        raise
    return tables.files, done


def posix(zone: tzinfo) -> str:
    """A zone as PostgreSQL understands it: by its name, else by its offset, whose sign POSIX turns round."""
    if isinstance(zone, ZoneInfo) and zone.key:
        return zone.key
    offset = zone.utcoffset(datetime.now(UTC)) or timedelta()
    minutes = round(offset.total_seconds() / 60)
    hours, rest = divmod(abs(minutes), 60)
    return f"<local>{'-' if minutes >= 0 else '+'}{hours:02}:{rest:02}"
