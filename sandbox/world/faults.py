"""Trouble on demand: an ordered list of rules, asked before each call of MTProto, the Bot API and the models.

A call is named as its protocol names it: ``messages.sendMessage``, ``bot.sendMessage``, ``model.chat``,
``push.MessageNew``, and ``connect`` for a connection to MTProto. The first rule that matches and is due fires; who
asked carries its action out.
"""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from fnmatch import fnmatchcase
from typing import Any


class Action(StrEnum):
    ERROR = "error"  # answer `code` and `text`
    FLOOD_WAIT = "flood_wait"  # 420 / 429 with `seconds`
    PEER_FLOOD = "peer_flood"
    DELAY = "delay"  # carry out after `seconds`
    HOLD = "hold"  # carry out once released
    HOLD_ANSWER = "hold_answer"  # carried out at once, answered once released
    DROP_ANSWER = "drop_answer"  # carried out, never answered, connection left alone
    CUT_BEFORE = "cut_before"  # connection reset instead of carrying out
    CUT_AFTER = "cut_after"  # carried out, then reset without an answer
    CUT_AT = "cut_at"  # carried out, then reset once `bytes` of the answer have left
    BLACK_HOLE = "black_hole"  # from here on this connection is never read again, nor written to
    KILL_BEFORE = "kill_before"  # the program `pid` is killed instead of carrying out
    KILL_AFTER = "kill_after"  # carried out, then the program is killed without an answer
    KILL_ANSWERED = "kill_answered"  # carried out and answered; the program is killed once the answer is written
    LOSE = "lose"  # a push that never comes
    DUPLICATE = "duplicate"  # a push that comes twice; of bot.getUpdates: what it would confirm comes again
    REORDER = "reorder"  # a push that comes after the next one
    HANG = "hang"  # a model that never answers
    BROKEN_JSON = "broken_json"  # a model that answers half a JSON object
    EMPTY = "empty"  # a model that answers without choices
    CONTENT = "content"  # a model that answers `text`
    SAY = "say"  # a model that says `text`, in the shape that was asked for
    SABOTAGE = "sabotage"  # a model that says something that must not be said, of the kind `text`
    ERROR_BODY = "error_body"  # HTTP 200 with an error inside


class Direction(StrEnum):
    """Of bytes on a connection, as the server sees it."""

    OUT = "out"
    IN = "in"


_ENDS = frozenset({Action.CUT_BEFORE, Action.CUT_AFTER, Action.CUT_AT, Action.BLACK_HOLE})
_KILLS = frozenset({Action.KILL_BEFORE, Action.KILL_AFTER, Action.KILL_ANSWERED})
_LATE = frozenset({Action.DELAY, Action.HOLD})
_CALL = _ENDS | _KILLS | _LATE | {Action.ERROR, Action.FLOOD_WAIT, Action.HOLD_ANSWER, Action.DROP_ANSWER}
_FITTING: dict[str, frozenset[Action]] = {
    "connect": frozenset({Action.CUT_BEFORE, Action.CUT_AT, Action.BLACK_HOLE}),
    "push": _ENDS | _KILLS | _LATE | {Action.LOSE, Action.DUPLICATE, Action.REORDER},
    "bot": _CALL | {Action.HANG, Action.DUPLICATE},
    "model": _CALL
    | {Action.HANG, Action.BROKEN_JSON, Action.EMPTY, Action.CONTENT, Action.SAY, Action.SABOTAGE, Action.ERROR_BODY},
}
_MTPROTO = _CALL | {Action.PEER_FLOOD}


def fitting(api: str) -> frozenset[Action]:
    """What can befall the calls that a rule's `api` names; of a name that begins with a wildcard: anything."""
    family = api.partition(".")[0]
    return frozenset(Action) if set("*?[") & set(family) else _FITTING.get(family, _MTPROTO)


@dataclass(slots=True)
class Rule:
    """Fires on calls that match `api` (a glob), `user` and `peer`: after `skip` of them, `count` times (None: ever).

    `user` is who calls, for a push who would get it; `peer` is whom the call is about.
    """

    api: str
    action: Action
    user: int | None = None
    peer: int | None = None
    skip: int = 0
    count: int | None = 1
    code: int = 500
    text: str = ""
    seconds: float = 0.0
    bytes: int = 0
    direction: Direction = Direction.OUT  # only of `connect`
    pid: int = 0
    metadata: Mapping[str, Any] = field(default_factory=dict)  # what a model's error says beside its text
    id: int = 0
    seen: int = 0
    fired: int = 0
    released: asyncio.Event = field(default_factory=asyncio.Event)

    def matches(self, api: str, user: int | None, peer: int | None) -> bool:
        return (
            fnmatchcase(api, self.api)
            and (self.user is None or self.user == user)
            and (self.peer is None or self.peer == peer)
        )

    def due(self) -> bool:
        """Count this match; whether it is one to fire on."""
        self.seen += 1
        if self.seen <= self.skip or (self.count is not None and self.fired >= self.count):
            return False
        self.fired += 1
        return True


class Faults:
    def __init__(self) -> None:
        self.rules: list[Rule] = []
        self._last = 0
        self._fired: dict[int, list[asyncio.Future[None]]] = {}

    def add(self, rule: Rule) -> Rule:
        self._last += 1
        rule.id = self._last
        self.rules.append(rule)
        return rule

    def take(
        self, api: str, user: int | None = None, peer: int | None = None, *, idle: Action | None = None
    ) -> Rule | None:
        """The first rule due for this call; one whose action would change nothing here (`idle`) does not count it."""
        for rule in self.rules:
            if rule.action is not idle and rule.matches(api, user, peer) and rule.due():
                for future in self._fired.pop(rule.id, []):
                    if not future.done():
                        future.set_result(None)
                return rule
        return None

    async def wait_fired(self, rule_id: int, times: int = 1) -> None:
        """Return once the rule has fired that often."""
        rule = self[rule_id]
        while rule.fired < times:
            future = asyncio.get_running_loop().create_future()
            self._fired.setdefault(rule_id, []).append(future)
            await future

    def release(self, rule_id: int) -> None:
        """Let go what a rule holds, and hold nothing more."""
        rule = self[rule_id]
        rule.count = rule.fired
        rule.released.set()

    def remove(self, rule_id: int) -> None:
        self.release(rule_id)
        self.rules = [r for r in self.rules if r.id != rule_id]

    def clear(self) -> None:
        for rule in self.rules:
            rule.released.set()
        self.rules = []

    def __getitem__(self, rule_id: int) -> Rule:
        for rule in self.rules:
            if rule.id == rule_id:
                return rule
        raise KeyError(rule_id)
