"""What an outgoing message turns out to be: a part of ours, or a colleague's word (laws 5 and 7).

Everything here runs inside the caller's transaction. That a part stands is a fact, accepted from anyone; what becomes
of one that does not is a decision, made with the dialog locked as ours (``dialogs.lock_owned``).
"""

from __future__ import annotations

from datetime import datetime

from salesbot import metrics
from salesbot.dialog.model import Dialog, DialogEvent, Part, Purpose, SendState, Status
from salesbot.metrics import PartEnd
from salesbot.store import dialogs, events, messages, parts, turns
from salesbot.store.pool import Connection


def current_for(part: Part, dialog: Dialog) -> bool:
    """Whether what this part answers is still what the dialog asks (law 6)."""
    if dialog.status not in parts.CLAIMED_WHILE[part.purpose] or dialog.halts != part.halts:
        return False
    return part.stands or dialog.revision == part.revision


async def part_stands(
    connection: Connection, part: Part, telegram_message_id: int | None, at: datetime | None, now: datetime
) -> None:
    """A part was delivered: mark it, let it absorb its own echo, explain what else came meanwhile."""
    dialog = await dialogs.lock(connection, part.dialog_id)
    assert dialog is not None
    if telegram_message_id is not None:
        await messages.absorb(connection, part.account_id, telegram_message_id)
    if await parts.stands(connection, part, telegram_message_id, at, now):
        metrics.part_ended(PartEnd.SENT)
        await _settled(connection, dialog, now)


async def part_ended(
    connection: Connection,
    dialog: Dialog,
    part: Part,
    state: SendState,
    failure: str,
    now: datetime,
    *,
    may_stand: bool = False,
) -> None:
    """A part will not be sent, nor will those after it. A colleague whose word it was hears so."""
    await parts.end_rest(connection, part.dialog_id, state, failure)
    if await parts.end(connection, part.id, state, failure, may_stand=may_stand):
        metrics.part_ended(PartEnd(state.value))
        if part.purpose is Purpose.DESK:
            await events.record(
                connection,
                "unsaid",
                actor="system",
                dialog_id=dialog.id,
                account_id=dialog.account_id,
                data={"message": part.id, "reason": failure},
            )
        await _settled(connection, dialog, now)


async def part_unsaid(
    connection: Connection, dialog: Dialog, part: Part, failure: str, now: datetime, *, may_stand: bool = False
) -> None:
    """A part and those after it come too late, or may not be said: decide anew. Nothing follows them then."""
    await turns.not_said(connection, part, now)
    await part_ended(connection, dialog, part, SendState.CANCELLED, failure, now, may_stand=may_stand)


async def put_back(connection: Connection, dialog: Dialog, part: Part, until: datetime, now: datetime) -> None:
    """A part was refused for now: it waits again, unless somebody spoke or silenced the dialog meanwhile."""
    if current_for(part, dialog):
        await parts.put_back(connection, part.id, until)
        metrics.part_ended(PartEnd.PUT_BACK)
    else:
        await parts.end(connection, part.id, SendState.CANCELLED, "overtaken")
        metrics.part_ended(PartEnd.CANCELLED)
        if part.first and dialog.halts == part.halts:
            await turns.draft_dropped(connection, dialog.id)
    await _settled(connection, dialog, now)


async def _settled(connection: Connection, dialog: Dialog, now: datetime) -> None:
    """Nothing of this dialog is on its way any more: say what has waited for that."""
    if await messages.explain_as_human(connection, dialog.id):
        await human_spoke(connection, dialog, now)
    elif dialog.status is Status.ACTIVE:
        await turns.finish_parts(connection, dialog, now)
    if dialog.status is Status.STOPPED:
        await events.record(
            connection, "stop_confirmed", actor="system", dialog_id=dialog.id, account_id=dialog.account_id
        )


async def give_up(connection: Connection, dialog: Dialog, now: datetime) -> None:
    """What a backup had on its way, and the history does not show: decide it anew. It is never sent as it was, Telegram
    may have forgotten that it was sent."""
    for part in await parts.on_their_way(connection, dialog.id):
        current = await dialogs.lock(connection, dialog.id)
        assert current is not None
        await part_unsaid(connection, current, part, "restored", now, may_stand=True)


async def human_spoke(connection: Connection, dialog: Dialog, now: datetime, *, in_gap: bool = False) -> None:
    """A colleague typed from the account: they take over, and what was unanswered is theirs. The program adds nothing,
    not even a farewell; what another one said at the desk meanwhile is said as well. ``in_gap``: it was said after the
    backup that was restored, perhaps by the program; nobody can tell that apart, so it is a colleague's as well."""
    if dialog.status in (Status.ACTIVE, Status.HANDOFF):
        dialog = await dialogs.apply(connection, dialog, DialogEvent.TAKE, actor="human", now=now, quiet=True)
        kind = "spoke_in_gap" if in_gap else "human_spoke"
        await events.record(connection, kind, actor="human", dialog_id=dialog.id, account_id=dialog.account_id)
    await parts.cancel(connection, dialog.id, "human", but=Purpose.DESK)
    await dialogs.touch(connection, dialog, due_at=None, reason="human", answered=True)
