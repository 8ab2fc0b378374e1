"""Nothing of an erased person is left in any column of any table, those included that will be added one day."""

from __future__ import annotations

from dataclasses import dataclass

import asyncpg
import pytest

from salesbot.adminbot.desk import Desk
from salesbot.store import suppressions
from salesbot.store.pool import transaction
from tests.adminbot.conftest import KEYS
from tests.adminbot.people import BEGAN, Operator, open_with, said, sign_in, working

ANNA, BORIS = 7_123_456_701, 7_123_456_702
MARK = "canary_of_anna"

CODES = {
    "dialogs": {
        "scenario", "status", "stage", "outcome", "opening", "due_reason", "after_parts", "after_outcome",
        "after_reason", "mode",
    },
    "messages": {"direction", "author", "kind", "send_state", "failure", "purpose"},
    "model_calls": {"purpose", "model_asked", "model_used", "state", "error"},
    "dialog_facts": {"field"},
    "tasks": set(),
    "contacts": set(),
    "notes": set(),
    "labels": set(),
    "campaign_people": {"scenario", "state", "reason"},
}  # fmt: skip
"""Of every table with rows about people: the columns with codes of ours and names from the scenario, which may stay.
Whatever other column there is, or will be, must be empty of them after an erasure."""

OTHERS = {
    "accounts", "account_peers", "admin_updates", "admins", "bot_polls", "budget_stops", "campaigns", "day_books",
    "dialog_books", "dialog_words", "draft_cards", "drafts", "events", "gaps", "installation", "migrations", "notices",
    "secret_keys", "suppressions", "switches",
}  # fmt: skip
"""Tables without people's words, and those that the commands of the test fill themselves."""


@dataclass(frozen=True)
class Column:
    table: str
    name: str
    kind: str

    @property
    def free(self) -> bool:
        """Whether somebody's words may stand in it."""
        return self.kind in ("text", "jsonb") and self.name not in CODES[self.table]


async def columns(pool: asyncpg.Pool) -> list[Column]:
    rows = await pool.fetch(
        """
        select table_name as table, column_name as name, data_type as kind from information_schema.columns
        where table_schema = 'public' order by 1, ordinal_position
        """
    )
    return [Column(**row) for row in rows]


async def fill(pool: asyncpg.Pool, dialog_id: int, contact_id: int) -> None:
    """A canary in every column that may hold words, and rows where there were none."""
    await pool.execute(
        """
        insert into model_calls (dialog_id, revision, halts, purpose, model_asked, asked_at)
        values ($1, 1, 0, 'reply', 'm', $2)
        """,
        dialog_id,
        BEGAN,
    )
    await pool.execute("insert into dialog_facts values ($1, 'phone', '', null, $2)", dialog_id, BEGAN)
    await pool.execute("insert into tasks (dialog_id, what, created_at) values ($1, '', $2)", dialog_id, BEGAN)
    await pool.execute(
        "insert into notes (dialog_id, admin_id, content, created_at) values ($1, 1, '', $2)", dialog_id, BEGAN
    )
    await pool.execute("insert into labels values ($1, '')", dialog_id)
    await pool.execute("insert into campaigns (name, created_by) values ('people.csv', 1)")
    for state, whose in (("opened", dialog_id), ("waiting", None)):  # on a list, with a dialog and without
        await pool.execute(
            "insert into campaign_people (campaign_id, line, username, state, dialog_id) values (1, 1, $1, $2, $3)",
            MARK.upper(),
            state,
            whose,
        )
    for column in await columns(pool):
        if column.table in CODES and column.free:
            value = f"'[\"{MARK}\"]'::jsonb" if column.kind == "jsonb" else f"'{MARK}'"
            key = {"contacts": "id = $2", "dialogs": "id = $1"}.get(column.table, "dialog_id = $1")
            await pool.execute(
                f"update {column.table} set {column.name} = {value} "  # noqa: S608 - names of our own schema
                f"where {key} and $1::bigint + $2::bigint > 0",
                dialog_id,
                contact_id,
            )


async def found(pool: asyncpg.Pool, *canaries: str) -> list[str]:
    """Every row, of whatever table, with a canary in it."""
    tables = sorted({column.table for column in await columns(pool)})
    return [
        f"{table}: {row['line']}"
        for table in tables
        for row in await pool.fetch(f'select t::text as line from "{table}" t')  # noqa: S608
        if any(canary in row["line"].lower() for canary in canaries)
    ]


async def test_every_table_is_known_here(pool: asyncpg.Pool) -> None:
    """A new one is either filled with canaries or has no words of people."""
    assert {column.table for column in await columns(pool)} == {*CODES, *OTHERS}


@pytest.mark.parametrize("button", ["Erase", "Erase and never write again"])
async def test_no_canary_is_left_in_any_column(quiet_desk: Desk, operator: Operator, button: str) -> None:
    pool = quiet_desk.pool
    await sign_in(pool)
    anna = await open_with(quiet_desk, ANNA, MARK, "Anna")
    await said(quiet_desk, anna, "x")
    boris = await open_with(quiet_desk, BORIS, "boris", "Boris")
    await said(quiet_desk, boris, "how are you?")
    await pool.execute("insert into account_peers values (7001, $1, 5), (7001, $2, 6)", ANNA, BORIS)
    await pool.execute(
        "insert into events (kind, dialog_id, actor, data) values ('resolved', $1, 'system', $2)",
        anna.id,
        {"contact": ANNA},
    )
    async with working(quiet_desk):
        await operator.ask(f'/start @{MARK.upper()} basis="{MARK} asked"')
        await operator.ask(f"/start {ANNA}")
        await operator.ask(f"/stop {anna.id}")
        await operator.ask(f"/start @{MARK}")
        await operator.ask(f'/basis {ANNA} "{MARK} asked"')
        for command in ("view", "export", "data", "take"):
            await operator.ask(f"/{command} {anna.id}")
        await fill(pool, anna.id, ANNA)
        await pool.execute("update contacts set username = $2 where id = $1", ANNA, MARK)
        assert {line.split(":")[0] for line in await found(pool, MARK, str(ANNA))} == {
            *CODES, "account_peers", "admin_updates", "dialog_words", "events",
        }  # fmt: skip
        shown = await operator.ask(f"/forget @{MARK}")
        await operator.press(shown, button)
        await operator.next(shown["id"] - 1, "Erased: 1 message in")
    assert await found(pool, MARK, str(ANNA)) == []
    assert await found(pool, "boris", str(BORIS)), "another person's data stay"
    async with transaction(pool) as connection:
        marked = await suppressions.holds(connection, KEYS.marks(ANNA))
    assert marked is (button != "Erase")
