"""What is known of a dialog besides what was said in it: learnt fields with their proofs, promises, what it cost."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

import asyncpg

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
    return (await of_many(connection, [dialog_id]))[dialog_id]


async def of_many(connection: Connection, dialog_ids: Sequence[int]) -> Mapping[int, Card]:
    """What stands on the cards of dialogs, by their numbers."""
    learnt = await connection.fetch(
        """
        select f.dialog_id, f.field, f.value, coalesce(m.content, '') as proof, m.timestamp as said_at, f.learnt_at
        from dialog_facts f left join messages m on m.id = f.message_id
        where f.dialog_id = any($1::bigint[]) order by f.learnt_at, f.field
        """,
        dialog_ids,
    )
    promised = await connection.fetch(
        """
        select t.dialog_id, t.what, t.due_at, t.done_at, t.created_at
        from tasks t left join messages m on m.id = t.message_id
        where t.dialog_id = any($1::bigint[]) and (m.id is null or m.send_state in ('pending', 'sending', 'sent'))
        order by t.id
        """,
        dialog_ids,
    )
    spent = await connection.fetch(
        """
        select dialog_id, count(*) as calls, coalesce(sum(cost), 0) as cost from model_calls
        where dialog_id = any($1::bigint[]) group by dialog_id
        """,
        dialog_ids,
    )
    facts, tasks = _by_dialog(learnt), _by_dialog(promised)
    costs = {row["dialog_id"]: (row["calls"], row["cost"]) for row in spent}
    return {
        number: Card(
            [Learnt(**row) for row in facts.get(number, ())],
            [Promised(**row) for row in tasks.get(number, ())],
            *costs.get(number, ()),
        )
        for number in dialog_ids
    }


def _by_dialog(rows: Iterable[asyncpg.Record]) -> Mapping[int, Sequence[Mapping[str, Any]]]:
    """The rows of each dialog, its number left out of them."""
    found: dict[int, list[Mapping[str, Any]]] = {}
    for row in rows:
        fields = dict(row)
        found.setdefault(fields.pop("dialog_id"), []).append(fields)
    return found
