"""``salesbot backup``: dump, verify, encrypt, put on the shelf, rotate."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

import asyncpg

from salesbot import __version__
from salesbot.backup import archive, manifest, scratch, shelf, tools
from salesbot.backup.manifest import Manifest
from salesbot.backup.rotation import Keep
from salesbot.errors import DataError, Refused
from salesbot.store import accounts, backups, locks
from salesbot.store.backups import Source
from salesbot.store.pool import ACQUIRE_TIMEOUT, Connection

NOT_ASKED = "not asked for"


@dataclass(frozen=True, slots=True)
class Wanted:
    """Where a backup goes, and for whom."""

    dsn: str
    folder: Path
    recipients: Sequence[str]
    """Nobody: everybody can read it."""
    keep: Keep
    verify: bool = True
    move: bool = False
    """The accounts go to another machine with it: their sessions are taken out of this database."""


@dataclass(frozen=True, slots=True)
class Made:
    """The backup, and those that were removed for it."""

    file: Path
    manifest: Manifest
    doubt: str
    """Why it was not verified; empty when it was."""
    removed: Sequence[Path]


async def backup(wanted: Wanted) -> Made:
    """Raises ``SettingsError``, ``DataError``, ``Refused``, or one of ``pool.UNAVAILABLE``."""
    if wanted.recipients:
        tools.age()  # better now than after the dump
    with shelf.locked(wanted.folder):
        if not wanted.move:
            return await _backup(wanted)
        connection = await asyncpg.connect(wanted.dsn, timeout=ACQUIRE_TIMEOUT)
        try:
            for account in await accounts.list_accounts(connection):
                await locks.lock_of_idle(connection, account.id)
            return await _move(wanted, connection)
        finally:
            await connection.close()


async def _move(wanted: Wanted, connection: Connection) -> Made:
    """The backup has its name when the sessions are in it alone. Said again after a death, this ends what was begun."""
    here = await backups.has_sessions(connection)
    for left in shelf.moving(wanted.folder):
        if not here:
            told = manifest.from_json(shelf.note_of(left).read_text("utf-8"))
            return Made(shelf.moved(left), told, "" if told.verified else NOT_ASKED, ())
        shelf.remove(left)
    made = await _backup(wanted)
    await backups.take_sessions_out(connection)
    return replace(made, file=shelf.moved(made.file))


async def _backup(wanted: Wanted) -> Made:
    now = datetime.now(UTC).replace(microsecond=0)
    name = shelf.name_of(now)
    dump, partial = (wanted.folder / f".{name}.{kind}.partial" for kind in ("dump", "tar"))
    try:
        told = await _dumped(wanted, now, dump)
        doubt = await _verify(wanted, told, dump) if wanted.verify else NOT_ASKED
        told = replace(told, verified=not doubt)
        await asyncio.to_thread(archive.write, partial, told, dump, wanted.recipients)
        kind = shelf.ENCRYPTED if wanted.recipients else shelf.PLAIN
        file = wanted.folder / (name + kind + (shelf.MOVING if wanted.move else ""))
        shelf.put(file, partial, told)
    finally:
        for left in (dump, partial):
            left.unlink(missing_ok=True)
    return Made(file, told, doubt, shelf.rotate(wanted.folder, wanted.keep))


async def _verify(wanted: Wanted, told: Manifest, dump: Path) -> str:
    """Why it could not be verified; that is no reason to have none. Raises what says that it is no good."""
    try:
        with dump.open("rb") as source:
            await scratch.verify(wanted.dsn, source, told.counts)
    except scratch.NoScratch as exc:
        return str(exc)
    return ""


async def _dumped(wanted: Wanted, now: datetime, dump: Path) -> Manifest:
    """What was dumped."""
    try:
        async with backups.frozen(wanted.dsn) as source:
            await asyncio.to_thread(tools.dump, wanted.dsn, source.snapshot, source.server, dump)
    except asyncpg.UndefinedTableError as exc:
        raise DataError("There is nothing in this database yet: run salesbot migrate first.") from exc
    return _manifest(wanted, now, source)


def _manifest(wanted: Wanted, now: datetime, source: Source) -> Manifest:
    return Manifest(
        created_at=now,
        version=__version__,
        migrations=source.migrations,
        database=tools.database_of(wanted.dsn),
        server=source.server,
        system_identifier=source.system_identifier,
        machine=manifest.machine(),
        moved=wanted.move,
        key_ids=source.key_ids,
        counts=source.counts,
    )


async def verify(dsn: str, file: Path, identity: Path | None) -> Manifest:
    """Restore a backup into a scratch database beside this one, and compare. Raises as ``backup`` does."""
    with archive.opened(file, identity) as read:
        await scratch.verify(dsn, read.dump, read.manifest.counts, read.whole)
    told = replace(read.manifest, verified=True)
    shelf.note(file, told)
    return told


def newest(folder: Path) -> Path:
    """The newest backup. Raises ``Refused`` when there is none, ``SettingsError``."""
    if found := shelf.listed(folder):
        return found[0].file
    raise Refused("none", f"There is no backup in {folder}.")
