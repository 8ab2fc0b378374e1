"""A person as far as they are known here: everything that is theirs, found by id, by username or by a dialog's number.

Usernames are released and taken by others, so whoever acts on what is found shows first whom it means.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from salesbot.dialog.model import Contact, Dialog
from salesbot.store import campaign_people, contacts, dialogs
from salesbot.store.pool import Connection


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody who was looked up (``id``), or whose name was only typed; their names are in lower case."""

    id: int | None
    contact: Contact | None
    names: tuple[str, ...]
    dialogs: tuple[int, ...]
    """Theirs on every account, and those under one of their names that never became one."""
    listed: int = 0
    """Imported lists on which somebody under one of their names stands and was not written to yet."""

    @property
    def key(self) -> str:
        """What finds the same person again: the digits of the id, or the name."""
        return str(self.id) if self.id is not None else self.names[0]

    @property
    def known(self) -> bool:
        """Whether anything is kept of them."""
        return self.contact is not None or bool(self.dialogs or self.listed)


@dataclass(frozen=True, slots=True)
class Kept:
    """How much is kept of a person."""

    messages: int
    facts: int
    tasks: int


async def find(connection: Connection, key: str) -> Person:
    """Whoever has this id, was last seen under this username, or was looked up under it."""
    person_id = int(key) if key.isdecimal() else await _named(connection, key)
    rows = await connection.fetch(
        """
        select distinct lower(name) as name from (
            select username as name from contacts where id = $1
            union all select target_username from dialogs where contact_id = $1
            union all select $2) known where name <> '' and name !~ '^[0-9]+$' order by name
        """,
        person_id,
        key,
    )
    names = [row["name"] for row in rows]
    theirs = await connection.fetch(
        "select id from dialogs where contact_id = $1 "
        "or contact_id is null and lower(target_username) = any($2::text[]) order by id",
        person_id,
        [*names, *([str(person_id)] if person_id is not None else [])],
    )
    contact = await contacts.get(connection, person_id) if person_id is not None else None
    listed = await campaign_people.listed(connection, names)
    return Person(person_id, contact, tuple(names), tuple(row["id"] for row in theirs), len(listed))


async def _named(connection: Connection, name: str) -> int | None:
    """Last seen under this name, else looked up under it; of several the one talked with last."""
    found: int | None = await connection.fetchval(
        """
        select c.id from contacts c left join dialogs d on d.contact_id = c.id
        where lower(c.username) = lower($1) or lower(d.target_username) = lower($1)
        order by lower(c.username) = lower($1) desc nulls last, d.id desc nulls last limit 1
        """,
        name,
    )
    return found


async def kept(connection: Connection, person: Person) -> Kept:
    """What there is of a person besides their names."""
    row = await connection.fetchrow(
        """
        select (select count(*) from messages where dialog_id = any($1::bigint[])) as messages,
            (select count(*) from dialog_facts where dialog_id = any($1::bigint[])) as facts,
            (select count(*) from tasks where dialog_id = any($1::bigint[])) as tasks
        """,
        person.dialogs,
    )
    assert row is not None
    return Kept(row["messages"], row["facts"], row["tasks"])


async def lock(connection: Connection, key: str) -> tuple[Person, Sequence[Dialog]]:
    """A person and all their dialogs, locked until the transaction ends: no other one comes meanwhile.

    The open one is taken last, as by an opt-out in an ended one, which holds that and ends what is open.
    """
    person = await find(connection, key)
    while True:
        rows = await connection.fetch(
            "select * from dialogs where id = any($1::bigint[]) "
            "order by status in ('resolving', 'active', 'taken', 'handoff'), id for update",
            person.dialogs,
        )
        await connection.execute("select from contacts where id = $1 for update", person.id)
        await campaign_people.lock_listed(connection, person.names)
        before, person = person, await find(connection, key)
        if person.dialogs == before.dialogs:  # else another one began while these were waited for
            return person, [dialogs.from_row(row) for row in rows]


async def set_basis(connection: Connection, person: Person, basis: str, now: datetime) -> None:
    """Why we may write to somebody, as said now; an open dialog goes on with it, the others keep what they began on."""
    if person.id is not None:
        await contacts.set_basis(connection, person.id, basis, now)
    await connection.execute(
        "update dialogs set basis = $2 where id = any($1::bigint[]) "
        "and status in ('resolving', 'active', 'taken', 'handoff')",
        person.dialogs,
        basis,
    )
