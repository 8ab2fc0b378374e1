"""The operator, a colleague and the person act at the worst moments of a turn."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping

from tests.chaos.acts import STOP_WRITING
from tests.chaos.arena import Arena
from tests.chaos.kinds import Case, Kind, always
from tests.chaos.ledger import TOKEN
from tests.chaos.record import Expect
from tests.support.house import ACCOUNT

WHO = "anna"
SLOW = {"DEBOUNCE_SECONDS": "1.5", "PART_PAUSE_SECONDS": "0.7"}
"""Long enough for somebody to act before the model is asked, and between two parts."""

Deed = Callable[[Arena, int, int], Awaitable[bool]]
"""Does something in a dialog whose line with this id waits for its answer; whether the dialog goes on by itself."""


async def stop(arena: Arena, number: int, line: int) -> bool:
    await arena.tell(f"/stop {number}")
    return False


async def take(arena: Arena, number: int, line: int) -> bool:
    await arena.tell(f"/take {number}")
    return False


async def types(arena: Arena, number: int, line: int) -> bool:
    await arena.colleague(WHO)
    return False


async def opts_out(arena: Arena, number: int, line: int) -> bool:
    await arena.control.say(WHO, ACCOUNT, STOP_WRITING)
    return False


async def writes(arena: Arena, number: int, line: int) -> bool:
    await arena.line(WHO)
    return True


async def edits(arena: Arena, number: int, line: int) -> bool:
    await arena.control.call("POST", "/edit", as_=WHO, message_id=line, text="Something else, please")
    return True


async def deletes(arena: Arena, number: int, line: int) -> bool:
    await arena.control.call("POST", "/delete", as_=WHO, message_id=line)
    return True


DEEDS: Mapping[str, Deed] = {deed.__name__: deed for deed in (stop, take, types, opts_out, writes, edits, deletes)}
STATUS = {"stop": "stopped", "take": "taken", "types": "taken", "opts_out": "closed"}


async def begin(arena: Arena) -> int:
    """A dialog with Anna in which one line was answered: its number."""
    await arena.start()
    number = await arena.open(WHO)
    await arena.line(WHO)
    await arena.answered()
    return number


async def _hold(arena: Arena, api: str, tokens: int = 1, **whose: str) -> tuple[int, int, int]:
    """A line whose answer is held where this call is made: its dialog, its id, and the fault to release."""
    number = await begin(arena)
    held = await arena.control.fault(api, "hold", **whose)
    said = await arena.line(WHO, Expect.AT_MOST_ONCE, tokens=tokens)
    await arena.control.fired(held, timeout=60)
    return number, said["id"], held


async def _end(arena: Arena, number: int, deed: str, goes_on: bool) -> bool:
    """What comes after it is answered, or never is."""
    if goes_on:
        await arena.line(WHO)
        await arena.answered()
    else:
        await arena.status(number, STATUS[deed])
        await arena.line(WHO, Expect.NEVER)
    return True


async def before_model(arena: Arena, case: Case) -> bool:
    """While the burst is still waited for."""
    number = await begin(arena)
    said = await arena.line(WHO, Expect.AT_MOST_ONCE)
    goes_on = await DEEDS[case["deed"]](arena, number, said["id"])
    return await _end(arena, number, case["deed"], goes_on)


async def thinking(arena: Arena, case: Case) -> bool:
    """While the model thinks."""
    number, line, held = await _hold(arena, "model.chat")
    goes_on = await DEEDS[case["deed"]](arena, number, line)
    await asyncio.sleep(arena.chance.uniform(0.0, 0.6))
    await arena.control.call("POST", f"/faults/{held}/release")
    return await _end(arena, number, case["deed"], goes_on)


async def before_commit(arena: Arena, case: Case) -> bool:
    """Between the model's answer and the commit of the turn: somebody holds the dialog's row meanwhile."""
    number, line, held = await _hold(arena, "model.chat")
    async with arena.house.db.acquire() as connection, connection.transaction():
        await connection.execute("select from dialogs where id = $1 for no key update", number)
        await arena.control.call("POST", f"/faults/{held}/release")
        goes_on = await DEEDS[case["deed"]](arena, number, line)
        await asyncio.sleep(arena.chance.uniform(0.2, 1.0))  # who comes first to the row is left open on purpose
    return await _end(arena, number, case["deed"], goes_on)


async def between_parts(arena: Arena, case: Case) -> bool:
    """After the first part of three, before the second."""
    number = await begin(arena)
    said = await arena.line(WHO, Expect.AT_MOST_ONCE, tokens=3)
    await arena.house.hears(WHO, TOKEN.findall(said["text"])[0], timeout=60)
    goes_on = await DEEDS[case["deed"]](arena, number, said["id"])
    return await _end(arena, number, case["deed"], goes_on)


async def before_part(arena: Arena, case: Case) -> bool:
    """Claimed, and on its way to Telegram: it may still arrive; nothing after it."""
    number, line, held = await _hold(arena, "messages.sendMessage", tokens=2, user=ACCOUNT)
    goes_on = await DEEDS[case["deed"]](arena, number, line)
    await asyncio.sleep(arena.chance.uniform(0.2, 0.8))
    await arena.control.call("POST", f"/faults/{held}/release")
    return await _end(arena, number, case["deed"], goes_on)


async def starts(arena: Arena, case: Case) -> bool:
    """/start delivered twice, or together with the person's own first message."""
    await arena.start()
    if case["deed"] == "twice":
        again = await arena.control.fault("bot.getUpdates", "duplicate")
        await arena.open(WHO)
        await arena.control.fired(again, timeout=60)
    else:
        said = arena.line(WHO, words="Hello, {} to begin with")
        told = arena.tell(f"/start @{WHO}")
        first, second = (said, told) if arena.chance.random() < 0.5 else (told, said)  # type: ignore[assignment]
        await asyncio.gather(first, second)
    await arena.line(WHO)
    await arena.answered()
    assert await arena.value("select count(*) from dialogs") == 1, "a person has one open dialog"
    return True


CASES = always(*({"deed": deed} for deed in DEEDS))
KINDS = (
    *(
        Kind(f"hands.{play.__name__}", 24, play, CASES, SLOW)
        for play in (before_model, thinking, before_commit, between_parts, before_part)
    ),
    Kind("hands.starts", 24, starts, always({"deed": "twice"}, {"deed": "together"})),
)
