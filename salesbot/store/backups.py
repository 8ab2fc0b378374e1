"""What a backup asks of the server, and what a restore tells it: counts of one moment, scratch databases, and the SQL
around the restored data, which is committed with them or not at all.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta

import asyncpg

from salesbot.store.installation import RESTORED
from salesbot.store.pool import ACQUIRE_TIMEOUT, Connection


@dataclass(frozen=True, slots=True)
class Source:
    """A database at one moment, as it is being dumped."""

    snapshot: str
    server: int
    """The server's major version."""
    system_identifier: str
    migrations: int
    """So many of them a release needs to work with it: what a later release has added it may tolerate."""
    key_ids: tuple[str, ...]
    counts: Mapping[str, int]


@asynccontextmanager
async def frozen(dsn: str) -> AsyncIterator[Source]:
    """The database as it is now, for as long as this is open. Whatever release it is of; raises
    ``asyncpg.UndefinedTableError`` for one that no release has used."""
    connection = await asyncpg.connect(dsn, timeout=ACQUIRE_TIMEOUT)
    try:
        async with connection.transaction(isolation="repeatable_read", readonly=True):
            await connection.execute("set local idle_in_transaction_session_timeout = 0")
            yield Source(
                snapshot=await connection.fetchval("select pg_export_snapshot()"),
                server=await server_major(connection),
                system_identifier=await connection.fetchval("select system_identifier::text from pg_control_system()"),
                migrations=await connection.fetchval(
                    "select max(coalesce((to_jsonb(m) ->> 'tolerates')::int, number)) from migrations m"
                ),
                key_ids=tuple(row["key_id"] for row in await connection.fetch("select key_id from secret_keys")),
                counts=await counts(connection),
            )
    finally:
        await connection.close()


async def counts(connection: Connection) -> Mapping[str, int]:
    """How many rows each table has. In a transaction, if they are to be of one moment."""
    tables = await connection.fetch(
        """
        select relname, oid::regclass::text as quoted from pg_class
        where relnamespace = 'public'::regnamespace and relkind = 'r' order by relname
        """
    )
    return {one["relname"]: await connection.fetchval(f"select count(*) from {one['quoted']}") for one in tables}


async def server_major(connection: Connection) -> int:
    return int(await connection.fetchval("select current_setting('server_version_num')::int / 10000"))


async def holds_data(connection: Connection) -> bool:
    """Whether a salesbot lives, or lived, in this database."""
    return await connection.fetchval("select to_regclass('public.dialogs')") is not None


async def create_database(connection: Connection, name: str) -> None:
    await connection.execute(f'create database "{name}" template template0')


async def drop_database(connection: Connection, name: str) -> None:
    await connection.execute(f'drop database if exists "{name}" with (force)')


async def left_over(connection: Connection, prefix: str) -> Sequence[str]:
    """Scratch databases that nobody uses."""
    rows = await connection.fetch(
        """
        select datname from pg_database d where starts_with(datname, $1)
            and not exists (select from pg_stat_activity a where a.datid = d.oid) order by datname
        """,
        prefix,
    )
    return [row["datname"] for row in rows]


async def has_sessions(connection: Connection) -> bool:
    """Whether there is a key here that ``take_sessions_out`` would take."""
    return bool(
        await connection.fetchval(
            "select exists (select from accounts where state in ('ready', 'logged_out') and auth_key <> '')"
        )
    )


async def take_sessions_out(connection: Connection) -> None:
    """The sessions went elsewhere, with a backup: here is no key that could be used a second time."""
    await connection.execute(
        "update accounts set state = 'logged_out', auth_key = '', owner = null where state in ('ready', 'logged_out')"
    )


KEPT = timedelta(days=1)
"""For how long Telegram tells an update again to whom it may tell it."""

BEFORE = f"""
create temp table kept_keys as select * from public.secret_keys
    where key_id in (select key_id from public.suppressions);
create temp table kept_marks as select * from public.suppressions;
create temp table kept_updates as select * from public.admin_updates
    where created_at > now() - interval '{KEPT.days} days';
do $$
declare
    one record;
begin
    for one in select oid::regclass as name from pg_class where relnamespace = 'public'::regnamespace and relkind = 'r'
    loop
        execute format('drop table if exists %s cascade', one.name);
    end loop;
    for one in select p.oid::regprocedure as name from pg_proc p where pronamespace = 'public'::regnamespace
        and not exists (select from pg_depend where objid = p.oid and deptype = 'e')
    loop
        execute format('drop function if exists %s cascade', one.name);
    end loop;
end $$;
"""
"""What is said before the data of a backup take the place of others: who wants no messages is remembered, and which of
the admins' commands were carried out."""

BESIDE = """
insert into public.secret_keys select * from pg_temp.kept_keys on conflict do nothing;
insert into public.suppressions select * from pg_temp.kept_marks on conflict do nothing;
insert into public.admin_updates select * from pg_temp.kept_updates on conflict do nothing;
"""
"""And what of the former data goes on."""

AFTER = f"""
insert into public.installation (system_identifier) values ('{RESTORED}')
    on conflict (only_row) do update set system_identifier = excluded.system_identifier;
update public.accounts set owner = null, owner_host = null, owner_process = null, released = false;
"""
"""From the moment in which they are there the data are known as restored: nobody uses them unconfirmed."""

NUMBERS = """
select pg_catalog.setval(c.oid::pg_catalog.regclass, pg_catalog.nextval(c.oid::pg_catalog.regclass) + case
    when c.relname in ('dialogs_id_seq', 'campaigns_id_seq', 'tasks_id_seq', 'notes_id_seq') then 1000
    else 1000000 end)
from pg_catalog.pg_class c where c.relkind = 'S' and c.relnamespace = 'public'::pg_catalog.regnamespace;
"""
"""What was numbered since the backup still has buttons in the admins' chats: no number means another thing now."""

SIGNED_OUT = """
update public.accounts set state = 'logged_out', auth_key = '' where state in ('ready', 'logged_out');
"""
"""On another machine: the sessions may be in use on the first one."""
