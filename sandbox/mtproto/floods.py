"""Flood waits after too many costly calls: so many a minute per account, then wait for the rest of the minute."""

import time
from collections import deque
from collections.abc import Callable

from sandbox.mtproto.errors import flood_wait
from sandbox.world import Rules

_MINUTE = 60.0


class Floods:
    def __init__(self, rules: Rules, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._rules = rules
        self._monotonic = monotonic
        self._calls: dict[tuple[int, str], deque[float]] = {}

    def check(self, user: int, method: str) -> None:
        """Count one call. Raises 420 FLOOD_WAIT_X."""
        limit = self._limit(method)
        if limit is None:
            return
        now = self._monotonic()
        calls = self._calls.setdefault((user, method), deque())
        while calls and now - calls[0] >= _MINUTE:
            calls.popleft()
        if len(calls) >= limit:
            raise flood_wait(max(1, round(calls[0] + _MINUTE - now)))
        calls.append(now)

    def forget(self) -> None:
        """Begin the minute anew for everybody."""
        self._calls.clear()

    def _limit(self, method: str) -> int | None:
        match method:
            case "contacts.resolveUsername":
                return self._rules.resolve_per_minute
            case "messages.getHistory":
                return self._rules.history_per_minute
            case _:
                return None
