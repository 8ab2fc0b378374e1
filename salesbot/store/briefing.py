"""All that a worker has to know of a dialog before it does something, read by one question (law 2)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

import asyncpg

from salesbot.dialog.model import Contact, Dialog, Part, Purpose, SendState, Status
from salesbot.store import agenda, dialogs, model_calls, parts, tasks
from salesbot.store.model_calls import Left, Money
from salesbot.store.pool import Connection


class Errand(StrEnum):
    """What can be done in a dialog, in the order in which it is."""

    TAKE_BACK = "take_back"
    PART = "part"
    TURN = "turn"


@dataclass(frozen=True, slots=True)
class Brief:
    """A dialog as it is now, and what stands beside it."""

    dialog: Dialog
    part: Part | None
    """The next one: the one being sent, else the oldest pending."""
    contact: Contact | None
    facts: Mapping[str, str]
    """What is known of the person, in the order in which it was learnt."""
    owed: tuple[str, ...]
    """What was promised and is not done, in the order of the promises."""
    left: Left
    money: Money
    flood_until: datetime | None
    """The account waits until then."""
    unsend_at: datetime | None
    """A message is to be taken back from then on."""

    @property
    def errands(self) -> Sequence[tuple[Errand, datetime]]:
        """What is to be done, and when; the same as ``agenda.look`` says. What waits for its button is not among it."""
        said = self.part.not_before if self.part is not None and not self.part.held else None
        back = max(self.unsend_at, self.dialog.not_before or self.unsend_at) if self.unsend_at is not None else None
        times = ((Errand.TAKE_BACK, back), (Errand.PART, said), (Errand.TURN, agenda.turn_at(self.dialog)))
        held = self.flood_until if self.dialog.status is not Status.RESOLVING else None
        return [(errand, max(at, held or at)) for errand, at in times if at is not None]


async def read(connection: Connection, dialog_id: int, *, model: str, now: datetime) -> Brief | None:
    """``model``: which one is asked first, so that it is known whether there is money for it."""
    row = await connection.fetchrow(
        f"""
        select d.*, s.mode as house_mode, s.paused_at, a.flood_until, paid.*, money.*, c.username, c.name, c.language,
            c.timezone, c.phone, c.basis as contact_basis, c.basis_at, c.called, m.id as part_id, m.content,
            m.random_id, m.send_state, m.purpose, m.stands, m.first_part, m.revision as part_revision, m.anchor_id,
            m.halts as part_halts, m.not_before as part_not_before, m.not_after,
            f.state is not null as drafted, coalesce(f.state = 'waiting', false) as waits,
            array(select array[field, value] from dialog_facts where dialog_id = d.id
                order by learnt_at, field) as facts, array(select what from ({tasks.OPEN} and t.dialog_id = d.id
                order by t.id) promised) as owed, (
                select min(unsend_at) from messages where account_id = d.account_id and dialog_id = d.id
                and unsend_at is not null and deleted_at is null and send_state is distinct from 'sending') as unsend_at
        from dialogs d cross join switches s cross join call_left(d.id, d.revision) paid
            cross join money_of(d.id, $2, $3) money left join accounts a on a.id = d.account_id
            left join contacts c on c.id = d.contact_id left join lateral (
                select * from messages where dialog_id = d.id and send_state in ('pending', 'sending')
                order by send_state desc, id limit 1) m on true left join drafts f on f.id = m.draft_id
        where d.id = $1
        """,
        dialog_id,
        model,
        model_calls.day_of(now).date(),
    )
    return from_row(row) if row is not None else None


def from_row(row: asyncpg.Record) -> Brief:
    dialog = dialogs.from_row(row)
    return Brief(
        dialog=dialog,
        part=_part(row, dialog, dialog.contact_id) if row["part_id"] is not None and dialog.contact_id else None,
        contact=_contact(row, dialog.contact_id) if dialog.contact_id is not None else None,
        facts=dict(row["facts"]),
        owed=tuple(row["owed"]),
        left=Left.from_row(row),
        money=Money.from_row(row),
        flood_until=row["flood_until"],
        unsend_at=row["unsend_at"] if dialog.contact_id is not None else None,
    )


def _part(row: asyncpg.Record, dialog: Dialog, contact_id: int) -> Part:
    assert dialog.account_id is not None
    purpose, state, waits = Purpose(row["purpose"]), SendState(row["send_state"]), row["waits"]
    mode, preview = dialog.effective_mode, dialog.preview
    fits = parts.fits(mode, purpose, preview=preview, drafted=row["drafted"], waits=waits)
    return Part(
        id=row["part_id"],
        dialog_id=dialog.id,
        account_id=dialog.account_id,
        contact_id=contact_id,
        content=row["content"],
        random_id=row["random_id"],
        revision=row["part_revision"],
        halts=row["part_halts"],
        stands=row["stands"],
        purpose=purpose,
        send_state=state,
        not_before=row["part_not_before"],
        not_after=row["not_after"],
        anchor_id=row["anchor_id"],
        first=row["first_part"],
        held=state is SendState.PENDING and (dialog.paused or (waits and fits)),
        fits=fits,
    )


def _contact(row: asyncpg.Record, contact_id: int) -> Contact:
    return Contact(
        contact_id,
        row["username"],
        row["name"],
        row["language"],
        row["timezone"],
        row["phone"],
        row["contact_basis"],
        row["basis_at"],
        row["called"],
    )
