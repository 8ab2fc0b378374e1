"""Every turn of a stored dialogue once more: what would be said now, with the present scenario.

Prompt, parsing, proof, guard, repair and fallback are those of the engine (``engine.drafts``), at the time it then was
and with what was known then. Nothing is sent and nothing is written: the database is read in one transaction that may
not write, before any model is asked, and the calls are kept in memory.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass, field, replace
from datetime import datetime, tzinfo
from decimal import Decimal
from functools import partial
from urllib.parse import urlsplit

import asyncpg

from salesbot.clock import SystemClock
from salesbot.dialog import timing
from salesbot.dialog.model import Contact, Dialog, Message, Outcome, Purpose, Status
from salesbot.dialog.scenario import Scenario
from salesbot.engine.calls import Failure
from salesbot.engine.drafts import Draft, Drafts
from salesbot.errors import DataError, InvalidReply, ModelRefused, ModelUnavailable, Refused
from salesbot.llm import reply as replies
from salesbot.llm.client import Completion, ModelClient, UnusableCompletion
from salesbot.llm.prompt import ChatMessage
from salesbot.rehearsal.replay import past
from salesbot.rehearsal.replay.past import Moment, Past
from salesbot.scenarios import load
from salesbot.settings import Settings
from salesbot.store import cards, contacts, dialogs, listing, messages, pool, replays
from salesbot.store.listing import Wanted
from salesbot.store.pool import ACQUIRE_TIMEOUT, Connection

WHOLE = 100_000
"""Messages of one person that are looked at, at most."""
PATIENCE = 3
LONGEST_WAIT = 30.0
HINTS = 5
"""Dialogs that are named when there is none of the number asked for."""


@dataclass(frozen=True, slots=True)
class Side:
    """What one turn says, and what it leads to."""

    parts: tuple[str, ...] = ()
    unsent: tuple[str, ...] = ()
    """Parts that were decided and cut off before they were said."""
    stage: str = ""
    outcome: Outcome = Outcome.NONE
    handoff: str = ""
    opt_out: bool = False
    """They want no more messages: nothing but the farewell is said."""
    failure: str = ""
    """Why nothing would be said, and a human be called."""


@dataclass(frozen=True, slots=True)
class Attempt:
    """One call to a model. ``reason`` says why its answer was not used; empty: it was."""

    model: str
    completion: Completion | None
    code: str = ""
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Replayed:
    """One turn, then and now."""

    number: int
    purpose: Purpose
    at: datetime
    since: tuple[Message, ...]
    was: Side
    now: Side
    attempts: tuple[Attempt, ...]

    @property
    def same(self) -> bool:
        """The same words with the same consequences."""
        now, was = self.now, self.was
        said = (*was.parts, *was.unsent) == now.parts and not now.failure and not now.opt_out
        return said and now.outcome is was.outcome and bool(now.handoff) == bool(was.handoff)

    @property
    def refused(self) -> tuple[Attempt, ...]:
        return tuple(one for one in self.attempts if one.reason)


@dataclass(frozen=True, slots=True)
class Plan:
    """What is going to be replayed."""

    dialog: Dialog
    contact: Contact | None
    scenario: Scenario
    models: tuple[str, ...]
    moments: tuple[Moment, ...]
    erased: int
    """Turns whose words are gone: they are left out."""
    zone: tzinfo
    """In which times are shown: the person's, as far as it is known."""


class Memory:
    """A ledger that writes nothing down; ``attempts`` are the calls in their order, which are their ids."""

    def __init__(self, model: ModelClient) -> None:
        self._model = model
        self.attempts: list[Attempt] = []

    async def complete(
        self,
        dialog: Dialog,
        *,
        purpose: str,
        model: str,
        messages: Sequence[ChatMessage],
        response_format: Mapping[str, object],
    ) -> tuple[int, str]:
        try:
            completion = await self._model.complete(model, messages, response_format)
        except UnusableCompletion as exc:
            self.attempts.append(Attempt(model, exc.completion, exc.code, str(exc)))
            raise
        except (ModelUnavailable, ModelRefused) as exc:
            self.attempts.append(Attempt(model, None, exc.code, str(exc)))
            raise
        self.attempts.append(Attempt(model, completion))
        return len(self.attempts) - 1, completion.text

    async def fail(self, call_id: int, why: Failure) -> None:
        self.attempts[call_id] = replace(self.attempts[call_id], code=why.code, reason=str(why))


@dataclass(frozen=True, slots=True)
class Then:
    """A clock that stands."""

    at: datetime
    _real: SystemClock = field(default_factory=SystemClock)

    def now(self) -> datetime:
        return self.at

    def monotonic(self) -> float:
        return self._real.monotonic()

    async def sleep(self, seconds: float) -> None:
        await self._real.sleep(seconds)


async def plan(settings: Settings, number: int, scenario: str | None) -> Plan:
    """The dialogue, and the scenario: its own, as it is today, unless another one is named.

    Raises ``Refused`` with a sentence for the operator where there is nothing to replay, ``SettingsError`` for a
    scenario that is broken, ``DataError`` for a database that is not up to date.
    """
    found, folder = await read(settings, number), settings.scenarios_dir
    own = found.dialog.scenario if found.dialog.scenario in load.names(folder) else settings.scenario
    place = load.find(scenario, folder) if scenario else load.place_of(own, folder)
    return planned(found, load.sound([load.check(place)])[0], settings.llm_models)


def planned(found: Past, scenario: Scenario, models: tuple[str, ...]) -> Plan:
    """Raises ``Refused`` where there is nothing to replay."""
    moments = tuple(past.moments(found, scenario))
    if not moments:
        raise Refused("nothing", _nothing(found))
    zone = timing.zone(moments[-1].background.timezone, scenario)
    return Plan(found.dialog, found.contact, scenario, models, moments, past.erased(found.turns), zone)


async def read(settings: Settings, number: int) -> Past:
    """All that is stored of a dialogue, in one transaction that may not write."""
    async with AsyncExitStack() as stack:
        database = await pool.create(settings.database_url.get_secret_value(), max_size=1)
        stack.push_async_callback(pool.close, database)
        connection = await stack.enter_async_context(database.acquire(timeout=ACQUIRE_TIMEOUT))
        await stack.enter_async_context(connection.transaction(isolation="repeatable_read", readonly=True))
        try:
            return await _past(connection, number)
        except (asyncpg.UndefinedTableError, asyncpg.UndefinedColumnError) as exc:
            raise DataError("The database is not up to date: python -m salesbot migrate") from exc


async def _past(connection: Connection, number: int) -> Past:
    dialog = await dialogs.get(connection, number)
    if dialog is None:
        raise Refused("no_such_dialog", await _no_such_dialog(connection, number))
    contact = await contacts.get(connection, dialog.contact_id) if dialog.contact_id is not None else None
    return Past(
        dialog,
        contact,
        tuple(await messages.history(connection, dialog, WHOLE)),
        tuple(await replays.turns_of(connection, number)),
        await cards.of(connection, number),
    )


async def _no_such_dialog(connection: Connection, number: int) -> str:
    newest = (await listing.older(connection, Wanted.ALL, 0, 2**62))[:HINTS]
    if not newest:
        return f"There is no dialog {number}, nor any other: /start @username in the bot opens the first one."
    names = [f"  {one.head.dialog.id}  {_who(one.head.dialog, one.head.contact)}" for one in newest]
    return "\n".join((f"There is no dialog {number}. The newest ones (all of them: /list all in the bot):", *names))


def _who(dialog: Dialog, contact: Contact | None) -> str:
    name = (contact.username if contact else None) or dialog.target_username
    return f"@{name}" if name else "(erased)" if contact is None else contact.name


def _nothing(found: Past) -> str:
    dialog = found.dialog
    if found.turns or (dialog.contact_id is None and dialog.status is Status.CLOSED):
        return f"The texts of dialog {dialog.id} are erased: there is nothing to replay."
    return f"In dialog {dialog.id} the model has said nothing yet: there is nothing to replay."


async def run(settings: Settings, found: Plan, show: Callable[[Replayed], None]) -> tuple[Replayed, ...]:
    """Every turn once more; each is shown as soon as it and all before it are done.

    Raises ``ModelUnavailable`` when no model answers, with a sentence for the operator.
    """
    model = ModelClient(settings, SystemClock())
    tasks = [
        asyncio.create_task(_replayed(settings, model, found, number, moment), name=f"turn-{number}")
        for number, moment in enumerate(found.moments, 1)
    ]
    done = []
    try:
        for task in tasks:
            done.append(await task)
            show(done[-1])
    except ModelUnavailable as exc:
        host, asked = urlsplit(settings.llm_base_url).hostname, ", ".join(settings.llm_models)
        raise ModelUnavailable(f"No model answers at {host} ({asked}): {exc}.") from exc
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await model.close()
    return tuple(done)


async def _replayed(settings: Settings, model: ModelClient, found: Plan, number: int, moment: Moment) -> Replayed:
    ledger, turn = Memory(model), moment.turn
    drafts = Drafts(settings, Then(turn.asked_at), ledger)
    write = partial(drafts.write, found.scenario, moment.dialog, found.contact, moment.step, moment.background)
    try:
        draft = await _patiently(write)
    except ModelRefused as exc:
        now = Side(failure=f"the provider refuses to answer ({exc.code})")
    except InvalidReply as exc:
        now = Side(failure=f"no draft could be used ({exc.code.replace('_', ' ')})")
    else:
        reply = draft.reply
        said = () if reply.opt_out else reply.parts
        now = Side(said, (), reply.stage, reply.outcome, reply.handoff or "", reply.opt_out)
    return Replayed(number, turn.purpose, turn.asked_at, moment.since, _was(moment), now, tuple(ledger.attempts))


async def _patiently(write: Callable[[asyncio.Event], Awaitable[Draft]]) -> Draft:
    """What an endpoint asks to wait for is waited for, a few times; a replay may well be too fast for it."""
    for _ in range(PATIENCE):
        try:
            return await write(asyncio.Event())
        except ModelUnavailable as exc:
            if exc.retry_after is None:
                raise
            await asyncio.sleep(min(exc.retry_after, LONGEST_WAIT))
    return await write(asyncio.Event())


def _was(moment: Moment) -> Side:
    told = replies.outline(moment.turn.answer)
    said = tuple(part.content for part in moment.turn.parts if part.said)
    unsent = tuple(part.content for part in moment.turn.parts if not part.said)
    return Side(said, unsent, told.stage, told.outcome, told.handoff)


@dataclass(frozen=True, slots=True)
class Sum:
    """What it came to."""

    same: int
    different: int
    refused: int
    calls: int
    cost: Decimal
    unpriced: int
    """Answers for which the provider told no price."""


def sum_of(turns: Sequence[Replayed]) -> Sum:
    answered = [one.completion for turn in turns for one in turn.attempts if one.completion is not None]
    same = sum(turn.same for turn in turns)
    return Sum(
        same,
        len(turns) - same,
        sum(len(turn.refused) for turn in turns),
        sum(len(turn.attempts) for turn in turns),
        sum((one.cost for one in answered if one.cost is not None), Decimal(0)),
        sum(one.cost is None for one in answered),
    )
