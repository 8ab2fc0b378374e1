"""How often a turn asks the database: from a person's line to the reply that stands, each question by its name.

docs/scale.md explains them one by one, and this test holds it to them.
"""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from salesbot.store import pool as store_pool
from salesbot.store.pool import Connection
from tests.engine.running import Town
from tests.support.sources import store_statements

MOST, MOST_LINES = 12, 20
PAGE = Path(__file__).parents[2] / "docs" / "scale.md"
ROW = re.compile(r"^\| \d+ \| `(\w+\.\w+)` \|", re.M)
STATEMENTS = {one.text: one for one in store_statements()}
OF_A_TRANSACTION = {"BEGIN;", "COMMIT;", "ROLLBACK;"}
BESIDE = {
    "accounts.list_accounts": "every two seconds",
    "agenda._glance": "once a second, whatever happens",
    "agenda._look": "once a second while something is under way",
    "sessions.write_update_state": "at most once a second, for all turns",
}
"""What no turn asks; and what the driver asks once on each connection has no name."""


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """All that engines begun from now on ask, in order."""
    texts: list[str] = []
    prepare = store_pool.prepare

    async def listening(connection: Connection) -> None:
        await prepare(connection)
        connection.add_query_logger(lambda query: texts.append(query.query))

    monkeypatch.setattr(store_pool, "prepare", listening)
    return texts


async def questions(town: Town, asked: list[str], *parts: str) -> list[str]:
    """The questions of the second turn of a conversation, which says these parts."""
    async with town.engine() as engine:
        await engine.begin()
        town.answers("A teapot.")
        town.says("And what is it?")
        await town.until_heard("Hello", "A teapot.")
        await engine.looks()
        asked.clear()
        town.answers(*parts)
        town.says("How big is it?")
        await town.until_heard("Hello", "A teapot.", *parts)
        await engine.looks()
        texts = [one for one in asked if one in STATEMENTS or one in OF_A_TRANSACTION]
    names = [STATEMENTS[one].name if one in STATEMENTS else one for one in texts]
    return [name for name in names if name not in BESIDE]


async def test_a_turn_asks_the_database_as_often_as_is_written_down(town: Town, asked: list[str]) -> None:
    questions_of_a_turn = await questions(town, asked, "Big.")
    assert len(questions_of_a_turn) <= MOST
    assert questions_of_a_turn == ROW.findall(PAGE.read_text("utf-8"))
    lines = {one.name: len([line for line in one.text.splitlines() if line.strip()]) for one in STATEMENTS.values()}
    assert {name: lines[name] for name in questions_of_a_turn if lines[name] > MOST_LINES} == {}


async def test_each_further_part_asks_only_for_what_may_have_changed(town: Town, asked: list[str]) -> None:
    one_part = ROW.findall(PAGE.read_text("utf-8"))
    further = ["briefing.read", "parts.claim", "parts.stands"]
    assert await questions(town, asked, "Big.", "Really big.") == [*one_part, *further]
