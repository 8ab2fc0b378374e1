"""The story in nine acts. Together they use everything that the product does; each is played by itself in a run of
seconds, so that a fault can be set at every place of it. An act says what it expects of every token.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable, Mapping, Sequence

from tests.chaos.arena import BRIEFLY, FOLLOW_UP_LATER, PATIENCE, POLITELY, TOMORROW, Arena
from tests.chaos.ledger import TOKEN
from tests.chaos.record import Expect
from tests.support.house import ACCOUNT, BOT, OPERATOR

Act = Callable[[Arena], Awaitable[None]]

STOP_WRITING = "Please stop writing to me"
CALL_TIME = {"field": "call_time", "value": "tomorrow at 11:00", "quote": "tomorrow at 11:00"}
"""What the shipped scenario needs to know before anything counts as won."""
KEPT = (
    "select count(*) from dialog_facts where dialog_id = $1",
    "select count(*) from tasks where dialog_id = $1",
)
SPENT = """
update model_calls set cost = null, budget = {dollars}
where id = (select min(id) from model_calls where dialog_id = $1)
"""
"""One call of a dialog has cost so much. What a call usually costs is not known from it."""


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
        said = await arena.line("emma", words="Call me tomorrow at 11:00, {}")
        reply = {
            "parts": [f"{TOKEN.findall(said['text'])[0]} it is"],
            "stage": "qualification",
            "outcome": outcome,
            "handoff": handoff,
            "learnt": [CALL_TIME],
        }
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


async def handed_over(arena: Arena) -> None:
    """Two drafts are refused: one sentence, and a human; then something is learnt, and promised."""
    number = await arena.open("clara")
    fault = await arena.control.fault("model.chat", "content", text="", count=None)
    await arena.line("clara")
    await arena.status(number, "handoff")
    await arena.control.call("DELETE", f"/faults/{fault}")
    await arena.ask(f"/give {number}", f"№ {number}: the model speaks again")
    await arena.answered()
    said = await arena.line("clara", words="We are 14 people, please confirm {}")
    reply = {
        "parts": [f"{TOKEN.findall(said['text'])[0]}, a colleague will send it tomorrow"],
        "stage": "needs",
        "learnt": [{"field": "team_size", "value": "14", "quote": "We are 14 people"}],
        "promise": {"what": "send the figures", "until": None},
    }
    fault = await arena.control.fault("model.chat", "content", text=json.dumps(reply), count=None)
    await arena.answered()
    await arena.control.call("DELETE", f"/faults/{fault}")
    assert [await arena.value(query, number) for query in KEPT] == [1, 1], "it was learnt and promised"


async def night(arena: Arena) -> None:
    """An answer and a follow-up wait for the end of somebody's quiet hours."""
    number = await arena.open("emma")
    await arena.line("emma")
    await arena.answered()
    await arena.asleep("emma", number)
    await arena.line("emma")
    await arena.deferred(number)
    await arena.awake("emma", number)
    await arena.answered()
    await arena.asleep("emma", number)
    await arena.follow_up_is_due(number)
    await arena.deferred(number, FOLLOW_UP_LATER)
    await arena.awake("emma", number)
    await arena.follow_up_is_due(number)
    await arena.follow_up_came(number)


async def money(arena: Arena) -> None:
    """What one dialog may cost is spent, and given again; what all may cost in a day, and the next day comes."""
    await arena.time_is_left()
    other = await arena.open("clara")
    number = await arena.open("boris")
    await arena.value(SPENT.format(dollars=1), number)
    await arena.line("boris")
    await arena.status(number, "handoff")
    await arena.ask(f"/give {number}", f"№ {number}: the model speaks again")
    await arena.answered()
    await arena.value(SPENT.format(dollars=20), other)
    await arena.line("boris")
    await arena.deferred(number, TOMORROW)
    await arena.value("update model_calls set asked_at = asked_at - interval '1 day'")
    await arena.wait_is_over(number)
    await arena.answered()


async def conversation(
    arena: Arena,
    seconds: float,
    people: Sequence[str] = ("anna", "boris", "clara"),
    slowly: float = 1.0,
    patience: float = PATIENCE,
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
    await arena.answered(patience)


ACTS: Mapping[str, Act] = {
    act.__name__: act for act in (talk, human, stopped, opted_out, follow_up, desk, handed_over, night, money)
}
ADDED = frozenset({"handed_over", "night", "money"})
"""Acts that are mostly made of what the others pass as well."""
