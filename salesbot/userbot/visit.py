"""Short connections to Telegram outside the service: for signing in and out, and for the doctor."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager

import asyncpg

from salesbot.errors import FloodWait, Refused, SalesbotError, SettingsError, Transient
from salesbot.keys import KeyRing
from salesbot.settings import HELP, Settings
from salesbot.store import locks
from salesbot.store.pool import ACQUIRE_TIMEOUT, Connection
from salesbot.store.sessions import Device, StoredSession
from salesbot.userbot import dial
from salesbot.userbot.rpc_errors import name_of, translate
from salesbot.userbot.session import Session
from salesbot.userbot.transport import Wire

SAYS: Mapping[str, tuple[str, str]] = {
    "PHONE_NUMBER_INVALID": ("phone_invalid", "Telegram does not know this phone number. Write it like +12025550123."),
    "PHONE_NUMBER_UNOCCUPIED": ("phone_unknown", "No Telegram account has this phone number."),
    "PHONE_NUMBER_BANNED": ("banned", "Telegram has banned this phone number."),
    "PHONE_NUMBER_FLOOD": ("too_often", "This phone number asked for too many codes. Try again in some hours."),
    "PHONE_PASSWORD_FLOOD": ("too_often", "Too many attempts with this phone number. Try again in some hours."),
    "PHONE_CODE_INVALID": ("wrong_code", "This is not the code that Telegram sent."),
    "PHONE_CODE_EMPTY": ("wrong_code", "This is not the code that Telegram sent."),
    "PHONE_CODE_EXPIRED": ("expired_code", "The code has expired. Run login again for a new one."),
    "PASSWORD_HASH_INVALID": ("wrong_password", "This is not the two-step password of the account."),
    "SEND_CODE_UNAVAILABLE": ("no_code", "Telegram has no further way to send a code. Try again in some hours."),
}
"""What a name of Telegram's means to whoever signs in: our code, and the words."""

_OTHER_APPLICATION = ("API_ID_INVALID", "CONNECTION_API_ID_INVALID", "API_ID_PUBLISHED_FLOOD")


def new_session(settings: Settings) -> Session:
    """One that nobody has signed in with."""
    session = Session()
    if (server := dial.server(settings)) is not None:
        session.set_dc(*server)
    return session


def stored_session(settings: Settings, keys: KeyRing, account: StoredSession) -> Session:
    """An account's own, without its place in the stream of updates. Raises ``DataError`` when another key sealed it."""
    server = dial.server(settings) or (account.dc_id, account.server_address, account.server_port)
    return Session.restore(*server, keys.decrypt(account.sealed_key), None)


@asynccontextmanager
async def visit(
    settings: Settings, session: Session, device: Device, may_write: Callable[[], bool] = lambda: True
) -> AsyncIterator[dial.Client]:
    """A connected client for as long as the block runs; what Telethon raises in it leaves as our errors."""
    wire = Wire(may_write)
    client = dial.Client(session, device, settings, wire, lambda _: wire.reset())
    try:
        async with asyncio.timeout(dial.CONNECT_TIMEOUT):
            await client.connect()
        yield client
    except SalesbotError:
        raise
    except Exception as exc:  # whatever Telethon raises, explained
        raise explained(exc) from exc
    finally:
        await client.end()


@asynccontextmanager
async def holding(pool: asyncpg.Pool, account_id: int) -> AsyncIterator[Connection]:
    """A connection that holds the account's lock, so that no process runs it meanwhile. Raises ``Refused`` while one
    does."""
    async with pool.acquire(timeout=ACQUIRE_TIMEOUT) as connection:
        await locks.lock_of_idle(connection, account_id)
        try:
            yield connection
        finally:
            await locks.unlock(connection, account_id)


def explained(error: Exception) -> SalesbotError:
    name = name_of(error)
    if name in SAYS:
        return Refused(*SAYS[name])
    if name in _OTHER_APPLICATION:
        return SettingsError(f"Telegram refuses API_ID and API_HASH ({name}): {HELP['API_HASH']}")
    meaning = translate(error, effect=False)
    if isinstance(meaning, FloodWait):
        return FloodWait(f"Telegram asks to wait {_span(meaning.seconds)} before the next attempt.", meaning.seconds)
    if isinstance(meaning, Transient):
        return Transient(f"Telegram cannot be reached ({type(error).__name__}: {error}). Try again later.")
    return meaning


def _span(seconds: float) -> str:
    minutes = max(1, round(seconds / 60))
    return f"{minutes // 60} h {minutes % 60} min" if minutes >= 60 else f"{minutes} min"
