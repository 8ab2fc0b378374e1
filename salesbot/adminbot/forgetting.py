"""Erasing a person for an admin: at once, or as a promise that a loop keeps when nothing is on its way to them."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence

import asyncpg
from aiogram import Bot
from aiogram.exceptions import TelegramAPIError, TelegramBadRequest, TelegramForbiddenError
from loguru import logger

from salesbot import i18n
from salesbot.adminbot import reply, views
from salesbot.adminbot.actions import Answer, Origin, Said, once
from salesbot.adminbot.desk import Desk
from salesbot.dialog.model import OPEN, Dialog, DialogEvent, Outcome, Status
from salesbot.dialog.remembered import forget_texts
from salesbot.log import summary
from salesbot.store import admin_updates, dialogs, erase, persons, suppressions
from salesbot.store.admin_updates import Job
from salesbot.store.persons import Person
from salesbot.store.pool import ACQUIRE_TIMEOUT, UNAVAILABLE, Connection, transaction

LOOK_SECONDS = 0.5
"""How often it is asked whether what was on its way has arrived."""
IDLE_SECONDS = 30.0


async def forget(on: Desk, origin: Origin, key: str, *, never: bool) -> Answer:
    """Erase a person; with ``never`` they are not written to again either. Their open dialog is stopped first."""
    found = await _find(on, key)
    answer = await once(on, origin, lambda connection: forget_now(on, connection, key, never=never, actor=origin.actor))
    for dialog_id in found.dialogs:
        on.poke(dialog_id)  # whoever writes to them learns that it is over
    return answer


async def _find(on: Desk, key: str) -> Person:
    async with transaction(on.pool) as connection:
        return await persons.find(connection, key)


async def forget_now(on: Desk, connection: Connection, key: str, *, never: bool, actor: str) -> Answer:
    """``forget`` inside the caller's transaction."""
    person, locked = await persons.lock(connection, key)
    if never or (person.id is not None and await suppressions.holds(connection, on.keys.marks(person.id))):
        await suppressions.add(connection, *_marks(on, person))  # the name last seen as well, while it is known
    if not person.known:
        return Answer(Said.NEVER if never else Said.NOBODY)
    at_rest = [await _halt(on, connection, dialog, never=never, actor=actor) for dialog in locked]
    if await erase.in_flight(connection, person):
        return Answer(Said.ERASING, {"target": key, "never": never})
    kept = await persons.kept(connection, person)
    await erase.erase(connection, person, at_rest, actor=actor, now=on.clock.now(), reason="opted_out" if never else "")
    forget_texts()
    return Answer(Said.ERASED, {"dialogs": len(locked), "messages": kept.messages, "never": never})


async def opted_out(on: Desk, connection: Connection, person: Person) -> bool:
    """Whether this person, or somebody under one of their names, may never be written to."""
    return await suppressions.holds(connection, *_marks(on, person))


def _marks(on: Desk, person: Person) -> Sequence[suppressions.Marks]:
    """The id and the name last seen; of whom only a name was typed, that."""
    if person.contact is not None:
        names = [person.contact.username] if person.contact.username else []
    else:
        names = [*person.names]
    ids = [] if person.id is None else [on.keys.marks(person.id)]
    return [*ids, *map(on.keys.name_marks, names)]


async def _halt(on: Desk, connection: Connection, dialog: Dialog, *, never: bool, actor: str) -> Dialog:
    """The dialog, ended if it was open."""
    if dialog.status not in OPEN:
        return dialog
    now = on.clock.now()
    if never and dialog.status is not Status.RESOLVING:
        return await dialogs.apply(
            connection, dialog, DialogEvent.OPT_OUT, actor=actor, now=now, outcome=Outcome.OPTED_OUT, quiet=True
        )
    return await dialogs.apply(connection, dialog, DialogEvent.STOP, actor=actor, now=now)


async def loop(on: Desk, bot: Bot, stop: asyncio.Event) -> None:
    """Keep the promises that had to wait, those of a former process as well."""
    while not stop.is_set():
        waiting = False
        try:
            async with on.pool.acquire(timeout=ACQUIRE_TIMEOUT) as connection:
                jobs = await admin_updates.promised(connection, Said.ERASING)
            for job in jobs:
                waiting = not await _keep(on, bot, job) or waiting
        except (*UNAVAILABLE, asyncpg.DeadlockDetectedError) as away:
            logger.bind(error=summary(away)).warning("an erasure waits")
        await on.erasures.wait(stop, timeout=LOOK_SECONDS if waiting else IDLE_SECONDS)


async def _keep(on: Desk, bot: Bot, job: Job) -> bool:
    """Erase if nothing is on its way any more, then say so; whether there is nothing left to do."""
    answer = await _erase(on, job) if job.answer.get("said") == Said.ERASING else _told(job)
    if answer is None:
        return False
    _ = i18n.lang(str(job.answer.get("lang") or "en"))
    try:
        await reply.say(bot, job.admin_id, views.answer(_, answer))
    except (TelegramForbiddenError, TelegramBadRequest) as refused:  # they left: it is done, told or not
        logger.bind(admin=job.admin_id, error=summary(refused)).warning("an erasure could not be told")
    except TelegramAPIError as lost:
        logger.bind(admin=job.admin_id, error=summary(lost)).warning("an erasure is told later")
        return False
    async with transaction(on.pool) as connection:
        await admin_updates.answered(connection, job.update_id, {"done": True})
    return True


async def _erase(on: Desk, job: Job) -> Answer | None:
    """What was asked for, carried out; None while something is on its way. The promise itself then names nobody."""
    asked = _told(job)
    async with transaction(on.pool) as connection:
        answer = await forget_now(
            on,
            connection,
            str(asked.data["target"]),
            never=bool(asked.data["never"]),
            actor=f"admin:{job.admin_id}",
        )
        if answer.said is Said.ERASING:
            return None
        await admin_updates.answered(
            connection,
            job.update_id,
            {"said": answer.said.value, "promise": Said.ERASING.value, "data": dict(answer.data)},
        )
    return answer


def _told(job: Job) -> Answer:
    data = job.answer.get("data")
    return Answer(Said(str(job.answer["said"])), data if isinstance(data, Mapping) else {})
