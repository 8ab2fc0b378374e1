"""``kill -9`` at every place that a run without trouble passes, and at random moments."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from functools import partial

from tests.chaos.acts import ACTS
from tests.chaos.arena import Arena
from tests.chaos.ends import Place
from tests.chaos.kinds import Case, Kind, Places, always
from tests.chaos.wire import Moment

OFTEN = 2
"""What comes again and again is tried so many times: its further places differ in nothing."""
CALL_MOMENTS = {"before": "kill_before", "after": "kill_after", "answered": "kill_answered"}
"""A call is not carried out any more; carried out and not answered; answered."""


def ends(moment: Moment, places: Places) -> Sequence[Case]:
    return [
        {"act": act, "moment": moment, "at": end["label"], "signature": end["signature"], "occurrence": occurrence}
        for act, passed in places.ends.items()
        for end in passed
        for occurrence in range(1, min(end["times"], OFTEN if end["writes"] else 1) + 1)
    ]


async def at_an_end(arena: Arena, case: Case) -> bool:
    """Before or after the n-th end of a transaction of this sort, or before its answer comes back."""
    arena.proxy.strike(Place(case["signature"], case["occurrence"]), Moment(case["moment"]), arena.keeper.kill)
    await arena.start()
    await ACTS[case["act"]](arena)
    return arena.proxy.struck.is_set()


def calls(when: str, places: Places) -> Sequence[Case]:
    return [
        {"act": act, "api": api, "action": CALL_MOMENTS[when], "skip": skip}
        for act, passed in places.calls.items()
        for api, times in passed.items()
        for skip in range(min(times, OFTEN))
    ]


async def at_a_call(arena: Arena, case: Case) -> bool:
    """When the n-th call of this name arrives, has been carried out, or has been answered."""
    await arena.start()
    pid = arena.keeper.product.child.pid
    fault = await arena.control.fault(case["api"], case["action"], pid=pid, skip=case["skip"])
    await ACTS[case["act"]](arena)
    rule = next(rule for rule in await arena.control.call("GET", "/faults") if rule["id"] == fault)
    return bool(rule["fired"])


async def at_random(arena: Arena, case: Case) -> bool:
    """Three kills, wherever the act is then."""

    async def strike() -> None:
        for _ in range(3):
            await asyncio.sleep(arena.chance.uniform(0.3, 2.5))
            arena.keeper.kill()

    await arena.start()
    striking = asyncio.create_task(strike(), name="kills")
    await ACTS[case["act"]](arena)
    await striking
    return arena.keeper.kills > 0


def _of(moment: Moment) -> Callable[[Places], Sequence[Case]]:
    return partial(ends, moment)


def _when(when: str) -> Callable[[Places], Sequence[Case]]:
    return partial(calls, when)


KINDS = (
    *(
        Kind(f"kill.end.{moment}", 100, at_an_end, _of(moment))
        for moment in (Moment.BEFORE, Moment.SENT, Moment.UNANSWERED)
    ),
    *(Kind(f"kill.call.{when}", 60, at_a_call, _when(when)) for when in CALL_MOMENTS),
    Kind("kill.random", 30, at_random, always(*({"act": act} for act in ACTS))),
)
