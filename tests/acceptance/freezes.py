"""The owner is frozen at a random moment, with people writing all the time, and woken once another process has spoken.

    python -m tests.acceptance.freezes --times 50 [--seed N]

Two products serve one database. Again and again the one that owns the account stops (SIGSTOP), the other takes over
and says something, the first goes on (SIGCONT) and becomes the standby. What the account's connections sent is read
from the sandbox's log, which knows the two only by their connections.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import random
import re
import signal
import statistics
import sys
import tempfile
import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import asyncpg

from salesbot.store.migrate import migrate
from sandbox import postgres
from tests.support.forkserver import ForkServer
from tests.support.house import ACCOUNT, House, Json, open_house
from tests.support.ledger import agree
from tests.support.product import Product
from tests.support.waiting import until

TAKEOVER = 10.0
"""Seconds after which another process has taken over: law 3."""
PATIENCE = 60.0
PEOPLE = ("anna", "boris", "clara", "dmitri", "emma")
BY_CLIENT = ("handshake", "service", "rpc")
"""The kinds of the log's lines that are packets of a client."""


@dataclass(slots=True)
class Figures:
    """What the freezes showed. Times are seconds from the freeze to the new owner's first packet."""

    takeovers: list[float] = field(default_factory=list)
    packets: int = 0
    late: list[Json] = field(default_factory=list)
    """Packets on an older connection after the first one on a newer connection."""
    answered: int = 0

    def __str__(self) -> str:
        return (
            f"{len(self.takeovers)} freezes: takeover median {statistics.median(self.takeovers):.1f} s, "
            f"most {max(self.takeovers):.1f} s; {self.packets} packets, {len(self.late)} of them on an older "
            f"connection after a newer one had spoken; {self.answered} lines answered once each"
        )


class Wire:
    """What the account's connections sent, as the sandbox saw it. Its log forgets: it is read after each freeze."""

    def __init__(self, house: House) -> None:
        self._house = house
        self._since = 0
        self.packets = 0
        self.newest = 0
        """The newest connection that has spoken."""
        self.late: list[Json] = []

    async def read(self) -> None:
        told = await self._house.control.call("GET", "/log", since=self._since, user=ACCOUNT)
        self._since = told["last"]
        self.packets += sum(line["kind"] in BY_CLIENT for line in told["lines"])
        for line in told["lines"]:
            if line["kind"] in BY_CLIENT:
                if line["connection"] < self.newest:
                    self.late.append(line)
                self.newest = max(self.newest, line["connection"])

    async def line_of_newer(self, than: int, **which: str) -> Json:
        """The first line of the log, of this kind and method, on a connection newer than this one."""

        async def look() -> Json | None:
            told = await self._house.control.call("GET", "/log", since=self._since, user=ACCOUNT, **which)
            return next((line for line in told["lines"] if line["connection"] > than), None)

        return await until(look, f"a connection newer than {than} speaks", PATIENCE)

    async def end_of(self, connection: int) -> None:
        async def look() -> bool:
            told = await self._house.control.call("GET", "/log", since=self._since, user=ACCOUNT, kind="disconnect")
            return any(line["connection"] == connection for line in told["lines"])

        await until(look, f"connection {connection} is gone", PATIENCE)


class Crowd:
    """People who write as long as they are let, each a line or a few, and wait for the answer to the last of them."""

    def __init__(self, house: House, people: Iterable[str], chance: random.Random) -> None:
        self._house = house
        self._chance = chance
        self._enough = asyncio.Event()
        self.said = dict.fromkeys(people, 0)

    async def talk(self) -> None:
        async with asyncio.TaskGroup() as tasks:
            for who in self.said:
                tasks.create_task(self._talk(who))

    def enough(self) -> None:
        self._enough.set()

    async def line(self, who: str) -> str:
        """One line with a token of its own: a short one, for the product takes who types much at once for a machine."""
        self.said[who] += 1
        token = f"{who.upper()}-{self.said[who]}"
        await self._house.says(who, token)
        return token

    async def _talk(self, who: str) -> None:
        while not self._enough.is_set():
            for _ in range(self._chance.choice((1, 1, 2, 3))):
                token = await self.line(who)
            await self._house.hears(who, rf"\b{token}\b", timeout=PATIENCE)

    async def check(self, numbers: Sequence[int]) -> int:
        """Every token was said to whom it belongs, once; what the database holds agrees. The number of tokens."""
        for who, number in zip(self.said, numbers, strict=True):
            await self._house.has_stored(number, f"{who.upper()}-{self.said[who]}", PATIENCE)
        await self._house.at_rest(*numbers, seconds=PATIENCE)
        for who, number in zip(self.said, numbers, strict=True):
            words = " ".join(await self._house.heard(who)).split()
            times = {t: words.count(t) for t in (f"{who.upper()}-{n}" for n in range(1, self.said[who] + 1))}
            assert set(times.values()) == {1}, {token: count for token, count in times.items() if count != 1}
            await agree(self._house, number)
        return sum(self.said.values())


def second_product(house: House, forks: ForkServer, **changed: str) -> Product:
    """Another process on the same database, in a folder of its own."""
    folder = house.folder / "second"
    folder.mkdir()
    settings = {**house.product.settings, "LOG_FILE": str(folder / "salesbot.log"), **changed}
    return Product(folder, forks, settings)


async def freeze(product: Product) -> float:
    """Stop the process where it is; returns when the kernel has done so, with the time it was asked."""
    asked = time.time()
    product.child.send(signal.SIGSTOP)

    async def stopped() -> bool:
        stat = Path(f"/proc/{product.child.pid}/stat").read_text(encoding="ascii")
        return stat.rpartition(")")[2].split()[0] == "T"

    await until(stopped, "it stands still")
    return asked


async def _some_moment(house: House, chance: random.Random) -> int | None:
    """Wait for a moment to freeze in: after so many packets, as a part is being sent, before it is carried out, or
    before its answer. The fault that holds something, if one does."""
    since = (await house.control.call("GET", "/log", since=1 << 60))["last"]
    match chance.choice(("packets", "packets", "sending", "hold", "hold_answer")):
        case "packets":
            times = chance.randint(1, 25)
            await house.control.call("POST", "/wait/log", since=since, user=ACCOUNT, times=times, timeout=PATIENCE)
        case "sending":
            which = {"kind": "rpc", "method": "messages.sendMessage", "times": chance.randint(1, 5)}
            await house.control.call("POST", "/wait/log", since=since, user=ACCOUNT, timeout=PATIENCE, **which)
        case how:
            held = await house.control.fault("messages.sendMessage", how, user=ACCOUNT, skip=chance.randint(0, 3))
            await house.control.fired(held, timeout=PATIENCE)
            return held
    return None


async def freezes(house: House, other: Product, times: int, seed: int) -> Figures:
    """Everything is started here; in the end both processes run, and nobody writes any more."""
    chance = random.Random(seed)
    # Telegram cannot know that a process is frozen: its connection stands open, silent, beside the new one.
    await house.control.call("PATCH", "/rules", duplicate_key_kills=False)
    await house.product.start()
    numbers = [await house.begin(who) for who in PEOPLE]
    await other.start()
    owner, standby = house.product, other
    wire, crowd, figures = Wire(house), Crowd(house, PEOPLE, chance), Figures()
    talking = asyncio.create_task(crowd.talk())
    try:
        for _ in range(times):
            held = await _some_moment(house, chance)
            asked = await freeze(owner)
            if held is not None:
                await house.control.call("POST", f"/faults/{held}/release")
            await wire.read()
            old = wire.newest
            await crowd.line(chance.choice(PEOPLE))
            first = await wire.line_of_newer(old)
            figures.takeovers.append(first["at"] - asked)
            await wire.line_of_newer(old, kind="rpc", method="messages.sendMessage")
            owner.child.send(signal.SIGCONT)
            await wire.end_of(old)
            await wire.read()
            assert owner.child.alive, f"it did not survive its waking:\n{owner.log()}"
            owner, standby = standby, owner
    finally:
        crowd.enough()
        owner.child.send(signal.SIGCONT)
        standby.child.send(signal.SIGCONT)
        await talking
    figures.answered = await crowd.check(numbers)
    await wire.read()
    figures.packets, figures.late = wire.packets, wire.late
    return figures


SETTINGS = {"LLM_MODELS": "sandbox/echo", "TYPING_MIN_SECONDS": "0.1", "TYPING_MAX_SECONDS": "0.1"}


async def _run(folder: Path, dsn: str, times: int, seed: int) -> Figures:
    connection = await asyncpg.connect(dsn)
    await migrate(connection)
    await connection.close()
    forks = ForkServer.begun(folder / "forks.out")
    try:
        async with open_house(folder, forks, dsn) as house:
            _nobody_is_tired_of(house.folder / "scenarios" / "sales" / "scenario.toml")
            await house.sign_in()
            await house.tell_bot("/start")
            house.product = Product(folder, forks, {**house.product.settings, **SETTINGS})
            other = second_product(house, forks)
            try:
                return await freezes(house, other, times, seed)
            finally:
                await other.close()
    finally:
        forks.close()


def _nobody_is_tired_of(scenario: Path) -> None:
    """These people write for many minutes: more in an hour than a conversation between two humans takes."""
    text, found = re.subn(r"(?m)^turns_per_hour = \d+", "turns_per_hour = 1000", scenario.read_text(encoding="utf-8"))
    assert found == 1
    scenario.write_text(text, encoding="utf-8")


def main() -> int:
    parser = argparse.ArgumentParser(prog="freezes", description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--times", type=int, default=50)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--folder", type=Path, help="kept afterwards; a temporary one unless given")
    wanted = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="freezes-") as temporary:
        folder = wanted.folder or Path(temporary)
        folder.mkdir(parents=True, exist_ok=True)
        os.chmod(folder, 0o700)
        server = postgres.start(folder / "postgres", durable=False)
        try:
            figures = asyncio.run(_run(folder, server.dsn, wanted.times, wanted.seed))
        finally:
            server.stop()
    print(figures)
    for line in figures.late:
        print(line)
    return bool(figures.late) or max(figures.takeovers) > TAKEOVER


if __name__ == "__main__":
    sys.exit(main())
