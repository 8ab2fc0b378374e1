"""Faults and strictness: set, list, wait for, release, clear."""

from __future__ import annotations

import asyncio
from dataclasses import asdict, dataclass, fields
from datetime import timedelta
from typing import Any

from sandbox import victim
from sandbox.botapi.methods import Limits
from sandbox.control.body import Body, ControlError
from sandbox.control.views import JsonObject, rule_view
from sandbox.model import sabotage
from sandbox.world import Action, Rule, Rules
from sandbox.world.faults import fitting

CODES = {Action.PEER_FLOOD: 400, Action.ERROR_BODY: 502}


async def add_fault(body: Body) -> JsonObject:
    api, action = str(body.need("api")), _action(body)
    if action not in fitting(api):
        raise ControlError(f"{action} cannot befall {api}; what can: {', '.join(sorted(fitting(api)))}")
    count = body.fields.get("count", 1)
    user, peer = body.user_or_none("user"), body.user_or_none("peer")
    if (user or peer) and api.partition(".")[0] in ("model", "connect"):
        raise ControlError(f"{api} does not know user and peer")
    if action is Action.SABOTAGE and body.text("text") not in sabotage.KINDS:
        raise ControlError(f"text is none of {', '.join(sabotage.KINDS)}")
    rule = Rule(
        api, action, user=user.id if user else None, peer=peer.id if peer else None,
        skip=body.integer("skip"), count=None if count is None else int(count),
        code=body.integer("code", CODES.get(action, 500)), text=body.text("text"), seconds=body.number("seconds"),
        bytes=body.integer("bytes"), direction=body.direction(), pid=_pid(body, action), metadata=_metadata(body),
    )  # fmt: skip
    return rule_view(body.world.faults.add(rule))


def _action(body: Body) -> Action:
    try:
        return Action(body.need("action"))
    except ValueError as error:
        raise ControlError(f"action is none of {', '.join(Action)}") from error


def _pid(body: Body, action: Action) -> int:
    """Whom a fault kills; 0 where it kills nobody."""
    if not action.startswith("kill_"):
        return 0
    pid = int(body.need("pid"))
    try:
        victim.check(pid)
    except victim.NotOurs as error:
        raise ControlError(str(error)) from error
    return pid


def _metadata(body: Body) -> JsonObject:
    metadata = body.fields.get("metadata") or {}
    if not isinstance(metadata, dict):
        raise ControlError("metadata is not an object")
    return metadata


async def list_faults(body: Body) -> list[JsonObject]:
    return [rule_view(rule) for rule in body.world.faults.rules]


async def clear_faults(body: Body) -> JsonObject:
    body.world.faults.clear()
    return {}


async def remove_fault(body: Body) -> JsonObject:
    body.world.faults.remove(_rule(body).id)
    return {}


async def release_fault(body: Body) -> JsonObject:
    rule = _rule(body)
    body.world.faults.release(rule.id)
    return rule_view(rule)


async def wait_fault(body: Body) -> JsonObject:
    """Answer once the rule has fired ``times`` times; 408 when that did not happen in ``timeout`` seconds."""
    rule = _rule(body)
    try:
        async with asyncio.timeout(body.number("timeout", 10)):
            await body.world.faults.wait_fired(rule.id, body.integer("times", 1))
    except TimeoutError as error:
        raise ControlError(f"rule {rule.id} fired {rule.fired} times", 408) from error
    return rule_view(rule)


def _rule(body: Body) -> Rule:
    try:
        return body.world.faults[body.integer("id")]
    except KeyError as error:
        raise ControlError(f"there is no fault {body.integer('id')}", 404) from error


@dataclass(frozen=True, slots=True)
class Strictness:
    """The settable rules of both protocols under one set of names; durations in seconds."""

    rules: Rules
    limits: Limits

    def shown(self) -> JsonObject:
        shown: dict[str, Any] = {f"{name}_limit": value for name, value in asdict(self.limits).items()}
        for name, value in asdict(self.rules).items():
            shown[name] = value.total_seconds() if isinstance(value, timedelta) else value
        return shown

    def change(self, wanted: JsonObject) -> None:
        usual = Strictness(Rules(), Limits()).shown()
        for name, value in wanted.items():
            if name not in usual or not isinstance(value, type(usual[name]) | int):
                raise ControlError(f"{name}: known are {', '.join(sorted(usual))}, each of its own type")
        for name, value in wanted.items():
            limit = name.removesuffix("_limit")
            if limit in (field.name for field in fields(self.limits)):
                setattr(self.limits, limit, value)
            elif isinstance(getattr(self.rules, name), timedelta):
                setattr(self.rules, name, timedelta(seconds=value))
            else:
                setattr(self.rules, name, value)

    def restore(self) -> None:
        """Everything as it is at the start."""
        for mine, plain in ((self.rules, Rules()), (self.limits, Limits())):
            for field in fields(plain):
                setattr(mine, field.name, getattr(plain, field.name))
