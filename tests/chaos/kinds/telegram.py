"""Trouble with Telegram: connections, answers, updates, limits, and what becomes of people and of the account."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from tests.chaos.acts import STOP_WRITING, conversation
from tests.chaos.arena import Arena
from tests.chaos.kinds import Case, Kind, always
from tests.chaos.kinds.seen import end_of_log, has_fired, lines_said, server_log
from tests.chaos.record import Expect
from tests.support.house import ACCOUNT
from tests.support.waiting import until

WHO, OTHER = "anna", "boris"
SECONDS = 2.5
"""How long people go on writing in a run."""
MOST_WAIT = 60
SEND = "messages.sendMessage"
AT_CONNECT = ("users.getUsers", "updates.getDifference", "messages.getPeerDialogs")
"""What is asked on a fresh connection: a fault there wants one."""

Json = dict[str, Any]


async def _drop(arena: Arena, **fields: object) -> bool:
    return bool((await arena.control.call("POST", "/drop", user=ACCOUNT, **fields))["dropped"])


@asynccontextmanager
async def _people_write(arena: Arena) -> AsyncIterator[None]:
    """People write for a while, and all of it is answered at the end."""
    talking = asyncio.create_task(conversation(arena, SECONDS, (WHO, OTHER)), name="conversation")
    try:
        yield
        await talking
    finally:
        talking.cancel()


async def _talk_through(arena: Arena, fault: int, *, fresh: bool = False, held: bool = False) -> bool:
    """People write while a fault is set; whether it came about. ``fresh``: after a new connection only."""
    async with _people_write(arena):
        if fresh:
            await arena.house.hears(OTHER, timeout=MOST_WAIT)
            await _drop(arena)
        if held:
            await arena.control.fired(fault, timeout=MOST_WAIT)
            await asyncio.sleep(arena.chance.uniform(0.1, 2.0))
            await arena.control.call("POST", f"/faults/{fault}/release")
    return await has_fired(arena, fault)


# --- connections and answers


async def cut(arena: Arena, case: Case) -> bool:
    """A connection is cut at a byte: of an answer, of what an open one or a new one still carries."""
    await arena.start()
    size = arena.chance.randrange(case["most"])
    match case["where"]:
        case "answer":
            skip = arena.chance.randrange(3 if case["api"] == SEND else 1)
            fault = await arena.control.fault(case["api"], "cut_at", user=ACCOUNT, bytes=size, skip=skip)
            return await _talk_through(arena, fault, fresh=case["api"] in AT_CONNECT)
        case "new":
            await arena.open(WHO)
            fault = await arena.control.fault("connect", "cut_at", bytes=size, direction=case["direction"], count=2)
            return await _talk_through(arena, fault, fresh=True)
    await arena.open(WHO)
    mark = await end_of_log(arena)
    await _drop(arena, after_bytes=size, direction=case["direction"])
    await conversation(arena, SECONDS, (WHO, OTHER))
    return bool(await server_log(arena, mark, kind="disconnect"))


async def answer_lost(arena: Arena, case: Case) -> bool:
    """The answer of a call is lost with the connection, is lost on a live one, or is late."""
    await arena.start()
    skip = arena.chance.randrange(4) if case["api"] == SEND else 0
    fresh = case["api"] in AT_CONNECT
    if fresh:
        await arena.open(WHO)  # what the first connection asks is no trouble yet
    fault = await arena.control.fault(case["api"], case["action"], user=ACCOUNT, skip=skip)
    return await _talk_through(arena, fault, fresh=fresh, held=case["action"] == "hold_answer")


async def silent(arena: Arena, case: Case) -> bool:
    """A connection stays open and says nothing more: an idle one, one with a call on its way, a new one."""
    await arena.start()
    await arena.open(WHO)
    if case["where"] == "idle":
        silenced = await arena.control.call("POST", "/silence", user=ACCOUNT)
        await arena.line(WHO)
        await arena.open(OTHER)
        await arena.line(OTHER, tokens=2)
        await arena.answered()
        return bool(silenced["silenced"])
    if case["where"] == "new":
        fault = await arena.control.fault("connect", "black_hole")
        await _drop(arena)
    else:
        fault = await arena.control.fault(case["where"], "black_hole", user=ACCOUNT)
    await arena.line(WHO, tokens=3)
    await arena.control.fired(fault, timeout=MOST_WAIT)
    await arena.line(WHO)
    await arena.answered()
    return True


# --- updates


async def updates(arena: Arena, case: Case) -> bool:
    """Pushes come twice, late, in another order, or not at all; also those of edits and deletions."""
    await arena.start()
    for who in (WHO, OTHER):
        await arena.open(who)
    fault = await arena.control.fault(
        case["push"], case["action"], user=ACCOUNT, count=None, seconds=arena.chance.uniform(0.1, 1.5)
    )
    for _ in range(3):
        for who in (WHO, OTHER):
            await arena.line(who, tokens=arena.chance.choice((1, 3)))
            await asyncio.sleep(arena.chance.choice((0.0, 0.1, 0.5)))
    edited = await arena.line(WHO, Expect.AT_MOST_ONCE)
    await arena.control.call("POST", "/edit", as_=WHO, message_id=edited["id"], text="Something else, please")
    deleted = await arena.line(WHO, Expect.AT_MOST_ONCE)
    await arena.control.call("POST", "/delete", as_=WHO, message_id=deleted["id"])
    fired = await has_fired(arena, fault)
    await asyncio.sleep(arena.chance.uniform(0.0, 1.0))
    await arena.control.call("DELETE", f"/faults/{fault}")
    for who in (WHO, OTHER):
        await arena.line(who)
    await arena.answered()
    return fired


async def too_long(arena: Arena, case: Case) -> bool:
    """What was missed comes in slices, not at all, or fails to come; a colleague or an opt-out may be part of it."""
    await arena.start()
    number = await arena.open(WHO)
    await arena.open(OTHER)
    mark = await end_of_log(arena)
    await arena.control.call("PATCH", "/rules", **case.get("rules", {}))
    if fails := case.get("fails"):
        await arena.control.fault(
            "updates.getDifference", "error", user=ACCOUNT, code=500, text="INTERNAL", count=fails
        )
    away = await arena.control.fault("connect", "cut_before", count=2)
    await _drop(arena)
    await arena.line(OTHER)
    silenced = case.get("meanwhile")
    await arena.line(WHO, Expect.NEVER if silenced else Expect.ONCE, tokens=2)
    if silenced == "colleague":
        await arena.colleague(WHO)
    elif silenced:
        await arena.control.say(WHO, ACCOUNT, STOP_WRITING)
    await arena.line(OTHER)
    await arena.control.fired(away, times=2, timeout=MOST_WAIT)
    if silenced:
        await arena.status(number, "taken" if silenced == "colleague" else "closed")
        await arena.line(WHO, Expect.NEVER)
    await arena.line(OTHER)
    await arena.answered()
    answers = await server_log(arena, mark, kind="answer", method="updates.getDifference")
    return any(case["seen"] in answer["outcome"] for answer in answers)


# --- limits


async def flood(arena: Arena, case: Case) -> bool:
    """Five seconds: nothing is sent meanwhile when it is the sending that floods, and then everything."""
    await arena.start()
    fresh = case["api"] in AT_CONNECT
    if fresh:
        await arena.open(WHO)
    of_account = {} if case["api"].startswith("bot.") else {"user": ACCOUNT}
    fault = await arena.control.fault(case["api"], "flood_wait", seconds=5, skip=case.get("skip", 0), **of_account)
    if case["api"] != SEND:
        return await _talk_through(arena, fault, fresh=fresh)

    async def waits() -> bool:
        return bool(await arena.value("select flood_until > now() from accounts"))

    async with _people_write(arena):
        await arena.control.fired(fault, timeout=MOST_WAIT)
        await until(waits, "the end of the wait is stored", MOST_WAIT)
        await asyncio.sleep(0.7)  # what was on its way arrives
        said = lines_said(arena)
        await asyncio.sleep(3.0)
        assert lines_said(arena) == said, "something was sent during the wait"
    return True


async def forgets(arena: Arena, case: Case) -> bool:
    """Telegram knows no `random_id` again, and the answer of a send is lost: it is not said twice."""
    await arena.start()
    await arena.open(WHO)
    await arena.control.call("PATCH", "/rules", random_id_memory=0, **case.get("rules", {}))
    skip = arena.chance.randrange(3)
    pid = {"pid": arena.keeper.product.child.pid} if case["action"].startswith("kill") else {}
    fault = await arena.control.fault(SEND, case["action"], user=ACCOUNT, skip=skip, bytes=40, **pid)
    await arena.line(WHO, tokens=3)
    await arena.control.fired(fault, timeout=MOST_WAIT)
    if case["action"] == "hold_answer":
        await _drop(arena)
        await arena.control.call("POST", f"/faults/{fault}/release")
    await arena.control.say(WHO, ACCOUNT, "Thank you")
    await arena.line(WHO)
    await arena.answered()
    return True


ANSWERS = ("cut_after", "cut_before", "drop_answer", "hold_answer")
PUSHES = ("duplicate", "reorder", "delay", "lose")
KINDS = (
    Kind(
        "telegram.cut",
        23,
        cut,
        always(
            *({"where": "answer", "api": SEND, "most": most} for most in (40, 120, 400)),
            *(
                {"where": "answer", "api": api, "most": 120}
                for api in ("contacts.resolveUsername", "messages.getHistory", "messages.readHistory", *AT_CONNECT)
            ),
            *({"where": "open", "direction": way, "most": most} for way in ("out", "in") for most in (300, 2000)),
            *({"where": "new", "direction": way, "most": 600} for way in ("out", "in")),
        ),
    ),
    Kind(
        "telegram.answer_lost",
        23,
        answer_lost,
        always(
            *({"api": SEND, "action": action} for action in (*ANSWERS, "cut_after", "cut_before", "hold_answer")),
            {"api": "contacts.resolveUsername", "action": "cut_after"},
            {"api": "contacts.resolveUsername", "action": "drop_answer"},
            {"api": "messages.getHistory", "action": "drop_answer"},
            {"api": "messages.readHistory", "action": "cut_after"},
            {"api": "messages.readHistory", "action": "drop_answer"},
            *({"api": api, "action": action} for api in AT_CONNECT for action in ("cut_before", "cut_after")),
        ),
    ),
    Kind(
        "telegram.updates",
        23,
        updates,
        always(*({"push": push, "action": action} for push in ("push.MessageNew", "push.*") for action in PUSHES)),
    ),
    Kind(
        "telegram.too_long",
        23,
        too_long,
        always(
            *(
                {"rules": {"difference_too_long": 0}, "seen": "TooLong", **more}
                for more in ({}, {"meanwhile": "colleague"}, {"meanwhile": "opt_out"})
            ),
            *(
                {"rules": {"difference_slice": 1}, "seen": "Slice", **more}
                for more in ({}, {"meanwhile": "colleague"}, {"meanwhile": "opt_out"})
            ),
            *({"fails": times, "seen": "INTERNAL"} for times in (1, 2)),
        ),
    ),
    Kind(
        "telegram.silent",
        23,
        silent,
        always(*({"where": where} for where in ("idle", SEND, "messages.readHistory", "new"))),
    ),
    Kind(
        "telegram.flood",
        23,
        flood,
        always(
            *({"api": SEND, "skip": skip} for skip in range(4)),
            *({"api": api} for api in ("contacts.resolveUsername", "messages.getHistory", "messages.readHistory")),
            *({"api": api} for api in ("messages.getPeerDialogs", "users.getUsers", "bot.sendMessage")),
        ),
    ),
    Kind(
        "telegram.forgets",
        23,
        forgets,
        always(
            *({"action": action} for action in ("cut_after", "cut_at", "cut_before", "drop_answer", "hold_answer")),
            *({"action": action} for action in ("kill_before", "kill_after", "kill_answered")),
            *({"action": action, "rules": {"difference_too_long": 0}} for action in ("cut_after", "kill_after")),
        ),
    ),
)
