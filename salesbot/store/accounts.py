"""``accounts``: who is signed in, who owns them, what limits them; decisions are fenced by (epoch, owner)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

import asyncpg

from salesbot.store import installation
from salesbot.store.dialogs import Fence
from salesbot.store.pool import Connection


@dataclass(frozen=True, slots=True)
class Account:
    """A signed-in Telegram account; its session is in ``store.sessions``."""

    id: int
    username: str | None
    name: str
    phone: str
    state: str
    openings_blocked: bool
    flood_until: datetime | None
    first_opening_at: datetime | None = None
    gap_unread: bool = False
    """After a restore: it has still to read what was said since the backup."""

    @property
    def ready(self) -> bool:
        return self.state == "ready"


@dataclass(frozen=True, slots=True)
class Predecessor:
    """Who owned an account before; tells how long a successor has to wait."""

    host: str | None
    process: str | None
    released: bool


def from_row(row: asyncpg.Record) -> Account:
    return Account(
        row["id"],
        row["username"],
        row["name"],
        row["phone"],
        row["state"],
        row["openings_blocked"],
        row["flood_until"],
        row["first_opening_at"],
        row["gap_unread"],
    )


async def list_accounts(connection: Connection) -> Sequence[Account]:
    return [from_row(row) for row in await connection.fetch("select * from accounts order by created_at, id")]


async def get(connection: Connection, account_id: int) -> Account | None:
    row = await connection.fetchrow("select * from accounts where id = $1", account_id)
    return from_row(row) if row else None


async def lock_owned(connection: Connection, fence: Fence) -> Account | None:
    """The account, locked for a decision; None when somebody else decides."""
    row = await connection.fetchrow(
        "select * from accounts where id = $1 and epoch = $2 and owner = $3::uuid for update",
        fence.account_id,
        fence.epoch,
        fence.owner,
    )
    return from_row(row) if row else None


async def predecessor(connection: Connection, account_id: int) -> Predecessor | None:
    """Who owns an account, or owned it last. None when the account is gone."""
    row = await connection.fetchrow(
        "select owner_host, owner_process, released from accounts where id = $1", account_id
    )
    return Predecessor(row["owner_host"], row["owner_process"], row["released"]) if row else None


async def take(connection: Connection, account_id: int, owner: str, host: str, process: str) -> Fence | None:
    """Become the owner under a new epoch; the caller holds the advisory lock. None when the account is gone, or the
    database has to be confirmed first: another one may have taken its place under a process that runs."""
    epoch: int | None = await connection.fetchval(
        f"""
        update accounts set epoch = epoch + 1, owner = $2::uuid, owner_host = $3, owner_process = $4, released = false
        where id = $1 and not exists ({installation.UNCONFIRMED}) returning epoch
        """,
        account_id,
        owner,
        host,
        process,
    )
    return None if epoch is None else Fence(account_id, epoch, owner)


async def release(connection: Connection, fence: Fence) -> None:
    """Let go in order: whoever comes next need not wait."""
    await connection.execute(
        "update accounts set owner = null, released = true where id = $1 and epoch = $2 and owner = $3::uuid",
        fence.account_id,
        fence.epoch,
        fence.owner,
    )


async def flood(connection: Connection, fence: Fence, until: datetime, now: datetime) -> bool:
    """Telegram makes this account wait. Whether that is news."""
    began: bool | None = await connection.fetchval(
        """
        with before as (select id, flood_until from accounts where id = $1 for update)
        update accounts a set flood_until = greatest(a.flood_until, $4) from before
        where a.id = before.id and epoch = $2 and owner = $3::uuid
        returning before.flood_until is null or before.flood_until <= $5
        """,
        fence.account_id,
        fence.epoch,
        fence.owner,
        until,
        now,
    )
    return bool(began)


async def waits_until(connection: Connection, account_id: int, now: datetime) -> datetime:
    """When this account may send again: now, unless Telegram makes it wait."""
    return await connection.fetchval(  # type: ignore[no-any-return]
        "select greatest(flood_until, $2) from accounts where id = $1", account_id, now
    )


async def block_openings(connection: Connection, fence: Fence) -> bool:
    """Peer flood: no new conversations from this account until the operator resumes it. Whether that is news."""
    blocked: bool | None = await connection.fetchval(
        """
        update accounts set openings_blocked = true
        where id = $1 and epoch = $2 and owner = $3::uuid and not openings_blocked returning true
        """,
        fence.account_id,
        fence.epoch,
        fence.owner,
    )
    return bool(blocked)


async def set_state(connection: Connection, fence: Fence, state: str) -> bool:
    """``logged_out``, ``banned``, ``frozen`` or ``key_lost``: the account is out until somebody signs it in again.

    False when it is not ours to say.
    """
    changed: bool | None = await connection.fetchval(
        "update accounts set state = $4 where id = $1 and epoch = $2 and owner = $3::uuid returning true",
        fence.account_id,
        fence.epoch,
        fence.owner,
        state,
    )
    return bool(changed)


async def begun_since(connection: Connection, account_id: int, day: datetime) -> int:
    """How many conversations an account has begun since then, those of a day that a restore lost included."""
    return int(
        await connection.fetchval(
            """
            select count(*) + coalesce((select begun_unseen from accounts
                where id = $1 and begun_unseen_on >= ($2 at time zone 'UTC')::date), 0)
            from dialogs where account_id = $1 and opened_at >= $2
            """,
            account_id,
            day,
        )
    )


async def begun(connection: Connection, account_id: int, dialog_id: int, now: datetime) -> None:
    """A dialog takes its place among the day's new conversations; the account's first one begins the warm-up."""
    await connection.execute(
        """
        with place as (update dialogs set opened_at = $3 where id = $2)
        update accounts set first_opening_at = $3 where id = $1 and first_opening_at is null
        """,
        account_id,
        dialog_id,
        now,
    )


async def openings_told(connection: Connection, account_id: int, day: date) -> bool:
    """The operator knows that this account's openings wait for the next day. False when they knew."""
    return bool(
        await connection.fetchval(
            "update accounts set openings_told_on = $2 where id = $1 and openings_told_on is distinct from $2 "
            "returning true",
            account_id,
            day,
        )
    )
