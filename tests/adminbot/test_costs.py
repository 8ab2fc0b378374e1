"""/costs: what was spent, as the provider told, and what a won lead cost."""

from __future__ import annotations

from datetime import datetime, timedelta
from decimal import Decimal

from salesbot.adminbot.desk import Desk
from salesbot.store import model_calls
from tests.adminbot.people import Operator, open_with


async def call(desk: Desk, at: datetime, cost: str | None, state: str = "used") -> None:
    await desk.pool.execute(
        """
        insert into model_calls (dialog_id, revision, halts, purpose, model_asked, model_used, state, asked_at,
            settled_at, cost) values (1, 1, 0, 'reply', 'm', 'm', $1, $2, $2, $3)
        """,
        state,
        at,
        Decimal(cost) if cost else None,
    )


async def test_what_was_spent_is_shown_with_what_a_won_lead_cost(desk: Desk, operator: Operator) -> None:
    await open_with(desk, 501, "anna")
    today = model_calls.day_of(desk.clock.now())
    await call(desk, today, "0.02")
    await call(desk, today, None)
    await call(desk, today - timedelta(seconds=1), "0.04", state="dropped")
    await call(desk, today - timedelta(days=31), "5")
    assert (await operator.ask("/costs"))["text"].splitlines() == [
        "Today (UTC). Cost: $0.0200 (2 questions to the model)",
        f"At most ${desk.settings.budget_per_day:.2f} a day (BUDGET_PER_DAY).",
        "Last 30 days. Cost: $0.0600 (3 questions to the model)",
        "1 answer came without a price.",
        "What one dialog cost stands in /view.",
    ]
    for outcome, dialog in (("won", 1), ("won", 1), ("lost", 1)):
        await desk.pool.execute(
            "insert into events (kind, dialog_id, actor, data) values ('close', $1, 'model', $2)",
            dialog,
            {"outcome": outcome},
        )
    assert "1 lead was won: $0.0600 for each, all talks counted." in (await operator.ask("/costs"))["text"]


async def test_before_anything_was_asked_nothing_was_spent(desk: Desk, operator: Operator) -> None:
    assert "Last 30 days. Cost: $0 (0 questions to the model)" in (await operator.ask("/costs"))["text"]
