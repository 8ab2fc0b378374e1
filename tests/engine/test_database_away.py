"""PostgreSQL cut at many places and gone for a while: waited out; nothing lost, nothing said twice."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from salesbot.dialog.model import Status
from sandbox.world import Action
from tests.engine.patience import until
from tests.engine.proxy import Proxy
from tests.engine.running import Town


@pytest.fixture
async def proxy(town: Town) -> AsyncIterator[Proxy]:
    """Between the engine and its database; the test's own connections go past it."""
    async with Proxy.before(town.dsn) as running:
        town.dsn = running.dsn
        yield running


@pytest.mark.parametrize("first", range(1, 6))
async def test_a_database_cut_at_any_question_of_a_turn_costs_nothing(town: Town, proxy: Proxy, first: int) -> None:
    said = ["Hello"]
    async with town.engine() as engine:
        await engine.begin()
        for questions in range(first, 40, 15):
            await until(engine.is_live, "the account is live")
            proxy.cut_after(questions)
            said.append(f"A-{questions}")
            town.says(said[-1])
            await town.until_heard(*said)
            await town.until_at_rest()
    assert (await town.dialog()).status is Status.ACTIVE


async def test_a_database_gone_for_longer_than_the_lease_resets_the_connection(town: Town, proxy: Proxy) -> None:
    async with town.engine() as engine:
        await engine.begin()
        held = town.fault("model.chat", Action.HOLD)
        town.says("A-1")
        await town.fired(held)
        proxy.away = True
        proxy.cut()
        await until(lambda: not engine.is_live(), "the lease is over")
        asked = len([p for p in town.world.log.since(kind="rpc") if p.user == town.account])
        town.release(held)
        town.says("B-2")
        assert town.heard() == ["Hello"]
        assert len([p for p in town.world.log.since(kind="rpc") if p.user == town.account]) == asked
        proxy.away = False
        await until(lambda: "B-2" in " ".join(town.heard()), "an answer")
        await town.until_at_rest()
        assert sorted(" ".join(town.heard()).split()) == ["A-1", "B-2", "Hello"]
    assert len(engine.gateways) > 1


async def test_a_draft_is_waited_for_while_the_database_cannot_say_who_halted_it(town: Town, proxy: Proxy) -> None:
    async with town.engine() as engine:
        await engine.begin()
        held = town.fault("model.chat", Action.HOLD)
        town.says("A-1")
        await town.fired(held)
        asked = town.asked
        proxy.away = True
        proxy.cut()
        engine.context.poke(1)
        await until(lambda: not engine.is_live(), "the lease is over")
        proxy.away = False
        await until(engine.is_live, "the account is live")
        town.release(held)
        await town.until_heard("Hello", "A-1")
        await town.until_at_rest()
        assert town.asked == asked, "what is paid for is used, not asked for again"
