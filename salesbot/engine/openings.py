"""``/start`` commits a dialog in status ``resolving``; whoever owns the account looks the name up, anew each time:
usernames are released and taken by others (law 7).

How many conversations an account begins in a day is limited, and less while it is new; the others wait in the order of
their numbers. What runs is never held up by that."""

from __future__ import annotations

from datetime import datetime, timedelta

import asyncpg

from salesbot.dialog.decide import Wait
from salesbot.dialog.model import Dialog, DialogEvent, Outcome, Person, Status
from salesbot.dialog.openings import allowance
from salesbot.engine import limits
from salesbot.engine.context import Context, Live
from salesbot.errors import FloodWait, NoSuchPerson, NotOwner, Refused
from salesbot.store import accounts, agenda, campaign_people, contacts, dialogs, events, model_calls, suppressions
from salesbot.store.pool import Connection, transaction

ONE_DAY = timedelta(days=1)


async def resolve(context: Context, live: Live, dialog: Dialog) -> None:
    """Bind a resolving dialog to a person, or say why that is not possible. Asks Telegram once."""
    found: Person | Refused
    try:
        found = await _look_up(live, dialog.target_username)
    except FloodWait as exc:
        await limits.names_wait(context, live, exc)
        return
    except Refused as exc:
        found = exc
    async with transaction(context.pool) as connection:
        current = await dialogs.lock_owned(connection, dialog.id, live.fence)
        if current.status is not Status.RESOLVING:
            return
        if isinstance(found, Refused):
            outcome = Outcome.NOT_A_PERSON if found.code in ("not_a_person", "own_account") else Outcome.NO_SUCH_PERSON
            await fail(context, connection, current, outcome, found.code)
        else:
            await _bind(context, connection, current, found)
    context.poke(dialog.id)


async def _look_up(live: Live, target: str) -> Person:
    person = await (live.gateway.person(int(target)) if target.isdigit() else live.gateway.resolve(target))
    if person.id == live.gateway.account_id:
        raise NoSuchPerson("own_account")
    return person


async def _bind(context: Context, connection: Connection, dialog: Dialog, person: Person) -> None:
    assert dialog.account_id is not None
    if await suppressions.holds(connection, context.keys.marks(person.id)):
        await fail(context, connection, dialog, Outcome.OPTED_OUT, "opted_out")
        return
    if await suppressions.holds(connection, *map(context.keys.name_marks, _names(dialog, person))):
        await fail(context, connection, dialog, Outcome.OPTED_OUT, "opted_out_name")
        return
    await contacts.learn(connection, dialog.account_id, person)
    if dialog.basis:
        await contacts.set_basis(connection, person.id, dialog.basis, context.clock.now())
    try:
        async with connection.transaction():  # a savepoint: the unique index has the last word
            await dialogs.resolve(connection, dialog, person.id, context.clock.now())
    except asyncpg.UniqueViolationError:
        other = await dialogs.open_with(connection, person.id)
        await fail(context, connection, dialog, Outcome.ALREADY_ACTIVE, str(other.id) if other else "")
    else:
        await campaign_people.met(connection, dialog.id, person.id, context.clock.now())


def _names(dialog: Dialog, person: Person) -> set[str]:
    """What they are called, and what they were called by the operator."""
    typed = dialog.target_username
    return {name for name in (person.username, None if typed.isdecimal() else typed) if name}


async def place(context: Context, live: Live, dialog: Dialog) -> Wait | None:
    """The dialog's place among the account's new conversations of today, or until when it has to wait for one."""
    now, account_id = context.clock.now(), live.fence.account_id
    day = model_calls.day_of(now)
    async with transaction(context.pool) as connection:
        current = await dialogs.lock_owned(connection, dialog.id, live.fence)
        account = await accounts.lock_owned(connection, live.fence)
        if account is None:
            raise NotOwner(f"account {account_id} is owned by somebody else now")
        if current.revision != dialog.revision:
            return Wait(now, "overtaken")
        if account.openings_blocked:
            return Wait(now + limits.OPENINGS_LOOK, "account_limited")
        if current.opened_at is not None and current.opened_at >= day:
            return None
        settings = context.settings
        most = allowance(settings.new_dialogs_per_day, settings.warm_up, account.first_opening_at, now)
        if most is not None:
            left = most - await accounts.begun_since(connection, account_id, day)
            if left <= 0:
                await _tell_that_openings_wait(context, connection, account_id, day, most)
                return Wait(day + ONE_DAY, "openings_wait")
            before = 0 if context.trial else await agenda.openings_before(connection, account_id, dialog.id, now, day)
            if left <= before:
                return Wait(now + limits.OPENINGS_LOOK, "openings_wait")
        await accounts.begun(connection, account_id, dialog.id, now)
    return None


async def _tell_that_openings_wait(
    context: Context, connection: Connection, account_id: int, day: datetime, most: int
) -> None:
    if await accounts.openings_told(connection, account_id, day.date()):
        until = (day + ONE_DAY).isoformat()
        await events.record(
            connection,
            "openings_wait",
            actor="system",
            account_id=account_id,
            data={"until": until, "limit": most},
        )
        context.news.wake()


async def fail(context: Context, connection: Connection, dialog: Dialog, outcome: Outcome, reason: str) -> None:
    """A locked, resolving dialog never becomes one."""
    await campaign_people.lost(connection, dialog.id)
    await dialogs.apply(
        connection,
        dialog,
        DialogEvent.UNRESOLVABLE,
        actor="system",
        now=context.clock.now(),
        outcome=outcome,
        reason=reason,
    )
