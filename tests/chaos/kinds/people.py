"""What becomes of people and of the account: limits on strangers, doors that close, sessions that die."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Any

from tests.chaos.arena import Arena
from tests.chaos.kinds import Case, Kind, always
from tests.chaos.kinds.seen import end_of_log, lines_said, server_log
from tests.chaos.record import Expect
from tests.support.house import ACCOUNT, OPERATOR
from tests.support.waiting import until

WHO, OTHER = "anna", "boris"
MOST_WAIT = 60
SEND = "messages.sendMessage"


async def peer_flood(arena: Arena, case: Case) -> bool:
    """The anti-spam limit: no new conversations until the operator allows them; running dialogs go on."""
    await arena.start()
    running = await arena.open(WHO)
    if case["how"] == "reply":
        return await _limited_in_a_reply(arena, running)
    strangers = case["how"] == "state"
    if strangers:
        await arena.control.call("PATCH", f"/users/{ACCOUNT}", spam_limited=True)
    else:
        await arena.control.fault(SEND, "peer_flood", user=ACCOUNT, peer=arena.house.id_of(OTHER))
    told = await arena.tell(f"/start @{OTHER}")
    limited = await arena.hears(f"Telegram limits @{ACCOUNT}: no new conversations", told)
    if case.get("killed"):
        arena.keeper.kill()
    await arena.line(WHO, tokens=2)
    await arena.answered()
    assert not lines_said(arena, OTHER), "a new conversation was opened in spite of the limit"
    assert await arena.value("select status from dialogs where id = $1", running) == "active"
    if strangers:
        await arena.control.call("PATCH", f"/users/{ACCOUNT}", spam_limited=False)
    pressed = await arena.control.press(OPERATOR, limited["id"], text="Allow new conversations", timeout=MOST_WAIT)
    assert pressed["answered"]
    await arena.wait_is_over(running + 1)  # it would look again within a minute
    await arena.house.hears(OTHER, timeout=MOST_WAIT)
    await arena.line(OTHER)
    await arena.answered()
    return True


async def _limited_in_a_reply(arena: Arena, number: int) -> bool:
    """A part of a reply is refused: it is tried again, much later."""
    fault = await arena.control.fault(SEND, "peer_flood", user=ACCOUNT, skip=arena.chance.randrange(3))
    await arena.line(WHO, tokens=3)
    await arena.control.fired(fault, timeout=MOST_WAIT)

    async def waits() -> bool:
        return bool(
            await arena.value("select not_before > now() + interval '5 minutes' from dialogs where id = $1", number)
        )

    await until(waits, "the dialog waits")
    said = lines_said(arena)
    await asyncio.sleep(1.5)  # it looks for what is due each second
    assert lines_said(arena) == said, "something was said in spite of the limit"
    await arena.wait_is_over(number)
    await arena.answered()
    return True


async def _turn_away(arena: Arena, how: str) -> None:
    """Somebody cannot be written to any more."""
    match how:
        case "blocks" | "blocks_silently":
            await arena.control.call("PATCH", "/rules", silent_block=how == "blocks_silently")
            await arena.control.call("POST", "/block", as_=WHO, who=ACCOUNT)
        case "deleted":
            await arena.control.call("PATCH", f"/users/{WHO}", deleted=True)
        case _:
            await arena.control.call("PATCH", f"/users/{WHO}", privacy=how)


async def person(arena: Arena, case: Case) -> bool:
    """A person blocks the account, closes the door to strangers, or is deleted; others notice nothing."""
    await arena.start()
    await arena.open(OTHER)
    number = await {"opening": _at_opening, "follow_up": _at_follow_up}.get(case["when"], _in_a_reply)(arena, case)
    await arena.line(OTHER)
    await arena.answered()
    if case["how"] == "blocks_silently":
        return True
    outcome = await arena.value("select outcome from dialogs where id = $1", number)
    assert outcome == _outcome(**case), outcome
    return True


def _outcome(how: str, when: str) -> str:
    if how == "deleted" and when == "opening":
        return "not_a_person"
    return "blocked" if how == "blocks" else "unreachable"


async def _at_opening(arena: Arena, case: Case) -> int:
    await _turn_away(arena, case["how"])
    await arena.ask(f"/start @{WHO}", rf"№ \d+: .*@{WHO}\b")
    number = int(await arena.value("select max(id) from dialogs"))
    await arena.status(number, "failed" if case["how"] == "deleted" else "closed")
    assert not lines_said(arena, WHO)
    return number


async def _at_follow_up(arena: Arena, case: Case) -> int:
    number = await arena.open(WHO)
    said = lines_said(arena, WHO)

    async def waits() -> bool:
        return bool(await arena.value("select follow_up_at is not null from dialogs where id = $1", number))

    await until(waits, "a follow-up is planned")
    await _turn_away(arena, case["how"])
    await arena.follow_up_is_due(number)
    await arena.status(number, "closed")
    assert lines_said(arena, WHO) == said
    return number


async def _in_a_reply(arena: Arena, case: Case) -> int:
    """While the model thinks, or while a part is on its way."""
    number = await arena.open(WHO)
    await arena.line(WHO)
    await arena.answered()
    api = "model.chat" if case["when"] == "thinking" else SEND
    held = await arena.control.fault(api, "hold")
    await arena.line(WHO, Expect.ONCE if case["how"] == "blocks_silently" else Expect.NEVER, tokens=3)
    await arena.control.fired(held, timeout=MOST_WAIT)
    await _turn_away(arena, case["how"])
    await arena.control.call("POST", f"/faults/{held}/release")
    await arena.status(number, "active" if case["how"] == "blocks_silently" else "closed")
    return number


ENDS: Mapping[str, Mapping[str, Any]] = {
    "frozen": {"user": {"frozen": True}},
    "banned": {"user": {"banned": True}},
    "logged_out": {"path": "/revoke"},
    "revoked": {"path": "/revoke", "error": "SESSION_REVOKED"},
    "deactivated": {"path": "/revoke", "error": "USER_DEACTIVATED"},
    "duplicated": {"path": "/revoke", "error": "AUTH_KEY_DUPLICATED"},
    "unknown": {"path": "/forget_key"},
}
"""How an account comes to its end."""
MOST_CONNECTS = 3
"""Connections that it may take to learn that a session is dead."""


async def account(arena: Arena, case: Case) -> bool:
    """The account is out: the operator is told, nothing is sent and nothing loops; signed in again, all is answered."""
    await arena.start()
    await arena.open(WHO)
    await arena.line(WHO)
    await arena.answered()
    end = dict(ENDS[case["end"]])
    mark, said = await end_of_log(arena), lines_said(arena)
    if user := end.pop("user", {}):
        await arena.control.call("PATCH", f"/users/{ACCOUNT}", **user)
    else:
        await arena.control.call("POST", end.pop("path"), user=ACCOUNT, **end)
    await arena.line(WHO, tokens=2)
    told = await arena.tell(f"/start @{OTHER}")  # whoever only listens never learns of it, and looks once a minute
    await arena.hears(f"The account @{ACCOUNT} is out", told)
    if case.get("killed"):
        arena.keeper.kill()
    await arena.line(WHO)
    await asyncio.sleep(2.5)  # it looks for accounts to serve every two seconds
    assert lines_said(arena) == said, "something was sent by an account that is out"
    connects = len(await server_log(arena, mark, kind="connect"))
    assert connects <= MOST_CONNECTS, f"{connects} connections with a dead session"
    if user:
        await arena.control.call("PATCH", f"/users/{ACCOUNT}", **dict.fromkeys(user, False))
    await arena.house.sign_in()
    await arena.house.hears(OTHER, timeout=MOST_WAIT)
    await arena.line(OTHER)
    await arena.answered()
    return True


KINDS = (
    Kind(
        "telegram.peer_flood",
        21,
        peer_flood,
        always(
            *({"how": how, "killed": killed} for how in ("once", "state") for killed in (False, True)),
            {"how": "reply"},
        ),
    ),
    Kind(
        "telegram.person",
        21,
        person,
        always(
            *({"how": how, "when": "opening"} for how in ("blocks", "deleted", "contacts", "premium")),
            *({"how": how, "when": "follow_up"} for how in ("blocks", "deleted", "contacts", "premium")),
            *(
                {"how": how, "when": when}
                for how in ("blocks", "blocks_silently", "deleted")
                for when in ("thinking", "sending")
            ),
        ),
    ),
    Kind(
        "telegram.account",
        21,
        account,
        always(*({"end": end} for end in ENDS), {"end": "frozen", "killed": True}, {"end": "unknown", "killed": True}),
    ),
)
