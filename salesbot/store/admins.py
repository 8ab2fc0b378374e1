"""``admins``: who may use the desk beside the owners of ADMIN_TELEGRAM_ID, and how each of them likes it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

import asyncpg

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
    timezone: str | None = None
    quiet_from: int | None = None
    quiet_to: int | None = None
    """Hours of the day in their timezone between which they are told nothing."""


def from_row(row: asyncpg.Record) -> Admin:
    role = row["role"]
    return Admin(
        row["id"], Role(role) if role else None, row["name"], row["timezone"], row["quiet_from"], row["quiet_to"]
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


async def heard(connection: Connection, admin_id: int, name: str) -> None:
    """What they are called now."""
    await connection.execute(
        """
        insert into admins (id, name) values ($1, $2)
        on conflict (id) do update set name = excluded.name where admins.name <> excluded.name
        """,
        admin_id,
        name,
    )


async def admit(connection: Connection, admin_id: int, role: Role, *, name: str, added_by: int) -> Admin | None:
    """Give them a role, a first or another one. What they were before; None: nobody."""
    before = await connection.fetchrow("select * from admins where id = $1 for update", admin_id)
    await connection.execute(
        """
        insert into admins (id, role, name, added_by) values ($1, $2, $3, $4)
        on conflict (id) do update set role = excluded.role, added_by = excluded.added_by,
            name = case when excluded.name = '' then admins.name else excluded.name end
        """,
        admin_id,
        role.value,
        name,
        added_by,
    )
    return from_row(before) if before and before["role"] else None


async def dismiss(connection: Connection, admin_id: int) -> bool:
    """They have no role of their own any more. False when they had none."""
    return bool(
        await connection.fetchval(
            "update admins set role = null where id = $1 and role is not null returning true", admin_id
        )
    )


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
