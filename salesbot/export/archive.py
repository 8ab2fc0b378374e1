"""Dialogs as files: streamed from the database into temporary files that have no name, so that no kill leaves any.

Messages are rendered, compressed and written in a thread, some hundred at a time, while the next are fetched: the event
loop goes on. No transaction is longer than a hundred dialogs.
"""

from __future__ import annotations

import asyncio
import re
import tempfile
import zipfile
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import IO, Protocol

import asyncpg

from salesbot.export import table
from salesbot.export.data import Data
from salesbot.export.document import Document, Reader
from salesbot.export.page import Page, index
from salesbot.export.text import Text
from salesbot.export.wanted import Format
from salesbot.store import desk, exports
from salesbot.store.desk import Head
from salesbot.store.exports import Book, Said
from salesbot.store.pool import Connection, transaction

PIECE = 1_000_000
"""Bytes of one entry of an archive, which is held in memory; a longer dialog is several entries."""

_BATCH = 100
"""Dialogs read at a time."""

_SQUEEZE = 3
"""How hard is compressed, of 9: the usual 6 takes a quarter more of the whole time, for files a tenth smaller."""

_DOCUMENTS: Mapping[Format, Callable[[Reader, Book], Document]] = {
    Format.TXT: Text,
    Format.JSON: Data,
    Format.HTML: Page,
}

NewFile = Callable[[], IO[bytes]]


class Sink(Protocol):
    """Where documents go, one after the other."""

    def begin(self, name: str, book: Book, piece: int) -> None:
        """The next document, the ``piece``-th of a dialog."""
        ...

    def write(self, piece: bytes) -> None: ...

    def end(self) -> None: ...


class Loose:
    """Documents as files of their own."""

    def __init__(self, new: NewFile = tempfile.TemporaryFile) -> None:
        self.files: list[IO[bytes]] = []
        self.names: list[str] = []
        self._new = new

    def begin(self, name: str, book: Book, piece: int) -> None:
        self.files.append(self._new())
        self.names.append(name)

    def write(self, piece: bytes) -> None:
        self.files[-1].write(piece)

    def end(self) -> None:
        self.files[-1].flush()

    def discard(self) -> None:
        """Let the files go; unnamed, they are gone with that."""
        for file in self.files:
            file.close()


class Volumes:
    """Zip archives of at most ``limit`` bytes; an entry begins a new one when its worst case would not fit.

    With ``indexed`` each has a page that leads to its documents.
    """

    def __init__(self, limit: int | None, new: NewFile = tempfile.TemporaryFile, indexed: Reader | None = None) -> None:
        self.files: list[IO[bytes]] = []
        self._limit, self._new, self._indexed = limit, new, indexed
        self._zip: zipfile.ZipFile | None = None
        self._end = 0
        """Bytes that the page and the directory at the archive's end will take."""
        self._name, self._held = "", list[bytes]()
        self._line, self._lines = b"", list[bytes]()

    def begin(self, name: str, book: Book, piece: int) -> None:
        self._name = name
        if self._indexed is not None:
            self._line = index.line(self._indexed, book, name, piece)

    def write(self, piece: bytes) -> None:
        self._held.append(piece)

    def end(self) -> None:
        self.add(self._name, b"".join(self._held))
        self._held.clear()

    def add(self, name: str, content: bytes) -> None:
        """Write one entry. Blocks: compresses and writes."""
        worst = len(content) + len(content) // 1000 + 2 * len(name) + len(self._line) + 512
        archive = self._zip
        if archive is None or self._over(self.files[-1].tell() + self._end + worst):
            archive = self._next()
        archive.writestr(name, content)
        self._lines.append(self._line)
        self._end += 2 * len(name) + 128 + len(self._line)

    def finish(self) -> None:
        """Write the page and the directory of the last archive."""
        if self._zip is not None:
            if self._indexed is not None:
                self._zip.writestr(index.NAME, index.page(self._indexed, self._lines))
            self._lines.clear()
            self._zip.close()
            self._zip = None

    def discard(self) -> None:
        """Let the files go; unnamed, they are gone with that."""
        for file in self.files:
            file.close()

    def _over(self, size: int) -> bool:
        return self._limit is not None and size > self._limit

    def _next(self) -> zipfile.ZipFile:
        self.finish()
        self.files.append(self._new())
        self._zip = zipfile.ZipFile(self.files[-1], "w", zipfile.ZIP_DEFLATED, compresslevel=_SQUEEZE)
        self._end = 22 + (len(index.page(self._indexed, ())) + 512 if self._indexed else 0)  # 22: the record at its end
        return self._zip


class Binder:
    """Makes documents of messages, dialog after dialog, each of at most ``limit`` bytes. Blocks; knows no database."""

    def __init__(self, reader: Reader, kind: Format, sink: Sink, limit: int | None) -> None:
        self._kind, self._sink, self._limit = kind, sink, limit
        self._make = partial(_DOCUMENTS[kind], reader)
        self._waiting: deque[Book] = deque()
        self._book: Book | None = None
        self._document: Document | None = None
        self._pieces = self._size = self._room = self._entries = 0
        self.names: list[str] = []
        """Of the documents made since the last ``start``."""

    def start(self, books: Sequence[Book]) -> None:
        """These dialogs come next, in this order, whether or not anything was said in them."""
        self._waiting.extend(books)
        self.names = []

    def add(self, rows: Sequence[Said]) -> None:
        """Messages of these dialogs, in their order."""
        for said in rows:
            while self._book is None or self._book.number != said.dialog_id:
                self._turn()
            assert self._document is not None
            piece = self._document.entry(said).encode()
            if self._limit is not None and self._entries and self._size + len(piece) > self._room:
                self._close()
                self._open(self._book)
                piece = self._document.entry(said).encode()
            self._sink.write(piece)
            self._size += len(piece)
            self._entries += 1

    def finish(self) -> None:
        """All of these dialogs are over."""
        while self._waiting:
            self._turn()
        self._close()
        self._book = self._document = None

    def _turn(self) -> None:
        """On to the next dialog."""
        self._close()
        self._book = self._waiting.popleft()
        self._document = self._make(self._book)
        self._pieces = 0
        self._open(self._book)

    def _open(self, book: Book) -> None:
        assert self._document is not None
        self._pieces += 1
        self.names.append(file_name(book.head, self._kind, self._pieces))
        self._sink.begin(self.names[-1], book, self._pieces)
        head = self._document.head().encode()
        self._sink.write(head)
        self._size, self._entries = len(head), 0
        self._room = (self._limit or 0) - len(self._document.foot().encode())

    def _close(self) -> None:
        if self._document is not None:
            self._sink.write(self._document.foot().encode())
            self._sink.end()


@dataclass(frozen=True, slots=True)
class Written:
    """What was written: files, with the names they may have, holding so many dialogs."""

    files: Sequence[IO[bytes]]
    names: Sequence[str]
    dialogs: int

    def discard(self) -> None:
        """Let the files go; unnamed, they are gone with that."""
        for file in self.files:
            file.close()


async def one(
    pool: asyncpg.Pool,
    reader: Reader,
    kind: Format,
    number: int,
    limit: int | None,
    new: NewFile = tempfile.TemporaryFile,
) -> Written | None:
    """One dialog as files of at most ``limit`` bytes; None when there is no such dialog."""
    sink = Loose(new)
    try:
        async with transaction(pool) as connection:
            head = await desk.head(connection, number)
            if head is None:
                return None
            books = await exports.books(connection, [head])
            await bind(connection, Binder(reader, kind, sink, limit), books, reader)
    except BaseException:  # whatever ended it, nothing half written stays
        sink.discard()
        raise
    return Written(sink.files, sink.names, 1)


async def everything(
    pool: asyncpg.Pool,
    reader: Reader,
    kind: Format,
    name: str,
    limit: int | None,
    progress: Callable[[int], object],
    new: NewFile = tempfile.TemporaryFile,
) -> Written:
    """Every dialog, in order of their numbers: archives of documents, or tables, of at most ``limit`` bytes each.

    ``progress`` is told how many are done.
    """
    if kind is Format.CSV:
        files, dialogs = await table.write(pool, reader, limit, progress, new)
    else:
        files, dialogs = await _archives(pool, reader, kind, limit, progress, new)
    ending = "csv" if kind is Format.CSV else "zip"
    of = f"of{len(files)}"
    names = [f"{name}{f'-{n}{of}' if len(files) > 1 else ''}.{ending}" for n in range(1, len(files) + 1)]
    return Written(files, names, dialogs)


async def _archives(
    pool: asyncpg.Pool,
    reader: Reader,
    kind: Format,
    limit: int | None,
    progress: Callable[[int], object],
    new: NewFile,
) -> tuple[Sequence[IO[bytes]], int]:
    volumes, done, last = Volumes(limit, new, reader if kind is Format.HTML else None), 0, 0
    binder = Binder(reader, kind, volumes, PIECE)
    try:
        while True:
            async with transaction(pool) as connection:
                heads = await exports.heads(connection, last, reader.since, _BATCH)
                if not heads:
                    break
                await bind(connection, binder, await exports.books(connection, heads), reader)
            done, last = done + len(heads), heads[-1].dialog.id
            progress(done)
        await asyncio.to_thread(volumes.finish)
    except BaseException:  # whatever ended it, nothing half written stays
        volumes.discard()
        raise
    return volumes.files, done


async def bind(connection: Connection, binder: Binder, books: Sequence[Book], reader: Reader) -> None:
    """The messages of these dialogs into documents: some are fetched while those before them are written."""
    loop = asyncio.get_running_loop()
    binder.start(books)
    working: asyncio.Future[None] | None = None
    try:
        async for rows in exports.messages(connection, [book.number for book in books], reader.since):
            if working is not None:
                await asyncio.shield(working)
            working = loop.run_in_executor(None, binder.add, rows)
    finally:
        if working is not None:
            await asyncio.wait({working})  # a thread cannot be cancelled, and it writes into what is discarded next
    if working is not None:
        working.result()
    await asyncio.to_thread(binder.finish)


def file_name(head: Head, kind: Format = Format.TXT, number: int = 1) -> str:
    """``dialog-000007-anna.txt``; further pieces of a long one end in ``-2.txt``, ``-3.txt`` …"""
    who = re.sub(r"\W+", "-", (head.contact and head.contact.username) or head.dialog.target_username, flags=re.ASCII)
    piece = f"-{number}" if number > 1 else ""
    return f"dialog-{head.dialog.id:06}-{who.strip('-') or 'unnamed'}{piece}.{kind.value}"
