"""One customer, once: an account, a chat, a clock and the engine's own parts around one dialog.

Worlds share the pool and the endpoint and nothing else, so what happens in one does not depend on the others, nor on
how fast anything is: only one thing happens at a time, in the order of the simulated clock. What comes next is what the
dialog's row says is due, what the customer does, or a chore; it is done to its end, and then the next is looked for.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from itertools import count
from typing import TYPE_CHECKING, TypeAlias
from zoneinfo import ZoneInfo

import asyncpg
from loguru import logger

from salesbot.dialog import patience
from salesbot.dialog.model import Kind, Person, Status
from salesbot.dialog.scenario import Scenario
from salesbot.engine.chores import Chores
from salesbot.engine.context import Context, Live
from salesbot.engine.inbox import Inbox
from salesbot.engine.outbox import Outbox
from salesbot.engine.reconcile import Reconciler
from salesbot.engine.scheduler import Scheduler
from salesbot.engine.turns import Turns
from salesbot.errors import ModelRefused
from salesbot.keys import KeyRing
from salesbot.llm.client import ModelClient
from salesbot.rehearsal.clock import SimulatedClock
from salesbot.rehearsal.customer import Customer
from salesbot.rehearsal.endpoint import RehearsalFailed
from salesbot.rehearsal.gateway import MemoryGateway
from salesbot.rehearsal.profile import Action, Profile
from salesbot.settings import Settings
from salesbot.store import agenda, rehearsals
from salesbot.store.dialogs import Fence
from salesbot.store.pool import ACQUIRE_TIMEOUT, Connection
from salesbot.store.rehearsals import Standing

if TYPE_CHECKING:
    from loguru import Message, Record

MONDAY = datetime(2026, 3, 2)  # noqa: DTZ001 - a Monday in the scenario's zone; daylight saving begins in its weeks
Step: TypeAlias = Callable[[], Awaitable[None]]
LASTS = timedelta(days=30)
LOOKS_AGAIN = timedelta(hours=1)
"""How soon a chore that had to wait (for the end of the night there) is looked at again."""
ERROR = 40
"""The level of the log from which on something failed."""
MOST_STEPS = 5000
MOST_AT_ONCE = 100
"""So many steps in which no time passes are a circle."""


def begins(scenario: Scenario) -> datetime:
    """When the campaign begins: nine o'clock on a Monday."""
    return datetime.combine(MONDAY, time(9), ZoneInfo(scenario.timezone)).astimezone(UTC)


@dataclass(frozen=True, slots=True)
class Stage:
    """What all worlds of a rehearsal share."""

    scenario: Scenario
    settings: Settings
    pool: asyncpg.Pool
    keys: KeyRing
    model: ModelClient
    customer_model: str
    seed: int


@dataclass(frozen=True, slots=True)
class Player:
    """Who plays in a world, and the rows that were made for them."""

    profile: Profile
    repeat: int
    person: Person
    fence: Fence
    dialog_id: int

    @property
    def who(self) -> str:
        return f"customer {self.profile.number} ({self.profile.name}), repeat {self.repeat}"


class World:
    """``play`` it to its end, once."""

    def __init__(self, stage: Stage, player: Player) -> None:
        self._stage, self._player = stage, player
        self._ends = begins(stage.scenario) + LASTS
        self.clock = SimulatedClock(begins(stage.scenario), self._meanwhile)
        account_id = player.fence.account_id
        self.context = Context(
            stage.settings,
            stage.pool,
            self.clock,
            stage.keys,
            stage.model,
            {stage.scenario.name: stage.scenario},
            count(1).__next__,
        )
        inbox, outbox = Inbox(self.context), Outbox(self.context)
        self.gateway = MemoryGateway(account_id, player.person, self.clock, inbox, self._hears)
        self.context.live[account_id] = Live(self.gateway, player.fence)
        self._turns = Turns(self.context)
        self._scheduler = Scheduler(self.context, self._turns, outbox, Reconciler(self.context, inbox, outbox))
        self._chores = Chores(self.context)
        self._customer = Customer(player.profile, stage.seed, player.repeat, stage.model, stage.customer_model)
        self._looks_at: datetime | None = None
        """When the customer looks at the chat next."""
        self._acts: deque[Action] = deque()
        """What they are about to do."""
        self._looked = begins(stage.scenario) - LOOKS_AGAIN
        """When the chores were last done."""
        self._due: list[tuple[datetime, Step]] | None = None
        """What the rows say is due, and how it is done; None: it has to be asked."""
        self._trouble: BaseException | None = None
        self._last_words = ""

    def warned(self, record: Record) -> None:
        """The engine mends what it can and logs the rest: a failure that was logged must not pass for a result."""
        self._last_words = record["message"]
        if record["level"].no >= ERROR and self._trouble is None:
            raised = record["exception"].value if record["exception"] else None
            self._trouble = raised or RehearsalFailed(record["message"])

    async def play(self) -> None:
        """Until nothing is due any more, or the time is over."""
        at_once = 0
        with logger.contextualize(world=self):
            for _ in range(MOST_STEPS):
                step = await self._next()
                if step is None:
                    return
                at, do = step
                at_once = at_once + 1 if at <= self.clock.now() else 0
                if at_once > MOST_AT_ONCE:
                    raise self._failure("nothing gets on any more")
                self.clock.turn(at)
                await do()
                await self._turns.rest()
                if self._trouble is not None:
                    raise self._failure("the engine failed") from self._trouble
        raise self._failure(f"no end after {MOST_STEPS} steps")

    def _failure(self, what: str) -> RehearsalFailed:
        why = self._last_words if self._trouble is None else f"{type(self._trouble).__name__}: {self._trouble}"
        return RehearsalFailed(f"{what} at {self.clock.now():%Y-%m-%d %H:%M:%S}" + (f" ({why})" if why else ""))

    async def _next(self) -> tuple[datetime, Step] | None:
        """What happens next, and when; the customer first where all happens at once."""
        if self._due is None:
            self._due = await self._ask_what_is_due()
        theirs = self._theirs()
        possible = [*([(theirs, self._act)] if theirs else []), *self._due]
        first = min(possible, key=lambda one: one[0], default=None)
        return first if first is not None and first[0] < self._ends else None

    async def _ask_what_is_due(self) -> list[tuple[datetime, Step]]:
        player = self._player
        async with self._stage.pool.acquire(timeout=ACQUIRE_TIMEOUT) as connection:
            standing = await rehearsals.standing(connection, player.dialog_id)
            found = await agenda.look(connection, [player.fence.account_id], self._ends, 1)
            chore = await self._chore(connection, standing)
        return [*((one.at, self._work) for one in found.errands), *([(chore, self._look)] if chore else [])]

    async def _work(self) -> None:
        self._due = None
        await self._scheduler.work(self._player.dialog_id)

    # -- the chores: what has to be done although nobody writes

    async def _look(self) -> None:
        self._due, self._looked = None, self.clock.now()
        await self._chores.look()

    async def _chore(self, connection: Connection, standing: Standing) -> datetime | None:
        """When the chores find something to do, as far as one can know."""
        due = [standing.task_at] if standing.task_at else []
        dialog, settings = standing.dialog, self._stage.settings
        if dialog.status is Status.HANDOFF and dialog.status_since is not None:
            reminder = timedelta(minutes=settings.handoff_reminder_minutes)
            apology = timedelta(minutes=settings.handoff_apology_minutes)
            if reminder and dialog.reminders < patience.REMINDED:
                due.append(dialog.status_since + reminder)
            if apology and dialog.reminders < patience.APOLOGISED:
                awaited = (await agenda.silence(connection, dialog)).awaited
                due += [dialog.status_since + apology] if awaited else []
        if not due:
            return None
        return min(due) if min(due) > self._looked else self._looked + LOOKS_AGAIN

    # -- the customer

    def _hears(self) -> None:
        """A line of the seller's stands in their chat."""
        self._looks_at = self._customer.looks_at(self.clock.now())

    def _theirs(self) -> datetime | None:
        """When they do something next."""
        return min(filter(None, (self._acts[0].at if self._acts else None, self._looks_at)), default=None)

    async def _act(self) -> None:
        """They look at the chat, and know what they will do; or they do it."""
        if not self._acts or (self._looks_at is not None and self._looks_at < self._acts[0].at):
            self._looks_at = None
            self._acts.extend(await self._answers())
            return
        act = self._acts.popleft()
        if act.reads:  # nothing becomes due by that
            await self.gateway.reads()
            return
        self._due = None
        if act.edits_to:
            await self.gateway.edits(act.edits_to)
        else:
            await self.gateway.says(act.says, Kind(act.kind))

    async def _answers(self) -> tuple[Action, ...]:
        """What a provider will not let them say is not said."""
        try:
            return await self._customer.answers(tuple(self.gateway.lines), self.clock.now())
        except ModelRefused as exc:
            if exc.code == "moderation":
                return ()
            raise RehearsalFailed(f"no model plays the customer: {exc}") from exc

    async def _meanwhile(self, until: datetime) -> None:
        """Time passes while the engine waits: until then, or until the customer does something."""
        await self._turns.rest()
        at = self._theirs()
        if at is None or at > until:
            self.clock.turn(until)
            return
        self.clock.turn(at)
        await self._act()


@contextmanager
def watched() -> Iterator[None]:
    """Every world hears what is logged in it."""

    def pass_on(message: Message) -> None:
        message.record["extra"]["world"].warned(message.record)

    watch = logger.add(pass_on, level="WARNING", filter=lambda record: "world" in record["extra"])
    try:
        yield
    finally:
        logger.remove(watch)
