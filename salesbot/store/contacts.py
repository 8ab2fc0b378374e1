"""``contacts``: people, by their Telegram id; and ``account_peers``, what each account needs to address them."""

from __future__ import annotations

from datetime import datetime

import asyncpg

from salesbot.dialog.model import Contact, Person
from salesbot.store.messages import clean
from salesbot.store.pool import Connection


def from_row(row: asyncpg.Record) -> Contact:
    return Contact(
        row["id"],
        row["username"],
        row["name"],
        row["language"],
        row["timezone"],
        row["phone"],
        row["basis"],
        row["basis_at"],
        row["called"],
    )


async def learn(connection: Connection, account_id: int, person: Person) -> None:
    """Store who somebody is, in the transaction that taught it: the access hash, the names last seen."""
    await connection.execute(
        """
        with addressed as (
            insert into account_peers (account_id, user_id, access_hash) values ($6, $1, $7)
            on conflict (account_id, user_id) do update set access_hash = excluded.access_hash
            where account_peers.access_hash <> excluded.access_hash)
        insert into contacts (id, username, name, language, phone) values ($1, $2, $3, $4, $5)
        on conflict (id) do update set username = excluded.username, name = excluded.name,
            language = coalesce(excluded.language, contacts.language),
            phone = coalesce(nullif(excluded.phone, ''), contacts.phone)
        where (contacts.username, contacts.name) is distinct from (excluded.username, excluded.name)
            or excluded.phone not in ('', contacts.phone)
        """,
        person.id,
        clean(person.username) if person.username else None,
        clean(person.name),
        clean(person.language) if person.language else None,
        clean(person.phone),
        account_id,
        person.access_hash,
    )


async def get(connection: Connection, contact_id: int) -> Contact | None:
    row = await connection.fetchrow("select * from contacts where id = $1", contact_id)
    return from_row(row) if row else None


async def set_basis(connection: Connection, contact_id: int, basis: str, now: datetime) -> None:
    """Why we may write to this person, as somebody said it now."""
    await connection.execute(
        "update contacts set basis = $2, basis_at = $3 where id = $1 and basis <> $2", contact_id, clean(basis), now
    )


async def access_hash(connection: Connection, account_id: int, user_id: int) -> int | None:
    """What this account needs to address this person."""
    return await connection.fetchval(  # type: ignore[no-any-return]
        "select access_hash from account_peers where account_id = $1 and user_id = $2", account_id, user_id
    )
