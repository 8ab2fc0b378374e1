"""``installation``: which PostgreSQL cluster this database was last confirmed in.

A database that was restored, copied or failed over is another one: the sessions in it may be in use elsewhere, and what
was sent since is not in it. Such a start touches no account until somebody confirms it.
"""

from __future__ import annotations

from salesbot.errors import DataError
from salesbot.store.pool import Connection


async def check(connection: Connection) -> None:
    """Remember the cluster at the first start. Raises ``DataError`` in another one."""
    here = await _system_identifier(connection)
    known = await connection.fetchval(
        "insert into installation (system_identifier) values ($1) "
        "on conflict (only_row) do update set only_row = true returning system_identifier",
        here,
    )
    if known != here:
        raise DataError(
            "This database was restored, copied or failed over from another PostgreSQL. Make sure that no other "
            "salesbot uses the same accounts, then run: python -m salesbot confirm-database"
        )


async def confirm(connection: Connection) -> None:
    """Accept this cluster: what was pending may have been sent, and every dialog reads its history before it speaks."""
    await connection.execute(
        "update installation set system_identifier = $1, confirmed_at = now()", await _system_identifier(connection)
    )
    await connection.execute(
        """
        with first as (
            select distinct on (dialog_id) id from messages m where send_state = 'pending' and not exists (
                select from messages s where s.dialog_id = m.dialog_id and s.send_state = 'sending')
            order by dialog_id, id)
        update messages set send_state = 'sending',
            anchor_id = (
                select greatest(d.history_upto, max(k.telegram_message_id), 0)
                from dialogs d left join messages k on k.dialog_id = d.id where d.id = messages.dialog_id group by d.id)
        from first where messages.id = first.id
        """
    )
    await connection.execute("update dialogs set compare = true where contact_id is not null")


async def _system_identifier(connection: Connection) -> str:
    return str(await connection.fetchval("select system_identifier from pg_control_system()"))
