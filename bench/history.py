"""What years of history do to a turn and to the desk: 10 million messages against 10 thousand, in one run, in turn.

The statements are asked through the product's own functions; Telegram has no part in it. A few thousand people talk at
the same time, so that the messages of one dialog lie far apart on the disk, as they do in life.
"""

from __future__ import annotations

import asyncio
import random
import re
import tempfile
import time
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

import asyncpg
from pydantic import SecretStr

from bench.house import scratch
from salesbot.adminbot import lists
from salesbot.adminbot.desk import Desk
from salesbot.adminbot.keyboards import ListPage, Way
from salesbot.clock import SystemClock
from salesbot.dialog.model import Part
from salesbot.engine.turns import HISTORY_LIMIT
from salesbot.i18n import lang
from salesbot.keys import KeyRing
from salesbot.lifecycle import Pulse
from salesbot.settings import Settings
from salesbot.store import agenda, briefing, messages, parts
from salesbot.store import pool as pools
from salesbot.store.dialogs import Fence
from salesbot.store.listing import Wanted
from salesbot.store.migrate import migrate
from sandbox import postgres

MANY, FEW = 10_000_000, 10_000
EACH = 50
"""Messages of a dialog."""
AT_A_TIME = 2_000
"""Dialogs whose messages lie among each other."""
OPEN, DUE = 20, 10
"""One dialog in so many is open, the others are history; and so many are due, however many there are."""
ASKED = 25
"""How often each question is asked of either side for one pair; the fastest counts."""
ACCOUNT, OWNER = 7001, "00000000-0000-0000-0000-000000000001"
EN = lang("en")

PEOPLE = """
insert into accounts (id, username, state, epoch, owner, dc_id, server_address, server_port, auth_key)
    values (7001, 'sales', 'ready', 1, ':owner', 2, '127.0.0.1', 443, '');
insert into contacts (id, username, name)
    select 1000 + n, 'user' || n, 'Anna ' || n from generate_series(1, :dialogs) n;
insert into dialogs (account_id, contact_id, target_username, scenario, status, outcome, stage, stages, created_at,
        revision, answered_revision, history_upto, compare, follow_up_at, due_at)
    select 7001, 1000 + n, 'user' || n, 'sales', case when open then 'active' else 'closed' end,
        case when open then 'none' else 'won' end, 'offer', '{offer}', now() - n * interval '3 years' / :dialogs, 26,
        26, n * 100, false, case when open then now() + interval '2 days' end,
        case when open and n / :open <= :due then now() - interval '1 second' end
    from generate_series(1, :dialogs) n, lateral (select n % :open = 0 as open) what;
insert into dialog_facts (dialog_id, field, value, learnt_at) select id, 'people', '12', now() from dialogs;
insert into model_calls (dialog_id, revision, halts, purpose, model_asked, model_used, state, cost, asked_at)
    select id, 1, 0, 'reply', 'm', 'm', 'used', 0.001, created_at from dialogs;
insert into dialog_books select dialog_id, sum(cost) from model_calls group by 1;
insert into day_books select (asked_at at time zone 'UTC')::date, sum(cost) from model_calls group by 1;
"""
MESSAGES = """
insert into messages (id, dialog_id, account_id, direction, author, content, timestamp, telegram_message_id,
        send_state, purpose, revision, read_at)
    select block * :at_a_time * :each + (n - 1) * :at_a_time + place, dialog, 7001, direction, author,
        'How much would it be for ' || n || ' of us? ' || filling,
        now() - dialog * interval '3 years' / :dialogs + n * interval '7 minutes', dialog * 100 + n, send_state,
        purpose, n / 2, read_at
    from generate_series(:first, :end - 1) block
        cross join lateral generate_series(1 + block * 0, :each) n
        cross join lateral generate_series(1 + n * 0, least(:at_a_time, :dialogs - block * :at_a_time)) place
        cross join lateral (select block * :at_a_time + place as dialog) which
        join (values (0, 'in', 'contact', null, null, null), (1, 'out', 'model', 'sent', 'reply', now()))
            as sides (side, direction, author, send_state, purpose, read_at) on side = n % 2
        join (values (0, 'We are a small company.'), (1, 'We are a small company, and we drink a lot of coffee.'),
            (2, '')) as fillings (kind, filling) on kind = n % 3;
"""
PARTS = """
insert into messages (dialog_id, account_id, direction, author, content, timestamp, send_state, random_id, revision,
        purpose, not_before, not_after)
    select id, 7001, 'out', 'model', 'Gladly.', now(), 'pending', id, 26, 'reply', now(), now() + interval '1 day'
    from dialogs where due_at is not null order by id;
"""
INDEXES = """
select indexdef, case when exists (select from pg_constraint where conname = indexname)
    then 'alter table messages drop constraint ' else 'drop index ' end || indexname as dropping
from pg_indexes where tablename = 'messages' and indexname <> 'messages_pkey'
"""
QUICKLY = """
set session_replication_role = replica;
set maintenance_work_mem = '1GB';
set work_mem = '256MB';
set max_parallel_maintenance_workers = 2;
"""


@dataclass
class Side:
    """A desk, the dialogs that are due on it, and the part that waits in each."""

    desk: Desk
    due: list[int]
    waiting: dict[int, Part]


async def filled(server: postgres.Server, name: str, amount: int) -> Side:
    """A database of its own with so many messages."""
    admin = await asyncpg.connect(server.dsn)
    await admin.execute(f'create database "{name}"')
    await admin.close()
    connection = await asyncpg.connect(server.url(name))
    await migrate(connection)
    async with asyncpg.create_pool(server.url(name), min_size=2, max_size=2, setup=_quickly) as pool:
        await fill(pool, amount // EACH)
    due = [row["id"] for row in await connection.fetch("select id from dialogs where due_at is not null order by id")]
    await connection.close()
    asked, ring = await pools.create(server.url(name), max_size=2), KeyRing("a secret of the benchmark which is long")
    desk = Desk(asked, _settings(), SystemClock(), ring, ("sales",), lambda _: None, Pulse())
    return Side(desk, due, {dialog: await _waiting(desk, dialog) for dialog in due})


async def _waiting(desk: Desk, dialog: int) -> Part:
    async with desk.pool.acquire() as connection:
        brief = await briefing.read(connection, dialog, model="m", now=desk.clock.now())
    assert brief is not None
    assert brief.part is not None
    return brief.part


async def _quickly(connection: asyncpg.Connection) -> None:
    await connection.execute(QUICKLY)


async def fill(pool: asyncpg.Pool, amount: int) -> None:
    """So many dialogs of ``EACH`` messages, by two connections. Indexes are made after what they hold, and no trigger
    looks at each row."""
    sizes = {"dialogs": amount, "each": EACH, "at_a_time": AT_A_TIME, "open": OPEN, "due": DUE, "owner": OWNER}

    def sized(sql: str, **more: int) -> str:
        return re.sub(r"(?<!:):(\w+)", lambda word: str({**sizes, **more}[word[1]]), sql)

    await pool.execute(sized(PEOPLE))
    indexes = await pool.fetch(INDEXES)
    for index in indexes:
        await pool.execute(index["dropping"])
    blocks = -(-amount // AT_A_TIME)
    halves = ((0, blocks // 2), (blocks // 2, blocks))
    await asyncio.gather(*(pool.execute(sized(MESSAGES, first=one, end=end), timeout=600) for one, end in halves))
    await asyncio.gather(*(pool.execute(index["indexdef"], timeout=600) for index in indexes))
    await pool.execute("select setval('messages_id_seq', max(id)) from messages")
    await pool.execute(PARTS)
    await pool.execute("vacuum analyze")


def _settings() -> Settings:
    return Settings(
        api_id=1,
        api_hash=SecretStr("0" * 32),
        bot_token=SecretStr("1:x"),
        admin_telegram_id=(1,),
        openrouter_api_key=SecretStr("x"),
    )


async def a_turn(side: Side, dialog: int) -> object:
    """What a turn knows before it decides."""
    async with side.desk.pool.acquire() as connection:
        brief = await briefing.read(connection, dialog, model="m", now=side.desk.clock.now())
        assert brief is not None
        return brief, await messages.history(connection, brief.dialog, HISTORY_LIMIT)


async def the_due(side: Side, _dialog: int) -> object:
    async with side.desk.pool.acquire() as connection:
        return await agenda.look(connection, [ACCOUNT], side.desk.clock.now(), 100)


async def a_claim(side: Side, dialog: int) -> object:
    """A part is claimed, and the claim taken back."""
    async with side.desk.pool.acquire() as connection:
        began = connection.transaction()
        await began.start()
        held = await parts.claim(connection, side.waiting[dialog], Fence(ACCOUNT, 1, OWNER), [], side.desk.clock.now())
        await began.rollback()
        assert held
        return held


async def a_list(side: Side, _dialog: int) -> object:
    return await lists.list_page(side.desk, EN, 1, ListPage(wanted=Wanted.OPEN, way=Way.NEWEST, cursor=0))


QUESTIONS: Mapping[str, Callable[[Side, int], Awaitable[object]]] = {
    "history.turn": a_turn,
    "history.due": the_due,
    "history.claim": a_claim,
    "history.list": a_list,
}


async def measure(pairs: int, many: int = MANY) -> dict[str, tuple[list[float], list[float]]]:
    """Milliseconds of each question with so many messages and with few, one value for each pair."""
    with tempfile.TemporaryDirectory(dir=scratch()) as folder:
        server = postgres.start(Path(folder) / "postgres", durable=False)  # reading costs the same, filling does not
        try:
            few = await filled(server, "few", FEW)
            began = time.monotonic()
            large = await filled(server, "many", many)
            print(f"{many:,} messages in {time.monotonic() - began:.0f} s", flush=True)
            found = {key: await _asked(question, large, few, pairs) for key, question in QUESTIONS.items()}
            await asyncio.gather(few.desk.pool.close(), large.desk.pool.close())
            return found
        finally:
            server.stop()


async def _asked(
    question: Callable[[Side, int], Awaitable[object]], large: Side, few: Side, pairs: int
) -> tuple[list[float], list[float]]:
    """The fastest of each pair: what else the machine does counts least."""
    chance = random.Random(1)
    best: dict[int, list[float]] = {id(large): [], id(few): []}
    for number in range(pairs + 1):  # the first one prepares the statements
        for side in (large, few) if number % 2 else (few, large):
            seconds = []
            for _ in range(ASKED):
                began = time.perf_counter()
                await question(side, chance.choice(side.due))
                seconds.append(time.perf_counter() - began)
            best[id(side)].append(1000 * min(seconds))
    return best[id(large)][1:], best[id(few)][1:]
