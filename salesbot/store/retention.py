"""The end of texts: what was said in dialogs that ended long ago is erased, what is counted stays.

Words alone go: contents and edits, what was learnt, promised, noted and summed up, the model's answers. The rows stay,
marked, so that a history that is read again does not bring the words back. A dialog to which new ones come may be
erased again.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from salesbot.store.pool import Connection

_ERASABLE = """
    select d.id from dialogs d
    where erased_at is null and status in ('stopped', 'closed', 'failed') and status_since < $1
        and (
            select true from messages m join accounts a on a.id = m.account_id
            where m.dialog_id = d.id
                and (m.timestamp >= $1 or m.send_state in ('pending', 'sending') and a.state = 'ready') limit 1) is null
"""
"""Its messages are asked for dialog by dialog: a join would read all that was ever said."""


async def erasable(connection: Connection, before: datetime, limit: int) -> Sequence[int]:
    """Dialogs that ended, and in which nothing was said, since ``before``; the oldest first.

    What is on its way is waited for, unless its account is out: nobody knows whether it comes back.
    """
    rows = await connection.fetch(f"{_ERASABLE} order by status_since limit $2", before, limit)
    return [row["id"] for row in rows]


async def erase(connection: Connection, dialog_id: int, before: datetime, now: datetime) -> bool:
    """Erase the texts of a locked dialog. False when it is not, or no longer, to be erased."""
    if await connection.fetchval(f"{_ERASABLE} and d.id = $2", before, dialog_id) is None:
        return False
    await connection.execute(
        """
        with said as (select id from messages where dialog_id = $1 order by id for update)
        update messages m set content = '', edits = '[]', quote = '', media = '', reaction = '', erased = true,
            anchor_id = null, failure = case when send_state in ('pending', 'sending') then 'erased' else failure end,
            send_state = case when send_state in ('pending', 'sending') then 'cancelled' else send_state end
        from said where m.id = said.id
        """,
        dialog_id,
    )
    await connection.execute(
        """
        with facts as (delete from dialog_facts where dialog_id = $1),
            promises as (delete from tasks where dialog_id = $1),
            lists as (update campaign_people set username = '', name = '', language = '', timezone = '', basis = '',
                note = '' where dialog_id = $1),
            noted as (delete from notes where dialog_id = $1),
            unsaid as (update admin_updates set answer = answer - 'words'
                where answer ? 'words' and answer #>> '{words,dialog}' = $1::text),
            answers as (update model_calls set answer = null where dialog_id = $1)
        update dialogs set summary = '', handoff_note = '', erased_at = $2, heard_upto = 0 where id = $1
        """,
        dialog_id,
        now,
    )
    return True
