"""Many people who talk with the account at once, and the operator who gives back what was handed over."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager

from tests.chaos.arena import BRIEFLY, PATIENCE, POLITELY, Arena
from tests.chaos.ledger import TOKEN
from tests.support.waiting import gone, until

AT_ONCE = 20
"""Dialogs that are opened at a time."""
OPENING_PATIENCE = 300.0
GIVES_BACK_EVERY = 2.0
LOOKED_AT = 20
"""People who are looked at for one who waits for nothing."""
TOKENS = (1, 1, 1, 2, 3)
TALKATIVE = 0.1
"""So many of the bursts have a second line, which comes while the first is being answered, or just after."""
GENEROUS = {"resolve_per_minute": 1_000_000, "history_per_minute": 1_000_000}
"""The sandbox limits costly calls a minute as Telegram does: 200 people opened at once, and again compared after every
loss of the connection, are beyond that, and the soak would be a test of waiting."""

_BEGUN = """
select count(*) from dialogs d where status = 'active' and due_at is null
    and exists (select from messages where dialog_id = d.id and send_state = 'sent')
"""


class Crowd:
    """``numbers``: the dialog of each person. Of who is *apart* somebody else takes care."""

    def __init__(self, arena: Arena, size: int) -> None:
        self.arena = arena
        self.people = [f"p{number:03}" for number in range(1, size + 1)]
        self.numbers: Mapping[str, int] = {}
        self.given_back = 0
        self._apart: set[str] = set()
        self._begun: set[str] = set()
        self._waits_for: dict[str, list[str]] = {who: [] for who in self.people}

    async def gather(self) -> None:
        """Everybody is in a dialog, and its first message has arrived."""
        arena = self.arena
        await arena.control.call("PATCH", "/rules", **GENEROUS)
        for who in self.people:
            await arena.house.settle(who, first_name=who.capitalize())
        for first in range(0, len(self.people), AT_ONCE):
            some = self.people[first : first + AT_ONCE]
            for who in some:
                await arena.tell(f"/start @{who}")

            async def begun(wanted: int = first + len(some)) -> bool:
                return bool(await arena.value(_BEGUN) == wanted)

            await until(begun, f"{first + len(some)} dialogs have begun", OPENING_PATIENCE)
        rows = await arena.house.db.fetch("select id, lower(target_username) as who from dialogs")
        self.numbers = {row["who"]: row["id"] for row in rows}

    # --- talking

    async def talk(self, rate: float, over: asyncio.Event) -> None:
        """So many bursts a second, of people who wait for nothing, until it is over and everything is said."""
        loop = asyncio.get_running_loop()
        due = loop.time()
        async with asyncio.TaskGroup() as bursts:
            while not over.is_set():
                due = max(due + self.arena.chance.expovariate(rate), loop.time() - 1.0)  # no flood after a standstill
                await asyncio.sleep(max(0.0, due - loop.time()))
                if (who := self._somebody()) is not None:
                    bursts.create_task(self._burst(who), name=f"burst-{who}")

    def _somebody(self) -> str | None:
        some = self.arena.chance.sample(self.people, min(LOOKED_AT, len(self.people)))
        return next((who for who in some if who not in self._apart and not self._waiting(who)), None)

    def _waiting(self, who: str) -> list[str]:
        """The tokens that have not been answered yet."""
        self._waits_for[who] = [token for token in self._waits_for[who] if not self.arena.answers(token)]
        return self._waits_for[who]

    async def _burst(self, who: str) -> None:
        chance = self.arena.chance
        self._apart.add(who)
        try:
            await self.line(who, chance.choice(TOKENS))
            if chance.random() < TALKATIVE:
                await asyncio.sleep(chance.uniform(0.0, 1.5))
                await self.line(who, 1)
        finally:
            self._apart.discard(who)

    async def line(self, who: str, tokens: int = 1) -> None:
        """A line that has to be answered: a long one first, short ones after it, for people cannot type so fast."""
        words = BRIEFLY if who in self._begun else POLITELY
        self._begun.add(who)
        said = await self.arena.line(who, words=words, tokens=tokens)
        self._waits_for[who] += [token for token in TOKEN.findall(said["text"]) if token in self.arena.tokens]

    # --- what the operator does

    @asynccontextmanager
    async def one_apart(self) -> AsyncIterator[tuple[str, int]]:
        """Somebody who waits for nothing and whom nobody else lets write, and the number of the dialog."""

        async def found() -> str | None:
            return self._somebody()

        who = await until(found, "somebody waits for nothing", PATIENCE)
        self._apart.add(who)
        try:
            yield who, self.numbers[who]
        finally:
            self._apart.discard(who)

    async def answered(self, who: str) -> None:
        async def waiting() -> list[str]:
            return self._waiting(who)

        await gone(waiting, f"@{who} is answered", PATIENCE)

    async def give_back(self) -> None:
        """Whatever is handed over to a human is given back by the operator, for ever."""
        asked: set[int] = set()
        while True:
            rows = await self.arena.value(
                "select coalesce(array_agg(id), '{}') from dialogs where status = 'handoff'",
            )
            for number in set(rows) - asked:
                await self.arena.tell(f"/give {number}")
                self.given_back += 1
            asked = set(rows)
            await asyncio.sleep(GIVES_BACK_EVERY)
