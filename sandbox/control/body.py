"""Reading what a caller of the control API sent, with one clear line when it is wrong."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from aiohttp import web

from sandbox.world import Direction, User, World


class ControlError(Exception):
    """Answered as ``{"error": text}`` with the status."""

    def __init__(self, text: str, status: int = 400) -> None:
        super().__init__(text)
        self.text = text
        self.status = status


@dataclass(frozen=True, slots=True)
class Body:
    """The fields of a JSON body, or of the query of a GET."""

    world: World
    fields: Mapping[str, Any]

    def user(self, name: str) -> User:
        """A user by id or username."""
        return find_user(self.world, self.need(name))

    def user_or_none(self, name: str) -> User | None:
        return self.user(name) if self.fields.get(name) is not None else None

    def need(self, name: str) -> Any:
        value = self.fields.get(name)
        if value is None:
            raise ControlError(f"{name} is missing")
        return value

    def text(self, name: str, default: str = "") -> str:
        value = self.fields.get(name)
        return default if value is None else str(value)

    def number(self, name: str, default: float = 0) -> float:
        try:
            value = self.fields.get(name)
            return default if value is None else float(value)
        except (TypeError, ValueError) as error:
            raise ControlError(f"{name} is not a number") from error

    def integer(self, name: str, default: int = 0) -> int:
        return int(self.number(name, default))

    def flag(self, name: str, default: bool = False) -> bool:
        return str(self.fields.get(name, default)).lower() in ("true", "1", "yes")

    def direction(self) -> Direction:
        try:
            return Direction(self.text("direction", Direction.OUT))
        except ValueError as error:
            raise ControlError(f"direction is none of {', '.join(Direction)}") from error

    def given(self, *names: str) -> dict[str, Any]:
        """Those of the named fields that were sent."""
        return {name: self.fields[name] for name in names if name in self.fields}


def find_user(world: World, reference: object) -> User:
    found = world.users.by_username(str(reference))
    if found is None and str(reference).isdecimal():
        found = world.users.get(int(str(reference)))
    if found is None:
        raise ControlError(f"there is no user {reference}", 404)
    return found


async def read_body(request: web.Request, world: World) -> Body:
    if request.method in ("GET", "DELETE") and not request.can_read_body:
        return Body(world, dict(request.query))
    try:
        fields = json.loads(await request.read() or b"{}")
    except json.JSONDecodeError as error:
        raise ControlError(f"the body is not JSON: {error}") from error
    if not isinstance(fields, dict):
        raise ControlError("the body is not a JSON object")
    return Body(world, fields)
