"""The product under load and under trouble for half an hour: is anything lost, and does anything grow?

    scripts/soak --minutes 30

One process of the product, 200 dialogs, about 20 turns a second, trouble all the time. It ends with the oracle's table,
with the slopes of memory, tasks, descriptors and connections over the last two thirds, and with the lag of the event
loop beside that of an idle one. Measured from outside: /proc, and what the product logs of its event loop at DEBUG.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import shutil
import signal
import sys
import time
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager, suppress
from pathlib import Path

import uvloop

from tests.chaos.arena import Arena, opened
from tests.chaos.oracle import Verdict, judge
from tests.chaos.server import Server
from tests.chaos.soak_crowd import Crowd
from tests.chaos.soak_slopes import (
    BOUNDS,
    CONNECTIONS,
    DESCRIPTORS,
    MB,
    MEMORY,
    TASKS,
    Beat,
    Measured,
    Sample,
    beats,
    between,
    lag_table,
    rate,
    slopes_table,
    within,
)
from tests.chaos.soak_trouble import Troublemaker
from tests.support.forkserver import ForkServer
from tests.support.house import ACCOUNT

ROOT = Path(__file__).parents[2]
SAMPLED_EVERY = 10.0
WARMING_UP = 1 / 3
"""So much of the time is not measured: histories become as long as the model is shown, caches fill."""
OUTAGE = 30.0
"""Seconds without Telegram in the midst of the warming up."""
TIRELESS = 1000
"""Replies to one person in an hour: of so many as people get here the product makes two machines."""
NO_CEILINGS = {"BUDGET_PER_DIALOG": "0", "BUDGET_PER_DAY": "0"}
EVIDENCE = 30
"""Lines of it that are shown."""


class Course:
    """What is measured while it lasts, by the name of its bound. The process itself is asked for nothing."""

    def __init__(self, arena: Arena, troubles: Troublemaker) -> None:
        self.samples: dict[str, list[Sample]] = {bound.name: [] for bound in BOUNDS}
        self.turns: list[Sample] = []
        self._arena = arena
        self._troubles = troubles

    async def follow(self, over: asyncio.Event) -> None:
        """Sample, and tell how it goes, until it is over."""
        while not over.is_set():
            await self._sample()
            with suppress(TimeoutError):
                await asyncio.wait_for(over.wait(), SAMPLED_EVERY)
        await self._sample()

    async def _sample(self) -> None:
        now, measured = time.time(), _of_process(self._arena.keeper.product.child.pid)
        for name, value in measured.items():
            self.samples[name].append(Sample(now, value))
        turns = await self._arena.value("select count(*) from model_calls where state = 'used'")
        self.turns.append(Sample(now, turns))
        print(
            f"{now - self.began:6.0f} s  {self.done:6.0f} turns  {rate(self.turns[-2:]):5.1f}/s  "
            f"{self._troubles.came.total():5} troubles  {measured.get(MEMORY.name, 0):6.1f} MB",
            flush=True,
        )

    @property
    def began(self) -> float:
        return self.turns[0].at

    @property
    def ended(self) -> float:
        return self.turns[-1].at

    @property
    def warm(self) -> float:
        """From when on it counts."""
        return self.began + (self.ended - self.began) * WARMING_UP

    @property
    def done(self) -> float:
        """Turns since it began."""
        return self.turns[-1].value - self.turns[0].value

    def measured(self, told: Sequence[Beat]) -> Sequence[Measured]:
        """Every bound with what it is about."""
        self.samples[TASKS.name] = [Sample(one.at, one.tasks) for one in told]
        return [(bound, between(self.samples[bound.name], self.warm, self.ended)) for bound in BOUNDS]

    def keep(self, file: Path) -> None:
        """All that was measured, for whoever wants to see the curves."""
        series = {**self.samples, "turns": self.turns}
        file.write_text(json.dumps({name: [[one.at, one.value] for one in some] for name, some in series.items()}))


def _of_process(pid: int) -> Mapping[str, float]:
    """What the kernel knows of a process; nothing when it has just ended."""
    try:
        status = Path(f"/proc/{pid}/status").read_text(encoding="ascii")
        links = list(_links(Path(f"/proc/{pid}/fd")))
    except OSError:
        return {}
    return {
        MEMORY.name: int(status.partition("VmRSS:")[2].split()[0]) * 1024 / MB,
        DESCRIPTORS.name: len(links),
        CONNECTIONS.name: sum(link.startswith("socket:") for link in links),
    }


def _links(folder: Path) -> Iterator[str]:
    for name in os.listdir(folder):
        with suppress(FileNotFoundError):  # closed meanwhile
            yield os.readlink(folder / name)


@asynccontextmanager
async def _idle_loop(log: Path) -> AsyncIterator[None]:
    """A process with nothing to do, for comparison."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "tests.chaos.soak_idle", str(log), cwd=ROOT, start_new_session=True
    )
    try:
        yield
    finally:
        process.terminate()
        await process.wait()


def _over_with_ctrl_c() -> asyncio.Event:
    """Ctrl-C ends the soak in order, a second one at once."""
    over, loop = asyncio.Event(), asyncio.get_running_loop()

    def end() -> None:
        over.set()
        loop.remove_signal_handler(signal.SIGINT)

    loop.add_signal_handler(signal.SIGINT, end)
    return over


async def _outage(arena: Arena, after: float, over: asyncio.Event) -> None:
    """Once, while it is warming up, Telegram is away, and everybody's lines come at once when it is back: memory stands
    at its height before its slope is measured. Without it a heap of lines late in the run looks like a leak."""
    with suppress(TimeoutError):
        await asyncio.wait_for(over.wait(), after)
        return
    fault = await arena.control.fault("connect", "cut_before", count=None)
    await arena.control.call("POST", "/drop", user=ACCOUNT)
    with suppress(TimeoutError):
        await asyncio.wait_for(over.wait(), OUTAGE)
    await arena.control.call("DELETE", f"/faults/{fault}")


async def soak(arena: Arena, idle: Path, arguments: argparse.Namespace) -> bool:
    """Play it, and tell what came of it; whether all was well."""
    over = _over_with_ctrl_c()
    arena.rewrite_scenario(r"^turns_per_hour = \d+", f"turns_per_hour = {TIRELESS}")
    await arena.start()
    crowd = Crowd(arena, arguments.dialogs)
    print(f"{arguments.dialogs} dialogs begin", flush=True)
    await crowd.gather()
    troubles = Troublemaker(crowd)
    course = Course(arena, troubles)
    operator = asyncio.create_task(crowd.give_back(), name="operator")
    try:
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(crowd.talk(arguments.rate, over), name="crowd")
            tasks.create_task(troubles.make(over), name="troubles")
            tasks.create_task(course.follow(over), name="course")
            tasks.create_task(_outage(arena, arguments.minutes * 60 * WARMING_UP / 2, over), name="outage")
            asyncio.get_running_loop().call_later(arguments.minutes * 60, over.set)
        print("no more lines, no more trouble: everything comes to rest and is judged", flush=True)
        record = await arena.rest()
        assert not operator.done(), f"the operator gave up: {operator.exception()!r}"
    finally:
        operator.cancel()
    verdict, leaks = judge(record), await arena.leaks()
    counts = {
        **verdict.counts,
        "leaks": len(leaks),
        "died": len(arena.keeper.ended),
        "bad_exit": int(arena.exit_code != 0),
        "harness": len(troubles.wrong),
    }
    if not verdict.clean:
        print("\n".join(str(verdict).splitlines()[:EVIDENCE]))
    for found in (*leaks[:EVIDENCE], *troubles.wrong[:EVIDENCE]):
        print(found)
    told = {"the product": _beats(arena.house.folder, "salesbot*.log"), "an idle one": _beats(idle.parent, idle.name)}
    measured, minutes = course.measured(told["the product"]), (course.ended - course.warm) / 60
    course.keep(arena.house.folder / "course.json")
    lags = [(name, between(some, course.began, course.ended)) for name, some in told.items()]
    print(
        "",
        _summary(course, verdict, crowd),
        "| count | found |\n|---|---|\n" + "\n".join(f"| {name} | {count} |" for name, count in counts.items()),
        slopes_table(measured, minutes),
        lag_table(lags),
        troubles.table(),
        sep="\n\n",
    )
    return not any(counts.values()) and within(measured, minutes)


def _beats(folder: Path, name: str) -> Sequence[Beat]:
    return [beat for log in sorted(folder.glob(name)) for beat in beats(log.read_text(encoding="utf-8"))]


def _summary(course: Course, verdict: Verdict, crowd: Crowd) -> str:
    late = rate(between(course.turns, course.warm, course.ended))
    return (
        f"{len(crowd.people)} dialogs, {(course.ended - course.began) / 60:.1f} minutes: {course.done:.0f} turns, "
        f"{rate(course.turns):.1f} a second ({late:.1f} in the last two thirds). {verdict.lines_in} lines heard, "
        f"{verdict.lines_out} said, {verdict.calls / max(1, verdict.turns):.2f} calls of the model a turn, "
        f"{verdict.stands} stood, {verdict.in_flight} in flight (longest {verdict.longest_ms:.0f} ms); "
        f"{crowd.given_back} times a dialog was handed over and given back.\n"
        "The sandbox allows any number of costly calls a minute here. The product is one process and is not killed, "
        "for what grows is measured in it."
    )


async def play(arguments: argparse.Namespace) -> int:
    folder: Path = arguments.folder
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(mode=0o700, parents=True)
    server, forks = Server(folder / "postgres"), ForkServer.begun(folder / "forks.out")
    idle = folder / "idle.log"
    try:
        await server.prepare()
        async with (
            opened(
                folder / "house", server, forks, arguments.seed, plainly=True, recording=False, **NO_CEILINGS
            ) as arena,
            _idle_loop(idle),
        ):
            return 0 if await soak(arena, idle, arguments) else 1
    finally:
        forks.close()
        server.close()


def main() -> int:
    parser = argparse.ArgumentParser(
        prog="scripts/soak",
        description="Many dialogs at once and trouble all the time: is anything lost, and does anything grow?",
        epilog="Exit code 0: every count is zero, and every slope within its bound (they are judged when at least ten "
        "minutes were measured: two thirds of the time). Ctrl-C ends it early, in order.",
    )
    parser.add_argument("--minutes", type=float, default=30.0, help="how long (default: 30)")
    parser.add_argument("--dialogs", type=int, default=200, help="how many at once (default: 200)")
    parser.add_argument("--rate", type=float, default=20.0, help="bursts a second that people write (default: 20)")
    parser.add_argument("--seed", type=int, default=1, help="of the dice (default: 1)")
    parser.add_argument("--folder", type=Path, default=ROOT / "var" / "soak", help="for logs and the database")
    try:
        return uvloop.run(play(parser.parse_args()))
    except KeyboardInterrupt:
        return 130


if __name__ == "__main__":
    sys.exit(main())
