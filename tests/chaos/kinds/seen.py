"""What the server saw of a run: for telling whether a trouble came about, and what did not come of it."""

from __future__ import annotations

from typing import Any

from tests.chaos.arena import Arena

Json = dict[str, Any]


async def server_log(arena: Arena, since: int, **where: str) -> list[Json]:
    """What the server saw, of these lines of its log."""
    lines: list[Json] = (await arena.control.call("GET", "/log", since=since, **where))["lines"]
    return lines


async def end_of_log(arena: Arena) -> int:
    """The place in the server's log."""
    return int((await arena.control.call("GET", "/log", since=1 << 40))["last"])


async def has_fired(arena: Arena, fault: int) -> bool:
    rules = await arena.control.call("GET", "/faults")
    return any(rule["id"] == fault and rule["fired"] for rule in rules)


def lines_said(arena: Arena, to: str | None = None) -> int:
    """How many lines the product has said."""
    person = arena.house.id_of(to) if to else None
    return sum(line.by_product and person in (None, line.person) for line in arena.witness.lines)
