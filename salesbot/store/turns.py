"""How a turn ends: its commit ``where revision = $mine``, and what becomes of what it decided (laws 2 and 6).

A dialog counts as answered when a reply begins to stand in the chat (``parts.stands``), not when it is decided: what is
dropped before leaves everything as unanswered as it was. But for ``end_turn`` the dialog is locked by the caller.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

import asyncpg

from salesbot.dialog.model import Dialog, DialogEvent, Outcome, Part, Purpose, SendState
from salesbot.store import dialogs, parts
from salesbot.store.dialogs import Fence
from salesbot.store.messages import clean
from salesbot.store.parts import Lines
from salesbot.store.pool import Connection


@dataclass(frozen=True, slots=True)
class Turn:
    """What a turn that ends wants to be true afterwards."""

    dialog: Dialog
    """As it was read when the turn began: its revision is what the commit is fenced by."""
    stage: str
    may_stand: bool = False
    """Once a draft was dropped for a newer message, this one holds against them (law 6)."""
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


@dataclass(frozen=True, slots=True)
class Ended:
    """A turn that ended, and the first of the parts that go out by themselves."""

    first: Part | None = None


async def end_turn(connection: Connection, turn: Turn, fence: Fence, lines: Lines | None = None) -> Ended | None:
    """End a turn ``where revision = $mine`` (for a reply that stands, ``where halts = $mine``). None: overtaken, or not
    ours to end, or what is to be said does not go out by itself any more; nothing has changed then.

    What came meanwhile stays due: only what was read is answered. A handoff follows all the same, a close does not.
    One statement that begins with the dialog's own row: who waits for its lock looks at its newest version, so all that
    is asked is asked of that row. Of account and switches it sees what stood when it began, like whoever locks the row
    first; the claim looks again at both.
    """
    dialog, texts = turn.dialog, [clean(text) for text in lines.texts] if lines else []
    row = await connection.fetchrow(
        """
        with ended as (
            update dialogs d set stage = $4, failures = 0, not_before = null, follow_up_at = $5, follow_ups = $6,
                due_at = case when revision > $2 then due_at end,
                due_since = case when revision > $2 then due_since end,
                after_parts = case when revision = $2 or $8 = 'handoff' then $8 end, after_outcome = $9,
                after_reason = $10, handoff_note = $11, opening = coalesce(nullif($12, ''), opening),
                stages = case when $4 = any (stages) then stages else array_append(stages, $4) end
            from accounts a, switches s
            where d.id = $1 and status = 'active' and halts = $3 and (revision = $2 or $7 and dropped_drafts > 0)
                and a.id = $13 and a.epoch = $14 and a.owner = $15::uuid
                and ($16::text[] = '{}' or coalesce(d.mode, s.mode) = 'auto' and not preview)
            returning $7 and dropped_drafts > 0 as stands, s.paused_at is not null as paused),
        paid as (update model_calls set state = 'used' from ended where id = $22),
        added as (
            insert into messages (dialog_id, account_id, direction, author, content, timestamp, send_state, random_id,
                revision, halts, stands, purpose, first_part, not_before, not_after, model_call_id)
            select $1, $13, 'out', 'model', line, $18, 'pending', number, $2, $3, stands, $19, place = 1, $20, $21, $22
            from ended, unnest($16, $17::bigint[]) with ordinality as part (line, number, place) order by place
            returning id)
        select stands, paused, (select min(id) from added) as first_id from ended
        """,
        dialog.id,
        dialog.revision,
        dialog.halts,
        turn.stage,
        turn.follow_up_at,
        turn.follow_ups,
        turn.may_stand,
        turn.after.value if turn.after else None,
        turn.outcome.value,
        turn.reason,
        clean(turn.note),
        turn.opening,
        fence.account_id,
        fence.epoch,
        fence.owner,
        texts,
        lines.random_ids if lines else (),
        lines.now if lines else None,
        lines.purpose.value if lines else None,
        lines.not_before if lines else None,
        lines.not_after if lines else None,
        lines.model_call_id if lines else None,
    )
    if row is None:
        return None
    return Ended(_first(dialog, lines, texts[0], row) if lines else None)


def _first(dialog: Dialog, lines: Lines, text: str, row: asyncpg.Record) -> Part:
    """As it stands in the database now (``parts.get``)."""
    assert dialog.account_id is not None and dialog.contact_id is not None
    return Part(
        id=row["first_id"],
        dialog_id=dialog.id,
        account_id=dialog.account_id,
        contact_id=dialog.contact_id,
        content=text,
        random_id=lines.random_ids[0],
        revision=dialog.revision,
        halts=dialog.halts,
        stands=row["stands"],
        purpose=lines.purpose,
        send_state=SendState.PENDING,
        not_before=lines.not_before,
        not_after=lines.not_after,
        held=row["paused"],
    )


async def draft_dropped(connection: Connection, dialog_id: int) -> None:
    """Count a draft that a newer message overtook: nothing follows it, and the next one stands (law 6)."""
    await connection.execute(
        "update dialogs set dropped_drafts = dropped_drafts + 1, after_parts = null where id = $1", dialog_id
    )


async def reply_dropped(connection: Connection, part: Part) -> None:
    """The same of a reply that waited to be sent, whose first part this is: its call was paid for in vain."""
    await connection.execute(
        """
        with wasted as (
            update model_calls set state = 'dropped', error = 'newer_message'
            where id = (select model_call_id from messages where id = $2))
        update dialogs set dropped_drafts = dropped_drafts + 1, after_parts = null where id = $1
        """,
        part.dialog_id,
        part.id,
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
