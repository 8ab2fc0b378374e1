"""Parts of replies: rows before they are messages (law 5). pending → sending → sent | cancelled | failed.

A part is claimed while the model speaks. What the program says by itself has its own time: a courtesy may follow a
handoff, and a farewell is the one thing that may be said to somebody who opted out. Neither answers anything. What a
colleague says at the desk is a part as well, and goes out while the dialog is open.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import asyncpg

from salesbot.dialog.model import Dialog, DialogEvent, Mode, Part, Purpose, SendState, Status
from salesbot.dialog.transitions import NotAllowed
from salesbot.store import accounts, dialogs, events
from salesbot.store.dialogs import Fence
from salesbot.store.messages import clean
from salesbot.store.pool import Connection

CLAIMED_WHILE: Mapping[Purpose, frozenset[Status]] = {
    **dict.fromkeys((Purpose.REPLY, Purpose.OPENING, Purpose.FOLLOW_UP), frozenset({Status.ACTIVE})),
    Purpose.COURTESY: frozenset({Status.ACTIVE, Status.HANDOFF}),
    Purpose.FAREWELL: frozenset({Status.CLOSED}),
    Purpose.DESK: frozenset({Status.ACTIVE, Status.TAKEN, Status.HANDOFF}),
}
"""The statuses in which a part may be said. That the status is still the one it was said for is told by ``halts``."""
BY_THE_PROGRAM = (Purpose.COURTESY.value, Purpose.FAREWELL.value)
BY_ITSELF = frozenset({Purpose.COURTESY, Purpose.FAREWELL, Purpose.DESK})
"""What belongs to no reply: nobody decides it anew, and it neither falls nor stands with others."""
_BY_ITSELF = [purpose.value for purpose in sorted(BY_ITSELF)]
SAID_WITHIN = timedelta(hours=1)
"""How old a colleague's word may grow that cannot be sent: they hear of it then."""

_PART = """
    select m.*, d.contact_id, coalesce(d.mode, s.mode) as mode, d.preview, s.paused_at is not null as paused,
        f.state is not null as drafted, coalesce(f.state = 'waiting', false) as waits
    from messages m join dialogs d on d.id = m.dialog_id cross join switches s left join drafts f on f.id = m.draft_id
    """


def from_row(row: asyncpg.Record) -> Part:
    purpose, state = Purpose(row["purpose"]), SendState(row["send_state"])
    let_out = fits(Mode(row["mode"]), purpose, preview=row["preview"], drafted=row["drafted"], waits=row["waits"])
    return Part(
        id=row["id"],
        dialog_id=row["dialog_id"],
        account_id=row["account_id"],
        contact_id=row["contact_id"],
        content=row["content"],
        random_id=row["random_id"],
        revision=row["revision"],
        halts=row["halts"],
        stands=row["stands"],
        purpose=purpose,
        first=row["first_part"],
        send_state=state,
        not_before=row["not_before"],
        not_after=row["not_after"],
        anchor_id=row["anchor_id"],
        held=state is SendState.PENDING and (row["paused"] or (row["waits"] and let_out)),
        fits=let_out,
    )


def fits(mode: Mode, purpose: Purpose, *, preview: bool, drafted: bool, waits: bool) -> bool:
    """Whether a mode lets a part out, or will; a draft waits for nothing where no draft is wanted any more."""
    asks = preview or mode is Mode.DRAFT
    if purpose is Purpose.DESK or mode is Mode.OFF:
        return purpose is Purpose.DESK
    return asks or not waits if drafted else not asks


@dataclass(frozen=True, slots=True)
class Lines:
    """The parts of a reply, each with its ``random_id`` from the start, and the call that was paid for them."""

    texts: Sequence[str]
    random_ids: Sequence[int]
    purpose: Purpose
    now: datetime
    not_before: datetime
    not_after: datetime
    model_call_id: int | None = None


async def add(
    connection: Connection, dialog: Dialog, lines: Lines, *, stands: bool, draft_id: int | None = None
) -> int:
    """Commit parts beside what led to them; those of a reply that goes out at once come with the end of its turn
    (``turns.end_turn``). ``draft_id``: they wait for a button. Returns the id of the first."""
    rows = await connection.fetch(
        """
        with paid as (update model_calls set state = 'used' where id = $12)
        insert into messages (dialog_id, account_id, direction, author, content, timestamp, send_state, random_id,
            revision, halts, stands, purpose, first_part, not_before, not_after, model_call_id, draft_id)
        select $1, $2, 'out', 'model', part.content, $5, 'pending', part.random_id,
            $6, $7, $8, $9, part.place = 1, $10, $11, $12, $13
        from unnest($3::text[], $4::bigint[]) with ordinality as part (content, random_id, place) order by part.place
        returning id
        """,
        dialog.id,
        dialog.account_id,
        [clean(text) for text in lines.texts],
        lines.random_ids,
        lines.now,
        dialog.revision,
        dialog.halts,
        stands,
        lines.purpose.value,
        lines.not_before,
        lines.not_after,
        lines.model_call_id,
        draft_id,
    )
    return int(rows[0]["id"])


async def get(connection: Connection, part_id: int) -> Part:
    row = await connection.fetchrow(f"{_PART} where m.id = $1", part_id)
    assert row is not None
    return from_row(row)


async def by_random_id(connection: Connection, account_id: int, random_id: int) -> Part | None:
    row = await connection.fetchrow(
        f"{_PART} where m.account_id = $1 and m.random_id = $2",
        account_id,
        random_id,
    )
    return from_row(row) if row else None


async def claim(
    connection: Connection,
    part: Part,
    fence: Fence,
    marks: Sequence[bytes],
    now: datetime,
    *,
    again: bool = False,
) -> bool:
    """Claim a part for sending, by one statement that locks the dialog row and looks again at everything (law 6).

    ``again`` renews the claim of a part whose fate was unknown, before its ``random_id`` is sent a second time.
    ``marks`` are the person's keyed hashes, looked for among the suppressions. What is newer than the anchor and stands
    in the chat may be this part; what is older, stored or not, is not.
    """
    row = await connection.fetchval(
        """
        with gate as (
            select d.id, d.history_upto, coalesce(d.mode, s.mode) as mode, d.preview
            from dialogs d join accounts a on a.id = d.account_id cross join switches s
            where d.id = $2 and d.status = any($13::text[]) and d.halts = $3 and (d.revision = $4 or $5)
                and a.id = $6 and a.epoch = $7 and a.owner = $8::uuid
                and (a.flood_until is null or a.flood_until <= $10) and not (a.openings_blocked and $11)
                and ($14 or not exists (select from suppressions where mark = any($9::bytea[])))
                and s.paused_at is null
                and not exists (select from accounts r where r.gap_unread and r.state = 'ready')
            for update of d for share of s
        )
        update messages m set send_state = 'sending', failure = '', anchor_id = coalesce(m.anchor_id,
            greatest(gate.history_upto, (select max(telegram_message_id) from messages where dialog_id = $2), 0))
        from gate
        where m.id = $1 and m.send_state = $12 and m.not_before <= $10 and m.not_after > $10
            and (m.draft_id is null or exists (select from drafts where id = m.draft_id and state = 'approved'))
            and (m.purpose = 'desk' or gate.mode = 'auto' and not gate.preview
                or gate.mode <> 'off' and m.draft_id is not null)
        returning m.id
        """,
        part.id,
        part.dialog_id,
        part.halts,
        part.revision,
        part.stands,
        fence.account_id,
        fence.epoch,
        fence.owner,
        marks,
        now,
        part.purpose is Purpose.OPENING,
        (SendState.SENDING if again else SendState.PENDING).value,
        [status.value for status in CLAIMED_WHILE[part.purpose]],
        part.purpose is Purpose.FAREWELL,
    )
    return row is not None


async def put_back(connection: Connection, part_id: int, until: datetime) -> None:
    """An error that said no: the part was not delivered, and waits again."""
    await connection.execute(
        """
        update messages set send_state = 'pending', anchor_id = null, not_before = greatest(not_before, $2)
        where id = $1 and send_state = 'sending'
        """,
        part_id,
        until,
    )


async def outlast(connection: Connection, account_id: int, until: datetime) -> None:
    """The account waits: what nobody decides anew may be said until then.

    A part that another dialog's transaction holds is left out: both might wait for each other's.
    """
    await connection.execute(
        """
        with said as (
            select id from messages
            where account_id = $1 and send_state in ('pending', 'sending') and purpose = any($3::text[])
            for update skip locked)
        update messages m set not_after = greatest(not_after, $2) from said where m.id = said.id
        """,
        account_id,
        until,
        _BY_ITSELF,
    )


async def end(connection: Connection, part_id: int, state: SendState, failure: str, *, may_stand: bool = False) -> bool:
    """A part that will not be sent: cancelled or failed, with a code that says why.

    ``may_stand``: nobody said that it was not delivered, so what turns up above its anchor may still be it.
    """
    row = await connection.fetchval(
        """
        update messages set send_state = $2, failure = $3, anchor_id = case when $4 then anchor_id end
        where id = $1 and send_state in ('pending', 'sending') returning id
        """,
        part_id,
        state.value,
        failure,
        may_stand,
    )
    return row is not None


async def end_rest(connection: Connection, dialog_id: int, state: SendState, failure: str) -> None:
    """The parts after one that failed. What belongs to no reply stays."""
    await connection.execute(
        "update messages set send_state = $2, failure = $3 "
        "where dialog_id = $1 and send_state = 'pending' and purpose <> all($4::text[])",
        dialog_id,
        state.value,
        failure,
        _BY_ITSELF,
    )


async def cancel(connection: Connection, dialog_id: int, failure: str, *, but: Purpose | None = None) -> None:
    """Nothing more is said, whatever it was ``but`` this: a human speaks, or wants silence."""
    await connection.execute(
        "update messages set send_state = 'cancelled', failure = $2 "
        "where dialog_id = $1 and send_state = 'pending' and purpose is distinct from $3",
        dialog_id,
        failure,
        but.value if but else None,
    )


@dataclass(frozen=True, slots=True)
class Stood:
    """A message stands, and this is how its dialog is left."""

    settles: bool
    """Something has waited for it, to be explained or done."""
    watched: bool
    """Somebody sees what becomes of it: all is paused, it was shown before, or it is to be taken back."""
    more: bool
    """There is more to be said or decided now."""


async def stands(
    connection: Connection,
    part: Part,
    telegram_message_id: int | None,
    at: datetime | None,
    now: datetime,
    *,
    alone: bool = False,
) -> Stood | None:
    """The message stands, whatever the row said before, and what its reply answers is answered. A courtesy answers
    nothing.

    None when this was known already. ``alone``: it is done only where nothing has waited for it, and needs no
    transaction then; otherwise nothing is done.
    """
    row = await connection.fetchrow(
        "select * from part_stood($1, $2, $3, $4, $5, $6, $7)",
        part.id,
        part.dialog_id,
        telegram_message_id,
        at,
        now,
        BY_THE_PROGRAM,
        alone,
    )
    return Stood(**row) if row is not None else None


async def delay(connection: Connection, part_id: int, until: datetime) -> None:
    """A part that has to wait must not be tried before this time."""
    await connection.execute(
        "update messages set not_before = greatest(not_before, $2) "
        "where id = $1 and send_state in ('pending', 'sending')",
        part_id,
        until,
    )


async def adoptable(connection: Connection, dialog_id: int, text: str, telegram_message_id: int) -> Part | None:
    """A part that was claimed and never seen in the chat, and of which this message may be the delivery. After a
    restore that is every one that was not sent yet: the backup knows not what was claimed since."""
    row = await connection.fetchrow(
        f"{_PART} where m.dialog_id = $1 and m.content = $2 and m.telegram_message_id is null and m.anchor_id < $3 "
        "and (m.send_state in ('cancelled', 'failed', 'sent') or d.gap_unread) order by m.id limit 1",
        dialog_id,
        clean(text),
        telegram_message_id,
    )
    return from_row(row) if row else None


async def on_their_way(connection: Connection, dialog_id: int) -> Sequence[Part]:
    """What a backup had decided and not sent yet, in order (``gaps.begin`` gave each an anchor). What waits for a
    button is not decided, and what somebody decided or said since the restore is none of the backup's."""
    rows = await connection.fetch(
        f"""{_PART} where m.dialog_id = $1 and m.send_state in ('pending', 'sending') and m.anchor_id is not null
            and f.state is distinct from 'waiting'
            and (f.decided_at is null or f.decided_at < (select max(until) from gaps)) order by m.id
        """,
        dialog_id,
    )
    return [from_row(row) for row in rows]


async def say(
    connection: Connection, dialog: Dialog, admin_id: int, text: str, random_id: int, now: datetime
) -> Dialog:
    """A colleague speaks as the account, in a locked dialog, which is theirs from then on; writes the event ``said``.

    Raises ``transitions.NotAllowed`` where nobody can speak, and in one that is already ``taken_by`` another admin.
    """
    assert dialog.account_id is not None
    if dialog.status is not Status.TAKEN:
        taken = await dialogs.apply(
            connection, dialog, DialogEvent.TAKE, actor=f"admin:{admin_id}", now=now, taken_by=admin_id
        )
    elif dialog.taken_by in (None, admin_id):
        taken = dialog
        await connection.execute("update dialogs set taken_by = $2 where id = $1", dialog.id, admin_id)
    else:
        raise NotAllowed(dialog.status, DialogEvent.TAKE)
    until = await accounts.waits_until(connection, dialog.account_id, now)
    await connection.execute(
        """
        insert into messages (dialog_id, account_id, direction, author, written_by, content, timestamp, send_state,
            random_id, revision, halts, stands, purpose, not_before, not_after)
        values ($1, $2, 'out', 'human', $3, $4, $5, 'pending', $6, $7, $8, true, 'desk', $5, $9)
        """,
        dialog.id,
        dialog.account_id,
        admin_id,
        clean(text),
        now,
        random_id,
        taken.revision,
        taken.halts,
        until + SAID_WITHIN,
    )
    await events.record(
        connection, "said", actor=f"admin:{admin_id}", dialog_id=dialog.id, account_id=dialog.account_id
    )
    return taken
