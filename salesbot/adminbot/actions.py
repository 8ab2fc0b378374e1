"""What an admin's commands and buttons do: each is ONE transaction that first claims the update (law 7).

A redelivered update changes nothing and gets the stored answer again. Answers are codes and ids; views word them.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum
from typing import TypeAlias

import asyncpg

from salesbot.adminbot import parse
from salesbot.adminbot.desk import Desk
from salesbot.dialog import transitions
from salesbot.dialog.model import OPEN, Dialog, DialogEvent, Status
from salesbot.store import accounts, admin_updates, admins, desk, dialogs, events, parts, tasks
from salesbot.store.accounts import Account
from salesbot.store.pool import Connection, transaction

Value: TypeAlias = str | int | bool | None


class Said(StrEnum):
    """What an action answers."""

    LOOKING_UP = "looking_up"
    LOOKING_UP_ALREADY = "looking_up_already"
    ALREADY_OPEN = "already_open"
    OFFER = "offer"
    NO_ACCOUNT = "no_account"
    UNKNOWN_ACCOUNT = "unknown_account"
    ACCOUNT_OUT = "account_out"
    ACCOUNT_LIMITED = "account_limited"
    UNKNOWN_SCENARIO = "unknown_scenario"
    UNKNOWN_ID = "unknown_id"
    UNKNOWN_PERSON = "unknown_person"
    NO_SUCH_DIALOG = "no_such_dialog"
    STOPPED = "stopped"
    DROPPED = "dropped"
    TAKEN = "taken"
    GIVEN = "given"
    RESUMED = "resumed"
    NOT_ALLOWED = "not_allowed"
    OPENINGS_ALLOWED = "openings_allowed"
    EXPORTING = "exporting"
    NOTHING_TO_EXPORT = "nothing_to_export"
    NOTHING_SINCE = "nothing_since"
    EXPORTED = "exported"
    CANCELLING = "cancelling"
    EXPIRED = "expired"
    BASIS_MISSING = "basis_missing"
    ON_TRIAL = "on_trial"
    BASIS_SET = "basis_set"
    NOBODY = "nobody"
    ERASING = "erasing"
    ERASED = "erased"
    KEPT = "kept"
    NEVER = "never"
    FORGOTTEN = "forgotten"
    TASK_DONE = "task_done"
    LIST_CHECKED = "list_checked"
    LIST_ON_TRIAL = "list_on_trial"
    CAMPAIGN = "campaign"
    DRAFT_DECIDED = "draft_decided"
    DRAFT_CHANGED = "draft_changed"
    DRAFT_OVER = "draft_over"
    DRAFT_EDITED = "draft_edited"
    PAUSED = "paused"
    RUNNING = "running"
    MODE = "mode"
    SPEAK = "speak"
    SPOKEN = "spoken"
    UNSPOKEN = "unspoken"
    UNSAYING = "unsaying"
    UNSAID = "unsaid"
    NOTHING_TO_UNSAY = "nothing_to_unsay"
    ADMITTED = "admitted"
    DISMISSED = "dismissed"
    OWNER_STAYS = "owner_stays"
    ASSIGNED = "assigned"
    UNASSIGNED = "unassigned"
    NO_COLLEAGUE = "no_colleague"
    ONLY_LOOKS = "only_looks"
    ZONE_SET = "zone_set"
    QUIET_SET = "quiet_set"
    QUIET_OFF = "quiet_off"
    NOTED = "noted"
    HELD = "held"


@dataclass(frozen=True, slots=True)
class Answer:
    """A code and what is needed to word it."""

    said: Said
    data: Mapping[str, Value] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Origin:
    """Which update an action comes from. ``mark`` tells two updates of one number apart."""

    update_id: int
    admin_id: int
    mark: str
    lang: str

    @property
    def actor(self) -> str:
        return f"admin:{self.admin_id}"


Act: TypeAlias = Callable[[Connection], Awaitable[Answer]]


async def once(on: Desk, origin: Origin, act: Act, **remember: Mapping[str, Value]) -> Answer:
    """Carry out ``act`` and remember its answer in one transaction; for a redelivered update only the answer."""
    async with transaction(on.pool) as connection:
        stored = await admin_updates.begin(connection, origin.update_id, origin.admin_id, origin.mark)
        if stored is not None:
            return _answer(stored)
        answer = await act(connection)
        await admin_updates.answered(
            connection,
            origin.update_id,
            {"lang": origin.lang, "said": answer.said.value, "data": dict(answer.data), **remember},
        )
    dialog_id = answer.data.get("dialog")
    on.wake(dialog_id if isinstance(dialog_id, int) else None)
    return answer


def _answer(stored: admin_updates.Json) -> Answer:
    data = stored.get("data")
    return Answer(Said(str(stored["said"])), data if isinstance(data, Mapping) else {})


async def start(on: Desk, origin: Origin, request: parse.Start) -> Answer:
    """Open a dialog, or offer to go on with the one that was stopped."""
    remembered: Mapping[str, Value] = {
        "target": request.target,
        "scenario": request.scenario,
        "basis": request.basis,
        "account": request.account,
    }
    return await once(on, origin, lambda c: _start(on, c, origin, request, anew=False), request=remembered)


async def start_anew(on: Desk, origin: Origin, update_id: int) -> Answer:
    """Carry out an earlier ``/start`` after all, though a dialog with that person was stopped."""

    async def act(connection: Connection) -> Answer:
        stored = await admin_updates.answer_of(connection, update_id, origin.admin_id)
        request = (stored or {}).get("request")
        if not isinstance(request, Mapping):
            return Answer(Said.EXPIRED)
        return await _start(
            on, connection, origin, parse.Start(**{str(key): str(value) for key, value in request.items()}), anew=True
        )

    return await once(on, origin, act)


async def _start(on: Desk, connection: Connection, origin: Origin, request: parse.Start, *, anew: bool) -> Answer:
    if on.trial is not None and request.target.lower() not in on.trial.names:
        return Answer(Said.ON_TRIAL, {"target": request.target, "username": on.trial.username})
    scenario = request.scenario or on.settings.scenario
    if scenario not in on.scenarios:
        return Answer(Said.UNKNOWN_SCENARIO, {"scenario": scenario, "known": ", ".join(sorted(on.scenarios))})
    if on.settings.require_basis and not request.basis:
        return Answer(Said.BASIS_MISSING, {"target": request.target})
    known = await desk.known(connection, request.target)
    if refusal := await _already(connection, request, known):
        return refusal
    account = _choose(await accounts.list_accounts(connection), request.account, known)
    if isinstance(account, Answer):
        return account
    if known and known.dialog_id and known.status is Status.STOPPED and not anew:
        return Answer(Said.OFFER, {"dialog": known.dialog_id, "target": request.target, "update": origin.update_id})
    dialog = await dialogs.open_dialog(
        connection,
        account_id=account.id,
        target=request.target,
        scenario=scenario,
        basis=request.basis,
        actor=origin.actor,
        now=on.clock.now(),
        preview=on.settings.first_contact_preview,
    )
    return Answer(Said.LOOKING_UP, {"dialog": dialog.id, "target": request.target})


async def _already(connection: Connection, request: parse.Start, known: desk.Known | None) -> Answer | None:
    """Why this must not be opened now, as far as it can be said without Telegram."""
    if pending := await desk.looking_up(connection, request.target):
        return Answer(Said.LOOKING_UP_ALREADY, {"dialog": pending, "target": request.target})
    if request.by_id and known is None:
        return Answer(Said.UNKNOWN_ID, {"target": request.target})
    if request.by_id and known and known.status in OPEN:
        return Answer(Said.ALREADY_OPEN, {"dialog": known.dialog_id})
    return None  # a username says nothing of the person before it is looked up: the engine finds out


def _choose(present: Sequence[Account], wanted: str, known: desk.Known | None) -> Account | Answer:
    """The account that is to speak: the one named, else the one this person knows, else the first that may."""
    if not present:
        return Answer(Said.NO_ACCOUNT)
    former = known.account_id if known else None
    candidates = _named(present, wanted) if wanted else sorted(present, key=lambda account: account.id != former)
    if not candidates:
        return Answer(Said.UNKNOWN_ACCOUNT, {"account": wanted})
    able = [account for account in candidates if account.ready]
    if not able:
        first = candidates[0]
        return Answer(Said.ACCOUNT_OUT, {"account": _name(first), "state": first.state})
    if free := [account for account in able if not account.openings_blocked]:
        return free[0]
    return Answer(Said.ACCOUNT_LIMITED, {"account": _name(able[0]), "account_id": able[0].id})


def _named(present: Sequence[Account], wanted: str) -> list[Account]:
    """The account with this id, username or phone."""
    name = wanted.removeprefix("@").removeprefix("+").lower()
    return [a for a in present if name in (str(a.id), (a.username or "").lower(), a.phone.removeprefix("+"))]


def _name(account: Account) -> str:
    return f"@{account.username}" if account.username else account.name or account.phone or str(account.id)


async def stop(on: Desk, origin: Origin, dialog_id: int) -> Answer:
    """Stop a dialog. ``in_flight`` in the answer: one message was on its way; the engine confirms when it is known."""
    return await _lead(on, origin, dialog_id, DialogEvent.STOP, Said.STOPPED)


async def take(on: Desk, origin: Origin, dialog_id: int) -> Answer:
    """A human speaks; the model keeps quiet."""
    return await _lead(on, origin, dialog_id, DialogEvent.TAKE, Said.TAKEN)


async def give(on: Desk, origin: Origin, dialog_id: int) -> Answer:
    """The model speaks again."""
    return await _lead(on, origin, dialog_id, DialogEvent.GIVE, Said.GIVEN)


async def resume(on: Desk, origin: Origin, dialog_id: int) -> Answer:
    """Go on with a stopped dialog under its old number."""
    return await _lead(on, origin, dialog_id, DialogEvent.RESUME, Said.RESUMED)


async def _lead(on: Desk, origin: Origin, dialog_id: int, event: DialogEvent, said: Said) -> Answer:
    return await once(on, origin, lambda connection: lead(on, connection, origin, dialog_id, event, said))


async def lead(
    on: Desk,
    connection: Connection,
    origin: Origin,
    dialog_id: int,
    event: DialogEvent,
    said: Said,
    until: datetime | None = None,
) -> Answer:
    """Lead a dialog by an event, inside the caller's transaction; ``until`` is the end of a takeover."""
    dialog = await dialogs.lock(connection, dialog_id)
    if dialog is None:
        return Answer(Said.NO_SUCH_DIALOG, {"dialog": dialog_id})
    try:
        async with connection.transaction():
            taken_by = origin.admin_id if event is DialogEvent.TAKE else None
            await dialogs.apply(
                connection,
                dialog,
                event,
                actor=origin.actor,
                now=on.clock.now(),
                taken_by=taken_by,
                taken_until=until,
            )
    except transitions.NotAllowed:
        if event in (DialogEvent.STOP, DialogEvent.TAKE):  # of a closed dialog: its farewell, if not said yet
            await parts.cancel(connection, dialog_id, event.value)
        return await refused(connection, dialog, event, origin.admin_id)
    except asyncpg.UniqueViolationError:  # dialogs_one_open_per_person
        other = await dialogs.open_with(connection, dialog.contact_id or 0)
        return Answer(Said.ALREADY_OPEN, {"dialog": other.id if other else None})
    if event is DialogEvent.STOP and dialog.status is Status.RESOLVING:
        return Answer(Said.DROPPED, {"dialog": dialog_id})
    return Answer(said, {"dialog": dialog_id, "in_flight": await dialogs.in_flight(connection, dialog_id)})


async def refused(connection: Connection, dialog: Dialog, event: DialogEvent, admin_id: int) -> Answer:
    """``not_allowed``; who would take a dialog is told which colleague was first."""
    answer, taker = not_allowed(dialog, event), dialog.taken_by
    if event is DialogEvent.TAKE and taker is not None and taker != admin_id:
        first = await admins.get(connection, taker)
        return replace(answer, data={**answer.data, "first": first.called if first else str(taker)})
    return answer


def not_allowed(dialog: Dialog, event: DialogEvent) -> Answer:
    """Why an event cannot happen to this dialog."""
    return Answer(
        Said.NOT_ALLOWED,
        {
            "dialog": dialog.id,
            "event": event.value,
            "status": dialog.status.value,
            "outcome": dialog.outcome.value,
            "erased": dialog.contact_id is None and dialog.status is Status.CLOSED,
        },
    )


async def allow_openings(on: Desk, origin: Origin, account_id: int) -> Answer:
    """After Telegram's anti-spam limit: the account may open new conversations again."""

    async def act(connection: Connection) -> Answer:
        if not await desk.allow_openings(connection, account_id):
            return Answer(Said.EXPIRED)
        await events.record(connection, "openings_allowed", actor=origin.actor, account_id=account_id)
        return Answer(Said.OPENINGS_ALLOWED)

    return await once(on, origin, act)


async def task_done(on: Desk, origin: Origin, task_id: int) -> Answer:
    """A promise was kept, whoever kept it."""

    async def act(connection: Connection) -> Answer:
        task = await tasks.get(connection, task_id)
        if task is not None and await tasks.done(connection, task_id, on.clock.now()):
            await events.record(
                connection, "task_done", actor=origin.actor, dialog_id=task.dialog_id, data={"task": task_id}
            )
        return Answer(Said.TASK_DONE)

    return await once(on, origin, act)
