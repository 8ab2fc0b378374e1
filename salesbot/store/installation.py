"""``installation``: which database of which PostgreSQL this one was last confirmed to be.

A database that was restored, copied or failed over is another one: the sessions in it may be in use elsewhere, and what
was sent since is not in it. Such a start touches no account until somebody confirms it; from then on nothing is sent
before every account has read what was said meanwhile (``store.gaps``, ``engine.restored``).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from salesbot.errors import DataError, Refused
from salesbot.store import gaps, locks
from salesbot.store.pool import Connection

RESTORED = "restored"
"""What ``salesbot restore`` writes in place of a system identifier, in the transaction that brings the data: no cluster
is called so."""

CONFIRM = "salesbot confirm-database"


@dataclass(frozen=True, slots=True)
class Confirmed:
    """What a confirmation began."""

    since: datetime
    """What was said from here on may be missing."""
    accounts: int
    """Those that read it first; the others are signed out."""
    dialogs: int


_HERE = """
    (select system_identifier::text from pg_control_system()) as cluster,
    (select oid::bigint from pg_database where datname = current_database()) as database
"""
UNCONFIRMED = f"""
    select from installation cross join (select {_HERE}) here
    where system_identifier <> here.cluster or database_oid <> here.database
    """
"""Finds a row in a database that was restored or copied. One that was not looked at yet (no oid) is none."""


async def is_confirmed(connection: Connection) -> bool:
    """Whether a start would touch the accounts: this database is the one that was confirmed. True before any start."""
    return not await connection.fetchval(f"select exists ({UNCONFIRMED})")


async def check(connection: Connection) -> None:
    """Remember the database at the first start. Raises ``DataError`` in another one."""
    row = await connection.fetchrow(
        f"""
        with here as (select {_HERE})
        insert into installation as known (system_identifier, database_oid) select cluster, database from here
        on conflict (only_row) do update set database_oid = coalesce(known.database_oid, case
            when known.system_identifier = excluded.system_identifier then excluded.database_oid end)
        returning *, (select cluster from here) as cluster, (select database from here) as database
        """
    )
    assert row is not None
    if (row["system_identifier"], row["database_oid"]) == (row["cluster"], row["database"]):
        return
    what = "was restored, copied or failed over from another one"
    if row["system_identifier"] == RESTORED:
        when = row["backed_up_at"]
        what = "was restored from a backup" + (f" of {when:%Y-%m-%d %H:%M} UTC" if when else "")
    raise DataError(
        f"This database {what}. Make sure that no other salesbot uses the same accounts, then run: {CONFIRM}"
    )


async def restored(connection: Connection, backed_up_at: datetime, now: datetime) -> None:
    """Say of which time a database is that was restored just now."""
    await connection.execute("update installation set backed_up_at = $1, restored_at = $2", backed_up_at, now)


async def confirm(
    connection: Connection, now: datetime, *, nobody_typed: bool = False, again: datetime | None = None
) -> Confirmed | None:
    """Accept this database as the only one in use: what was pending may have been sent, and every account reads what
    was said since the backup before anybody speaks. None: there is nothing to confirm. In a transaction.

    ``nobody_typed``: the operator's word that since then no colleague wrote to anybody from an account. ``again``: it
    was set back in place to what it was then, so that it looks like the one that was in use; what it remembers may be
    newer, of what ran since. Refused while a process uses it."""
    row = await connection.fetchrow(f"select installation.*, {_HERE} from installation for update of installation")
    if row is None:
        return None
    if (row["system_identifier"], row["database_oid"]) == (row["cluster"], row["database"]):
        if again is None:
            return None
        if await locks.in_use(connection):
            raise Refused("running", "The product runs on this database. Stop it first: systemctl stop sales_bot")
    backed_up_at = row["backed_up_at"] if row["system_identifier"] == RESTORED else None
    known = (backed_up_at, again, await gaps.last_trace(connection))  # it may have stood still before it was backed up
    since = min((at for at in known if at), default=row["confirmed_at"])
    accounts, dialogs = await gaps.begin(connection, since, now, nobody_typed=nobody_typed)
    await connection.execute(
        "update installation set system_identifier = $1, database_oid = $2, confirmed_at = $3, backed_up_at = null, "
        "restored_at = null",
        row["cluster"],
        row["database"],
        now,
    )
    return Confirmed(since, accounts, dialogs)
