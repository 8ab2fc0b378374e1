"""What the operator's desk asks of a dialog: whose it is, pages of it by keyset, who is known."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import asyncpg

from salesbot.dialog.model import OPEN, Contact, Dialog, Message, Status
from salesbot.store import dialogs, messages
from salesbot.store.pool import Connection

_OPEN = [status.value for status in OPEN]

COLUMNS = """
    d.*, c.username as contact_username, c.name as contact_name, coalesce(c.basis, '') as contact_basis,
    coalesce('@' || nullif(a.username, ''), nullif(a.name, ''), a.phone) as account_name,
    switches.mode as house_mode, switches.paused_at
"""
JOINED = "join accounts a on a.id = d.account_id cross join switches left join contacts c on c.id = d.contact_id"
HEAD = f"select {COLUMNS} from dialogs d {JOINED} "

ORDER = """
    case when send_state in ('pending', 'sending') then 'infinity' else date_trunc('second', timestamp) end,
    coalesce(telegram_message_id, 9223372036854775807), id
"""
"""Telegram's order, our unsent parts last; a part that was cancelled stands where it was decided."""


@dataclass(frozen=True, slots=True)
class Head:
    """A dialog with the names of those who talk in it."""

    dialog: Dialog
    contact: Contact | None
    account: str


@dataclass(frozen=True, slots=True)
class Known:
    """A person an operator may mean, and the latest dialog with them."""

    contact_id: int
    dialog_id: int | None
    account_id: int | None
    status: Status | None


def head_of(row: asyncpg.Record) -> Head:
    contact = (
        Contact(row["contact_id"], row["contact_username"], row["contact_name"], basis=row["contact_basis"])
        if row["contact_id"] is not None
        else None
    )
    return Head(dialogs.from_row(row), contact, row["account_name"])


async def head(connection: Connection, dialog_id: int) -> Head | None:
    row = await connection.fetchrow(HEAD + "where d.id = $1", dialog_id)
    return head_of(row) if row else None


async def older_messages(connection: Connection, dialog_id: int, cursor: int | None, limit: int) -> Sequence[Message]:
    """Messages up to the one with row id ``cursor`` (None: from the newest), the newest first."""
    rows = await connection.fetch(
        f"""
        select m.* from messages m
        where dialog_id = $1 and ($2::bigint is null or ({ORDER}) <=
            (select {ORDER} from messages where id = $2 and dialog_id = $1))
        order by ({ORDER}) desc limit $3
        """,
        dialog_id,
        cursor,
        limit,
    )
    return [messages.from_row(row) for row in rows]


async def newer_messages(connection: Connection, dialog_id: int, cursor: int, limit: int) -> Sequence[Message]:
    """Messages from the one with row id ``cursor`` on, the oldest first."""
    rows = await connection.fetch(
        f"""
        select m.* from messages m
        where dialog_id = $1 and ({ORDER}) >=
            (select {ORDER} from messages where id = $2 and dialog_id = $1)
        order by {ORDER} limit $3
        """,
        dialog_id,
        cursor,
        limit,
    )
    return [messages.from_row(row) for row in rows]


async def known(connection: Connection, target: str) -> Known | None:
    """Whom ``target`` means as far as we know: an id, or the username last seen with a person.

    A hint only: names are released and taken by others, so a new dialog looks the name up again.
    """
    row = await connection.fetchrow(
        """
        select c.id, d.id as dialog_id, d.account_id, d.status from contacts c
        left join lateral (
            select * from dialogs where contact_id = c.id
            order by status = any($3::text[]) desc, id desc limit 1) d on true
        where case when $2::bigint is null then lower(c.username) = lower($1) else c.id = $2 end
        order by d.id desc nulls last limit 1
        """,
        target,
        int(target) if target.isdecimal() else None,
        _OPEN,
    )
    if row is None:
        return None
    return Known(row["id"], row["dialog_id"], row["account_id"], Status(row["status"]) if row["status"] else None)


async def looking_up(connection: Connection, target: str) -> int | None:
    """The dialog that is looking this very name up."""
    found: int | None = await connection.fetchval(
        "select id from dialogs where status = 'resolving' and lower(target_username) = lower($1) order by id limit 1",
        target,
    )
    return found


async def allow_openings(connection: Connection, account_id: int) -> bool:
    """The operator lets an account open new conversations again; False when there is no such account."""
    return bool(
        await connection.fetchval(
            "update accounts set openings_blocked = false where id = $1 returning true", account_id
        )
    )
