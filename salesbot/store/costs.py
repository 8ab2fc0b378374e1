"""What the models cost: of a day, of a month, of a won lead, as the provider's usage told."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal

from salesbot.store import model_calls
from salesbot.store.pool import Connection

MONTH = timedelta(days=30)


@dataclass(frozen=True, slots=True)
class Spent:
    """US dollars, of calls whose price is known, and how many calls there were."""

    cost: Decimal
    calls: int


@dataclass(frozen=True, slots=True)
class Costs:
    today: Spent
    """Since midnight UTC, as BUDGET_PER_DAY counts."""
    month: Spent
    unpriced: int
    """Answers of the month for which the provider told no price."""
    won: int
    """Dialogs that were won within the month."""

    @property
    def per_lead(self) -> Decimal | None:
        """What all talks of the month cost, for each that was won."""
        return self.month.cost / self.won if self.won else None


async def of(connection: Connection, now: datetime) -> Costs:
    row = await connection.fetchrow(
        """
        select coalesce(sum(cost) filter (where asked_at >= $1), 0) as today,
            count(*) filter (where asked_at >= $1) as calls_today,
            coalesce(sum(cost), 0) as month, count(*) as calls_month,
            count(*) filter (where cost is null and settled_at is not null and model_used is not null) as unpriced,
            (select count(distinct dialog_id) from events
                where kind = 'close' and data ->> 'outcome' = 'won' and created_at >= $2) as won
        from model_calls where asked_at >= $2
        """,
        model_calls.day_of(now),
        now - MONTH,
    )
    assert row is not None
    return Costs(
        Spent(row["today"], row["calls_today"]), Spent(row["month"], row["calls_month"]), row["unpriced"], row["won"]
    )
