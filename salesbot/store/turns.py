"""How a turn ends: its commit ``where revision = $mine``, and what becomes of what it decided (laws 2 and 6).

A dialog counts as answered when a reply begins to stand in the chat (``parts.stands``), not when it is decided: what is
dropped before leaves everything as unanswered as it was. The dialog is locked by the caller.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from salesbot.dialog.model import Dialog, DialogEvent, Outcome, Part, Purpose
from salesbot.store import dialogs, parts
from salesbot.store.messages import clean
from salesbot.store.pool import Connection


@dataclass(frozen=True, slots=True)
class Turn:
    """What a turn that ends wants to be true afterwards."""

    dialog: Dialog
    """As it was read when the turn began: its revision is what the commit is fenced by."""
    stage: str
    stands: bool = False
    follow_up_at: datetime | None = None
    follow_ups: int = 0
    after: DialogEvent | None = None
    """What happens once the last part is sent: a handoff or the close."""
    outcome: Outcome = Outcome.NONE
    reason: str = ""
    note: str = ""
    """For the human who is called, in the model's words."""
    opening: str = ""
    """The way in which the dialog is begun, if this turn begins it."""


async def end_turn(connection: Connection, turn: Turn) -> bool:
    """End a turn ``where revision = $mine`` (for a reply that stands, ``where halts = $mine``). False: overtaken.

    What came meanwhile stays due: only what was read is answered. A handoff follows all the same, a close does not.
    """
    dialog = turn.dialog
    row = await connection.fetchval(
        """
        update dialogs set stage = $4, failures = 0, not_before = null, follow_up_at = $5, follow_ups = $6,
            due_at = case when revision = $2 then null else due_at end,
            due_since = case when revision = $2 then null else due_since end,
            after_parts = case when revision = $2 or $8 = 'handoff' then $8 end, after_outcome = $9, after_reason = $10,
            handoff_note = $11, opening = coalesce(nullif($12, ''), opening),
            stages = case when $4 = any (stages) then stages else array_append(stages, $4) end
        where id = $1 and status = 'active' and halts = $3 and (revision = $2 or $7)
        returning id
        """,
        dialog.id,
        dialog.revision,
        dialog.halts,
        turn.stage,
        turn.follow_up_at,
        turn.follow_ups,
        turn.stands,
        turn.after.value if turn.after else None,
        turn.outcome.value,
        turn.reason,
        clean(turn.note),
        turn.opening,
    )
    return row is not None


async def draft_dropped(connection: Connection, dialog_id: int) -> None:
    """Count a draft that a newer message overtook: nothing follows it, and the next one stands (law 6)."""
    await connection.execute(
        "update dialogs set dropped_drafts = dropped_drafts + 1, after_parts = null where id = $1", dialog_id
    )


async def nothing_to_say(connection: Connection, dialog: Dialog) -> None:
    """The turn found nothing to do: no longer due, unless something came meanwhile."""
    await connection.execute(
        "update dialogs set due_at = null, due_since = null, answered_revision = revision "
        "where id = $1 and revision = $2",
        dialog.id,
        dialog.revision,
    )


async def not_said(connection: Connection, part: Part, now: datetime) -> None:
    """A part and those after it will not be sent: decide anew what they were to say, unless somebody spoke since. The
    handoff that an earlier part may have told of stays."""
    if part.purpose in parts.BY_ITSELF:
        return  # it answered nothing, and nothing takes its place
    await connection.execute(
        "update dialogs set after_parts = null where id = $1 and ($2 or after_parts = 'close')",
        part.dialog_id,
        part.first,
    )
    if part.purpose is Purpose.FOLLOW_UP:
        await connection.execute(
            "update dialogs set follow_up_at = $3, follow_ups = greatest(follow_ups - 1, 0) "
            "where id = $1 and status = 'active' and revision = $2",
            part.dialog_id,
            part.revision,
            now,
        )
        return
    await connection.execute(
        """
        update dialogs set due_at = coalesce(due_at, $3), due_reason = 'not_said',
            answered_revision = case when answered_revision = $2 and revision = $2
                then answered_before else answered_revision end
        where id = $1 and status = 'active'
        """,
        part.dialog_id,
        part.revision,
        now,
    )


async def finish_parts(connection: Connection, dialog: Dialog, now: datetime) -> None:
    """The last part is sent: do what the turn left for afterwards."""
    row = await connection.fetchrow(
        """
        select after_parts, after_outcome, after_reason from dialogs
        where id = $1 and after_parts is not null and status = 'active' and not exists (
            select from messages where dialog_id = $1 and send_state in ('pending', 'sending'))
        """,
        dialog.id,
    )
    if row is None:
        return
    outcome = Outcome(row["after_outcome"])
    await dialogs.apply(
        connection,
        dialog,
        DialogEvent(row["after_parts"]),
        actor="model",
        now=now,
        outcome=outcome if outcome is not Outcome.NONE else None,
        reason=row["after_reason"],
    )
