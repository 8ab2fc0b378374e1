"""Starting again with ten thousand open dialogs, and stopping in the midst of many turns."""

from __future__ import annotations

import json
import time
from collections import Counter
from collections.abc import AsyncIterator, Sequence
from pathlib import Path

import pytest
from telethon import TelegramClient
from telethon.tl import functions

from sandbox import people
from sandbox.world import World
from tests.support.forkserver import ForkServer
from tests.support.house import ACCOUNT, House, Json, open_house
from tests.support.ledger import agree
from tests.support.stories import HOUSE
from tests.support.waiting import PATIENCE, gone, until

OPEN, DUE, NEWS = 10_000, 200, 20
"""Dialogs that are open; those whose turn is overdue; those in which somebody wrote and no update tells of it."""
FIRST = 1_000_000
"""The first person's id, and their dialog's. The due ones are the last: they come first by their due time alone."""
OVERDUE = range(FIRST + OPEN - DUE, FIRST + OPEN)
UNTOLD = range(FIRST, FIRST + NEWS)
SEED = 7
WITHIN = 3.0
"""Seconds from the libraries being imported to the first reply, but for those in which others had the cores."""
STOP = 10.0
"""Seconds that a stop may take: law 11."""
PAGE = 100
MIDWAY = range(FIRST, FIRST + 70)
"""Dialogs whose turns are stopped in the midst."""
THINKING = 50
"""So many of them have their answer just then."""
ECHO = {"LLM_MODELS": "sandbox/echo"}


@pytest.fixture
async def town(
    request: pytest.FixtureRequest, tmp_path: Path, forks: ForkServer, database: str
) -> AsyncIterator[House]:
    """A town of as many people as the test says, in which the account is signed in and has a dialog with each."""
    targets = [{"role": "target", "id": FIRST + n, "first_name": f"Person {n}"} for n in range(request.param)]
    file = tmp_path / "people.json"
    file.write_text(json.dumps([*people.FIRST, *targets]), encoding="utf-8")
    async with open_house(tmp_path, forks, database, "--users", str(file), "--seed", str(SEED)) as house:
        request.node.stash[HOUSE] = house
        await house.sign_in()
        await house.tell_bot("/start")
        await fill(house, request.param)
        yield house


async def fill(house: House, count: int) -> None:
    """So many dialogs; the account can address each person."""
    account, world = house.id_of(ACCOUNT), World(seed=SEED)
    who = [FIRST + n for n in range(count)]
    async with house.db.acquire() as connection, connection.transaction():
        await connection.execute("insert into contacts (id) select unnest($1::bigint[])", who)
        await connection.execute(
            "insert into account_peers select $1, * from unnest($2::bigint[], $3::bigint[])",
            account,
            who,
            [world.users.access_hash(account, person) for person in who],
        )
        await connection.execute(
            """
            insert into dialogs (id, account_id, contact_id, target_username, scenario, status, stage, history_upto,
                compare, answered_revision)
            select n, $1, n, 'person' || n, 'sales', 'active', 'qualification', 0, false, 1 from unnest($2::bigint[]) n
            """,
            account,
            who,
        )
    await house.db.execute("analyze")  # as the server does by itself in time


async def said_hello(house: House, persons: range) -> None:
    """Their dialogs hold a first message of ours, of which the sandbox knows nothing."""
    await house.db.execute(
        """
        insert into messages (dialog_id, account_id, direction, author, content, timestamp, telegram_message_id,
            send_state, purpose)
        select n, $1, 'out', 'model', 'Hello', now() - interval '1 hour', n, 'sent', 'opening'
        from generate_series($2::bigint, $3) n
        """,
        house.id_of(ACCOUNT),
        persons.start,
        persons.stop - 1,
    )


async def overdue(house: House, person: int) -> None:
    """They wrote, it was stored, and then there was nobody to answer."""
    account = house.id_of(ACCOUNT)
    hello = await house.control.say(account, person, "Hello")
    said = await house.control.say(person, account, f"Please confirm DUE-{person}")
    await house.db.execute(
        """
        insert into messages (dialog_id, account_id, direction, author, content, timestamp, telegram_message_id,
            revision, send_state, purpose)
        values ($1, $2, 'out', 'model', 'Hello', now(), $3, 1, 'sent', 'opening'),
            ($1, $2, 'in', 'contact', $4, now(), $5, 2, null, null)
        """,
        person,
        account,
        hello["id"],
        said["text"],
        said["twin_id"],
    )
    await house.db.execute(
        "update dialogs set revision = 2, due_at = now() - interval '1 minute', due_since = due_at where id = $1",
        person,
    )


async def told_of_everything(house: House) -> None:
    """Put the account's place in its stream behind all there is: no difference will bring anything."""
    client = TelegramClient(await house.session(ACCOUNT), 1, "0" * 32, receive_updates=False)
    await client.connect()
    try:
        pts = (await client(functions.updates.GetStateRequest())).pts
    finally:
        await client.disconnect()
    await house.db.execute("update accounts set pts = $1", pts)


async def log(house: House, method: str, kind: str = "rpc") -> list[Json]:
    lines: list[Json] = (await house.control.call("GET", "/log", user=ACCOUNT, kind=kind, method=method))["lines"]
    return lines


async def answered(house: House, persons: Sequence[int]) -> None:
    """Wait until each of them was answered once, and nothing is on its way."""

    async def silent() -> Sequence[int]:
        rows = await house.db.fetch(
            """
            select d.id from dialogs d left join messages m on m.dialog_id = d.id and m.purpose = 'reply'
            where d.id = any($1::bigint[]) group by d.id having count(*) filter (where m.send_state = 'sent') = 0
            """,
            persons,
        )
        return [row["id"] for row in rows]

    await gone(silent, "everybody is answered", 90)
    await house.at_rest(*persons, seconds=90)


@pytest.mark.parametrize("town", [OPEN], indirect=True)
async def test_a_restart_with_ten_thousand_open_dialogs_answers_the_due_ones_first(town: House) -> None:
    await said_hello(town, range(UNTOLD.stop, OVERDUE.start))
    for person in OVERDUE:
        await overdue(town, person)
    for person in UNTOLD:
        await town.control.say(person, ACCOUNT, f"Please confirm NEWS-{person}")
    await told_of_everything(town)

    began = time.time()
    product = await town.product.launch(ECHO)  # from a process that has imported the libraries
    which = {"user": ACCOUNT, "kind": "rpc", "method": "messages.sendMessage"}
    await town.control.call("POST", "/wait/log", since=0, timeout=PATIENCE, **which)
    stood = stood_in_line(product.pid)
    waiting = [*OVERDUE, *UNTOLD]
    await answered(town, waiting)
    await until_compared(town)

    sends = await log(town, "messages.sendMessage")
    assert sends[0]["at"] - began - stood < WITHIN
    assert Counter(line["peer"] for line in sends) == Counter(waiting), "everybody is answered once"
    asked = await log(town, "messages.getPeerDialogs")
    told = await log(town, "messages.getPeerDialogs", kind="answer")
    histories = await log(town, "messages.getHistory")
    assert len(asked) <= OPEN // PAGE + DUE // PAGE + 2 * NEWS, "a hundred a call"
    assert {line["peer"] for line in histories} == set(UNTOLD), "only where there is news"
    # The due ones fill the first calls, and nobody is answered before those; the others by their own histories.
    assert sends[0]["order"] > told[DUE // PAGE - 1]["order"]
    assert min(line["order"] for line in sends if line["peer"] in OVERDUE) < asked[OPEN // PAGE - 1]["order"]
    compared = {line["peer"]: line["order"] for line in reversed(histories)}
    assert all(line["order"] > compared[line["peer"]] for line in sends if line["peer"] in UNTOLD)


def stood_in_line(pid: int) -> float:
    """Seconds that a process was ready to run and other programs had the cores."""
    return int(Path(f"/proc/{pid}/schedstat").read_text(encoding="ascii").split()[1]) / 1e9


async def until_compared(house: House) -> None:
    async def told() -> bool:
        return "all dialogs are compared" in house.product.log()

    await until(told, "all dialogs are compared", 90)


@pytest.mark.parametrize("town", [len(MIDWAY)], indirect=True)
async def test_sigterm_in_the_midst_of_many_turns_leaves_nothing_half_sent(town: House) -> None:
    """Fifty have just been thought about, the first of their answers is held by Telegram; twenty are being thought
    about."""
    for person in MIDWAY:
        await overdue(town, person)
    typing = {"TYPING_MIN_SECONDS": "0.3", "TYPING_MAX_SECONDS": "0.3"}
    settings = ECHO | typing | {"LLM_CONCURRENCY": str(len(MIDWAY))}
    thinking = await town.control.fault("model.chat", "hold", count=THINKING)
    await town.product.start(settings)
    await town.control.fired(thinking, times=THINKING, timeout=PATIENCE)
    sending = await town.control.fault("messages.sendMessage", "hold_answer", user=ACCOUNT)
    await town.control.fault("model.chat", "hold", count=None)
    await town.control.call("POST", f"/faults/{thinking}/release")
    await town.control.fired(sending, timeout=PATIENCE)

    began = time.monotonic()
    assert await town.product.stop() == 0
    assert time.monotonic() - began < STOP

    await town.control.call("DELETE", "/faults")
    await town.product.start(settings)
    await answered(town, MIDWAY)
    for person in MIDWAY:
        assert [text for text in await town.heard(str(person)) if text != "Hello"] == [f"DUE-{person}"]
        await agree(town, person)
