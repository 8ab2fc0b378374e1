"""What people write, stored at once: one statement for the lines of many, where nothing but storing is called for.

It decides by the rows of dialogs, each locked before anything is changed (laws 1 and 2). A dialog that somebody holds,
in which a draft is on its way or may wait for a button, or which is not simply active is left as it is, and so is a
message that stands already: whoever asked sees to them in a transaction of their own. What is read beside the locked
rows is as old as the statement's snapshot. A reply that a turn commits just then stays pending: it answers a revision
that is no more, so it is never claimed, and whoever notices counts it as dropped (``Outbox.unclaimed``). Of a mode of
all dialogs that is changed just then the line came before.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import asyncpg

from salesbot.dialog.model import Kind, Seen, Timing
from salesbot.store.messages import clean
from salesbot.store.pool import Connection

_ONE = "values ($5::bigint, $6::bigint, $7::text, $8::timestamptz, $9::bigint)"
_MANY = "select * from unnest($5::bigint[], $6::bigint[], $7::text[], $8::timestamptz[], $9::bigint[])"
_STORE = """
    with came (contact_id, at, content, timestamp, reply_to) as ({}),
    at_rest as (
        select d.id as dialog_id, coalesce(case when due_at is not null then due_since end, $2) as since, came.*
        from came join dialogs d on d.contact_id = came.contact_id and d.account_id = $1
        where status = 'active' and after_parts is null and erased_at is null and coalesce(history_upto, 0) < at
            and coalesce(mode, (select mode from switches)) = 'auto' and not preview
            and not exists (select from messages where account_id = $1 and telegram_message_id = at)
            and not exists (select from messages where dialog_id = d.id and send_state = 'pending' and not stands)
        for update of d skip locked),
    due as (
        update dialogs d set revision = revision + 1, heard_upto = nextval('messages_id_seq'), due_reason = 'message',
            due_since = since, due_at = greatest($2, least($3, since + $4)), follow_ups = 0, follow_up_at = null
        from at_rest where d.id = dialog_id returning revision, heard_upto, due_at, at_rest.*),
    stored as (
        insert into messages (id, dialog_id, account_id, direction, author, content, timestamp, telegram_message_id,
            revision, reply_to)
        select heard_upto, dialog_id, $1, 'in', 'contact', content, timestamp, at, revision, reply_to from due)
    select at, dialog_id, due_at from due
    """
_STATEMENTS: Mapping[bool, str] = {True: _STORE.format(_ONE), False: _STORE.format(_MANY)}
"""By whether it is one line by itself: for arrays a plan is made anew each time."""


@dataclass(frozen=True, slots=True)
class Stored:
    """Where a message was stored, and when that dialog is due."""

    dialog_id: int
    due_at: datetime


def is_plain(seen: Seen) -> bool:
    """Whether this is a person's text of which nothing more than its words has to be known."""
    return not (
        seen.outgoing
        or seen.person
        or seen.kind is not Kind.TEXT
        or seen.media
        or seen.quote
        or seen.group_id
        or seen.reaction
        or seen.edited_at
    )


async def store(
    connection: Connection, account_id: int, seen: Sequence[Seen], timing: Timing, now: datetime
) -> Mapping[int, Stored]:
    """Store plain messages, each of another person, and make their dialogs due (as ``timing.due_at`` says). Returns
    what was stored by its ids; nothing is if one of them is being stored by somebody else."""
    lines = [(one.peer_id, one.telegram_message_id, clean(one.text), one.timestamp, one.reply_to) for one in seen]
    columns = lines[0] if len(lines) == 1 else zip(*lines, strict=True)
    try:
        rows = await connection.fetch(
            _STATEMENTS[len(lines) == 1],
            account_id,
            now,
            now + timedelta(seconds=timing.debounce),
            timedelta(seconds=timing.debounce_cap),
            *columns,
        )
    except asyncpg.UniqueViolationError:
        return {}
    return {row["at"]: Stored(row["dialog_id"], row["due_at"]) for row in rows}
