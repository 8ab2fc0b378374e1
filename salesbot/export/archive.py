"""Dialogs as files: streamed from the database into temporary files that have no name, so that no kill leaves any."""

from __future__ import annotations

import asyncio
import re
import tempfile
import zipfile
from collections.abc import AsyncIterator, Callable
from datetime import tzinfo
from typing import IO

import asyncpg

from salesbot.export import text
from salesbot.i18n import Lang
from salesbot.store import cards, desk
from salesbot.store.desk import Head
from salesbot.store.pool import Connection, transaction

PIECE = 1_000_000
"""Bytes of text held in memory at a time; a longer dialog is several entries of the archive."""

_BATCH = 100


class Volumes:
    """Zip archives of at most ``limit`` bytes; an entry begins a new one when its worst case would not fit."""

    def __init__(self, limit: int) -> None:
        self.files: list[IO[bytes]] = []
        self._limit = limit
        self._zip: zipfile.ZipFile | None = None
        self._directory = 0
        """Bytes that the directory at the archive's end will take."""

    def add(self, name: str, content: bytes) -> None:
        """Write one entry. Blocks: compresses and writes."""
        worst = len(content) + len(content) // 1000 + 2 * len(name) + 512
        archive = self._zip
        if archive is None or self.files[-1].tell() + self._directory + worst > self._limit:
            archive = self._next()
        archive.writestr(name, content)
        self._directory += 2 * len(name) + 128

    def finish(self) -> None:
        """Write the directory of the last archive."""
        if self._zip is not None:
            self._zip.close()
            self._zip = None

    def discard(self) -> None:
        """Let the files go; unnamed, they are gone with that."""
        for file in self.files:
            file.close()

    def _next(self) -> zipfile.ZipFile:
        self.finish()
        self.files.append(tempfile.TemporaryFile())  # noqa: SIM115 - kept until it was sent
        self._zip = zipfile.ZipFile(self.files[-1], "w", zipfile.ZIP_DEFLATED)
        self._directory = 22  # the record at the archive's end
        return self._zip


async def pieces(connection: Connection, _: Lang, head: Head, zone: tzinfo, size: int) -> AsyncIterator[bytes]:
    """The text of a dialog in pieces of about ``size`` bytes, cut between messages; in a transaction."""
    card = await cards.of(connection, head.dialog.id)
    held = [text.head(_, head.dialog, head.contact, head.account, zone, card).encode()]
    async for message in desk.stream_messages(connection, head.dialog.id):
        entry = text.entry(_, message, head.dialog, head.contact, zone).encode()
        if sum(map(len, held)) + len(entry) > size:
            yield b"".join(held)
            held = []
        held.append(entry)
    yield b"".join(held)


async def write_all(
    pool: asyncpg.Pool, _: Lang, zone: tzinfo, limit: int, progress: Callable[[int], object]
) -> tuple[Volumes, int]:
    """Every dialog, in order of their numbers, into archives; returns them with the number of dialogs.

    ``progress`` is told how many are done. No transaction is longer than one dialog. Discard the volumes after use.
    """
    volumes, done, last = Volumes(limit), 0, 0
    try:
        while heads := await _heads(pool, last):
            for head in heads:
                async with transaction(pool) as connection:
                    await write(connection, _, head, zone, volumes)
                done, last = done + 1, head.dialog.id
                progress(done)
        await asyncio.to_thread(volumes.finish)
    except BaseException:  # whatever ended it, nothing half written stays
        volumes.discard()
        raise
    return volumes, done


async def write_one(pool: asyncpg.Pool, _: Lang, head: Head, zone: tzinfo, limit: int) -> list[IO[bytes]]:
    """One dialog as text files of at most ``limit`` bytes; close them after use."""
    files: list[IO[bytes]] = []
    async with transaction(pool) as connection:
        async for piece in pieces(connection, _, head, zone, min(PIECE, limit)):
            if not files or files[-1].tell() + len(piece) > limit:
                files.append(tempfile.TemporaryFile())  # noqa: SIM115 - kept until it was sent
            files[-1].write(piece)
    return files


async def _heads(pool: asyncpg.Pool, above: int) -> list[Head]:
    async with transaction(pool) as connection:
        return list(await desk.next_heads(connection, above, _BATCH))


async def write(connection: Connection, _: Lang, head: Head, zone: tzinfo, volumes: Volumes) -> list[str]:
    """One dialog into archives, in a transaction; returns the names of its entries."""
    names: list[str] = []
    async for piece in pieces(connection, _, head, zone, PIECE):
        names.append(file_name(head, len(names) + 1))
        await asyncio.to_thread(volumes.add, names[-1], piece)
    return names


def file_name(head: Head, number: int = 1) -> str:
    """``dialog-000007-anna.txt``; further pieces of a long one end in ``-2.txt``, ``-3.txt`` …"""
    who = re.sub(r"\W+", "-", (head.contact and head.contact.username) or head.dialog.target_username, flags=re.ASCII)
    return f"dialog-{head.dialog.id:06}-{who.strip('-') or 'unnamed'}{f'-{number}' if number > 1 else ''}.txt"
