"""What is known of a dialog besides what was said in it: learnt fields with their proofs, promises, what it cost."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from salesbot.store.pool import Connection


@dataclass(frozen=True, slots=True)
class Learnt:
    """A field that was learnt, and the words that prove it (empty when that message is gone)."""

    field: str
    value: str
    proof: str
    said_at: datetime | None
    learnt_at: datetime


@dataclass(frozen=True, slots=True)
class Promised:
    """Something a human has to do for the person, or did."""

    what: str
    due_at: datetime | None
    done_at: datetime | None
    created_at: datetime


@dataclass(frozen=True, slots=True)
class Card:
    """One dialog's."""

    learnt: Sequence[Learnt] = ()
    promised: Sequence[Promised] = ()
    calls: int = 0
    """How often a model was asked."""
    cost: Decimal = Decimal(0)
    """Of all calls whose price is known, in US dollars."""


async def of(connection: Connection, dialog_id: int) -> Card:
    """What stands on a dialog's card."""
    learnt = await connection.fetch(
        """
        select f.field, f.value, coalesce(m.content, '') as proof, m.timestamp as said_at, f.learnt_at
        from dialog_facts f left join messages m on m.id = f.message_id
        where f.dialog_id = $1 order by f.learnt_at, f.field
        """,
        dialog_id,
    )
    promised = await connection.fetch(
        """
        select t.what, t.due_at, t.done_at, t.created_at from tasks t left join messages m on m.id = t.message_id
        where t.dialog_id = $1 and (m.id is null or m.send_state in ('pending', 'sending', 'sent')) order by t.id
        """,
        dialog_id,
    )
    spent = await connection.fetchrow(
        "select count(*) as calls, coalesce(sum(cost), 0) as cost from model_calls where dialog_id = $1", dialog_id
    )
    assert spent is not None
    return Card([Learnt(**row) for row in learnt], [Promised(**row) for row in promised], spent["calls"], spent["cost"])
