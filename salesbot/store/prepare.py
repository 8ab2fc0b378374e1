"""What every start does to the database first."""

from __future__ import annotations

from collections.abc import Sequence

import asyncpg

from salesbot.errors import SettingsError
from salesbot.settings import HELP
from salesbot.store import installation, migrate, suppressions
from salesbot.store.pool import ACQUIRE_TIMEOUT


async def prepare(dsn: str, key_ids: Sequence[str] = ()) -> list[str]:
    """Migrate, and check that this database belongs to this cluster and these keys; returns the migrations that ran.

    ``key_ids`` are fingerprints of SECRET_KEY, left out where no key is at hand. Raises ``SettingsError``,
    ``DataError`` or one of ``pool.UNAVAILABLE``.
    """
    try:
        connection = await asyncpg.connect(dsn, timeout=ACQUIRE_TIMEOUT)
    except ValueError as exc:  # not a PostgreSQL that is away, but a URL that leads to none
        raise SettingsError(f"DATABASE_URL is not valid: {HELP['DATABASE_URL']}") from exc
    try:
        ran = await migrate.migrate(connection)
        await installation.check(connection)
        if key_ids:
            await suppressions.check_keys(connection, key_ids)
        return ran
    finally:
        await connection.close()
