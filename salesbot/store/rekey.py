"""``salesbot rekey``: another SECRET_KEY for what is sealed. The older keys stay: opt-outs were marked with them.

A kill at any moment loses nothing. The file with the new key is whole before any session is sealed with it, the
sessions change in one transaction, and whoever has the new file has the old keys, too. Found half done, a rotation is
finished instead of begun anew.
"""

from __future__ import annotations

from dataclasses import dataclass

import asyncpg

from salesbot import keys
from salesbot.keys import KeyRing
from salesbot.settings import Settings
from salesbot.store import accounts, locks, sessions, suppressions


@dataclass(frozen=True, slots=True)
class Rotation:
    """What was done: ``fresh`` when a key was made, how many sessions were sealed anew, and the keys as they are."""

    fresh: bool
    sessions: int
    ring: KeyRing


async def rotate(connection: asyncpg.Connection, settings: Settings) -> Rotation:
    """Seal every session with the first key. When all are, a key file gets a new first key before that.

    The connection keeps the locks that it takes here: close it. Raises ``Refused`` while a process runs one of the
    accounts (it could not open its session at the next connection), ``SettingsError`` and ``DataError``.
    """
    for account in await accounts.list_accounts(connection):
        await locks.lock_of_idle(connection, account.id)
    async with connection.transaction():
        await suppressions.hold_keys(connection)  # one rotation at a time from here on
        ring = keys.load(settings)
        await suppressions.check_keys(connection, ring.key_ids)
        sealed = await sessions.sealed_keys(connection)
        plain = {account_id: ring.decrypt(key) for account_id, key in sealed.items()}
        fresh = settings.secret_key is None and all(ring.is_current(key) for key in sealed.values())
        if fresh:
            ring = keys.renew(settings)
            await suppressions.check_keys(connection, ring.key_ids)
        stale = [account_id for account_id, key in sealed.items() if not ring.is_current(key)]
        for account_id in stale:
            await sessions.seal(connection, account_id, ring.encrypt(plain[account_id]))
    return Rotation(fresh, len(stale), ring)
