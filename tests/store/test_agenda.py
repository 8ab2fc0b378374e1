"""The look at all dialogs and the brief of one say the same of what has to be done, in whatever state it is."""

from __future__ import annotations

import random
from datetime import UTC, datetime, timedelta
from typing import Any

import asyncpg
import pytest

from salesbot.dialog.model import Mode
from salesbot.dialog.trial import Trial
from salesbot.store import agenda, briefing
from salesbot.store.briefing import Brief, Errand
from salesbot.store.pool import Connection

NOW = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)
WAITING = 2
ACCOUNTS = (1, WAITING)
"""Two accounts; one is in a flood wait."""
PEOPLE = 400
ACCOUNT = """
    insert into accounts (id, flood_until, dc_id, server_address, server_port, auth_key) values ($1, $2, 2, '', 1, '')
"""
DIALOG = """
    insert into dialogs (id, account_id, contact_id, target_username, scenario, status, mode, preview, compare, due_at,
        follow_up_at, not_before) values ($1, $2, $3, $4, 'sales', $5, $6, $7, $8, $9, $10, $11)
"""
PART = """
    insert into messages (dialog_id, account_id, direction, author, content, timestamp, send_state, random_id, purpose,
        not_before, not_after, draft_id) values ($1, $2, 'out', 'model', 'One', $3, $4, $1, 'reply', $5, $3, $6)
"""
DRAFT = "insert into drafts (dialog_id, state, created_at, expires_at) values ($1, $2, $3, $3) returning id"
UNSEND = """
    insert into messages (dialog_id, account_id, direction, author, content, timestamp, telegram_message_id, unsend_at)
    values ($1, $2, 'out', 'human', 'No', $3, $1, $4)
"""


def _time(chance: random.Random) -> datetime | None:
    return NOW + timedelta(minutes=chance.choice((-10, -1, 1))) if chance.random() < 0.6 else None


async def _fill(connection: Connection) -> None:
    """Dialogs, parts, drafts, take-backs in every state that they can be in."""
    chance = random.Random(8)
    for account in ACCOUNTS:
        await connection.execute(ACCOUNT, account, NOW + timedelta(seconds=30) if account == WAITING else None)
    await connection.execute("insert into contacts (id, name) select id, '' from generate_series(1, $1) id", PEOPLE)
    for number in range(1, PEOPLE + 1):
        status = chance.choice(("resolving", "active", "active", "active", "taken", "handoff", "stopped", "closed"))
        account = chance.choice(ACCOUNTS)
        person = None if status == "resolving" else number
        mode = chance.choice((None, None, "auto", "draft", "off"))
        flags = (chance.random() < 0.3, chance.random() < 0.3)
        times = (_time(chance), _time(chance), _time(chance))
        await connection.execute(DIALOG, number, account, person, f"Name{number}", status, mode, *flags, *times)
        if status == "resolving":
            continue
        if chance.random() < 0.5:
            draft = None
            if chance.random() < 0.5:
                state = chance.choice(("waiting", "approved"))
                draft = await connection.fetchval(DRAFT, number, state, NOW)
            state = chance.choice(("pending", "sending"))
            await connection.execute(PART, number, account, NOW, state, _time(chance) or NOW, draft)
        if chance.random() < 0.1:
            await connection.execute(UNSEND, number, account, NOW, _time(chance) or NOW)


async def _briefs(connection: Connection) -> dict[int, Brief]:
    read = {number: await briefing.read(connection, number, model="m", now=NOW) for number in range(1, PEOPLE + 1)}
    return {number: brief for number, brief in read.items() if brief is not None}


def _due(briefs: dict[int, Brief], trial: Trial | None = None) -> dict[int, datetime]:
    """What a look has to find, one dialog after the other: when each had something to do first."""
    of_trial = {
        number: brief
        for number, brief in briefs.items()
        if trial is None
        or brief.dialog.contact_id == trial.person_id
        or (brief.dialog.contact_id is None and brief.dialog.target_username.lower() in trial.names)
    }
    first = {number: min(times) for number, brief in of_trial.items() if (times := [at for _, at in brief.errands])}
    return {number: at for number, at in first.items() if at <= NOW}


@pytest.mark.parametrize("paused", [None, NOW], ids=["running", "paused"])
@pytest.mark.parametrize("mode", Mode)
async def test_the_look_finds_exactly_what_the_brief_says(
    pool: asyncpg.Pool, mode: Mode, paused: datetime | None
) -> None:
    async with pool.acquire() as connection:
        await _fill(connection)
        await connection.execute("update switches set mode = $1, paused_at = $2", mode.value, paused)
        briefs = await _briefs(connection)
        due = _due(briefs)
        found = await agenda.look(connection, ACCOUNTS, NOW, 1000)
        assert {errand.dialog_id: errand.at for errand in found.errands} == due
        assert (found.switches.paused_at, found.switches.mode) == (paused, mode)
        for limit in (1, 7, len(due)):
            found = await agenda.look(connection, ACCOUNTS, NOW, limit)
            assert [errand.at for errand in found.errands] == sorted(due.values())[:limit], "the longest waiting first"
        for number in range(1, PEOPLE, 7):
            trial = Trial(number, f"NAME{number + 1}")
            found = await agenda.look(connection, ACCOUNTS, NOW, 1000, trial)
            assert {errand.dialog_id: errand.at for errand in found.errands} == _due(briefs, trial)


DUE = """
    insert into dialogs (id, account_id, contact_id, target_username, scenario, status, compare, due_at, follow_up_at)
    select id, 1, id, '', 'sales', 'active', false, case when $2 = 'due_at' then at end,
        case when $2 = 'follow_up_at' then at end
    from generate_series(1, 1001) id cross join lateral (select $1::timestamptz - id * interval '1 second' as at) time
"""
HOLDS = {
    "a backoff": "update dialogs set not_before = '2026-11-21 12:01+00' where id > 1",
    "its mode": "update dialogs set mode = 'off' where id > 1",
    "a human": "update dialogs set status = 'taken', follow_up_at = null where id > 1",
    "a button": """
        update dialogs set due_at = null, follow_up_at = null, mode = 'draft' where id > 1;
        insert into drafts (dialog_id, state, created_at, expires_at)
            select id, 'waiting', now(), now() from dialogs where id > 1;
        insert into messages (dialog_id, account_id, direction, author, content, timestamp, send_state, random_id,
                purpose, not_before, not_after, draft_id)
            select dialog_id, 1, 'out', 'model', 'One', now(), 'pending', id, 'reply', '2020-01-01', now(), id
            from drafts""",
    "another's trial": "select",
}
"""What holds a dialog that is due."""


@pytest.mark.parametrize("timer", ["due_at", "follow_up_at"])
@pytest.mark.parametrize("hold", HOLDS)
async def test_a_thousand_that_wait_longer_and_are_held_do_not_hide_one_that_is_ready(
    pool: asyncpg.Pool, hold: str, timer: str
) -> None:
    trial = Trial(1, "anna") if hold == "another's trial" else None
    async with pool.acquire() as connection:
        await connection.execute(ACCOUNT, 1, None)
        await connection.execute("insert into contacts (id, name) select id, '' from generate_series(1, 1001) id")
        await connection.execute(DUE, NOW, timer)
        await connection.execute(HOLDS[hold])
        found = await agenda.look(connection, [1], NOW, 3, trial)
    assert [errand.dialog_id for errand in found.errands] == [1]


async def test_a_brief_holds_all_that_stands_beside_a_dialog(pool: asyncpg.Pool) -> None:
    async with pool.acquire() as connection:
        await connection.execute(ACCOUNT, 1, None)
        await connection.execute("insert into contacts (id, name, basis) values (1, 'Anna', 'a client')")
        await connection.execute(DIALOG, 1, 1, 1, "", "active", None, False, False, NOW, None, None)
        for field, value, ago in (("size", "9", 1), ("color", "red", 2)):
            await connection.execute(
                "insert into dialog_facts (dialog_id, field, value, learnt_at) values (1, $1, $2, $3)",
                field,
                value,
                NOW - timedelta(hours=ago),
            )
        for what, done in (("call", None), ("write", NOW), ("send a price", None)):
            await connection.execute(
                "insert into tasks (dialog_id, what, done_at, created_at) values (1, $1, $2, $3)", what, done, NOW
            )
        call: Any = await connection.fetchval(
            "insert into model_calls (dialog_id, revision, halts, purpose, model_asked, state, answer, asked_at) "
            "values (1, 1, 0, 'reply', 'm', 'answered', 'Hello', $1) returning id",
            NOW,
        )
        brief = await briefing.read(connection, 1, model="m", now=NOW)
        assert await briefing.read(connection, 2, model="m", now=NOW) is None
    assert brief is not None
    assert brief.contact is not None
    assert (brief.contact.name, brief.contact.basis, brief.dialog.basis) == ("Anna", "a client", "")
    assert list(brief.facts.items()) == [("color", "red"), ("size", "9")], "in the order in which it was learnt"
    assert brief.owed == ("call", "send a price")
    assert brief.left.paid is not None
    assert (brief.left.paid.id, brief.left.paid.answer, brief.left.unsettled) == (call, "Hello", False)
    assert brief.errands == [(Errand.TURN, NOW)]
