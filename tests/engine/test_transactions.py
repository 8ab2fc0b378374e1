"""Law 4: no call to a model or to Telegram inside a transaction."""

from __future__ import annotations

import pytest

from sandbox.world import Action
from tests.engine.running import Town
from tests.support.waiting import gone

OPEN = "select query from pg_stat_activity where datname = current_database() and state like 'idle in transaction%'"
A_MOMENT = 2.0
"""Seconds for a transaction that is under way by chance; less than PostgreSQL lets one be idle."""


@pytest.mark.parametrize(
    "api",
    ["contacts.resolveUsername", "messages.getHistory", "model.chat", "messages.sendMessage", "messages.readHistory"],
)
async def test_nobody_in_the_database_waits_for_an_answer_from_outside(town: Town, api: str) -> None:
    """Whatever a dialog needs from outside may take long; no lock and no snapshot is held meanwhile."""
    async with town.engine() as engine:
        if api == "messages.readHistory":
            await engine.begin()
        held = town.fault(api, Action.HOLD)
        if api == "messages.readHistory":
            town.says("A-1")
        else:
            await engine.start()
        await town.fired(held)
        await gone(lambda: town.rows(OPEN), "no transaction is open", A_MOMENT)
        town.release(held)
        await town.until_at_rest()
