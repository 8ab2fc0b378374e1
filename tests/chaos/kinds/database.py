"""PostgreSQL killed and restarted, gone for a minute, its connections dropped one by one, its commits slow."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from tests.chaos.acts import conversation
from tests.chaos.arena import PATIENCE, Arena
from tests.chaos.kinds import Case, Kind, Places, always
from tests.chaos.kinds.kill import ends, strike_at_ends
from tests.chaos.wire import Moment

A_TALK = 60
"""Transactions, one after the other, that a short talk is made of."""


async def killed(arena: Arena, case: Case) -> bool:
    """``kill -9`` of PostgreSQL after a while, and again, while people go on writing."""
    await arena.start()
    talking = asyncio.create_task(conversation(arena, seconds=sum(case["after"]), slowly=2), name="conversation")
    for after in case["after"]:
        await asyncio.sleep(after)
        await arena.server.kill()
        await asyncio.sleep(arena.chance.uniform(0.1, 3.0))
        arena.server.restart()
    await talking
    return True


async def gone(arena: Arena, case: Case) -> bool:
    """Away for a minute: nothing is lost of what people write meanwhile."""
    await arena.start()
    talking = asyncio.create_task(conversation(arena, seconds=case["seconds"] + 8, slowly=5), name="conversation")
    await asyncio.sleep(4)
    arena.proxy.away = True
    await asyncio.sleep(case["seconds"])
    arena.proxy.away = False
    await talking
    return True


def cuts(places: Places) -> Sequence[Case]:
    """Anywhere while people write, and right after a transaction whose answer is lost on the way."""
    return [case for end in ends(Moment.UNANSWERED, places) for case in (end, {"places": []})]


async def dropped(arena: Arena, case: Case) -> bool:
    """One connection after another is reset."""
    if case["places"]:
        return await strike_at_ends(arena, case, lambda: None)
    await arena.start()
    talking = asyncio.create_task(conversation(arena, seconds=6), name="conversation")
    cut = 0
    while not talking.done():
        await asyncio.sleep(arena.chance.uniform(0.05, 0.6))
        cut += arena.proxy.cut_one(arena.chance)
    await talking
    return cut > 0


async def slow(arena: Arena, case: Case) -> bool:
    """Every transaction that writes waits before its end."""
    await arena.start()
    arena.proxy.slow_commits(case["seconds"])
    await conversation(arena, seconds=5, patience=PATIENCE + A_TALK * case["seconds"])
    arena.proxy.slow_commits(0.0)
    return True


async def silent(arena: Arena, case: Case) -> bool:
    """The links stay open and carry nothing, shorter and longer than the lease."""
    await arena.start()
    talking = asyncio.create_task(conversation(arena, seconds=case["seconds"] + 6), name="conversation")
    await asyncio.sleep(3)
    arena.proxy.freeze()
    await asyncio.sleep(case["seconds"])
    arena.proxy.thaw()
    await talking
    return True


KINDS = (
    Kind(
        "database.killed",
        21,
        killed,
        always({"after": (5, 5)}, {"after": (8, 12)}, {"after": (5, 15)}, {"after": (40,)}),
    ),
    Kind("database.gone", 22, gone, always({"seconds": 60})),
    Kind("database.dropped", 22, dropped, cuts),
    Kind("database.slow", 22, slow, always({"seconds": 0.1}, {"seconds": 0.5}, {"seconds": 1.5})),
    Kind("database.silent", 22, silent, always({"seconds": 1}, {"seconds": 5}, {"seconds": 15})),
)
