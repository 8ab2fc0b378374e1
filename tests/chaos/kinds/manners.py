"""Manners at the worst moments: the one farewell, follow-ups, nights, humans who do not come, money that is spent.

Times are shifted in the database, never waited for. What was said is judged by the oracle; what is asserted here
is what came of it: told once, kept over a kill, gone on with in the end.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Sequence

from tests.chaos.acts import CALL_TIME, SPENT, STOP_WRITING
from tests.chaos.arena import FOLLOW_UP_LATER, TOMORROW, Arena
from tests.chaos.kinds import Case, Kind, always
from tests.chaos.kinds.hands import DEEDS, STATUS, begin
from tests.chaos.kinds.seen import lines_said
from tests.chaos.ledger import TOKEN
from tests.chaos.record import Expect
from tests.support.house import ACCOUNT
from tests.support.waiting import until

WHO, OTHER = "anna", "boris"
SEND = "messages.sendMessage"
MOST_WAIT = 60
A_LOOK = 1.5
"""Seconds in which whatever is due would have been looked at."""
KILLS = ("kill_before", "kill_after", "kill_answered")


async def _said(arena: Arena, number: int, purpose: str) -> int:
    """How many parts of a purpose stand."""
    query = "select count(*) from messages where dialog_id = $1 and purpose = $2 and send_state = 'sent'"
    return int(await arena.value(query, number, purpose))


async def _is_said(arena: Arena, number: int, purpose: str) -> None:
    async def is_so() -> bool:
        return await _said(arena, number, purpose) > 0

    await until(is_so, f"the {purpose} of dialog {number} is said", MOST_WAIT)


async def _silent(arena: Arena) -> None:
    """Kill it; nothing is said by the next one either."""
    before = lines_said(arena)
    await arena.killed()
    await asyncio.sleep(A_LOOK)
    assert lines_said(arena) == before, "something was said in the wait"


async def _answers_with(arena: Arena, token: str, **also: object) -> int:
    """From now on the model says this; the fault to end."""
    reply = {"parts": [f"{token} it is"], "stage": "needs", **also}
    return await arena.control.fault("model.chat", "content", text=json.dumps(reply), count=None)


# --- one farewell


async def farewell(arena: Arena, case: Case) -> bool:
    """Somebody opts out: one confirmation, unless a colleague has it; killed, refused or overtaken at its sending."""
    number = await begin(arena)
    await _led_to(arena, number, case.get("while", "active"))
    held = 0
    if action := case.get("action"):
        fields = {"pid": arena.keeper.product.child.pid} if action in KILLS else dict(case.get("fields", {}))
        held = await arena.control.fault(SEND, action, user=ACCOUNT, **fields)
    await _opts_out(arena, case)
    if held:
        await arena.control.fired(held, timeout=MOST_WAIT)
    if deed := case.get("meanwhile"):
        await _meanwhile(arena, number, deed)
    if case.get("action") == "hold":
        await asyncio.sleep(arena.chance.uniform(0.0, 0.8))
        await arena.control.call("POST", f"/faults/{held}/release")
    await arena.status(number, "closed")
    if case.get("while") not in ("taken", "stopped") and deed != "types":
        await _is_said(arena, number, "farewell")
    await arena.line(WHO, Expect.NEVER)
    await arena.control.say(WHO, ACCOUNT, STOP_WRITING)
    await arena.tell(f"/start @{WHO}")
    await arena.refused(number)
    assert await arena.value("select count(*) from suppressions") > 0, "the opt-out is stored"
    return True


async def _led_to(arena: Arena, number: int, status: str) -> None:
    """The dialog in the status in which somebody opts out."""
    match status:
        case "taken":
            await arena.colleague(WHO)
        case "stopped":
            await arena.stop(number)
        case "handoff":
            fault = await arena.control.fault("model.chat", "content", text="", count=None)
            await arena.line(WHO, Expect.AT_MOST_ONCE)
            await arena.status(number, "handoff")
            await arena.control.call("DELETE", f"/faults/{fault}")
    await arena.status(number, status)


async def _opts_out(arena: Arena, case: Case) -> None:
    match case.get("how"):
        case "model":
            fault = await _answers_with(arena, "Well,", parts=[], opt_out=True)
            await arena.line(WHO, Expect.NEVER)
            await arena.happened("opt_out")
            await arena.control.call("DELETE", f"/faults/{fault}")
        case "thinking":
            held = await arena.control.fault("model.chat", "hold")
            await arena.line(WHO, Expect.NEVER)
            await arena.control.fired(held, timeout=MOST_WAIT)
            await arena.control.say(WHO, ACCOUNT, STOP_WRITING)
            await arena.control.call("POST", f"/faults/{held}/release")
        case "twice":
            await asyncio.gather(*(arena.control.say(WHO, ACCOUNT, STOP_WRITING) for _ in range(2)))
        case _:
            await arena.control.say(WHO, ACCOUNT, STOP_WRITING)


async def _meanwhile(arena: Arena, number: int, deed: str) -> None:
    match deed:
        case "types":
            await arena.colleague(WHO)
        case "kill":
            arena.keeper.kill()
        case "again":
            await arena.control.say(WHO, ACCOUNT, STOP_WRITING)
        case "take":
            await arena.tell(f"/take {number}")


# --- follow-ups


MOMENTS = ("due", "thinking", "commit", "sending")
"""Of a follow-up: it is about to be decided, written, committed, said."""


async def follow_up(arena: Arena, case: Case) -> bool:
    """Somebody acts while a follow-up is due, thought of or on its way; it is killed there; it is all over by then."""
    number = await begin(arena)
    match case["when"]:
        case "over":
            return await _follows_no_end(arena, number, case["deed"])
        case "sending" if case["deed"] in KILLS:
            pid = arena.keeper.product.child.pid
            fault = await arena.control.fault(SEND, case["deed"], user=ACCOUNT, pid=pid)
            await arena.follow_up_is_due(number)
            await arena.control.fired(fault, timeout=MOST_WAIT)
            await arena.follow_up_came(number)
            goes_on = True
        case when:
            goes_on = await _act_meanwhile(arena, number, when, case["deed"])
    if goes_on:
        await arena.line(WHO)
        await arena.answered()
    else:
        await arena.status(number, STATUS[case["deed"]])
        await arena.line(WHO, Expect.NEVER)
    assert await _said(arena, number, "follow_up") <= 1
    return True


async def _act_meanwhile(arena: Arena, number: int, when: str, deed: str) -> bool:
    """Whether the dialog goes on by itself."""
    if when == "due":
        goes_on, _ = await asyncio.gather(DEEDS[deed](arena, number, 0), arena.follow_up_is_due(number))
        return goes_on
    whose = {"user": ACCOUNT} if when == "sending" else {}
    held = await arena.control.fault(SEND if when == "sending" else "model.chat", "hold", **whose)
    await arena.follow_up_is_due(number)
    await arena.control.fired(held, timeout=MOST_WAIT)
    if when != "commit":
        goes_on = await DEEDS[deed](arena, number, 0)
        await asyncio.sleep(arena.chance.uniform(0.0, 0.6))
        await arena.control.call("POST", f"/faults/{held}/release")
        return goes_on
    async with arena.house.db.acquire() as connection, connection.transaction():
        await connection.execute("select from dialogs where id = $1 for no key update", number)
        await arena.control.call("POST", f"/faults/{held}/release")
        goes_on = await DEEDS[deed](arena, number, 0)
        await asyncio.sleep(arena.chance.uniform(0.2, 1.0))  # who comes first to the row is left open on purpose
    return goes_on


async def _follows_no_end(arena: Arena, number: int, end: str) -> bool:
    """Even where something left the time of a follow-up behind, nothing is said after an end."""
    if end in ("won", "lost", "handoff"):
        said = await arena.line(WHO, words="Call me tomorrow at 11:00, {}")
        also: dict[str, object] = {"outcome": end} if end != "handoff" else {"handoff": "They want a human"}
        fault = await _answers_with(arena, TOKEN.findall(said["text"])[0], **also, learnt=[CALL_TIME])
        await arena.status(number, "handoff" if end == "handoff" else "closed")
        await arena.answered()
        await arena.control.call("DELETE", f"/faults/{fault}")
    else:
        await DEEDS[end](arena, number, 0)
        await arena.status(number, STATUS[end])
        if end == "opts_out":
            await _is_said(arena, number, "farewell")
    assert await arena.value("select follow_up_at is null from dialogs where id = $1", number)
    await arena.value("update dialogs set follow_up_at = now() where id = $1", number)
    await _silent(arena)
    await arena.value("update dialogs set follow_up_at = null where id = $1", number)
    return True


# --- nights


async def night(arena: Arena, case: Case) -> bool:
    """What is due at night waits for the morning, over a kill; who writes in a live talk is answered at night."""
    number = await begin(arena)
    if case["what"] == "live":
        await arena.value(
            "update contacts set timezone = 'Etc/GMT-12' where id = $1", arena.house.id_of(WHO)
        )  # they were just answered
        arena.keeper.kill()
        await arena.line(WHO)
        await arena.answered()
        return True
    await arena.asleep(WHO, number)
    query = FOLLOW_UP_LATER
    if case["what"] == "follow_up":
        await arena.follow_up_is_due(number)
        at = await arena.deferred(number, query)
    else:
        query = "select due_at from dialogs where id = $1"
        for _ in range(case["lines"]):
            await arena.line(WHO)
            at = await arena.deferred(number)
    await _silent(arena)
    assert await arena.value(query, number) == at, "the end of the night is kept"
    await arena.awake(WHO, number)
    if case["what"] == "follow_up":
        await arena.follow_up_is_due(number)
        await arena.follow_up_came(number)
        await arena.line(WHO)
    await arena.answered()
    return True


# --- humans


HANDED_OVER = "update dialogs set status_since = now() - make_interval(mins => $2) where id = $1"
LATER_TAKEN = """
with said as (
    update messages set timestamp = timestamp - make_interval(mins => $2) where dialog_id = $1)
update dialogs set status_since = status_since - make_interval(mins => $2),
    reminded_at = reminded_at - make_interval(mins => $2) where id = $1
"""


async def human(arena: Arena, case: Case) -> bool:
    """A human is awaited: the operator is reminded once, the person hears one sentence; somebody acts, or it dies."""
    number = await begin(arena)
    said = await arena.line(WHO, words="I want a human, {}")
    fault = await _answers_with(arena, TOKEN.findall(said["text"])[0], handoff="They want a human")
    await arena.status(number, "handoff")
    await arena.control.call("DELETE", f"/faults/{fault}")
    await arena.line(WHO, Expect.AT_MOST_ONCE)
    if case["when"] == "handed_over":
        return await _human_acts(arena, number, case["deed"])
    await arena.value(HANDED_OVER, number, 20)
    await arena.happened("handoff_waits", number)
    if case["when"] == "reminded":
        return await _human_acts(arena, number, case["deed"])
    pid = {"pid": arena.keeper.product.child.pid} if case["deed"] in KILLS else {}
    action = case["deed"] if case["deed"] in KILLS else "hold"
    held = await arena.control.fault(SEND, action, user=ACCOUNT, **pid) if case["when"] == "sending" else 0
    await arena.value(HANDED_OVER, number, 65)
    if held:
        await arena.control.fired(held, timeout=MOST_WAIT)
    else:
        await _is_said(arena, number, "courtesy")
    if case["deed"] not in KILLS:
        await DEEDS_OF_HUMANS[case["deed"]](arena, number)
        await asyncio.sleep(arena.chance.uniform(0.0, 0.8))
    if action == "hold" and held:
        await arena.control.call("POST", f"/faults/{held}/release")
    return await _human_acts(arena, number, "give" if case["deed"] in KILLS else "", done=case["deed"])


async def _human_acts(arena: Arena, number: int, deed: str, done: str = "") -> bool:
    """What somebody does ends the wait; it is told once, and nothing more is said by the program."""
    if deed:
        await DEEDS_OF_HUMANS[deed](arena, number)
    deed = deed or done
    await arena.status(number, {"give": "active", "opts_out": "closed", "stop": "stopped"}.get(deed, "taken"))
    for kind in ("handoff_waits", "apologised"):
        assert await arena.events(kind, number) <= 1, f"{kind} is told once"
    if deed == "give":
        await arena.line(WHO)
        await arena.answered()
    else:
        if deed == "opts_out":
            await _is_said(arena, number, "farewell")
        await arena.line(WHO, Expect.NEVER)
    await arena.value(HANDED_OVER, number, 90)
    await _silent(arena)
    assert await _said(arena, number, "courtesy") <= 1
    return True


async def _gives(arena: Arena, number: int) -> None:
    await arena.ask(f"/give {number}", f"№ {number}: the model speaks again")


async def _takes(arena: Arena, number: int) -> None:
    await arena.tell(f"/take {number}")


async def _stops(arena: Arena, number: int) -> None:
    await arena.tell(f"/stop {number}")


async def _types(arena: Arena, number: int) -> None:
    await arena.colleague(WHO)


async def _wants_none(arena: Arena, number: int) -> None:
    await arena.control.say(WHO, ACCOUNT, STOP_WRITING)


DEEDS_OF_HUMANS = {"give": _gives, "take": _takes, "stop": _stops, "types": _types, "opts_out": _wants_none}


EXPECTED_WHEN_TAKEN = {"silence": Expect.ONCE, "types": Expect.AT_MOST_ONCE, "stop": Expect.NEVER}
"""What a colleague spoke after is theirs to answer."""


async def takeover(arena: Arena, case: Case) -> bool:
    """A colleague takes over and falls silent: announced once, then the model goes on; a word of theirs keeps it."""
    number = await begin(arena)
    await arena.colleague(WHO)
    await arena.status(number, "taken")
    await arena.line(WHO, EXPECTED_WHEN_TAKEN[case["then"]])
    await _stored(arena)
    await arena.value(LATER_TAKEN, number, 11 * 60 + 30)
    await arena.happened("takeover_ends_soon", number)
    if case["killed"]:
        await _silent(arena)
    match case["then"]:
        case "types":
            await arena.colleague(WHO, "Still here")
            await asyncio.sleep(A_LOOK)
            await arena.ask(f"/give {number}", f"№ {number}: the model speaks again")
            await arena.line(WHO)
        case "stop":
            await arena.stop(number)
        case _:
            await arena.value(LATER_TAKEN, number, 70)
            await arena.status(number, "active")
    await arena.answered()
    assert await arena.events("takeover_ends_soon", number) == 1
    return True


async def _stored(arena: Arena) -> None:
    async def is_so() -> bool:
        return not await arena.unstored()

    await until(is_so, "everything is stored", MOST_WAIT)


# --- money


async def money(arena: Arena, case: Case) -> bool:
    """The money for a dialog, or for a day, is spent: told once, nothing asked, nothing lost; then it goes on."""
    await arena.time_is_left()
    number = await begin(arena)
    other, dear = await arena.open(OTHER), await arena.open("clara")
    people: Sequence[str] = (WHO,) if case["of"] == "dialog" else (WHO, OTHER)
    await arena.value(SPENT.format(dollars=1 if case["of"] == "dialog" else 20), dear if len(people) > 1 else number)
    asked = await _calls(arena)
    for who in people:
        await arena.line(who)
    if case["of"] == "dialog":
        await arena.status(number, "handoff")
        await arena.happened("budget_dialog", number)
    else:
        for each in (number, other):
            await arena.deferred(each, TOMORROW)
    await _silent(arena)
    assert await _calls(arena) == asked, "nothing is asked beyond a ceiling"
    kind = "budget_dialog" if case["of"] == "dialog" else "budget_day"
    assert await arena.events(kind) == 1, f"{kind} is told once"
    await GOES_ON[case["then"]](arena, number)
    await arena.answered()
    return True


async def _calls(arena: Arena) -> int:
    return int(await arena.value("select count(*) from model_calls"))


async def _another_day(arena: Arena, number: int) -> None:
    await arena.value("update model_calls set asked_at = asked_at - interval '1 day'")
    await arena.happened("budget_back")


async def _more_money(arena: Arena, number: int) -> None:
    """The operator raises the ceiling and starts it again."""
    product = arena.house.product
    product.settings = {**product.settings, "BUDGET_PER_DAY": "100"}
    await arena.killed()
    await arena.happened("budget_back")


GOES_ON = {"give": _gives, "another_day": _another_day, "more_money": _more_money}

DEEDS_IN_A_FOLLOW_UP = ("stop", "take", "types", "opts_out", "writes")
KINDS = (
    Kind(
        "manners.farewell",
        21,
        farewell,
        always(
            {},
            *({"action": action} for action in KILLS),
            {"action": "cut_after", "meanwhile": "again"},
            {"action": "drop_answer", "meanwhile": "kill"},
            {"action": "flood_wait", "fields": {"seconds": 2}},
            {"action": "error", "fields": {"code": 500, "text": "INTERNAL"}},
            *({"action": "hold", "meanwhile": deed} for deed in ("types", "kill", "again", "take")),
            *({"while": status} for status in ("taken", "stopped", "handoff")),
            *({"how": how} for how in ("model", "thinking", "twice")),
            {"how": "thinking", "action": "kill_after"},
            {"how": "model", "action": "kill_before"},
        ),
    ),
    Kind(
        "manners.follow_up",
        24,
        follow_up,
        always(
            *({"when": when, "deed": deed} for when in MOMENTS for deed in DEEDS_IN_A_FOLLOW_UP),
            *({"when": "sending", "deed": kill} for kill in KILLS),
            *({"when": "over", "deed": end} for end in ("won", "lost", "handoff", "opts_out", "stop", "take", "types")),
        ),
    ),
    Kind(
        "manners.night",
        21,
        night,
        always({"what": "reply", "lines": 1}, {"what": "follow_up"}, {"what": "reply", "lines": 2}, {"what": "live"}),
    ),
    Kind(
        "manners.human",
        24,
        human,
        always(
            *(
                {"when": when, "deed": deed}
                for when in ("sending", "handed_over", "reminded", "said")
                for deed in DEEDS_OF_HUMANS
            ),
            *({"when": "sending", "deed": kill} for kill in KILLS),
        ),
    ),
    Kind(
        "manners.takeover",
        21,
        takeover,
        always(
            *({"then": then, "killed": killed} for killed in (True, False) for then in ("silence", "types", "stop"))
        ),
    ),
    Kind(
        "manners.money",
        21,
        money,
        always(
            {"of": "dialog", "then": "give"},
            {"of": "day", "then": "another_day"},
            {"of": "day", "then": "more_money"},
        ),
    ),
)
