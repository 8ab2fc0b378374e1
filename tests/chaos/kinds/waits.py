"""Long waits: stored, kept over a kill, and nothing is sent while they last; then the stored times are shifted."""

from __future__ import annotations

import asyncio

from tests.chaos.arena import Arena
from tests.chaos.kinds import Case, Kind, always
from tests.support.house import ACCOUNT
from tests.support.waiting import until

WHO = "anna"


async def _nothing_is_sent(arena: Arena, number: int) -> None:
    """Kill it in the wait; the next start keeps still as well."""
    before = len([line for line in arena.witness.lines if line.by_product])
    kills = len(arena.keeper.ended)
    arena.keeper.kill()

    async def back() -> bool:
        return len(arena.keeper.ended) > kills and arena.keeper.up.is_set()

    await until(back, "it was killed and started again")
    await arena.ask("/list", f"№ {number}")
    await asyncio.sleep(1.5)  # it looks for what is due each second
    assert len([line for line in arena.witness.lines if line.by_product]) == before, "something was sent in the wait"


async def flood(arena: Arena, case: Case) -> bool:
    """A flood wait of five hours, in the middle of a reply or before it."""
    await arena.start()
    number = await arena.open(WHO)
    fault = await arena.control.fault(
        "messages.sendMessage", "flood_wait", user=ACCOUNT, seconds=18_000, skip=case["skip"]
    )
    await arena.line(WHO, tokens=3)
    await arena.control.fired(fault, timeout=60)

    async def stored() -> bool:
        return bool(await arena.value("select flood_until > now() + interval '4 hours' from accounts"))

    await until(stored, "the end of the wait is stored")
    await _nothing_is_sent(arena, number)
    assert await stored()
    await arena.wait_is_over(number)
    await arena.answered()
    return True


async def follow_up(arena: Arena, case: Case) -> bool:
    """A follow-up in a day."""
    await arena.start()
    number = await arena.open(WHO)
    await arena.line(WHO)
    await arena.answered()

    async def stored() -> bool:
        return bool(
            await arena.value("select follow_up_at > now() + interval '20 hours' from dialogs where id = $1", number)
        )

    await until(stored, "the time of the follow-up is stored")
    await _nothing_is_sent(arena, number)
    assert await stored()
    await arena.follow_up_is_due(number)
    await arena.follow_up_came(number)
    await arena.line(WHO)
    await arena.answered()
    return True


KINDS = (
    Kind("waits.flood", 22, flood, always({"skip": 0}, {"skip": 1}, {"skip": 2})),
    Kind("waits.follow_up", 22, follow_up, always()),
)
