"""``draft_cards``: what the messages of the bot in which admins see a draft show, and what is answered to them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from salesbot.dialog.model import Message
from salesbot.store import desk, messages
from salesbot.store.desk import Head
from salesbot.store.pool import Connection

HEARD = 3


@dataclass(frozen=True, slots=True)
class About:
    """Whom a draft is for, and what it answers."""

    head: Head
    phone: str
    """Of the account that would speak; digits."""
    heard: Sequence[Message]
    """What the person said since our last line, the oldest first; ``HEARD`` of the newest at most."""
    why: str
    """A code: why a part of it is not sent; empty when each was sent or may still be."""
    decided_by: str
    """What the admin who decided it, or wrote it anew, is called; empty when nobody did or no name is known."""


async def about(connection: Connection, dialog_id: int, draft_id: int, admin_id: int | None) -> About | None:
    """What a card shows besides the draft; ``admin_id`` is who decided it. None when the dialog is gone."""
    head = await desk.head(connection, dialog_id)
    if head is None:
        return None
    row = await connection.fetchrow(
        """
        select coalesce((select phone from accounts where id = $1), '') as phone,
            coalesce((select failure from messages where draft_id = $2 and send_state in ('cancelled', 'failed')
                and failure not in ('edited', 'skipped') order by id desc limit 1), '') as why,
            coalesce((select name from admins where id = $3), '') as decided_by
        """,
        head.dialog.account_id,
        draft_id,
        admin_id,
    )
    assert row is not None
    return About(head, row["phone"], await _heard(connection, dialog_id), row["why"], row["decided_by"])


async def _heard(connection: Connection, dialog_id: int) -> Sequence[Message]:
    rows = await connection.fetch(
        """
        select * from messages where dialog_id = $1 and direction = 'in' and deleted_at is null and id > coalesce(
            (select max(id) from messages
                where dialog_id = $1 and direction = 'out' and (send_state is null or send_state = 'sent')), 0)
        order by id desc limit $2
        """,
        dialog_id,
        HEARD,
    )
    return [messages.from_row(row) for row in reversed(rows)]


async def message_of(connection: Connection, draft_id: int, admin_id: int) -> int | None:
    """The message in which this admin sees a draft."""
    message: int | None = await connection.fetchval(
        "select message_id from draft_cards where draft_id = $1 and admin_id = $2", draft_id, admin_id
    )
    return message


async def asked(connection: Connection, draft_id: int, admin_id: int, *, card: int, prompt: int) -> int | None:
    """Message ``prompt`` asked this admin for a text of their own. Which one did so before, if one did."""
    before: int | None = await connection.fetchval(
        "select prompt_id from draft_cards where draft_id = $1 and admin_id = $2", draft_id, admin_id
    )
    await connection.execute(
        """
        insert into draft_cards (draft_id, admin_id, message_id, shown_version, prompt_id) values ($1, $2, $3, 0, $4)
        on conflict (draft_id, admin_id) do update set prompt_id = excluded.prompt_id
        """,
        draft_id,
        admin_id,
        card,
        prompt,
    )
    return before


async def of_message(connection: Connection, admin_id: int, message_id: int) -> tuple[int, bool] | None:
    """The draft that this message of the bot shows to an admin, or for which it asked them for a text (True)."""
    row = await connection.fetchrow(
        """
        select draft_id, message_id <> $2 as asked from draft_cards
        where admin_id = $1 and $2 in (message_id, prompt_id) order by draft_id desc limit 1
        """,
        admin_id,
        message_id,
    )
    return (row["draft_id"], row["asked"]) if row else None
