"""``admins``: who may use the desk beside the owners of ADMIN_TELEGRAM_ID, and how each of them likes it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

import asyncpg

from salesbot.store.messages import clean
from salesbot.store.pool import Connection


class Role(StrEnum):
    """What somebody may do at the desk; each includes those after it."""

    OWNER = "owner"
    """Stands in ADMIN_TELEGRAM_ID: everything, and who else comes in."""
    OPERATOR = "operator"
    VIEWER = "viewer"
    """Looks and changes nothing but how the desk looks to them."""

    def covers(self, needed: Role) -> bool:
        """Whether who has this role may do what needs that one."""
        order = list(Role)
        return order.index(self) <= order.index(needed)


@dataclass(frozen=True, slots=True)
class Admin:
    """Somebody who uses the desk, or used it."""

    id: int
    role: Role | None
    """None: none but what ADMIN_TELEGRAM_ID gives."""
    name: str = ""
    username: str | None = None
    timezone: str | None = None
    quiet_from: int | None = None
    quiet_to: int | None = None
    """Hours of the day in their timezone between which they are told nothing."""

    @property
    def called(self) -> str:
        """What colleagues call them."""
        return self.name or (f"@{self.username}" if self.username else str(self.id))


def from_row(row: asyncpg.Record) -> Admin:
    role = row["role"]
    return Admin(
        id=row["id"],
        role=Role(role) if role else None,
        name=row["name"],
        username=row["username"],
        timezone=row["timezone"],
        quiet_from=row["quiet_from"],
        quiet_to=row["quiet_to"],
    )


async def get(connection: Connection, admin_id: int) -> Admin | None:
    row = await connection.fetchrow("select * from admins where id = $1", admin_id)
    return from_row(row) if row else None


async def present(connection: Connection, owners: Sequence[int]) -> Sequence[Admin]:
    """Everybody who may use the desk: the owners in their order, whether or not they ever did, then the others."""
    rows = await connection.fetch(
        "select * from admins where role is not null or id = any($1::bigint[]) order by created_at, id", list(owners)
    )
    known = {row["id"]: from_row(row) for row in rows}
    first = [known.get(owner, Admin(owner, None)) for owner in owners]
    return [*first, *(admin for admin in known.values() if admin.id not in owners)]


async def heard(connection: Connection, admin_id: int, name: str, username: str | None) -> None:
    """What they are called now."""
    await connection.execute(
        """
        insert into admins (id, name, username) values ($1, $2, $3)
        on conflict (id) do update set name = excluded.name, username = excluded.username
            where (admins.name, admins.username) is distinct from (excluded.name, excluded.username)
        """,
        admin_id,
        clean(name),
        username,
    )


async def admit(connection: Connection, admin_id: int, role: Role, *, added_by: int) -> bool:
    """Give them a role, a first or another one. False when it is the one they have."""
    return bool(
        await connection.fetchval(
            """
            insert into admins (id, role, added_by) values ($1, $2, $3)
            on conflict (id) do update set role = excluded.role, added_by = excluded.added_by
                where admins.role is distinct from excluded.role
            returning true
            """,
            admin_id,
            role.value,
            added_by,
        )
    )


async def dismiss(connection: Connection, admin_id: int) -> bool:
    """They have no role of their own any more, and no dialogs. False when they had no role."""
    had = await connection.fetchval(
        "update admins set role = null where id = $1 and role is not null returning true", admin_id
    )
    if had:
        await connection.execute("update dialogs set assignee = null where assignee = $1", admin_id)
    return bool(had)


async def assign(connection: Connection, dialog_id: int, admin_id: int | None) -> None:
    """Who looks after a locked dialog; None: nobody in particular."""
    await connection.execute("update dialogs set assignee = $2 where id = $1", dialog_id, admin_id)


async def set_timezone(connection: Connection, admin_id: int, timezone: str | None) -> None:
    """Where their days begin; None: where this machine's do."""
    await connection.execute(
        "insert into admins (id, timezone) values ($1, $2) on conflict (id) do update set timezone = excluded.timezone",
        admin_id,
        timezone,
    )


async def set_quiet(connection: Connection, admin_id: int, begin: int | None, end: int | None) -> None:
    """Between which hours they are told nothing; None and None: at any time they are."""
    await connection.execute(
        """
        insert into admins (id, quiet_from, quiet_to) values ($1, $2, $3)
        on conflict (id) do update set quiet_from = excluded.quiet_from, quiet_to = excluded.quiet_to
        """,
        admin_id,
        begin,
        end,
    )
