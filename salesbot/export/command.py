"""``salesbot export``: dialogs into a file, or to the standard output, for whoever has the server.

What goes to the standard output is written to a file without a name first: a reader who is slow, or reads no more,
holds up no transaction. A named file appears when it is whole, or not at all.
"""

from __future__ import annotations

import errno
import shutil
import sys
import tempfile
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import IO

import asyncpg

from salesbot import i18n
from salesbot.dialog.titles import UNTITLED, Titles
from salesbot.errors import SalesbotError
from salesbot.export import archive
from salesbot.export.archive import Written
from salesbot.export.document import Reader
from salesbot.export.wanted import Asked
from salesbot.settings import Settings
from salesbot.store import events, pool
from salesbot.store.pool import transaction

ACTOR = "operator"
"""Who exports, for the audit log: somebody on the server."""

_OF_FILES = frozenset(
    {errno.EACCES, errno.EISDIR, errno.ENOENT, errno.ENOSPC, errno.ENOTDIR, errno.EPERM, errno.EROFS, errno.EDQUOT}
)
"""What goes wrong with files, and not with a connection."""


async def run(config: Settings, asked: Asked, titles: Titles = UNTITLED) -> None:
    """Export it. Raises ``SalesbotError`` when there is no such dialog or the file cannot be written."""
    zone = datetime.now(UTC).astimezone().tzinfo or UTC
    reader = Reader(i18n.of(None, config.admin_lang), zone, asked.since, titles)
    async with AsyncExitStack() as stack:
        database = await pool.create(config.database_url.get_secret_value(), max_size=2)
        stack.push_async_callback(pool.close, database)
        async with _target(asked.out) as new:
            written = await _written(database, reader, asked, new)
            stack.callback(written.discard)
            written.files[0].flush()
            await _record(database, asked, written)
            if asked.out is None:
                _pour(written.files[0])
    if asked.out is not None:
        print(f"{asked.out}: {written.dialogs} {'dialog' if written.dialogs == 1 else 'dialogs'}", file=sys.stderr)


async def _written(database: asyncpg.Pool, reader: Reader, asked: Asked, new: Callable[[], IO[bytes]]) -> Written:
    if asked.number is not None:
        written = await archive.one(database, reader, asked.kind, asked.number, None, new)
        if written is None:
            raise SalesbotError(f"There is no dialog {asked.number}.")
        return written
    written = await archive.everything(database, reader, asked.kind, "", None, _quiet, new)
    if not written.files:
        raise SalesbotError("There is nothing to export.")
    return written


def _quiet(done: int) -> None:
    """Nobody watches."""


async def _record(database: asyncpg.Pool, asked: Asked, written: Written) -> None:
    """Before anything of it leaves the house."""
    data = {
        "what": "all" if asked.number is None else "dialog",
        "format": asked.kind.value,
        "count": written.dialogs,
        "since": asked.since.isoformat() if asked.since else None,
    }
    async with transaction(database) as connection:
        await events.record(connection, "exported", actor=ACTOR, dialog_id=asked.number, data=data)


@asynccontextmanager
async def _target(out: Path | None) -> AsyncIterator[Callable[[], IO[bytes]]]:
    """Makes the one file that is written: beside the named one, whose place it takes in the end."""
    try:
        if out is None:
            yield tempfile.TemporaryFile
            return
        unfinished = out.with_name(f".{out.name}.part")
        try:
            with unfinished.open("w+b") as file:
                yield lambda: file
            unfinished.replace(out)
        finally:
            unfinished.unlink(missing_ok=True)
    except OSError as error:
        if error.errno in _OF_FILES:
            raise SalesbotError(f"{out or 'A temporary file'} cannot be written: {error.strerror}") from error
        raise  # of the database, or of the pipe behind us


def _pour(file: IO[bytes]) -> None:
    file.seek(0)
    shutil.copyfileobj(file, sys.stdout.buffer)
    sys.stdout.buffer.flush()
