"""Exports as documents: one dialog at once; all of them as a promise that a loop keeps, also after a restart."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Mapping
from contextlib import suppress
from typing import IO

from aiogram import Bot
from aiogram.exceptions import TelegramAPIError
from aiogram.types import InputFile
from loguru import logger

from salesbot import i18n
from salesbot.adminbot import reply, views
from salesbot.adminbot.actions import Answer, Said
from salesbot.adminbot.desk import Desk
from salesbot.adminbot.people import Found
from salesbot.adminbot.reading import zone
from salesbot.adminbot.views import Shown
from salesbot.export import archive, person
from salesbot.i18n import Lang
from salesbot.lifecycle import cancel_and_wait
from salesbot.log import summary
from salesbot.store import admin_updates, desk
from salesbot.store.admin_updates import Job
from salesbot.store.pool import UNAVAILABLE, transaction

PROGRESS_SECONDS = 3.0
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


async def send_one(on: Desk, bot: Bot, chat_id: int, _: Lang, number: int) -> None:
    """One dialog as text; more than one document's worth comes as several."""
    async with transaction(on.pool) as connection:
        head = await desk.head(connection, number)
    if head is None:
        await reply.say(bot, chat_id, views.answer(_, Answer(Said.NO_SUCH_DIALOG, {"dialog": number})))
        return
    files = await archive.write_one(on.pool, _, head, zone(on), on.document_limit)
    try:
        for index, file in enumerate(files, 1):
            await _send(bot, chat_id, file, archive.file_name(head, index), _("№ {n}").format(n=number))
    finally:
        for file in files:
            file.close()


async def send_person(on: Desk, bot: Bot, chat_id: int, _: Lang, found: Found) -> None:
    """All that is kept of a person, as a zip archive; more than one document's worth comes as several."""
    volumes = await person.write(on.pool, _, zone(on), on.document_limit, found.person, opted_out=found.opted_out)
    try:
        for index, file in enumerate(volumes.files, 1):
            of = f"-{index}of{len(volumes.files)}" if len(volumes.files) > 1 else ""
            await _send(bot, chat_id, file, f"person-{found.person.key}{of}.zip", "")
    finally:
        volumes.discard()


async def loop(on: Desk, bot: Bot, stop: asyncio.Event) -> None:
    """Keep the promises of ``/export_all``, one after the other, those of a former process as well."""
    while not stop.is_set():
        try:
            async with transaction(on.pool) as connection:
                jobs = await admin_updates.promised(connection, Said.EXPORTING)
            for job in jobs:
                await _keep(on, bot, job)
        except UNAVAILABLE as away:
            logger.bind(error=summary(away)).warning("an export waits for the database")
        await on.exports.wait(stop, timeout=30.0)


async def _keep(on: Desk, bot: Bot, job: Job) -> None:
    """Export everything for one admin, or give up after so many attempts and say so."""
    _ = i18n.lang(str(job.answer.get("lang") or "en"))
    attempt = int(str(job.answer.get("attempts", 0))) + 1
    await _remember(on, job, attempts=attempt)
    try:
        if attempt > ATTEMPTS:
            await reply.say(bot, job.admin_id, Shown(_("The export failed. The log says why; try /export_all again.")))
        else:
            await _export_all(on, bot, job, _)
    except TelegramAPIError as refused:
        logger.bind(admin=job.admin_id, error=summary(refused)).warning("an export could not be sent")
        on.exports.wake()
        if attempt <= ATTEMPTS:
            return
    await _remember(on, job, done=True)


async def _export_all(on: Desk, bot: Bot, job: Job, _: Lang) -> None:
    data = job.answer.get("data")
    total = int(str(data.get("dialogs", 0))) if isinstance(data, Mapping) else 0
    progress = await Progress.begin(on, bot, job, _, total)
    showing = asyncio.create_task(progress.keep_showing(), name="export progress")
    try:
        volumes, dialogs = await archive.write_all(on.pool, _, zone(on), on.document_limit, progress.reached)
    finally:
        await cancel_and_wait({showing}, budget=UPLOAD_SECONDS)
    try:
        day = on.clock.now().astimezone(zone(on)).strftime("%Y-%m-%d")
        for index, file in enumerate(volumes.files, 1):
            of = f"-{index}of{len(volumes.files)}" if len(volumes.files) > 1 else ""
            await _send(bot, job.admin_id, file, f"dialogs-{day}{of}.zip", "")
    finally:
        volumes.discard()
    await progress.end(views.exported(_, dialogs, len(volumes.files)))


class Progress:
    """One message that is edited every few seconds."""

    def __init__(self, on: Desk, bot: Bot, lang: Lang, *, chat_id: int, message_id: int, total: int) -> None:
        self._on, self._bot, self._lang = on, bot, lang
        self._chat_id, self._message_id, self._total = chat_id, message_id, total
        self._done = 0

    @classmethod
    async def begin(cls, on: Desk, bot: Bot, job: Job, lang: Lang, total: int) -> Progress:
        """Show the message; a job that goes on after a restart goes on in the one it had."""
        shown = job.answer.get("message")
        if not isinstance(shown, int):
            shown = (await reply.say(bot, job.admin_id, Shown(views.exporting(lang, 0, total)))).message_id
            await _remember(on, job, message=shown)
        return cls(on, bot, lang, chat_id=job.admin_id, message_id=shown, total=total)

    def reached(self, done: int) -> None:
        self._done = done

    async def keep_showing(self) -> None:
        shown = 0
        while True:
            await self._on.clock.sleep(PROGRESS_SECONDS)
            if self._done != shown:
                shown = self._done
                await self._edit(views.exporting(self._lang, shown, max(shown, self._total)))

    async def end(self, text: str) -> None:
        await self._edit(text)

    async def _edit(self, text: str) -> None:
        with suppress(TelegramAPIError):  # the archive matters, its progress does not
            await reply.edit(self._bot, self._chat_id, self._message_id, Shown(text))


async def _remember(on: Desk, promised: Job, **what: str | int) -> None:
    async with transaction(on.pool) as connection:
        await admin_updates.answered(connection, promised.update_id, what)


async def _send(bot: Bot, chat_id: int, file: IO[bytes], name: str, caption: str) -> None:
    await bot.send_document(chat_id, OpenFile(file, name), caption=caption or None, request_timeout=UPLOAD_SECONDS)
