"""``salesbot restore``: a backup takes the place of the database, in one transaction, and is known as restored from its
first moment on: nobody uses it before ``salesbot confirm-database``.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import asyncpg

from salesbot.backup import archive, manifest, tools
from salesbot.backup.manifest import Manifest
from salesbot.errors import DataError, Refused
from salesbot.store import backups, installation, locks, migrate
from salesbot.store.pool import ACQUIRE_TIMEOUT

MAINTENANCE = "postgres"
"""The database that every server has."""


@dataclass(frozen=True, slots=True)
class Wanted:
    dsn: str
    file: Path
    identity: Path | None
    key_ids: Sequence[str]
    """Of this machine's SECRET_KEY."""
    replace: bool = False
    """Whatever lives in the database gives way."""
    stopped: bool = False
    """The operator's word: the machine that the backup is of uses the accounts no more, for good."""


@dataclass(frozen=True, slots=True)
class Restored:
    manifest: Manifest
    sessions: bool
    """They came with it; else every account signs in anew."""
    migrations: Sequence[str]


async def restore(wanted: Wanted) -> Restored:
    """Raises ``DataError``, ``Refused``, or one of ``pool.UNAVAILABLE``."""
    with archive.opened(wanted.file, wanted.identity) as read:
        told = read.manifest
    _check(told, wanted.key_ids)
    sessions = told.moved or wanted.stopped or (told.machine != "" and told.machine == manifest.machine())
    server, holds_data = await _target(wanted)
    before = backups.BEFORE if holds_data else ""
    after = [
        backups.AFTER,
        *([] if sessions else [backups.SIGNED_OUT]),
        *([] if told.moved else [backups.NUMBERS]),
        *([backups.BESIDE] if holds_data else []),
    ]
    with archive.opened(wanted.file, wanted.identity) as read:
        await asyncio.to_thread(
            tools.load, read.dump, wanted.dsn, server, before=before, after="".join(after), whole=read.whole
        )
    connection = await asyncpg.connect(wanted.dsn, timeout=ACQUIRE_TIMEOUT)
    try:
        ran = await migrate.migrate(connection)
        await installation.restored(connection, told.created_at, datetime.now(UTC))
    finally:
        await connection.close()
    return Restored(told, sessions, ran)


def _check(told: Manifest, key_ids: Sequence[str]) -> None:
    if missing := set(told.key_ids) - set(key_ids):
        raise DataError(
            f"SECRET_KEY of this machine lacks a key that the backup needs (fingerprint {', '.join(sorted(missing))}): "
            "opt-outs made with it would be forgotten. Bring the key file of the machine that the backup is of, or add "
            "its key after the current one."
        )
    if told.migrations > len(migrate.available()):
        raise DataError(f"The backup is of a later release ({told.version}): install that one to restore it.")


async def _target(wanted: Wanted) -> tuple[int, bool]:
    """The server's version, and whether the database, made when it is missing, holds something. Raises ``Refused``."""
    name = tools.database_of(wanted.dsn)
    try:
        connection = await asyncpg.connect(wanted.dsn, timeout=ACQUIRE_TIMEOUT)
    except asyncpg.InvalidCatalogNameError:
        await _create(wanted.dsn, name)
        connection = await asyncpg.connect(wanted.dsn, timeout=ACQUIRE_TIMEOUT)
    try:
        if await locks.in_use(connection):
            raise Refused("running", "The product runs on this database. Stop it first: systemctl stop sales_bot")
        holds_data = await backups.holds_data(connection)
        if holds_data and not wanted.replace:
            raise Refused(
                "holds_data",
                f"The database {name} holds data of salesbot already. To have the backup take their place: --replace\n"
                "(opt-outs that stand in it are kept; make a backup of it first)",
            )
        return await backups.server_major(connection), holds_data
    finally:
        await connection.close()


async def _create(dsn: str, name: str) -> None:
    try:
        connection = await asyncpg.connect(tools.beside(dsn, MAINTENANCE), timeout=ACQUIRE_TIMEOUT)
        try:
            await backups.create_database(connection, name)
        finally:
            await connection.close()
    except asyncpg.PostgresError as exc:
        raise Refused(
            "createdb", f"There is no database {name}, and it cannot be made here. Make it: createdb {name}"
        ) from exc
