"""Exports of everything, 1,000,000 messages in 20,000 dialogs, beside COPY of the same rows, in one run.

    python -m bench.exports

Each in a process of its own, in turn: seconds until the files are whole, the most memory beside what the process had
before, and the longest time for which its event loop was held up. The promise: a table takes at most 3 times as long
as COPY of the same rows, archives 12 times, each with less than 60 MB. The run fails when it is not kept.
"""

from __future__ import annotations

import argparse
import asyncio
import gc
import json
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from datetime import UTC
from pathlib import Path

import asyncpg
import uvloop

from bench.house import ROOT
from salesbot.adminbot.desk import DOCUMENT_LIMIT
from salesbot.export import archive
from salesbot.export.document import Reader
from salesbot.export.wanted import Format
from salesbot.i18n import lang
from salesbot.store import pool as pools
from salesbot.store.migrate import migrate
from sandbox import postgres

COPY = "copy"
MOST = {Format.CSV: 3.0, Format.TXT: 12.0, Format.JSON: 12.0, Format.HTML: 12.0}
"""Times as long as COPY."""
MEMORY = 60.0
"""MB."""

FILL = """
insert into accounts (id, username, dc_id, server_address, server_port, auth_key)
    values (7001, 'sales', 2, '127.0.0.1', 443, '');
insert into contacts (id, username, name)
    select 1000 + n, 'user' || n, (array['Anna', 'Boris', 'Вера', 'Глеб', '=Eve'])[n % 5 + 1] || ' ' || n
    from generate_series(1, :dialogs) n;
insert into dialogs (account_id, contact_id, target_username, scenario, status, outcome, stage, created_at)
    select 7001, 1000 + n, 'user' || n, 'sales', 'closed', 'won', 'offer', now() - n * interval '60 days' / :dialogs
    from generate_series(1, :dialogs) n;
insert into messages (dialog_id, account_id, direction, author, content, timestamp, telegram_message_id, send_state,
        read_at, kind, media, quote, reaction, edits, edited_at, purpose)
    select d.id, 7001, (array['in', 'out'])[n % 2 + 1], (array['contact', 'model'])[n % 2 + 1],
        (array['How much would it be for ', 'Сколько это будет стоить для ', '+', 'Да, можно на '])[n % 4 + 1] || n
            || repeat((array[' of us, a small company', ' человек, небольшая компания'])[d.id % 2 + 1], n % 4),
        at, d.id * 100 + n, case when n % 2 = 1 then case when n % 25 = 1 then 'cancelled' else 'sent' end end,
        case when n % 2 = 1 then at end, case when n % 20 = 4 then 'voice' else 'text' end,
        case when n % 20 = 4 then '0:12' else '' end, case when n % 10 = 2 then 'What about it?' else '' end,
        case when n % 20 = 7 then '👍' else '' end,
        case when n % 25 = 8 then '[{"at": "2026-11-20T09:00:00+00:00", "content": "before"}]' else '[]' end::jsonb,
        case when n % 25 = 8 then at end, case when n % 2 = 1 then 'reply' end
    from dialogs d, generate_series(1, 50) n, lateral (select d.created_at + n * interval '7 minutes' as at) times
    order by at;
insert into dialog_facts (dialog_id, field, value, learnt_at) select id, 'people', '12', now() from dialogs;
insert into model_calls (dialog_id, revision, halts, purpose, model_asked, state, cost, asked_at)
    select id, 1, 0, 'reply', 'm', 'used', 0.001, now() from dialogs;
"""


async def fill(dsn: str, dialogs: int) -> None:
    connection = await asyncpg.connect(dsn)
    await migrate(connection)
    await connection.execute(FILL.replace(":dialogs", str(dialogs)))
    await connection.execute("vacuum analyze")
    await connection.close()


def resident(field: str) -> float:
    """MB of this process's memory, by the name the kernel gives it."""
    status = Path("/proc/self/status").read_text(encoding="ascii")
    return int(status.split(f"{field}:")[1].split()[0]) / 1000


class Lag:
    """How long the event loop was held up, at worst."""

    def __init__(self) -> None:
        self.worst = 0.0

    async def watch(self) -> None:
        while True:
            began = time.perf_counter()
            await asyncio.sleep(0.005)
            self.worst = max(self.worst, time.perf_counter() - began - 0.005)


async def measure(dsn: str, what: str) -> Mapping[str, float]:
    """One export, or COPY, in this process."""
    gc.freeze()  # as the product does
    pool = await pools.create(dsn)
    lag = Lag()
    watching = asyncio.create_task(lag.watch())
    before = resident("VmRSS")
    Path("/proc/self/clear_refs").write_text("5", encoding="ascii")  # the peak is counted from here
    began = time.perf_counter()
    size = await (copied(pool) if what == COPY else exported(pool, Format(what)))
    seconds = time.perf_counter() - began
    watching.cancel()
    more = resident("VmHWM") - before
    await pool.close()
    return {"s": seconds, "MB more": more, "loop held up, ms": 1000 * lag.worst, "MB written": size}


async def copied(pool: asyncpg.Pool) -> float:
    """The same rows in the same order, as they are."""
    query = "select * from messages order by dialog_id, id"
    with tempfile.TemporaryFile() as file:
        async with pool.acquire() as connection:
            await connection.copy_from_query(query, output=file, format="csv", timeout=600)
        return file.tell() / 1e6


async def exported(pool: asyncpg.Pool, kind: Format) -> float:
    written = await archive.everything(pool, Reader(lang("en"), UTC), kind, "x", DOCUMENT_LIMIT, lambda done: None)
    size = sum(file.seek(0, 2) for file in written.files)
    written.discard()
    return size / 1e6


def run(dsn: str, what: str) -> Mapping[str, float]:
    """The same in a process of its own."""
    command = [sys.executable, "-m", "bench.exports", "--measure", what, dsn]
    told: Mapping[str, float] = json.loads(subprocess.run(command, cwd=ROOT, stdout=subprocess.PIPE, check=True).stdout)
    return told


def table(runs: Mapping[str, Sequence[Mapping[str, float]]]) -> str:
    """Markdown: medians, and how many times as long as COPY."""
    columns = list(runs[COPY][0])
    lines = [f"| | {' | '.join(columns)} | times COPY |", "|---|" + "---|" * (len(columns) + 1)]
    for what, figures in runs.items():
        shown = [f"{statistics.median(one[column] for one in figures):.3g}" for column in columns]
        lines.append(f"| {what} | {' | '.join(shown)} | {times(runs, what):.2f} |")
    return "\n".join(lines)


def times(runs: Mapping[str, Sequence[Mapping[str, float]]], what: str) -> float:
    """The median of the ratios of each round."""
    pairs = zip(runs[what], runs[COPY], strict=True)
    return statistics.median(one["s"] / copy["s"] for one, copy in pairs)


def broken(runs: Mapping[str, Sequence[Mapping[str, float]]]) -> list[str]:
    """What takes longer, or more, than is promised."""
    slow = [kind.value for kind, most in MOST.items() if times(runs, kind.value) > most]
    large = [f"memory of {kind.value}" for kind in MOST if max(one["MB more"] for one in runs[kind.value]) > MEMORY]
    return slow + large


async def main(words: argparse.Namespace) -> None:
    place = ROOT / "var" / "bench"
    place.mkdir(parents=True, exist_ok=True)
    runs: dict[str, list[Mapping[str, float]]] = {what: [] for what in (COPY, *(kind.value for kind in MOST))}
    with tempfile.TemporaryDirectory(dir=place) as folder:
        server = postgres.start(Path(folder) / "postgres")
        try:
            await fill(server.dsn, words.dialogs)
            for number in range(words.rounds):
                for what, done in runs.items():
                    done.append(run(server.dsn, what))
                    print(f"{number + 1}. {what}: {done[-1]}", flush=True)
        finally:
            server.stop()
    print(f"\n{50 * words.dialogs:,} messages in {words.dialogs:,} dialogs, {words.rounds} rounds\n\n{table(runs)}")
    if worse := broken(runs):
        raise SystemExit(f"more than promised: {', '.join(worse)}")


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m bench.exports", description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--dialogs", type=int, default=20_000, help="of 50 messages each (default 20000)")
    parser.add_argument("--rounds", type=int, default=3, help="of all of them in turn (default 3)")
    parser.add_argument("--measure", nargs=2, metavar=("WHAT", "DSN"), help=argparse.SUPPRESS)
    return parser.parse_args()


if __name__ == "__main__":
    asked = arguments()
    if asked.measure:
        print(json.dumps(uvloop.run(measure(asked.measure[1], asked.measure[0]))))
    else:
        asyncio.run(main(asked))
