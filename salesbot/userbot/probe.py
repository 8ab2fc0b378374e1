"""What API_ID, API_HASH and a stored session are worth, asked of Telegram itself: for the doctor, and while they are
typed.

A session is asked under its account's lock alone, when no process has it: Telegram ends a key for ever that is used on
two connections.
"""

from __future__ import annotations

import time
from dataclasses import dataclass

import asyncpg
from telethon.tl import functions, types

from salesbot.errors import AccountUnusable
from salesbot.keys import KeyRing
from salesbot.settings import Settings
from salesbot.store import sessions
from salesbot.store.sessions import Device
from salesbot.userbot.visit import holding, new_session, stored_session, visit


@dataclass(frozen=True, slots=True)
class Reached:
    """Telegram answered, and takes API_ID and API_HASH."""

    seconds: float
    """For the connection with a new key, and one question."""
    ahead: float
    """Seconds by which our clock is ahead of Telegram's, about."""


async def application(settings: Settings) -> Reached:
    """Connect with a key of its own that is nobody's, and ask for a login token that is shown to nobody: of all that
    needs API_ID and API_HASH, this alone does nothing.

    Raises ``SettingsError`` (they are refused, or TELEGRAM_PROXY is none), ``FloodWait``, ``Transient``.
    """
    begun = time.monotonic()
    async with visit(settings, new_session(settings), Device()) as client:
        await client(functions.auth.ExportLoginTokenRequest(client.api_id, client.api_hash, []))
        return Reached(time.monotonic() - begun, -float(client._sender._state.time_offset))


async def session(settings: Settings, keys: KeyRing, pool: asyncpg.Pool, account_id: int) -> None:
    """Returns when the stored session of an account that nobody runs is alive.

    Raises ``AccountUnusable`` (it is not), ``Refused`` (``running``: a process has it), ``DataError`` (sealed with a
    key that is not at hand), ``Transient``.
    """
    async with holding(pool, account_id) as connection:
        account = await sessions.load(connection, account_id)
        if account is None or not account.sealed_key:
            raise AccountUnusable("logged_out", "there is no session")
        place = stored_session(settings, keys, account)
        async with visit(settings, place, account.device, lambda: not connection.is_closed()) as client:
            me = await client(functions.users.GetUsersRequest([types.InputUserSelf()]))
    if [user.id for user in me] != [account_id]:
        raise AccountUnusable("key_lost", f"the stored session is not of account {account_id}")
