"""The story in six acts. Together they use everything that the product does; each is played by itself in a run of a few
seconds, so that a fault can be set at every place of it. An act says what it expects of every token.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable, Mapping, Sequence

from tests.chaos.arena import BRIEFLY, POLITELY, Arena
from tests.chaos.ledger import TOKEN
from tests.chaos.record import Expect
from tests.support.house import ACCOUNT, BOT, OPERATOR

Act = Callable[[Arena], Awaitable[None]]

STOP_WRITING = "Please stop writing to me"


async def talk(arena: Arena) -> None:
    """An opening, a burst, a reply in three parts, a voice message, an edit, a deletion, a quote, a reaction."""
    await arena.open("anna")
    await arena.line("anna")
    await arena.line("anna")
    await arena.answered()
    said = await arena.line("anna", tokens=3)
    await arena.answered()
    await arena.control.call("POST", "/react", as_="anna", message_id=said["id"], emoji="👍")
    await arena.control.say("anna", ACCOUNT, "", media={"kind": "voice", "duration": 3})
    edited = await arena.line("anna", Expect.AT_MOST_ONCE)
    await arena.control.call("POST", "/edit", as_="anna", message_id=edited["id"], text="Something else, please")
    deleted = await arena.line("anna", Expect.AT_MOST_ONCE)
    await arena.control.call("POST", "/delete", as_="anna", message_id=deleted["id"])
    await arena.line("anna")
    await arena.answered()


async def human(arena: Arena) -> None:
    """A colleague types on another device, gives back, and takes again by command."""
    number = await arena.open("boris")
    await arena.line("boris")
    await arena.answered()
    await arena.colleague("boris")
    await arena.status(number, "taken")
    await arena.line("boris", Expect.AT_MOST_ONCE)
    await arena.ask(f"/give {number}", f"№ {number}: the model speaks again")
    await arena.line("boris")
    await arena.answered()
    await arena.ask(f"/take {number}", f"№ {number}: yours")
    await arena.line("boris", Expect.NEVER)
    await arena.colleague("boris", "It is me again")


async def stopped(arena: Arena) -> None:
    """Stopped, resumed, stopped for good."""
    number = await arena.open("clara")
    await arena.line("clara", tokens=2)
    await arena.answered()
    await arena.stop(number)
    await arena.line("clara", Expect.AT_MOST_ONCE)
    await arena.ask(f"/resume {number}", f"№ {number}: goes on")
    await arena.line("clara")
    await arena.answered()
    await arena.stop(number)
    await arena.line("clara", Expect.NEVER)


async def opted_out(arena: Arena) -> None:
    """Somebody wants no more messages: for ever, also when the operator starts anew."""
    number = await arena.open("dmitri")
    await arena.line("dmitri")
    await arena.answered()
    await arena.control.say("dmitri", ACCOUNT, STOP_WRITING)
    await arena.line("dmitri", Expect.NEVER)
    await arena.status(number, "closed")
    await arena.tell("/start @dmitri")
    await arena.refused(number)
    await arena.line("dmitri", Expect.NEVER)


async def follow_up(arena: Arena) -> None:
    """Silence and a follow-up, a reply that calls a human, one that wins."""
    number = await arena.open("emma")
    await arena.line("emma")
    await arena.answered()
    await arena.follow_up_is_due(number)
    await arena.follow_up_came(number)
    for outcome, handoff, status in (("none", "asked", "handoff"), ("won", None, "closed")):
        said = await arena.line("emma")
        token = TOKEN.findall(said["text"])[0]
        reply = {"parts": [f"{token} it is"], "stage": "qualification", "outcome": outcome, "handoff": handoff}
        fault = await arena.control.fault("model.chat", "content", text=json.dumps(reply), count=None)
        await arena.status(number, status)
        await arena.answered()
        await arena.control.call("DELETE", f"/faults/{fault}")
        if handoff:
            await arena.ask(f"/give {number}", f"№ {number}: the model speaks again")
    await arena.line("emma")
    await arena.answered()


async def desk(arena: Arena) -> None:
    """What the operator looks at, asks for twice, and gets wrong."""
    await arena.tell("/start @anna")
    await arena.control.say("anna", ACCOUNT, "Good evening")
    number = await arena.open("anna")
    await arena.line("anna")
    await arena.answered()
    await arena.tell("/start @nobody_at_all")
    await arena.refused(number)
    await arena.ask("/list", f"№ {number}")
    viewed = await arena.ask(f"/view {number}", "ANNA-1")
    await arena.ask(f"/export {number}", f"Exported|№ {number}")
    asked = await arena.tell("/export_all")
    await arena.hears("Exported 2 dialogs", asked)
    buttons = [button for row in (viewed["keyboard"] or {"rows": []})["rows"] for button in row if button["data"]]
    if buttons:
        await arena.control.press(OPERATOR, viewed["id"], data=buttons[0]["data"], timeout=60)
    await arena.control.say(OPERATOR, BOT, "/nonsense")


async def conversation(
    arena: Arena, seconds: float, people: Sequence[str] = ("anna", "boris", "clara"), slowly: float = 1.0
) -> None:
    """People write for a while, now in bursts and now alone; all of it is answered in the end. ``slowly`` draws it out,
    for a burst of a minute does not fit into one reply."""
    for who in people:
        await arena.tell(f"/start @{who}")
    for who in people:
        await arena.house.hears(who, timeout=60.0 + seconds)
    until, begun = asyncio.get_running_loop().time() + seconds, set[str]()
    while asyncio.get_running_loop().time() < until:
        who = arena.chance.choice(people)
        await arena.line(who, words=BRIEFLY if who in begun else POLITELY, tokens=arena.chance.choice((1, 1, 2)))
        begun.add(who)
        await asyncio.sleep(slowly * arena.chance.choice((0.0, 0.1, 0.4, 1.0)))
    await arena.answered()


ACTS: Mapping[str, Act] = {act.__name__: act for act in (talk, human, stopped, opted_out, follow_up, desk)}
