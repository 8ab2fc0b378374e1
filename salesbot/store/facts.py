"""``dialog_facts``: what was learnt about a person in a dialog, each with the message that proves it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import asyncpg

from salesbot.dialog.fields import Proven
from salesbot.store.messages import clean
from salesbot.store.pool import Connection


@dataclass(frozen=True, slots=True)
class Fact:
    """``value`` is normalised by the field's kind; ``message_id`` is ``messages.id``."""

    field: str
    value: str
    message_id: int | None
    learnt_at: datetime


def from_row(row: asyncpg.Record) -> Fact:
    return Fact(row["field"], row["value"], row["message_id"], row["learnt_at"])


async def learn(connection: Connection, dialog_id: int, facts: Sequence[Proven], now: datetime) -> None:
    """Keep what was learnt; what is known already keeps its first proof, another value takes its place."""
    await connection.executemany(
        """
        insert into dialog_facts (dialog_id, field, value, message_id, learnt_at) values ($1, $2, $3, $4, $5)
        on conflict (dialog_id, field) do update
        set value = excluded.value, message_id = excluded.message_id, learnt_at = excluded.learnt_at
        where dialog_facts.value <> excluded.value
        """,
        [(dialog_id, fact.field, clean(fact.value), fact.message_id, now) for fact in facts],
    )


async def of_dialog(connection: Connection, dialog_id: int) -> Sequence[Fact]:
    """What is known, in the order in which it was learnt."""
    rows = await connection.fetch(
        "select * from dialog_facts where dialog_id = $1 order by learnt_at, field", dialog_id
    )
    return [from_row(row) for row in rows]
