"""``kill -9`` at every place that a run without trouble passes, and at random moments."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from itertools import zip_longest
from typing import Any

from tests.chaos.acts import ACTS, ADDED
from tests.chaos.arena import Arena
from tests.chaos.ends import Place
from tests.chaos.kinds import Case, Kind, Places, always
from tests.chaos.wire import Moment

OFTEN = 2
"""What comes again and again in an act is tried so many times: its further places differ in nothing."""
END_MOMENTS = {Moment.BEFORE: 158, Moment.SENT: 138, Moment.UNANSWERED: 138}
"""With their shares of the whole proof."""
CALL_MOMENTS = {"before": "kill_before", "after": "kill_after", "answered": "kill_answered"}
"""A call is not carried out any more; carried out and not answered; answered."""


def ends(moment: Moment, places: Places) -> Sequence[Case]:
    """Every end of a transaction that an act passes, two a run: one in its first half, and one in its second, by the
    process that was started after the first.

    What every act passes once while it starts is tried in one act. A transaction that only reads leaves nothing behind:
    it is tried at one moment, in one act. Acts that are mostly made of what the others pass as well (``ADDED``) are
    struck where each sort comes for about the last time, and once more after that.
    """
    single = ({end["signature"] for end in passed if end["times"] == 1} for passed in places.ends.values())
    at_start = set.intersection(*single)
    tried: set[str] = set()
    cases: list[Case] = []
    for act, passed in places.ends.items():
        once = at_start | {end["signature"] for end in passed if not end["writes"]}
        ways = [
            {"signature": end["signature"], "at": end["label"], "occurrence": occurrence}
            for end in passed
            if end["signature"] not in once & tried and (end["writes"] or moment is Moment.BEFORE)
            for occurrence in _occurrences(act, end)
        ]
        tried |= {end["signature"] for end in passed}
        half = (len(ways) + 1) // 2
        later = [{**way, "occurrence": 1} for way in ways[half:]] if act in ADDED else ways[half:]
        pairs = zip_longest(ways[:half], later)
        cases += [{"act": act, "moment": moment, "places": [way for way in pair if way]} for pair in pairs]
    return cases


def _occurrences(act: str, end: Mapping[str, Any]) -> Sequence[int]:
    if act in ADDED:
        return [end["times"] - (end["times"] > OFTEN)]  # what comes often may come once less
    return range(1, 1 + min(end["times"], OFTEN if end["writes"] else 1))


async def at_an_end(arena: Arena, case: Case) -> bool:
    """Before or after the n-th end of a transaction of this sort, or before its answer comes back."""
    return await strike_at_ends(arena, case, arena.keeper.kill)


async def strike_at_ends(arena: Arena, case: Case, deed: Callable[[], None]) -> bool:
    """Play an act, and do something at each of the case's places, whose connection is reset with it."""
    left = [Place(way["signature"], way["occurrence"]) for way in case["places"]]

    def strike() -> None:
        arena.struck += 1
        deed()
        arm()

    def arm() -> None:
        if left:
            arena.proxy.strike(left.pop(0), Moment(case["moment"]), strike)

    arm()
    await arena.start()
    await ACTS[case["act"]](arena)
    return arena.struck > 0


def calls(when: str, places: Places) -> Sequence[Case]:
    """Every call that any act makes, in the first act that makes it so often."""
    found: dict[tuple[str, int], Case] = {}
    for act, passed in places.calls.items():
        for api, times in passed.items():
            for skip in range(min(times, OFTEN)):
                found.setdefault((api, skip), {"act": act, "api": api, "action": CALL_MOMENTS[when], "skip": skip})
    return list(found.values())


async def at_a_call(arena: Arena, case: Case) -> bool:
    """When the n-th call of this name arrives, has been carried out, or has been answered."""
    await arena.start()
    pid = arena.keeper.product.child.pid
    fault = await arena.control.fault(case["api"], case["action"], pid=pid, skip=case["skip"])
    await ACTS[case["act"]](arena)
    rule = next(rule for rule in await arena.control.call("GET", "/faults") if rule["id"] == fault)
    arena.struck = rule["fired"]
    return arena.struck > 0


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
    arena.struck = arena.keeper.kills
    return arena.struck > 0


KINDS = (
    *(Kind(f"kill.end.{moment}", share, at_an_end, partial(ends, moment)) for moment, share in END_MOMENTS.items()),
    *(Kind(f"kill.call.{when}", 30, at_a_call, partial(calls, when)) for when in CALL_MOMENTS),
    Kind("kill.random", 35, at_random, always(*({"act": act} for act in ACTS))),
)
