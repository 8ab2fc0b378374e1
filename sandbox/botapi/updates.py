"""What waits for a bot: each update is handed out again until an offset beyond it confirms it."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterable
from random import Random
from typing import Any

from sandbox.botapi.errors import ApiError
from sandbox.world.store import Fact, Store

JsonObject = dict[str, Any]

NOT_BY_DEFAULT = frozenset({"chat_member", "message_reaction", "message_reaction_count"})
CONFLICT = "Conflict: terminated by other getUpdates request; make sure that only one bot instance is running"
LONGEST_POLL = 50


class Updates:
    """One bot's queue; with a store it survives the process."""

    def __init__(self, bot: int, store: Store | None, rng: Random) -> None:
        self._bot = bot
        self._store = store
        self._allowed: frozenset[str] = frozenset()
        self._poller: asyncio.Future[None] | None = None
        self.pending: dict[int, JsonObject] = {}
        held = [json.loads(fact.text) for fact in store.all("update", bot)] if store else []
        self._last = max((update["update_id"] for update in held), default=rng.randrange(10**8, 10**9))
        for update in held:
            if not update.get("confirmed"):
                self.pending[update["update_id"]] = update

    def put(self, kind: str, payload: JsonObject) -> None:
        """Queue an update, unless the bot does not want that kind, and wake whoever waits."""
        if kind not in self._allowed if self._allowed else kind in NOT_BY_DEFAULT:
            return
        if self._store and self._last not in self.pending:
            self._store.remove("update", (self._bot, self._last))
        self._last += 1
        self.pending[self._last] = {"update_id": self._last, kind: payload}
        self._keep(self.pending[self._last])
        self._wake()

    def allow(self, kinds: Iterable[str]) -> None:
        """Which kinds to queue from now on; none means the usual ones."""
        self._allowed = frozenset(kinds)

    @property
    def allowed(self) -> list[str]:
        return sorted(self._allowed)

    @property
    def waited_for(self) -> bool:
        """Whether somebody polls at this moment."""
        return self._poller is not None

    async def poll(self, limit: int, seconds: float) -> list[JsonObject]:
        """What waits for the bot, once there is some. Raises ApiError 409 when another poll begins meanwhile."""
        if self._poller is not None and not self._poller.done():
            self._poller.set_exception(ApiError(409, CONFLICT))
        if not self.pending and seconds > 0:
            await self._wait(min(seconds, LONGEST_POLL))
        return list(self.pending.values())[:limit]

    def below(self, offset: int) -> list[JsonObject]:
        """What an offset confirms; a negative one keeps that many of the last ones."""
        if offset < 0:
            offset = ([*self.pending][offset:] or [0])[0]
        return [update for update_id, update in self.pending.items() if update_id < offset]

    def confirm(self, offset: int) -> list[JsonObject]:
        """Forget, and return, what lies below the offset."""
        confirmed = self.below(offset)
        self._forget([update["update_id"] for update in confirmed])
        return confirmed

    def clear(self) -> None:
        self._forget(list(self.pending))

    async def _wait(self, seconds: float) -> None:
        poller = self._poller = asyncio.get_running_loop().create_future()
        try:
            async with asyncio.timeout(seconds):
                await poller
        except TimeoutError:
            return
        finally:
            if self._poller is poller:
                self._poller = None

    def _wake(self) -> None:
        if self._poller is not None and not self._poller.done():
            self._poller.set_result(None)

    def _keep(self, update: JsonObject) -> None:
        if self._store:
            text = json.dumps(update, ensure_ascii=False)
            self._store.put("update", (self._bot, update["update_id"]), Fact(text))
            self._store.commit()

    def _forget(self, update_ids: list[int]) -> None:
        """Drop confirmed updates. The latest leaves its number behind: numbers never come twice."""
        for update_id in update_ids:
            del self.pending[update_id]
            if update_id == self._last:
                self._keep({"update_id": update_id, "confirmed": True})
            elif self._store:
                self._store.remove("update", (self._bot, update_id))
        if self._store:
            self._store.commit()
