"""Exports as documents: one dialog at once; all of them as a promise that a loop keeps, also after a restart.

The promise stands in ``admin_updates``. Whether it was cancelled or kept is decided by whichever is committed there
first: a cancelled export leaves nothing, not even the documents of it that were sent already.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Mapping
from contextlib import suppress
from datetime import datetime, tzinfo
from typing import IO

from aiogram import Bot
from aiogram.exceptions import TelegramAPIError
from aiogram.types import InputFile
from loguru import logger

from salesbot import i18n
from salesbot.adminbot import actions, keyboards, parse, reply, views
from salesbot.adminbot.actions import Answer, Origin, Said
from salesbot.adminbot.desk import Desk
from salesbot.adminbot.keyboards import CancelExport, ExportDialog, button
from salesbot.adminbot.parse import Wrong, WrongInput
from salesbot.adminbot.people import Found
from salesbot.adminbot.views import Shown
from salesbot.export import archive, person
from salesbot.export.archive import Written
from salesbot.export.document import Reader
from salesbot.export.wanted import DOCUMENTS, Format, since
from salesbot.i18n import Lang
from salesbot.lifecycle import end
from salesbot.log import summary
from salesbot.store import admin_updates, dialogs, events, exports
from salesbot.store.admin_updates import Job
from salesbot.store.pool import ACQUIRE_TIMEOUT, UNAVAILABLE, Connection, transaction

PROGRESS_SECONDS = 3.0
CANCEL_SECONDS = 2.0
"""How often somebody looks whether an export was cancelled; a press of the button is heard at once."""

UPLOAD_SECONDS = 900
ATTEMPTS = 3


class OpenFile(InputFile):
    """An open file as a document; it may be read again when an upload is repeated."""

    def __init__(self, file: IO[bytes], filename: str) -> None:
        super().__init__(filename)
        self._file = file

    async def read(self, bot: Bot) -> AsyncGenerator[bytes, None]:
        self._file.seek(0)
        while chunk := self._file.read(self.chunk_size):
            yield chunk


def wanted_one(args: str | None) -> tuple[int, Format]:
    """``7``, ``7 html``, ``№ 7 json``. Raises ``WrongInput``."""
    typed, *words = (args or "").replace("№", " ").replace("#", " ").split() or [""]
    dialog = parse.number(typed)
    if words and (len(words) > 1 or words[0].lower() not in list(DOCUMENTS)):
        raise WrongInput(Wrong.TOO_MUCH, " ".join(words))
    return dialog, Format(words[0].lower()) if words else Format.TXT


def wanted(args: str | None, now: datetime, zone: tzinfo) -> tuple[Format, datetime | None]:
    """``html``, ``csv 30d``, ``2026-10-01``, in any order. Raises ``WrongInput``."""
    kind, begins = None, None
    for word in (args or "").split():
        if kind is None and word.lower() in list(Format):
            kind = Format(word.lower())
        elif begins is None and (moment := since(word, now, zone)):
            begins = moment
        else:
            raise WrongInput(Wrong.TOO_MUCH, word)
    return kind or Format.TXT, begins


def ask(_: Lang, dialog: int) -> Shown:
    """Which format it shall be."""
    names = {Format.TXT: _("text"), Format.HTML: _("web page"), Format.JSON: "JSON"}
    offered = [button(names[kind], ExportDialog(dialog=dialog, format=kind.value)) for kind in names]
    return Shown(_("№ {n}: export it as what?").format(n=dialog), keyboards.rows(offered))


async def send_one(on: Desk, bot: Bot, origin: Origin, _: Lang, number: int, kind: Format) -> None:
    """One dialog; more than one document's worth comes as several."""

    async def act(connection: Connection) -> Answer:
        if await dialogs.get(connection, number) is None:
            return Answer(Said.NO_SUCH_DIALOG, {"dialog": number})
        told = {"what": "dialog", "format": kind.value, "count": 1}
        await events.record(connection, "exported", actor=origin.actor, dialog_id=number, data=told)
        return Answer(Said.EXPORTED, {"dialog": number})

    answer = await actions.once(on, origin, act)
    written = None
    if answer.said is Said.EXPORTED:
        reader = Reader(_, await _zone(on, origin.admin_id), titles=on.titles)
        written = await archive.one(on.pool, reader, kind, number, on.document_limit)
    if written is None:
        await reply.say(bot, origin.admin_id, views.answer(_, Answer(Said.NO_SUCH_DIALOG, {"dialog": number})))
        return
    try:
        for file, name in zip(written.files, written.names, strict=True):
            await _send(bot, origin.admin_id, file, name, _("№ {n}").format(n=number))
    finally:
        written.discard()


async def send_person(on: Desk, bot: Bot, chat_id: int, _: Lang, found: Found) -> None:
    """All that is kept of a person, as a zip archive; more than one document's worth comes as several."""
    reader, theirs = Reader(_, await _zone(on, chat_id), titles=on.titles), found.person.dialogs
    volumes = await person.write(on.pool, reader, on.document_limit, found.person, opted_out=found.opted_out)
    try:
        async with transaction(on.pool) as connection:
            told: events.Data = {"what": "person", "format": "zip", "count": len(theirs)}
            newest = max(theirs, default=None)
            await events.record(connection, "exported", actor=f"admin:{chat_id}", dialog_id=newest, data=told)
        for index, file in enumerate(volumes.files, 1):
            of = f"-{index}of{len(volumes.files)}" if len(volumes.files) > 1 else ""
            await _send(bot, chat_id, file, f"person-{found.person.key}{of}.zip", "")
    finally:
        volumes.discard()


async def promise(on: Desk, origin: Origin, args: str | None) -> Answer:
    """Promise every dialog, as ``/export_all html 30d`` asks for it; ``loop`` keeps the promise. Raises
    ``WrongInput``."""
    kind, begins = wanted(args, on.clock.now(), await _zone(on, origin.admin_id))

    async def act(connection: Connection) -> Answer:
        total = await exports.count(connection, begins)
        if not total:
            return Answer(Said.NOTHING_SINCE if begins else Said.NOTHING_TO_EXPORT)
        when = begins.isoformat() if begins else None
        return Answer(Said.EXPORTING, {"dialogs": total, "format": kind.value, "since": when})

    return await actions.once(on, origin, act)


async def cancel(on: Desk, origin: Origin, update_id: int) -> Answer:
    """Cancel the promise of that update, unless it is kept already."""

    async def act(connection: Connection) -> Answer:
        cancelled = await admin_updates.cancel(connection, update_id, origin.admin_id)
        return Answer(Said.CANCELLING if cancelled else Said.EXPIRED)

    return await actions.once(on, origin, act)


async def loop(on: Desk, bot: Bot, stop: asyncio.Event) -> None:
    """Keep the promises of ``/export_all``, one after the other, those of a former process as well."""
    while not stop.is_set():
        try:
            async with on.pool.acquire(timeout=ACQUIRE_TIMEOUT) as connection:
                jobs = await admin_updates.promised(connection, Said.EXPORTING)
            for job in jobs:
                await _keep(on, bot, job)
        except UNAVAILABLE as away:
            logger.bind(error=summary(away)).warning("an export waits for the database")
            jobs = []
        if not jobs:
            await on.exports.wait(stop, timeout=30.0)


async def _keep(on: Desk, bot: Bot, job: Job) -> None:
    """Export everything for one admin unless they cancel it, or give up after so many attempts and say so."""
    _ = i18n.lang(str(job.answer.get("lang") or "en"))
    attempt = int(str(job.answer.get("attempts", 0))) + 1
    await _remember(on, job, attempts=attempt)
    try:
        if attempt > ATTEMPTS:
            await reply.say(bot, job.admin_id, Shown(_("The export failed. The log says why; try /export_all again.")))
            await _remember(on, job, done=True)
        elif not await _kept(on, bot, job, _):
            await _leave_nothing(on, bot, job, _)
    except TelegramAPIError as refused:
        logger.bind(admin=job.admin_id, error=summary(refused)).warning("an export could not be sent")
        if attempt > ATTEMPTS:
            await _remember(on, job, done=True)


async def _kept(on: Desk, bot: Bot, job: Job, _: Lang) -> bool:
    """Whether the export was made and delivered; False when it was cancelled before that."""
    if "cancelled" in job.answer:
        return False
    work = asyncio.create_task(_export_all(on, bot, job, _), name="export")
    watch = asyncio.create_task(_cancelled(on, job), name="export's end")
    try:
        await asyncio.wait((work, watch), return_when=asyncio.FIRST_COMPLETED)
    finally:
        await end(watch)
        if not work.done():
            await end(work)
    if work.cancelled():
        return False
    ended = work.result()
    async with transaction(on.pool) as connection:
        if not await admin_updates.done_unless_cancelled(connection, job.update_id):
            return False
    await ended.show()
    return True


async def _cancelled(on: Desk, job: Job) -> None:
    """Return once the export is cancelled."""
    never = asyncio.Event()
    while True:
        with suppress(*UNAVAILABLE):  # the next look tells
            async with transaction(on.pool) as connection:
                if "cancelled" in (await admin_updates.answer_of(connection, job.update_id, job.admin_id) or {}):
                    return
        await on.exports.wait(never, timeout=CANCEL_SECONDS)


async def _leave_nothing(on: Desk, bot: Bot, job: Job, _: Lang) -> None:
    """The documents of a cancelled export that were sent are deleted; its message says that it was cancelled."""
    await _withdraw(on, bot, job)
    shown = await _answer(on, job)
    if isinstance(message := shown.get("message"), int):
        with suppress(TelegramAPIError):  # what was asked for is done, whether or not it can be shown
            await reply.edit(bot, job.admin_id, message, Shown(_("The export was cancelled. Nothing of it is left.")))
    await _remember(on, job, done=True)


async def _export_all(on: Desk, bot: Bot, job: Job, _: Lang) -> Progress:
    """Write everything, then send it; returns the progress, which has yet to show that it is over."""
    await _withdraw(on, bot, job)
    kind, begins, total = _promised(job)
    zone = await _zone(on, job.admin_id)
    progress = await Progress.begin(on, bot, job, _, total)
    showing = asyncio.create_task(progress.keep_showing(), name="export progress")
    try:
        day = on.clock.now().astimezone(zone).strftime("%Y-%m-%d")
        name = f"messages-{day}" if kind is Format.CSV else f"dialogs-{kind.value}-{day}"
        reader = Reader(_, zone, begins, on.titles)
        written = await archive.everything(on.pool, reader, kind, name, on.document_limit, progress.reached)
    finally:
        await end(showing)
    try:
        await _record(on, job, kind, begins, written.dialogs)
        await _deliver(on, bot, job, written)
    finally:
        written.discard()
    progress.over = views.exported(_, written.dialogs, len(written.files))
    return progress


def _promised(job: Job) -> tuple[Format, datetime | None, int]:
    """What was promised, and about how many dialogs that is."""
    stored = job.answer.get("data")
    data = stored if isinstance(stored, Mapping) else {}
    begins = data.get("since")
    total = int(str(data.get("dialogs", 0)))
    return Format(str(data.get("format", Format.TXT))), datetime.fromisoformat(str(begins)) if begins else None, total


async def _record(on: Desk, job: Job, kind: Format, begins: datetime | None, count: int) -> None:
    """Who exported what, once, before anything of it leaves the house."""
    async with transaction(on.pool) as connection:
        if "recorded" in (await admin_updates.answer_of(connection, job.update_id, job.admin_id) or {}):
            return
        told = {"what": "all", "format": kind.value, "count": count, "since": begins.isoformat() if begins else None}
        await events.record(connection, "exported", actor=f"admin:{job.admin_id}", data=told)
        await admin_updates.answered(connection, job.update_id, {"recorded": True})


async def _deliver(on: Desk, bot: Bot, job: Job, written: Written) -> None:
    """Send the files, remembering which were sent."""
    sent: list[str] = []
    for file, name in zip(written.files, written.names, strict=True):
        sent.append(str(await _send(bot, job.admin_id, file, name, "")))
        await _remember(on, job, sent=",".join(sent))


async def _withdraw(on: Desk, bot: Bot, job: Job) -> None:
    """Delete the documents of an export that was not finished: it is made anew, or was cancelled."""
    sent = str((await _answer(on, job)).get("sent") or "")
    for message in filter(None, sent.split(",")):
        with suppress(TelegramAPIError):  # too old, or deleted by the admin
            await bot.delete_message(job.admin_id, int(message))
    if sent:
        await _remember(on, job, sent="")


class Progress:
    """One message that is edited every few seconds."""

    def __init__(self, on: Desk, bot: Bot, lang: Lang, *, job: Job, message_id: int, total: int) -> None:
        self._on, self._bot, self._lang = on, bot, lang
        self._job, self._message_id, self._total = job, message_id, total
        self._done = 0
        self.over = ""
        """What it says in the end."""

    @classmethod
    async def begin(cls, on: Desk, bot: Bot, job: Job, lang: Lang, total: int) -> Progress:
        """Show the message; a job that goes on after a restart goes on in the one it had."""
        message = job.answer.get("message")
        if not isinstance(message, int):
            message = (await reply.say(bot, job.admin_id, exporting(lang, job, 0, total))).message_id
            await _remember(on, job, message=message)
        return cls(on, bot, lang, job=job, message_id=message, total=total)

    def reached(self, done: int) -> None:
        self._done = done

    async def keep_showing(self) -> None:
        shown = 0
        while True:
            await self._on.clock.sleep(PROGRESS_SECONDS)
            if self._done != shown:
                shown = self._done
                await self._edit(exporting(self._lang, self._job, shown, max(shown, self._total)))

    async def show(self) -> None:
        """That it is over."""
        await self._edit(Shown(self.over))

    async def _edit(self, shown: Shown) -> None:
        with suppress(TelegramAPIError):  # the archive matters, its progress does not
            await reply.edit(self._bot, self._job.admin_id, self._message_id, shown)


def exporting(_: Lang, job: Job, done: int, total: int) -> Shown:
    """How far it is, and the button that ends it."""
    cancels = keyboards.rows([button(_("Cancel"), CancelExport(job=job.update_id))])
    return Shown(views.exporting(_, done, total), cancels)


async def _zone(on: Desk, admin_id: int) -> tzinfo:
    async with transaction(on.pool) as connection:
        return await on.admins.zone(connection, admin_id)


async def _answer(on: Desk, job: Job) -> admin_updates.Json:
    """What is remembered of the promise by now."""
    async with transaction(on.pool) as connection:
        return await admin_updates.answer_of(connection, job.update_id, job.admin_id) or {}


async def _remember(on: Desk, promised: Job, **what: str | int) -> None:
    async with transaction(on.pool) as connection:
        await admin_updates.answered(connection, promised.update_id, what)


async def _send(bot: Bot, chat_id: int, file: IO[bytes], name: str, caption: str) -> int:
    """Returns the id of the message."""
    document = OpenFile(file, name)
    sent = await bot.send_document(chat_id, document, caption=caption or None, request_timeout=UPLOAD_SECONDS)
    return sent.message_id
