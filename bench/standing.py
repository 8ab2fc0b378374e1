"""What it costs to stand there with 10,000 open dialogs: memory, the start, and doing nothing.

The process that only imports the same libraries is measured beside each run. A dialog here is one that was answered and
waits for the person: two lines in Telegram and in the database, a follow-up in two days.
"""

from __future__ import annotations

import asyncio
import sys
import time
from collections.abc import Collection

import asyncpg

from bench import libraries
from bench.house import PRODUCT, ROOT, House, Program
from salesbot.store.migrate import migrate

DIALOGS = 10_000
IDLE = 60.0
"""Seconds watched for each figure: in a minute each loop of the product comes round, and so does autovacuum, which
visits each database once."""
WINDOW, CALM = 2.0, 0.02
"""Seconds, and how much of a core is used at most by what has come to rest."""
TEMPLATE = "standing"

FILL = """
insert into accounts (id, username, dc_id, server_address, server_port, auth_key)
    values ($1, 'sales', 2, '127.0.0.1', 443, '');
"""
PEOPLE = """
with people as (
    select * from unnest($2::bigint[], $3::bigint[], $4::bigint[], $5::bigint[])
        as people (id, access_hash, said, answered)),
peers as (insert into account_peers select $1, id, access_hash from people),
known as (insert into contacts (id, username, name) select id, 'guest' || id, 'Guest ' || id from people),
begun as (
    insert into dialogs (account_id, contact_id, target_username, scenario, status, stage, stages, revision,
            answered_revision, history_upto, compare, follow_up_at)
        select $1, id, 'guest' || id, 'sales', 'active', 'qualification', '{qualification}', 2, 2, answered, false,
            now() + interval '2 days'
        from people returning id, contact_id)
insert into messages (dialog_id, account_id, direction, author, content, timestamp, telegram_message_id, send_state,
        purpose, revision)
    select begun.id, $1, direction, author, content, now(), case direction when 'in' then said else answered end,
        send_state, purpose, 2
    from begun join people on people.id = begun.contact_id
        cross join (values ('in', 'contact', 'Good day', null, null), ('out', 'model', 'Gladly', 'sent', 'reply'))
            as lines (direction, author, content, send_state, purpose)
"""


async def prepare(house: House, dialogs: int) -> None:
    """The dialogs, in the sandbox and in a database that the runs are copies of."""
    house.invite(dialogs)
    world = house.sandbox.world
    said = [world.send(target, house.account, "Good day") for target in house.targets]
    answered = [world.send(house.account, target, "Gladly") for target in house.targets]
    twins = [one.twin_id for one in said]
    hashes = [world.users.access_hash(house.account, target) for target in house.targets]
    await house.create(TEMPLATE)
    connection = await asyncpg.connect(house.server.url(TEMPLATE))
    await migrate(connection)
    await connection.execute(FILL.replace("$1", str(house.account)))
    await connection.execute(PEOPLE, house.account, house.targets, hashes, twins, [one.id for one in answered])
    await connection.close()
    for database in ("template1", "postgres", TEMPLATE):
        await _tidy(house.server.url(database))
    (house.folder / "libraries").write_text(libraries.names(ROOT), encoding="ascii")


async def _tidy(url: str) -> None:
    """What autovacuum does once in the life of a new server and of a filled database, and not while one is at rest."""
    connection = await asyncpg.connect(url)
    await connection.execute("vacuum analyze")
    await connection.execute("vacuum pg_statistic")
    await connection.close()


async def pair(house: House, wanted: Collection[str], idle: float = IDLE) -> tuple[dict[str, float], dict[str, float]]:
    """The product, then a process of libraries: the figures by the keys of the rows."""
    ours = {}
    async with house.running(PRODUCT, template=TEMPLATE) as program:
        await settled(house, program)
        ours = {"memory": program.resident(), "start": program.started}
        if "idle" in wanted:
            ours["idle"] = 100 * await _used(house, program, idle)
    only_imports = (sys.executable, "-m", "bench.libraries", str(house.folder / "libraries"))
    async with house.running(only_imports, connects=False) as program:
        theirs = {"memory": program.resident(), "start": program.started}
    return {key: value for key, value in ours.items() if key in wanted}, theirs


async def settled(house: House, program: Program) -> None:
    """Return once the program has compared its dialogs and neither it nor PostgreSQL has anything left to do."""
    while await _used(house, program, WINDOW) >= CALM:
        pass


async def _used(house: House, program: Program, seconds: float) -> float:
    """How much of a core they use for so long, PostgreSQL's processes included."""
    before, began = program.cpu() + house.database_cpu(), time.monotonic()
    await asyncio.sleep(seconds)
    return (program.cpu() + house.database_cpu() - before) / (time.monotonic() - began)
