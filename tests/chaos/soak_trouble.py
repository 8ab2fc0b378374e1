"""The troubles of a soak: each comes about, lasts for seconds and is over, while everybody goes on talking.

No ``kill -9``: what grows is measured in one process.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any

from sandbox.control.client import ControlRefused
from tests.chaos.kinds.model import NONSENSE
from tests.chaos.record import Expect
from tests.chaos.soak_crowd import Crowd
from tests.support.house import ACCOUNT

SEND = "messages.sendMessage"
COMES_WITHIN = 15.0
"""Seconds in which a fault of the sandbox has to find what it may befall."""
A_SECOND = 1.0
"""Troubles a second, on the average."""

Play = Callable[[Crowd], Awaitable[bool]]
"""Makes a trouble; whether it came about."""
Fields = Mapping[str, Any]


async def _befall(crowd: Crowd, api: str, fields: Fields) -> bool:
    """A rule of the sandbox, once."""
    control = crowd.arena.control
    of_account = {} if api.startswith(("model.", "bot.")) else {"user": ACCOUNT}
    fault = await control.fault(api, **of_account, **fields)
    try:
        await control.fired(fault, timeout=COMES_WITHIN)
    except ControlRefused as refused:
        if refused.status != 408:
            raise
        return False
    finally:
        await control.call("DELETE", f"/faults/{fault}")
    return True


def _any(api: str, *cases: Fields) -> Play:
    """One of these rules for a call or push."""

    async def play(crowd: Crowd) -> bool:
        return await _befall(crowd, api, crowd.arena.chance.choice(cases))

    return play


async def dropped(crowd: Crowd) -> bool:
    """Every connection of the account: at once, or at a byte to come."""
    chance = crowd.arena.chance
    where = (
        {}
        if chance.random() < 0.5
        else {"after_bytes": chance.randrange(4000), "direction": chance.choice(("in", "out"))}
    )
    return bool((await crowd.arena.control.call("POST", "/drop", user=ACCOUNT, **where))["dropped"])


async def connection_to_database(crowd: Crowd) -> bool:
    return crowd.arena.proxy.cut_one(crowd.arena.chance)


async def slow_commits(crowd: Crowd) -> bool:
    crowd.arena.proxy.slow_commits(0.2)
    await asyncio.sleep(3.0)
    crowd.arena.proxy.slow_commits(0.0)
    return True


async def database_away(crowd: Crowd) -> bool:
    """Shorter and longer than the lease of the account."""
    crowd.arena.proxy.away = True
    await asyncio.sleep(crowd.arena.chance.choice((0.5, 1.0, 4.0)))
    crowd.arena.proxy.away = False
    return True


async def database_silent(crowd: Crowd) -> bool:
    crowd.arena.proxy.freeze()
    await asyncio.sleep(crowd.arena.chance.uniform(0.5, 1.5))
    crowd.arena.proxy.thaw()
    return True


async def stopped(crowd: Crowd) -> bool:
    """The operator stops a dialog in the middle of a turn, and lets it go on."""
    arena = crowd.arena
    async with crowd.one_apart() as (who, number):
        await arena.line(who, Expect.AT_MOST_ONCE)
        await arena.stop(number)
        await arena.line(who, Expect.AT_MOST_ONCE)
        await arena.ask(f"/resume {number}", f"№ {number}: goes on")
        await crowd.line(who)
        await crowd.answered(who)
    return True


async def taken(crowd: Crowd) -> bool:
    """A colleague types in the middle of a turn; the operator gives the dialog back."""
    arena = crowd.arena
    async with crowd.one_apart() as (who, number):
        await arena.line(who, Expect.AT_MOST_ONCE)
        await arena.colleague(who)
        await arena.status(number, "taken")
        await arena.line(who, Expect.AT_MOST_ONCE)
        await arena.ask(f"/give {number}", f"№ {number}: the model speaks again")
        await crowd.line(who)
        await crowd.answered(who)
    return True


def _model(*cases: Fields) -> Play:
    return _any("model.chat", *cases)


def _push(action: str, **fields: Any) -> Play:
    return _any("push.*", {"action": action, **fields})


TROUBLES: Mapping[str, tuple[float, Play]] = {
    "model: 5xx, 429": (
        10,
        _model(
            *({"action": "error", "code": code} for code in (500, 502, 503, 429)),
            {"action": "flood_wait", "seconds": 1},
            {"action": "error", "code": 402, "seconds": 2, "metadata": {"limit_source": "openrouter_in_flight_budget"}},
        ),
    ),
    "model: hangs": (3, _model({"action": "hang"})),
    "model: slow": (5, _model({"action": "delay", "seconds": 2}, {"action": "delay", "seconds": 4})),
    "model: nonsense": (15, _model(*NONSENSE.values())),
    "model: answer lost": (
        5,
        _model({"action": "cut_before"}, {"action": "cut_after"}, {"action": "cut_at", "bytes": 90}),
    ),
    "model: refuses to speak (403)": (
        1,
        _model({"action": "error", "code": 403, "metadata": {"reasons": ["violence"], "flagged_input": "Please"}}),
    ),
    "pushes lost": (5, _push("lose")),
    "pushes twice": (5, _push("duplicate")),
    "pushes in another order": (5, _push("reorder")),
    "pushes late": (5, _push("delay", seconds=1)),
    "connection to Telegram dropped": (3, dropped),
    "connection cut in an answer": (2, _any(SEND, {"action": "cut_at", "bytes": 0}, {"action": "cut_at", "bytes": 60})),
    "answer to a send lost": (
        2,
        _any(SEND, {"action": "cut_after"}, {"action": "cut_before"}, {"action": "drop_answer"}),
    ),
    "flood wait of two seconds": (1, _any(SEND, {"action": "flood_wait", "seconds": 2})),
    "bot: updates twice": (2, _any("bot.getUpdates", {"action": "duplicate"})),
    "bot: refused, or its answer lost": (
        2,
        _any("bot.*", {"action": "error", "code": 502, "text": "Bad Gateway"}, {"action": "cut_after"}),
    ),
    "database: one connection dropped": (15, connection_to_database),
    "database: commits slow for three seconds": (2, slow_commits),
    "database: away for up to four seconds": (1, database_away),
    "database: silent for a second": (1, database_silent),
    "operator: /stop and /resume": (4, stopped),
    "a colleague types, /give": (4, taken),
}
"""By name: how often each comes, compared with the others, and what it is."""

_LAW = ("database: commits slow", "database: away", "database: silent")


class Troublemaker:
    """Makes trouble of every sort; ``tried`` and ``came`` count it, ``wrong`` is what went wrong with the making."""

    def __init__(self, crowd: Crowd) -> None:
        self.tried: Counter[str] = Counter()
        self.came: Counter[str] = Counter()
        self.wrong: list[str] = []
        self._crowd = crowd
        self._chance = crowd.arena.chance
        self._database = asyncio.Lock()

    async def make(self, over: asyncio.Event) -> None:
        """Trouble after trouble until it is over and the last one has ended."""
        names: Sequence[str] = list(TROUBLES)
        weights = [TROUBLES[name][0] for name in names]
        async with asyncio.TaskGroup() as running:
            while not over.is_set():
                (name,) = self._chance.choices(names, weights)
                running.create_task(self._play(name), name=name)
                await asyncio.sleep(self._chance.expovariate(A_SECOND))

    async def _play(self, name: str) -> None:
        self.tried[name] += 1
        try:
            if name.startswith(_LAW):
                async with self._database:  # two of them would end each other
                    self.came[name] += await TROUBLES[name][1](self._crowd)
            else:
                self.came[name] += await TROUBLES[name][1](self._crowd)
        except (AssertionError, ControlRefused, TimeoutError) as exc:
            self.wrong.append(f"{name}: {type(exc).__name__}: {exc}")

    def table(self) -> str:
        """Markdown."""
        lines = ["| trouble | came about | tried |", "|---|---|---|"]
        lines += [f"| {name} | {self.came[name]} | {self.tried[name]} |" for name in TROUBLES]
        return "\n".join([*lines, f"| **all** | {self.came.total()} | {self.tried.total()} |"])
