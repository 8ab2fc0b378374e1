"""The desk with 1,000,000 messages in 20,000 dialogs against the same desk with 1,000 messages, in one run.

    python -m bench.desk

What each question costs, from the database to the finished message, on both in turn; Telegram has no part in it. The
promise: a page of /list, /find and /view takes at most 1.5 times as long, /stats 30d less than two seconds. The run
fails when it is not kept. What is random is drawn with a fixed seed.
"""

from __future__ import annotations

import argparse
import asyncio
import random
import tempfile
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from pathlib import Path

import asyncpg
from pydantic import SecretStr

from bench.house import ROOT
from salesbot.adminbot import lists, reading
from salesbot.adminbot.desk import Desk
from salesbot.adminbot.keyboards import ListPage, ViewPage, Way
from salesbot.adminbot.lists import FindPage
from salesbot.adminbot.stats import period, report
from salesbot.clock import SystemClock
from salesbot.i18n import lang
from salesbot.keys import KeyRing
from salesbot.lifecycle import Pulse
from salesbot.settings import Settings
from salesbot.store import pool as pools
from salesbot.store.admins import Role
from salesbot.store.listing import Wanted
from salesbot.store.migrate import migrate
from sandbox import postgres

MOST = 1.5
"""Times as long as with few messages."""
STATS_SECONDS = 2.0
ADMIN = 1
FEW = 150
"""Dialogs of the small desk: enough for a full page of every list, with 1,000 messages among them."""
LONG = 50
"""Messages of a dialog that is looked at, on either side, so that their pages are as full."""
EN = lang("en")

FILL = """
insert into accounts (id, username, dc_id, server_address, server_port, auth_key)
    values (7001, 'sales', 2, '127.0.0.1', 443, '');
insert into contacts (id, username, name)
    select 1000 + n, 'user' || n,
        (array['Anna', 'Boris', 'Вера', 'Глеб', 'Dina', 'Egor', 'Fedor', 'Galina', 'Ирина', 'Ян'])[n % 10 + 1] || ' '
        || initcap(translate(md5(n::text), '0123456789', 'ghijklmnop'))
    from generate_series(1, :dialogs) n;
insert into dialogs (account_id, contact_id, target_username, scenario, status, outcome, stage, stages, opening,
        created_at, due_at, assignee)
    select 7001, 1000 + n, 'user' || n, 'sales', states.status, states.outcome, 'offer', '{hello,offer}',
        'way' || n % 3, now() - n * interval '60 days' / :dialogs, case when n <= 100 and n % 10 = 2 then now() end,
        case when n % 7 = 0 then 1 end
    from generate_series(1, :dialogs) n cross join lateral (select
        (array['handoff', 'taken', 'active', 'active', 'active', 'active', 'stopped', 'closed', 'closed', 'closed'])
            [n % 10 + 1] as status,
        (array['none', 'none', 'none', 'none', 'none', 'none', 'none', 'won', 'lost', 'opted_out'])[n % 10 + 1]
            as outcome) states;
insert into messages (id, dialog_id, account_id, direction, author, content, timestamp, telegram_message_id,
        send_state, purpose)
    select d.id * 100 + n, d.id, 7001, sides.direction, sides.author,
        'How much would it be for ' || n || ' of us? ' || repeat('We are a small company. ', n % 5),
        d.created_at + n * interval '7 minutes', d.id * 100 + n, sides.send_state,
        case when n = 1 then 'opening' when n % 2 = 1 then 'reply' end
    from dialogs d
        cross join lateral generate_series(1, case when d.id % 10 = 0 then :long else :each end) n
        join (values (0, 'in', 'contact', null), (1, 'out', 'model', 'sent'))
            as sides (side, direction, author, send_state) on side = n % 2
    order by d.created_at + n * interval '7 minutes';
insert into model_calls (dialog_id, revision, halts, purpose, model_asked, model_used, state, cost, asked_at,
        settled_at)
    select d.id, n, 0, 'reply', 'm', 'm', 'used', 0.001, d.created_at + n * interval '14 minutes',
        d.created_at + n * interval '14 minutes'
    from dialogs d
        cross join lateral generate_series(1, case when d.id % 10 = 0 then :long else :each end / 2) n
    order by d.created_at + n * interval '14 minutes';
insert into dialog_facts (dialog_id, field, value, message_id, learnt_at)
    select d.id, 'people', '12', m.id, now() from dialogs d join messages m on m.id = d.id * 100 + 2;
update dialogs d set seen_upto = (select max(id) - 4 from messages where dialog_id = d.id);
insert into labels select id, 'vip' from dialogs where id % 10 = 3;
"""


@dataclass
class Side:
    """A desk with so many messages, and how long each question took there."""

    desk: Desk
    dialogs: int
    size: str
    seconds: dict[str, list[float]] = field(default_factory=dict)

    async def ask(self, name: str, question: Callable[[Desk, int], Awaitable[object]], dialog: int) -> None:
        began = time.perf_counter()
        await question(self.desk, dialog)
        self.seconds.setdefault(name, []).append(1000 * (time.perf_counter() - began))

    def fastest(self, name: str) -> float:
        """The fastest: what else the machine does counts least."""
        return min(self.seconds[name])


def listed(wanted: Wanted, way: Way = Way.NEWEST) -> Callable[[Desk, int], Awaitable[object]]:
    return lambda desk, dialog: lists.list_page(desk, EN, ADMIN, ListPage(wanted=wanted, way=way, cursor=dialog))


def found(text: str) -> Callable[[Desk, int], Awaitable[object]]:
    return lambda desk, _dialog: lists.find_page(desk, EN, FindPage(after=0, text=text))


def viewed(way: Way) -> Callable[[Desk, int], Awaitable[object]]:
    async def view(desk: Desk, dialog: int) -> object:
        dialog -= dialog % 10
        return await reading.view_page(
            desk, EN, ViewPage(dialog=dialog, way=way, cursor=dialog * 100 + 30, piece=0), ADMIN, Role.OWNER
        )

    return view


QUESTIONS: dict[str, Callable[[Desk, int], Awaitable[object]]] = {
    **{f"/list {wanted.value}": listed(wanted) for wanted in Wanted},
    "/list, older": listed(Wanted.OPEN, Way.OLDER),
    "/list, newer": listed(Wanted.OPEN, Way.NEWER),
    "/list won, older": listed(Wanted.WON, Way.OLDER),
    "/find anna": found("anna"),
    "/find an": found("an"),
    "/find глеб #vip": found("глеб #vip"),
    "/find @user1": found("@user1"),
    "/find #vip": found("#vip"),
    "/find nobody": found("nobody"),
    "/view": viewed(Way.NEWEST),
    "/view, older": viewed(Way.OLDER),
    "/view, newer": viewed(Way.NEWER),
}


async def stats(desk: Desk, _dialog: int) -> object:
    return await report.make(desk, ADMIN, period.read("30d", []))


async def filled(server: postgres.Server, name: str, dialogs: int, each: int) -> Side:
    """A database of its own with so many dialogs of ``each`` messages, every tenth a long one, and a desk on it."""
    admin = await asyncpg.connect(server.dsn)
    await admin.execute(f'create database "{name}"')
    await admin.close()
    connection = await asyncpg.connect(server.url(name))
    await migrate(connection)
    await connection.execute(
        FILL.replace(":dialogs", str(dialogs)).replace(":each", str(each)).replace(":long", str(LONG))
    )
    await connection.execute("vacuum analyze")
    messages = await connection.fetchval("select count(*) from messages")
    await connection.close()
    settings = Settings(
        api_id=1,
        api_hash=SecretStr("0" * 32),
        bot_token=SecretStr("1:x"),
        admin_telegram_id=(ADMIN,),
        openrouter_api_key=SecretStr("x"),
        database_url=SecretStr(server.url(name)),
    )
    pool = await pools.create(server.url(name))
    ring = KeyRing("a secret of the benchmark which is long enough")
    desk = Desk(pool, settings, SystemClock(), ring, ("sales",), lambda _: None, Pulse())
    return Side(desk, dialogs, f"{messages:,} messages, {dialogs:,} dialogs")


async def measure(few: Side, many: Side, rounds: int) -> None:
    """Every question of both sides in turn, about a dialog where both sides have pages before and after it."""
    chance = random.Random(1)
    for name, question in QUESTIONS.items():
        for round_ in range(rounds + 3):
            place = chance.uniform(0.62, 0.72)
            for side in (few, many) if round_ % 2 else (many, few):
                await side.ask(name, question, 1 + int(place * side.dialogs))
        for side in (few, many):
            del side.seconds[name][:3]  # the first ones prepare the statements
    for _ in range(3):
        await many.ask("/stats 30d", stats, 0)


def table(few: Side, many: Side) -> str:
    lines = [f"| ms, fastest | {few.size} | {many.size} | times |", "|---|---|---|---|"]
    for name in QUESTIONS:
        one, other = few.fastest(name), many.fastest(name)
        lines.append(f"| {name} | {one:.2f} | {other:.2f} | {other / one:.2f} |")
    return "\n".join([*lines, f"| /stats 30d | | {many.fastest('/stats 30d'):.0f} | |"])


def broken(few: Side, many: Side) -> list[str]:
    """What takes longer than is promised."""
    slow = [name for name in QUESTIONS if many.fastest(name) > MOST * few.fastest(name)]
    return slow + (["/stats 30d"] if many.fastest("/stats 30d") > 1000 * STATS_SECONDS else [])


async def main(words: argparse.Namespace) -> None:
    place = ROOT / "var" / "bench"
    place.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=place) as folder:
        server = postgres.start(Path(folder) / "postgres")
        try:
            few = await filled(server, "few", dialogs=FEW, each=2)
            many = await filled(server, "many", dialogs=words.dialogs, each=LONG)
            await measure(few, many, words.rounds)
            for side in (few, many):
                await side.desk.pool.close()
        finally:
            server.stop()
    print(table(few, many))
    if slow := broken(few, many):
        raise SystemExit(f"slower than promised: {', '.join(slow)}")


def at_least_one(word: str) -> int:
    if int(word) < 1:
        raise argparse.ArgumentTypeError("each question is to be asked at least once")
    return int(word)


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m bench.desk", description=(__doc__ or "").partition("\n")[0])
    parser.add_argument(
        "--dialogs", type=at_least_one, default=20_000, help="of the large desk, 50 messages each (default 20000)"
    )
    parser.add_argument("--rounds", type=at_least_one, default=40, help="how often each question is asked (default 40)")
    return parser.parse_args()


if __name__ == "__main__":
    asyncio.run(main(arguments()))
