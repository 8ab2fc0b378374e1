"""A fault rule carried out on an HTTP call: late, held, unanswered, cut. What is refused, the caller words."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

from aiohttp import web

from sandbox.world.faults import Action, Rule

CarryOut = Callable[[], Awaitable[web.StreamResponse]]


async def under(
    rule: Rule | None, request: web.Request, carry_out: CarryOut, refuse: Callable[[Rule], web.StreamResponse]
) -> web.StreamResponse:
    """The answer to the call as the rule leaves it."""
    if rule is None:
        return await carry_out()
    match rule.action:
        case Action.DELAY:
            await asyncio.sleep(rule.seconds)
            return await carry_out()
        case Action.HOLD:
            await rule.released.wait()
            return await carry_out()
        case Action.HOLD_ANSWER:
            answer = await carry_out()
            await rule.released.wait()
            return answer
        case Action.DROP_ANSWER:
            await carry_out()
            return await _never()
        case Action.CUT_BEFORE:
            return await _cut(request)
        case Action.CUT_AFTER:
            await carry_out()
            return await _cut(request)
        case Action.HANG | Action.BLACK_HOLE:
            return await _never()
        case _:
            return refuse(rule)


async def _never() -> web.StreamResponse:
    """Wait until the client goes away (the handler is cancelled then) or the server stops."""
    await asyncio.Event().wait()
    raise AssertionError("an event that nobody sets was set")


async def _cut(request: web.Request) -> web.StreamResponse:
    """Reset the connection."""
    if request.transport is not None:
        request.transport.abort()
    return await _never()
