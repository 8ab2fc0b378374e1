"""Plays runs, one after another, for whoever writes tasks to its standard input; results are lines of its output.

A worker has a PostgreSQL and a fork server of its own. ``python -m tests.chaos.worker FOLDER``; a task is
``{"seed", "kind", "case"}``, or ``{"record": act}`` for what an act passes when nothing is in its way.
"""

from __future__ import annotations

import asyncio
import json
import os
import pickle
import shutil
import sys
import time
import traceback
from collections import Counter
from contextlib import suppress
from pathlib import Path
from typing import Any

from sandbox.control.client import ControlRefused
from tests.chaos import kinds
from tests.chaos.acts import ACTS
from tests.chaos.arena import Arena, opened
from tests.chaos.oracle import judge
from tests.chaos.server import Server
from tests.support.forkserver import ForkServer

LONGEST = 240.0
"""Seconds after which a run is broken off."""
PLAINLY = 20
"""One run of so many starts as plain ``python main.py``, without the fork server."""

INFO = ("stands", "in_flight", "longest_ms", "turns", "calls", "lines_in", "lines_out")

Json = dict[str, Any]


class Worker:
    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._server = Server(folder / "postgres")
        self._forks = ForkServer.begun(folder / "forks.out")
        self._kinds = kinds.every()

    async def prepare(self) -> None:
        await self._server.prepare()

    def close(self) -> None:
        self._forks.close()
        self._server.close()

    async def do(self, task: Json) -> Json:
        return await (self._record(task["record"]) if "record" in task else self._play(task))

    async def _record(self, act: str) -> Json:
        """What an act passes: the ends of its transactions, and the calls that it makes."""
        async with opened(self._folder / f"record-{act}", self._server, self._forks, 0) as arena:
            await arena.start()
            await ACTS[act](arena)
            ends = Counter((end.signature, end.label, end.writes) for end in arena.proxy.ends)
            log = (await arena.control.call("GET", "/log"))["lines"]
            await arena.rest()
        account = arena.house.id_of("sales")
        passed = [
            {"signature": signature, "label": label, "writes": writes, "times": times}
            for (signature, label, writes), times in ends.items()
        ]
        return {"record": act, "ends": passed, "calls": Counter(_calls(log, account))}

    async def _play(self, task: Json) -> Json:
        kind = self._kinds[task["kind"]]
        folder = self._folder / f"{kind.name}-{task['seed']}"
        began = time.monotonic()
        told: Json = {**task, "fired": False, "error": "", "counts": {}, "info": {}, "evidence": []}
        async with opened(
            folder, self._server, self._forks, task["seed"],
            plainly=task["seed"] % PLAINLY == 0, **(kind.settings or {}),
        ) as arena:  # fmt: skip
            try:
                async with asyncio.timeout(LONGEST):
                    told["fired"] = await kind.play(arena, task["case"])
            except (AssertionError, ControlRefused, TimeoutError) as exc:
                told["error"] = f"{type(exc).__name__}: {exc}"
            told["struck"] = arena.struck
            await self._judge(arena, told)
        told["seconds"] = round(time.monotonic() - began, 1)
        if told["error"] or any(told["counts"].values()):
            told["kept"] = str(folder)
        else:
            shutil.rmtree(folder)
        return told

    async def _judge(self, arena: Arena, told: Json) -> None:
        record = await arena.rest()
        died = arena.keeper.unasked
        verdict, leaks = judge(record), await arena.leaks()
        told["counts"] = {
            **verdict.counts,
            "leaks": len(leaks),
            "died": len(died),
            "bad_exit": int(arena.exit_code != 0),
        }
        told["info"] = {name: getattr(verdict, name) for name in INFO}
        told["evidence"] = [*([] if verdict.clean else str(verdict).splitlines()), *map(str, leaks[:5])]
        if told["error"] or any(told["counts"].values()):
            (arena.house.folder / "record.pickle").write_bytes(pickle.dumps(record))


def _calls(log: list[Json], account: int) -> list[str]:
    """The names of calls as fault rules know them."""
    return [
        line["method"] for line in log if line["kind"] == "bot" or (line["kind"] == "rpc" and line["user"] == account)
    ] + ["model.chat" for line in log if line["kind"] == "model"]


async def main(folder: Path) -> None:
    folder.mkdir(mode=0o700, parents=True)
    results = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)  # whatever prints by itself does not print into the results
    worker = Worker(folder)
    try:
        await worker.prepare()
        reader = asyncio.StreamReader(limit=1 << 22)
        await asyncio.get_running_loop().connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), sys.stdin)
        while line := await reader.readline():
            task = json.loads(line)
            try:
                told = await worker.do(task)
            except Exception:  # noqa: BLE001 - what breaks the harness is a result like any other, and stops no other run
                told = {**task, "fired": False, "error": traceback.format_exc(), "counts": {}, "info": {}, "seconds": 0}
            try:
                results.write(json.dumps(told) + "\n")
                results.flush()
            except BrokenPipeError:
                return  # whoever wanted to know is gone
    finally:
        worker.close()


if __name__ == "__main__":
    with suppress(KeyboardInterrupt):
        asyncio.run(main(Path(sys.argv[1]).absolute()))
