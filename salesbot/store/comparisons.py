"""Which dialogs have to be compared with Telegram's history: ``dialogs.compare`` and ``history_upto``.

A dialog that is marked reads the history before its next turn; one that is also due reads it now, whatever its status:
what a person wrote is stored, answered or not.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from salesbot.dialog.model import Dialog
from salesbot.store.pool import Connection


@dataclass(frozen=True, slots=True)
class Top:
    """The newest message with a person that is stored, and the dialog that a newer one would belong to."""

    dialog_id: int
    contact_id: int
    newest_id: int


_TOPS = """
    select d.id, d.contact_id, coalesce(newest.id, 0) as newest_id from dialogs d
    left join lateral (
        select max(m.telegram_message_id) as id from dialogs o join messages m on m.dialog_id = o.id
        where o.contact_id = d.contact_id and o.account_id = d.account_id) newest on true
    where d.account_id = $1 and d.contact_id is not null
        and (d.status in ('active', 'taken', 'handoff', 'stopped') or d.status = 'closed' and d.compare)
        and not exists (
            select from dialogs o where o.contact_id = d.contact_id and o.account_id = d.account_id
            and (o.status in ('active', 'taken', 'handoff'), o.id) > (d.status in ('active', 'taken', 'handoff'), d.id))
    """


async def tops(connection: Connection, account_id: int, after: int, limit: int) -> Sequence[Top]:
    """The dialogs of an account that may still matter, one for each person, by id. Closed ones only after a gap."""
    rows = await connection.fetch(f"{_TOPS} and d.id > $2 order by d.id limit $3", account_id, after, limit)
    return [Top(row["id"], row["contact_id"], row["newest_id"]) for row in rows]


async def tops_of(connection: Connection, account_id: int, dialog_ids: Sequence[int]) -> Sequence[Top]:
    """Those of them that are named, in this order."""
    rows = await connection.fetch(
        f"{_TOPS} and d.id = any($2::bigint[]) order by array_position($2::bigint[], d.id)", account_id, dialog_ids
    )
    return [Top(row["id"], row["contact_id"], row["newest_id"]) for row in rows]


async def ask_now(connection: Connection, dialog_ids: Sequence[int], now: datetime) -> None:
    """Have these dialogs read the history now."""
    await connection.execute(
        "update dialogs set compare = true, due_at = coalesce(due_at, $2) where id = any($1::bigint[])",
        dialog_ids,
        now,
    )


async def ask_of_all(connection: Connection, account_id: int) -> None:
    """Have every dialog of an account read the history before its next turn."""
    await connection.execute(
        "update dialogs set compare = true where account_id = $1 and contact_id is not null", account_id
    )


async def agree(connection: Connection, dialog_ids: Sequence[int]) -> None:
    """Nothing is missing in these: of closed ones, no more than that matters."""
    await connection.execute(
        "update dialogs set compare = false where id = any($1::bigint[]) and compare and status = 'closed'", dialog_ids
    )


async def compared(connection: Connection, dialog_id: int, upto: int) -> None:
    """Our record agrees with Telegram's history up to this id. A dialog that is not to speak was due for no more."""
    await connection.execute(
        """
        update dialogs set compare = false, gap_unread = false, history_upto = greatest(coalesce(history_upto, 0), $2),
            due_at = case when status = 'active' then due_at end
        where id = $1
        """,
        dialog_id,
        upto,
    )


async def part_of_another(connection: Connection, dialog: Dialog) -> bool:
    """Whether a part of an earlier dialog with the same person is on its way: it may be what is about to be read."""
    return bool(
        await connection.fetchval(
            """
            select exists (select from messages m join dialogs d on d.id = m.dialog_id
                where d.contact_id = $2 and d.account_id = $3 and d.id <> $1 and m.send_state = 'sending')
            """,
            dialog.id,
            dialog.contact_id,
            dialog.account_id,
        )
    )
