"""Every statement of the store finds what it asks for by an index, however much was said before: 300,000 messages.

Each is explained twice, as PostgreSQL would run it: with values, and without them where that is thought to be no
dearer. Tables that stay small (accounts, admins, campaigns) may be read as a whole, and so may an index that holds only
what is under way.
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import AsyncIterator, Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import asyncpg
import pytest

from salesbot.dialog.model import DialogEvent, Status
from salesbot.store import agenda
from salesbot.store import pool as store_pool
from sandbox.app import Options, Sandbox
from sandbox.mtproto.crypto import ServerKey
from sandbox.world import Action
from tests.conftest import Run
from tests.engine.running import Town, settings_of
from tests.engine.test_round_trips import PAGE, ROW
from tests.store.years import ACCOUNT, BIG, fill
from tests.support.sources import Statement, store_statements

REPORTS = {
    "comparisons.ask_of_all": "after a restore every dialog of an account is compared, once",
    "erase._answers": "a person is forgotten once: no index is kept for it",
    "exports.count": "an export of a period reads what was said in it",
    "exports.heads": "the same",
    "exports.numbers": "the same",
    "gaps.begin": "after a restore every dialog is compared, once",
    "gaps.last_trace": "after a restore, once",
    "persons._named": "somebody is looked for under any name they ever had: by a command that is seldom given",
    "stats.scenarios": "a report over all dialogs",
}
"""Those that read a big table as a whole, or may: none is asked in a loop. Why they may."""

VALUES: Mapping[str, str] = {
    "bigint": "12345",
    "boolean": "true",
    "bytea": r"'\x00'",
    "date": "current_date",
    "integer": "5",
    "interval": "'1 hour'",
    "jsonb": "'{}'",
    "numeric": "1",
    "smallint": "5",
    "text": "'user12345'",
    "timestamp with time zone": "now() - interval '1 hour'",
    "uuid": "'00000000-0000-0000-0000-000000000001'",
}
"""What stands for an argument of each type."""
OF_A_TURN = frozenset(ROW.findall(PAGE.read_text("utf-8")))
EXPLAINABLE = re.compile(r"\s*(with|select|insert|update|delete)\b")
LONG_AGO = {"retention.erasable": "now() - interval '1 year'"}
"""Where a time is not one of the last hours."""


@pytest.fixture(scope="module")
async def years(this_run: Run, template: str) -> AsyncIterator[str]:
    """The DSN of the filled database."""
    name = f"{this_run.name}_{os.environ.get('PYTEST_XDIST_WORKER', 'gw')}_years"
    admin = await asyncpg.connect(this_run.dsn)
    try:
        await admin.execute(f'create database "{name}" template "{template}"')
        connection = await asyncpg.connect(this_run.url(name))
        await fill(connection)
        await connection.close()
        yield this_run.url(name)
        await admin.execute(f'drop database "{name}" with (force)')
    finally:
        await admin.close()


def read_as_a_whole(plan: Mapping[str, Any], partial: frozenset[str], *, limited: bool = False) -> Iterator[str]:
    """The big tables, and the indexes of them, that this plan reads from end to end."""
    kind, table = plan["Node Type"], plan.get("Relation Name")
    if kind == "Seq Scan" and table in BIG:
        yield f"Seq Scan on {table}: {plan.get('Filter', 'all of it')}"
    index = plan.get("Index Name")
    if index and index not in partial and "Index Cond" not in plan and not limited and table in {None, *BIG}:
        yield f"all of the index {index}: {plan.get('Filter', 'all of it')}"
    for below in plan.get("Plans", ()):
        yield from read_as_a_whole(below, partial, limited=limited or kind == "Limit")


async def prepared(connection: asyncpg.Connection, statement: Statement) -> str:
    """Prepare it under the name ``asked``; the explanation to ask for, with values of each argument's type."""
    await connection.execute(f"prepare asked as {statement.text}")
    types = await connection.fetchval("select parameter_types::text[] from pg_prepared_statements where name = 'asked'")
    values = {
        **VALUES,
        **({"timestamp with time zone": LONG_AGO[statement.name]} if statement.name in LONG_AGO else {}),
    }
    given = [
        f"array[{values[kind[:-2]]}]::{kind}" if kind.endswith("[]") else f"({values[kind]})::{kind}" for kind in types
    ]
    return "explain (format json) execute asked" + (f"({', '.join(given)})" if given else "")


async def plans(connection: asyncpg.Connection, statement: Statement) -> list[Mapping[str, Any]]:
    """With values; and without, if PostgreSQL might prefer that after a few times."""
    custom, generic = [await plan(connection, statement, kind) for kind in ("custom", "generic")]
    return [custom, generic] if generic["Total Cost"] <= custom["Total Cost"] else [custom]


async def plan(connection: asyncpg.Connection, statement: Statement, kind: str) -> Mapping[str, Any]:
    explanation = await prepared(connection, statement)
    await connection.execute(f"set plan_cache_mode = force_{kind}_plan")
    found: Mapping[str, Any] = json.loads(await connection.fetchval(explanation))[0]["Plan"]
    await connection.execute("deallocate asked")
    return found


async def within(connection: asyncpg.Connection, function: str) -> list[Statement]:
    """The questions a function of the database asks, its variables as arguments."""
    row = await connection.fetchrow(
        "select prosrc, proargnames, proargtypes::regtype[]::text[] as types from pg_proc where proname = $1", function
    )
    assert row is not None
    declared = re.findall(r"^    (\w+) (\w+);$", row["prosrc"], re.M)
    places = {
        name: f"${number}::{kind}"
        for number, (name, kind) in enumerate([*zip(row["proargnames"], row["types"], strict=False), *declared], 1)
    }
    asked = re.findall(r"^    (?:return query\s+)?(select .*?);$", row["prosrc"], re.M | re.S)
    plain = [re.sub(r" into [\w, ]+$", "", text, flags=re.M) for text in asked]
    placed = [re.sub(r"\w+", lambda word: places.get(word[0], word[0]), text) for text in plain]
    return [Statement("0005_speed", function, "sql/0005_speed.sql", text) for text in placed]


async def partial_indexes(connection: asyncpg.Connection) -> frozenset[str]:
    rows = await connection.fetch("select indexrelid::regclass::text as name from pg_index where indpred is not null")
    return frozenset(row["name"] for row in rows)


async def test_every_statement_finds_what_it_asks_for_by_an_index(years: str) -> None:
    connection = await asyncpg.connect(years)
    partial = await partial_indexes(connection)
    asked = {
        one.text: one for one in store_statements() if re.match(r"\s*(with|select|insert|update|delete)\b", one.text)
    }
    wrong: dict[str, set[str]] = {}
    for statement in asked.values():
        for plan in await plans(connection, statement):
            if found := set(read_as_a_whole(plan, partial)):
                wrong.setdefault(statement.name, set()).update(found)
    await connection.close()
    assert len(asked) > 300
    assert {name: found for name, found in wrong.items() if name not in REPORTS} == {}
    assert sorted(set(REPORTS) - set(wrong)) == [], "these need no exception any more"


async def test_what_a_turn_asks_is_planned_once_and_not_at_each_turn(years: str) -> None:
    """A plan costs more than what it finds: PostgreSQL keeps one that is not dearer without values than with them."""
    connection = await asyncpg.connect(years)
    asked: dict[str, Statement] = {}
    for one in store_statements():
        if one.name in OF_A_TURN:
            asked.setdefault(one.name, one)  # of several the first, which is that for one line of one person
    planned_anew = []
    for name, statement in asked.items():
        explanation = await prepared(connection, statement)
        for _ in range(6):
            await connection.fetchval(explanation)
        if not await connection.fetchval("select generic_plans from pg_prepared_statements where name = 'asked'"):
            planned_anew.append(name)
        await connection.execute("deallocate asked")
    await connection.close()
    assert sorted(asked) == sorted(OF_A_TURN)
    assert planned_anew == []


UNDER_WAY = frozenset({"messages_unsent", "messages_unsent_of_dialog", "messages_unsend"})


@pytest.mark.parametrize("counted", ["at rest", "in a campaign"])
async def test_the_look_takes_each_kind_of_errand_from_the_index_of_its_timer(years: str, counted: str) -> None:
    """By the plan that its function keeps, which knows no values. An index that holds only what is open is read by an
    account and a time as well: there may be ten thousand open dialogs, of which none is due. What is under way is all
    looked at; how much that was when PostgreSQL last counted changes nothing."""
    connection = await asyncpg.connect(years)
    began = connection.transaction()
    await began.start()
    if counted == "in a campaign":
        await connection.execute("update messages set send_state = 'pending' where id % 10 = 0; analyze messages")
    asked = await within(connection, "errands_of")
    kept = [await plan(connection, statement, "generic") for statement in asked]
    await began.rollback()
    await connection.execute("vacuum analyze messages")
    await connection.close()
    assert len(kept) == 2
    assert [found for one in kept for found in read_as_a_whole(one, UNDER_WAY)] == []
    assert {"dialogs_due", "dialogs_follow_up"} <= indexes(kept[1])


def indexes(plan: Mapping[str, Any]) -> set[str]:
    below = set[str]().union(*(indexes(one) for one in plan.get("Plans", ())))
    return below | {plan["Index Name"]} if "Index Name" in plan else below


async def test_a_look_reads_no_more_than_is_due(years: str) -> None:
    connection = await asyncpg.connect(years)
    parts = await connection.fetchval("select count(*) from messages where send_state in ('pending', 'sending')")
    async with connection.transaction():
        found = await agenda.look(connection, [ACCOUNT], datetime.now(UTC), 100)
        rows = await connection.fetch(
            "select relname, seq_tup_read + coalesce(idx_tup_fetch, 0) as rows from pg_stat_xact_user_tables "
            "where relname in ('dialogs', 'messages', 'drafts')"
        )
    await connection.close()
    read = {row["relname"]: row["rows"] for row in rows}
    due = len(found.errands)
    assert due > 5
    assert read["dialogs"] <= 2 * due + 2, "each once for its timer and once for its part, and the glance before"
    assert read["messages"] <= parts + 2
    assert read["drafts"] <= due


async def scans(dsn: str) -> Mapping[str, int]:
    """How often each big table was read from end to end so far, by sessions that are over."""
    connection = await asyncpg.connect(dsn)
    rows = await connection.fetch("select relname, seq_scan from pg_stat_user_tables where relname = any($1)", [*BIG])
    await connection.close()
    return {row["relname"]: row["seq_scan"] for row in rows}


async def test_nothing_that_a_conversation_sets_off_reads_a_big_table(
    years: str, server_key: ServerKey, tmp_path: Path
) -> None:
    """Triggers, functions of the database and what it looks up by itself included: an opening, a turn, a line that
    overtakes a reply, a stop, a round of chores."""
    async with Sandbox.running(Options(seed=1, key=server_key)) as sandbox:
        key_file = tmp_path / "server.pem"
        key_file.write_text(sandbox.mtproto.public_key)
        own = await store_pool.create(years)
        town = Town(sandbox, years, own, settings_of(sandbox, key_file))
        await town.sign_in()
        before = await scans(years)
        async with town.engine() as engine:
            dialog_id = await engine.begin()
            town.answers("A teapot.", learnt=[{"field": "people", "value": "12", "quote": "12"}])
            town.says("And what is it? We are 12.")
            await town.until_heard("Hello", "A teapot.")
            held = town.fault("model.chat", Action.HOLD)
            town.says("How big is it?")
            await town.fired(held)
            town.says("And how old?")
            await town.until_value(
                "select revision > answered_revision + 1 from dialogs where id = $1", True, dialog_id
            )
            town.release(held)
            await town.until_at_rest(dialog_id)
            await engine.chores.look()
            await engine.lead(DialogEvent.STOP, dialog_id)
            await town.until_status(Status.STOPPED, dialog_id)
        await store_pool.close(own)
    after = await scans(years)
    assert {table: after[table] - times for table, times in before.items() if after[table] > times} == {}
