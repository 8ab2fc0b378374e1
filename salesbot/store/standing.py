"""How one dialog stands at the desk: what is going to happen in it and who looks after it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from salesbot.store.pool import Connection


@dataclass(frozen=True, slots=True)
class Standing:
    """Of one dialog, beside what its row says."""

    sending: bool = False
    """A part is on its way."""
    speaks_at: datetime | None = None
    """From when the next part may go out."""
    draft_until: datetime | None = None
    """A draft waits for a button until then."""
    labels: tuple[str, ...] = ()
    assignee: str = ""
    """What the admin is called who looks after it, and the one who speaks in it."""
    taken_by: str = ""


async def of(connection: Connection, dialog_id: int) -> Standing:
    """How this dialog stands now."""
    row = await connection.fetchrow(
        """
        select coalesce(unsent.sending, false) as sending, unsent.speaks_at,
            (select expires_at from drafts where id = unsent.drafted and state = 'waiting') as draft_until,
            array(select label from labels where dialog_id = d.id order by label) as labels,
            coalesce(nullif(looks.name, ''), d.assignee::text, '') as assignee,
            coalesce(nullif(speaks.name, ''), d.taken_by::text, '') as taken_by
        from dialogs d
            left join admins looks on looks.id = d.assignee
            left join admins speaks on speaks.id = d.taken_by
            cross join lateral (
                select bool_or(send_state = 'sending') as sending,
                    min(not_before) filter (where send_state = 'pending') as speaks_at,
                    max(draft_id) filter (where send_state = 'pending') as drafted
                from messages where dialog_id = d.id and send_state in ('pending', 'sending')) unsent
        where d.id = $1
        """,
        dialog_id,
    )
    if row is None:
        return Standing()
    return Standing(**{**row, "labels": tuple(row["labels"])})
