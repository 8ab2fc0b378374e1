"""Plays many runs and counts what went wrong: see README.md beside this file."""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import json
import os
import random
import shutil
import signal
import sys
import time
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from tests.chaos import kinds
from tests.chaos.acts import ACTS
from tests.chaos.kinds import Kind, Places
from tests.chaos.report import is_good, one_line, table

ROOT = Path(__file__).parents[2]
Json = dict[str, Any]


def plan(every: Mapping[str, Kind], places: Places, seeds: Sequence[int], only: str | None) -> Iterator[Json]:
    """The task of each seed: the same seed always gives the same kind and, for the same places, the same case."""
    if only:
        cases = every[only].cases(places)
        yield from ({"seed": seed, "kind": only, "case": cases[seed % len(cases)]} for seed in seeds)
        return
    table = [(kind.name, turn) for kind in every.values() for turn in range(kind.share)]
    random.Random(len(table)).shuffle(table)
    for seed in seeds:
        name, turn = table[seed % len(table)]
        cases = every[name].cases(places)
        yield {"seed": seed, "kind": name, "case": cases[(turn + seed // len(table) * every[name].share) % len(cases)]}


def of_each(every: Mapping[str, Kind], places: Places, times: int, first: int) -> Iterator[Json]:
    """So many runs of every kind, their cases spread over all there are, beginning elsewhere for another seed."""
    for number, kind in enumerate(every.values()):
        cases = kind.cases(places)
        for turn in range(times):
            case = cases[(first - 1 + turn * len(cases) // times) % len(cases)]
            yield {"seed": first + number * times + turn, "kind": kind.name, "case": case}


def what_it_tries(kind: Kind) -> str:
    """The first line of what its play says of itself."""
    return (kind.play.__doc__ or "").partition("\n")[0]


class Workers:
    """Processes that play; each does one task at a time."""

    def __init__(self, folder: Path, jobs: int) -> None:
        self._folder = folder
        self._free: asyncio.Queue[asyncio.subprocess.Process] = asyncio.Queue()
        self._all: list[asyncio.subprocess.Process] = []
        self._jobs = jobs

    async def __aenter__(self) -> Workers:
        for number in range(self._jobs):
            place = self._folder / f"worker-{os.getpid()}-{number}"
            process = await asyncio.create_subprocess_exec(
                sys.executable, "-m", "tests.chaos.worker", str(place), cwd=ROOT, limit=1 << 24,
                stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE, start_new_session=True,
            )  # fmt: skip
            self._all.append(process)
            self._free.put_nowait(process)
        return self

    async def __aexit__(self, *error: object) -> None:
        for process in self._all:
            assert process.stdin is not None
            process.stdin.close()
            if error[0] is not None:
                with contextlib.suppress(ProcessLookupError):
                    process.send_signal(signal.SIGINT)
        for process in self._all:
            await process.wait()

    async def do(self, task: Json) -> Json:
        """Raises ``RuntimeError`` when the worker itself has died."""
        process = await self._free.get()
        assert process.stdin is not None and process.stdout is not None
        process.stdin.write(json.dumps(task).encode() + b"\n")
        told = await process.stdout.readline()
        if not told:
            raise RuntimeError(f"a worker died of {task}")
        self._free.put_nowait(process)
        result: Json = json.loads(told)
        return result


async def record(workers: Workers, file: Path) -> Places:
    """What the acts pass; remembered in the folder of the runs, so that ``--resume`` goes on with the same places."""
    if file.exists():
        told = json.loads(file.read_text(encoding="utf-8"))
    else:
        told = await asyncio.gather(*(workers.do({"record": act}) for act in ACTS))
        if broken := [one["error"] for one in told if "error" in one]:
            raise RuntimeError(f"an act without trouble broke:\n{broken[0]}")
        file.write_text(json.dumps(told, indent=1), encoding="utf-8")
    return Places({one["record"]: one["ends"] for one in told}, {one["record"]: one["calls"] for one in told})


async def _played(workers: Workers, tasks: Sequence[Json]) -> AsyncIterator[Json]:
    """The results as they come, each told on the terminal."""
    began = time.monotonic()
    playing = [asyncio.create_task(workers.do(task)) for task in tasks]
    try:
        for number, ended in enumerate(asyncio.as_completed(playing), 1):
            told = await ended
            rate = (time.monotonic() - began) / number
            print(one_line(told, f"{number}/{len(tasks)}", (len(tasks) - number) * rate), flush=True)
            yield told
    finally:
        for one in playing:
            one.cancel()


async def play(arguments: argparse.Namespace) -> int:
    folder: Path = arguments.folder
    if not arguments.resume:
        shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    lines = folder / "runs.jsonl"
    done: list[Json] = [json.loads(line) for line in lines.read_text().splitlines()] if lines.exists() else []
    every = kinds.every()
    async with Workers(folder, arguments.jobs) as workers:
        places = await record(workers, folder / "places.json")
        seeds = range(arguments.seed, arguments.seed + arguments.runs)
        if arguments.each:
            tasks = list(of_each(every, places, arguments.each, arguments.seed))
        else:
            tasks = list(plan(every, places, seeds, arguments.kind))
        played = {one["seed"] for one in done}
        left = [task for task in tasks if task["seed"] not in played]
        with lines.open("a", encoding="utf-8") as out:
            async for told in _played(workers, left):
                done.append(told)
                out.write(json.dumps(told) + "\n")
                out.flush()
    print(table(done, list(every)))
    return 0 if all(is_good(told) for told in done) else 1


def main() -> int:
    parser = argparse.ArgumentParser(
        prog="scripts/chaos",
        description="Breaks the product from outside, over and over, and counts what was lost, said twice or wrongly.",
        epilog="Exit code 0: every count holds. A run whose trouble did not come about is listed and not counted.",
    )
    parser.add_argument("--runs", type=int, default=100, metavar="N", help="how many runs (default: 100)")
    parser.add_argument(
        "--seed", type=int, default=1, metavar="S", help="the first seed; a run has one each (default: 1)"
    )
    parser.add_argument(
        "--kind", choices=sorted(kinds.every()), metavar="KIND", help="this kind alone; --list names them"
    )
    parser.add_argument("--each", type=int, metavar="N", help="N runs of every kind instead of --runs")
    parser.add_argument(
        "--jobs", type=int, default=2 * (os.cpu_count() or 2), help="runs at a time (default: 2 a core)"
    )
    parser.add_argument("--resume", action="store_true", help="go on where the folder's runs were broken off")
    parser.add_argument("--folder", type=Path, default=ROOT / "var" / "chaos", help="for runs.jsonl and what failed")
    parser.add_argument("--list", action="store_true", help="name the kinds, and what each tries")
    arguments = parser.parse_args()
    if arguments.list:
        for kind in kinds.every().values():
            print(f"{kind.name:22} {kind.share:4} of 1300   {what_it_tries(kind)}")
        return 0
    signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        return asyncio.run(play(arguments))
    except KeyboardInterrupt:
        print(f"Broken off. --resume goes on ({arguments.folder}/runs.jsonl).", file=sys.stderr)
        return 130


if __name__ == "__main__":
    sys.exit(main())
