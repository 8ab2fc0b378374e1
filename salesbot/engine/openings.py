"""``/start`` commits a dialog in status ``resolving``; whoever owns the account looks the name up, anew each time:
usernames are released and taken by others (law 7)."""

from __future__ import annotations

import asyncpg

from salesbot.dialog.model import Dialog, DialogEvent, Outcome, Person, Status
from salesbot.engine.context import Context, Live
from salesbot.errors import NoSuchPerson, Refused
from salesbot.store import contacts, dialogs, suppressions
from salesbot.store.pool import Connection, transaction


async def resolve(context: Context, live: Live, dialog: Dialog) -> None:
    """Bind a resolving dialog to a person, or say why that is not possible. Asks Telegram once."""
    try:
        person = await _look_up(live, dialog.target_username)
    except Refused as exc:
        outcome = Outcome.NOT_A_PERSON if exc.code == "not_a_person" else Outcome.NO_SUCH_PERSON
        async with transaction(context.pool) as connection:
            await _fail(context, connection, dialog.id, outcome, exc.code)
    else:
        async with transaction(context.pool) as connection:
            await _bind(context, connection, live, dialog, person)
    context.poke(dialog.id)


async def _look_up(live: Live, target: str) -> Person:
    person = await (live.gateway.person(int(target)) if target.isdigit() else live.gateway.resolve(target))
    if person.id == live.gateway.account_id:
        raise NoSuchPerson("not_a_person", "the account itself")
    return person


async def _bind(context: Context, connection: Connection, live: Live, dialog: Dialog, person: Person) -> None:
    current = await dialogs.lock(connection, dialog.id)
    if current is None or current.status is not Status.RESOLVING:
        return
    if await suppressions.holds(connection, context.keys.marks(person.id)):
        await _fail(context, connection, dialog.id, Outcome.OPTED_OUT, "opted_out")
        return
    await contacts.learn(connection, live.fence.account_id, person)
    try:
        async with connection.transaction():  # a savepoint: the unique index has the last word
            await dialogs.resolve(connection, current, person.id, live.fence, context.clock.now())
    except asyncpg.UniqueViolationError:
        other = await dialogs.open_with(connection, person.id)
        await _fail(context, connection, dialog.id, Outcome.ALREADY_ACTIVE, str(other.id) if other else "")


async def _fail(context: Context, connection: Connection, dialog_id: int, outcome: Outcome, reason: str) -> None:
    current = await dialogs.lock(connection, dialog_id)
    if current is None or current.status is not Status.RESOLVING:
        return
    await dialogs.apply(
        connection,
        current,
        DialogEvent.UNRESOLVABLE,
        actor="system",
        now=context.clock.now(),
        outcome=outcome,
        reason=reason,
    )
