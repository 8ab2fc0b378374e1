"""What a replay asks of the database: the turns that were ours. It only reads."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from salesbot.dialog.model import Message, Purpose
from salesbot.store import messages
from salesbot.store.parts import BY_THE_PROGRAM
from salesbot.store.pool import Connection


@dataclass(frozen=True, slots=True)
class Turn:
    """The parts of one turn of the model's, also those that were cut off, and the call that was paid for them."""

    purpose: Purpose
    revision: int
    """What the dialog was when it was decided."""
    asked_at: datetime
    model: str
    answer: str
    """Empty when it is not kept any more."""
    parts: tuple[Message, ...]


async def turns_of(connection: Connection, dialog_id: int) -> Sequence[Turn]:
    """The turns of which something was said, in their order."""
    rows = await connection.fetch(
        """
        select m.*, coalesce(c.asked_at, m.timestamp) as asked_at, coalesce(c.answer, '') as answer,
            coalesce(c.model_used, c.model_asked, '') as model
        from messages m left join model_calls c on c.id = m.model_call_id
        where m.dialog_id = $1 and m.random_id is not null and m.purpose <> all($2::text[]) order by m.id
        """,
        dialog_id,
        BY_THE_PROGRAM,
    )
    found: list[Turn] = []
    for row in rows:
        part = messages.from_row(row)
        if row["first_part"] or not found:
            call = (row["asked_at"], row["model"], row["answer"])
            found.append(Turn(Purpose(row["purpose"]), part.revision, *call, (part,)))
        else:
            last = found[-1]
            found[-1] = Turn(last.purpose, last.revision, last.asked_at, last.model, last.answer, (*last.parts, part))
    return [turn for turn in found if any(part.said for part in turn.parts)]
