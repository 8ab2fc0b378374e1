"""The session side of ``accounts``: the key (sealed), the data centre, the update state; and the peers to load with it.

Whatever moves a session is fenced by ownership (law 3): a process that lost the account changes nothing here.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import astuple, dataclass, field
from datetime import datetime

import asyncpg

from salesbot.errors import NotOwner
from salesbot.store import events
from salesbot.store.dialogs import Fence
from salesbot.store.pool import Connection


@dataclass(frozen=True, slots=True)
class UpdateState:
    """How far into the account's stream of updates everything is stored."""

    pts: int
    qts: int
    date: datetime
    seq: int


@dataclass(frozen=True, slots=True)
class Device:
    """As what a session shows itself among the account's devices in Telegram.

    A session that changes its looks is suspicious, so it keeps for life what it signed in with, whatever becomes of the
    program and the machine. What stands here is for accounts that sign in for the first time.
    """

    device_model: str = "Server"
    system_version: str = "1.0"
    app_version: str = "1.0"
    lang_code: str = "en"
    system_lang_code: str = "en"


@dataclass(frozen=True, slots=True)
class StoredSession:
    """A signed-in account as the database holds it; the key is still sealed."""

    account_id: int
    dc_id: int
    server_address: str
    server_port: int
    sealed_key: bytes = field(repr=False)
    update_state: UpdateState | None = None
    state: str = "ready"
    username: str | None = None
    name: str = ""
    phone: str = ""
    device: Device = Device()


def from_row(row: asyncpg.Record) -> StoredSession:
    known = row["pts"] is not None
    return StoredSession(
        account_id=row["id"],
        dc_id=row["dc_id"],
        server_address=row["server_address"],
        server_port=row["server_port"],
        sealed_key=row["auth_key"],
        update_state=UpdateState(row["pts"], row["qts"], row["state_date"], row["seq"]) if known else None,
        state=row["state"],
        username=row["username"],
        name=row["name"],
        phone=row["phone"],
        device=Device(
            row["device_model"], row["system_version"], row["app_version"], row["lang_code"], row["system_lang_code"]
        ),
    )


async def load(connection: Connection, account_id: int) -> StoredSession | None:
    row = await connection.fetchrow("select * from accounts where id = $1", account_id)
    return from_row(row) if row else None


async def by_phone(connection: Connection, phone: str) -> StoredSession | None:
    row = await connection.fetchrow("select * from accounts where phone = $1", phone)
    return from_row(row) if row else None


async def save_signed_in(connection: Connection, session: StoredSession) -> None:
    """A login: a new account, or a new session for a known one.

    The stream of updates belongs to the account, not to the session: an older place in it is kept, so that what
    came while the account was logged out is delivered. A place that lies ahead is of another server; it is dropped.
    """
    at = session.update_state
    former = await connection.fetchval("select state from accounts where id = $1 for update", session.account_id)
    await connection.execute(
        """
        insert into accounts as a (id, username, name, phone, state, dc_id, server_address, server_port, auth_key,
            pts, qts, state_date, seq, device_model, system_version, app_version, lang_code, system_lang_code)
        values ($1, $2, $3, $4, 'ready', $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17)
        on conflict (id) do update set username = $2, name = $3, phone = $4, state = 'ready', dc_id = $5,
            server_address = $6, server_port = $7, auth_key = $8,
            pts = case when a.pts <= $9 then a.pts else $9 end,
            qts = case when a.pts <= $9 then a.qts else $10 end,
            state_date = case when a.pts <= $9 then a.state_date else $11 end,
            seq = case when a.pts <= $9 then a.seq else $12 end,
            device_model = $13, system_version = $14, app_version = $15, lang_code = $16, system_lang_code = $17
        """,
        session.account_id,
        session.username,
        session.name,
        session.phone,
        session.dc_id,
        session.server_address,
        session.server_port,
        session.sealed_key,
        at.pts if at else None,
        at.qts if at else None,
        at.date if at else None,
        at.seq if at else None,
        *astuple(session.device),
    )
    await _tell_that_it_is_back(connection, session.account_id, former)


async def _tell_that_it_is_back(connection: Connection, account_id: int, former: str | None) -> None:
    """Of an account of which was told that it is out."""
    if former not in (None, "ready"):
        await events.record(connection, "account_back", actor="system", account_id=account_id)


async def write_update_state(connection: Connection, fence: Fence, at: UpdateState) -> None:
    """Everything up to here is stored. Raises ``NotOwner``."""
    written = await connection.fetchval(
        """
        update accounts set pts = $4, qts = $5, state_date = $6, seq = $7
        where id = $1 and epoch = $2 and owner = $3::uuid returning id
        """,
        fence.account_id,
        fence.epoch,
        fence.owner,
        at.pts,
        at.qts,
        at.date,
        at.seq,
    )
    if written is None:
        raise NotOwner(f"account {fence.account_id} is owned by somebody else now")


async def logged_out(connection: Connection, account_id: int) -> None:
    """Forget the key; the account and its dialogs stay."""
    await connection.execute("update accounts set state = 'logged_out', auth_key = '' where id = $1", account_id)


async def sealed_keys(connection: Connection) -> dict[int, bytes]:
    """The sealed keys of all accounts that have one, locked until the transaction ends."""
    rows = await connection.fetch("select id, auth_key from accounts where auth_key <> '' order by id for update")
    return {row["id"]: row["auth_key"] for row in rows}


async def seal(connection: Connection, account_id: int, sealed: bytes) -> None:
    """The same session, sealed with another key."""
    await connection.execute("update accounts set auth_key = $2 where id = $1", account_id, sealed)


async def peers(connection: Connection, account_id: int, limit: int) -> Sequence[tuple[int, int]]:
    """(user id, access hash) of the people this account can address, at most ``limit``."""
    rows = await connection.fetch(
        "select user_id, access_hash from account_peers where account_id = $1 limit $2",
        account_id,
        limit,
    )
    return [(row["user_id"], row["access_hash"]) for row in rows]
