"""Messages of ours that a colleague takes back: wanted since ``unsend_at``, done with ``deleted_at`` (law 5: a row
before it is done, so it outlives whoever began it)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from salesbot.dialog.model import Dialog, Message
from salesbot.store import events, parts
from salesbot.store.pool import Connection

NOT_DELIVERED = "not_delivered"
"""Why there was nothing to delete."""


class UnsendResult(StrEnum):
    """What is done about the last message."""

    TAKING_BACK = "taking_back"
    """It stands, or may stand: the engine deletes it, and says ``unsent`` or ``unsend_failed``."""
    NOT_SENT = "not_sent"
    """It was not sent yet, and will not be."""
    NOTHING = "nothing"
    """There is none."""


@dataclass(frozen=True, slots=True)
class TakeBack:
    """A message to be deleted for both sides; ``telegram_message_id`` is None for one that was never delivered."""

    id: int
    contact_id: int
    telegram_message_id: int | None


async def unsend(connection: Connection, dialog: Dialog, admin_id: int, now: datetime) -> UnsendResult:
    """Take back the last of our messages in a locked dialog, whoever wrote it. What is not sent yet is cancelled at
    once, and what the model is about to say is thought over; writes the event ``unsend``."""
    row = await connection.fetchrow(
        """
        select id, send_state = 'pending' and first_part as unsent from messages
        where dialog_id = $1 and direction = 'out' and deleted_at is null and unsend_at is null and not erased
            and (send_state in ('pending', 'sending') or telegram_message_id is not null)
        order by (send_state is not distinct from 'pending' and first_part) desc,
            (send_state is not distinct from 'sending') desc, telegram_message_id desc nulls last limit 1
        """,
        dialog.id,
    )
    if row is None:
        return UnsendResult.NOTHING
    await parts.cancel(connection, dialog.id, "unsent")
    if not row["unsent"]:
        await connection.execute(
            "update messages set unsend_by = $2, unsend_at = $3 where id = $1", row["id"], admin_id, now
        )
    await connection.execute(
        """
        update dialogs set revision = revision + 1, halts = halts + 1, due_since = null, due_reason = 'unsend',
            answered_revision = answered_revision + (answered_revision = revision)::int, after_parts = null,
            follow_up_at = null, due_at = case when status = 'active' then $2 else due_at end
        where id = $1
        """,
        dialog.id,
        now,
    )
    await events.record(
        connection,
        "unsend",
        actor=f"admin:{admin_id}",
        dialog_id=dialog.id,
        account_id=dialog.account_id,
        data={"message": row["id"]},
    )
    return UnsendResult.NOT_SENT if row["unsent"] else UnsendResult.TAKING_BACK


async def wanted(connection: Connection, dialog_id: int) -> TakeBack | None:
    """The next message of a dialog to be deleted; one whose fate is not known yet waits for that."""
    row = await connection.fetchrow(
        """
        select m.id, d.contact_id, m.telegram_message_id from messages m join dialogs d on d.id = m.dialog_id
        where m.dialog_id = $1 and m.unsend_at is not null and m.deleted_at is null
            and m.send_state is distinct from 'sending' and d.contact_id is not null
        order by m.unsend_at, m.id limit 1
        """,
        dialog_id,
    )
    return TakeBack(row["id"], row["contact_id"], row["telegram_message_id"]) if row else None


async def given_up(connection: Connection, dialog: Dialog, message_id: int, reason: str) -> None:
    """It cannot be deleted, or there is nothing to delete: told to whom wanted it, once; the dialog is locked."""
    row = await connection.fetchval(
        "update messages set unsend_at = null where id = $1 and unsend_at is not null and deleted_at is null "
        "returning id",
        message_id,
    )
    if row is not None:
        await _tell(connection, "unsent" if reason == NOT_DELIVERED else "unsend_failed", dialog, message_id, reason)


async def deleted(connection: Connection, dialog: Dialog, gone: Sequence[Message]) -> None:
    """These messages of a locked dialog turned out to be deleted: told of those that were to be."""
    for message in gone:
        if message.unsend_at is not None:
            await _tell(connection, "unsent", dialog, message.id, "")


async def _tell(connection: Connection, kind: str, dialog: Dialog, message_id: int, reason: str) -> None:
    await events.record(
        connection,
        kind,
        actor="system",
        dialog_id=dialog.id,
        account_id=dialog.account_id,
        data={"message": message_id, **({"reason": reason} if reason else {})},
    )
