"""A fault rule carried out on an HTTP call: late, held, unanswered, cut, fatal. What is refused, the caller words."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

from aiohttp import web

from sandbox import victim
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
        case Action.CUT_BEFORE:
            return await _cut(request)
        case Action.KILL_BEFORE:
            victim.kill(rule.pid)
            return await _never()
        case Action.HANG | Action.BLACK_HOLE:
            return await _never()
        case (
            Action.HOLD_ANSWER | Action.DROP_ANSWER | Action.CUT_AFTER | Action.CUT_AT
            | Action.KILL_AFTER | Action.KILL_ANSWERED
        ):  # fmt: skip
            return await _carried_out(rule, request, await carry_out())
        case _:
            return refuse(rule)


async def _carried_out(rule: Rule, request: web.Request, answer: web.StreamResponse) -> web.StreamResponse:
    """The answer gets lost, or comes late, or is the last thing that comes."""
    match rule.action:
        case Action.HOLD_ANSWER:
            await rule.released.wait()
            return answer
        case Action.CUT_AFTER:
            return await _cut(request)
        case Action.CUT_AT:
            return await _cut(request, _written_out(answer)[: rule.bytes])
        case Action.KILL_ANSWERED:
            await answer.prepare(request)
            await answer.write_eof()
            victim.kill(rule.pid)
            return answer
        case Action.KILL_AFTER:
            victim.kill(rule.pid)
    return await _never()


async def _never() -> web.StreamResponse:
    """Wait until the client goes away (the handler is cancelled then) or the server stops."""
    await asyncio.Event().wait()
    raise AssertionError("an event that nobody sets was set")


async def _cut(request: web.Request, first: bytes = b"") -> web.StreamResponse:
    """End the connection, once these bytes have left."""
    if request.transport is not None:
        request.transport.write(first)
        request.transport.abort()
    return await _never()


def _written_out(answer: web.StreamResponse) -> bytes:
    """A whole answer as it goes over the wire; a stream is there already."""
    if not isinstance(answer, web.Response):
        return b""
    body = answer.body if isinstance(answer.body, bytes) else b""
    head = [f"HTTP/1.1 {answer.status} {answer.reason}", f"Content-Length: {len(body)}"]
    lines = [*head, *(f"{name}: {value}" for name, value in answer.headers.items() if name != "Content-Length"), "", ""]
    return "\r\n".join(lines).encode() + body
