"""/import: a file becomes a list that was checked, and a button makes a campaign of it."""

from __future__ import annotations

import asyncio
import csv
import io
import re
from collections.abc import Sequence

from aiogram import Bot
from aiogram.exceptions import TelegramBadRequest
from aiogram.types import Document
from loguru import logger

from salesbot.adminbot import checking, csvfile, import_texts
from salesbot.adminbot.actions import Answer, Origin, Said, once
from salesbot.adminbot.checking import Checked, DryRun
from salesbot.adminbot.csvfile import Column, Sheet, Unread, Unreadable
from salesbot.adminbot.desk import Desk
from salesbot.dialog import campaigns as pace
from salesbot.dialog.campaigns import Speaker
from salesbot.export.cells import safe
from salesbot.i18n import Lang
from salesbot.log import summary
from salesbot.store import accounts, campaign_people, campaigns, events, model_calls
from salesbot.store.campaigns import CampaignState
from salesbot.store.pool import Connection, transaction

FETCH_SECONDS = 120
_KINDS = {"txt", "csv", "tsv", ""}


class Sink(io.BytesIO):
    """What a file is written into: no more than a list may hold, whatever was said of its size."""

    def write(self, data: bytes) -> int:  # type: ignore[override]
        if self.tell() + len(data) > csvfile.MOST_BYTES:
            raise Unreadable(Unread.TOO_LARGE)
        return super().write(data)


async def sheet_of(bot: Bot, document: Document) -> Sheet:
    """The lines of a file that somebody sent. Raises ``Unreadable``."""
    if (document.file_name or "").rpartition(".")[2].lower() in ("xlsx", "xls", "ods", "numbers"):
        raise Unreadable(Unread.WORKBOOK)
    if (document.file_size or 0) > csvfile.MOST_BYTES:
        raise Unreadable(Unread.TOO_LARGE)
    sink = Sink()
    try:
        await bot.download(document, sink, timeout=FETCH_SECONDS)
    except Unreadable:
        raise
    except TelegramBadRequest as refused:
        raise Unreadable(Unread.TOO_LARGE if "too big" in refused.message else Unread.LOST) from refused
    except Exception as lost:  # whatever the network raises: the admin hears of it and sends it again
        logger.bind(error=summary(lost)).warning("a list could not be fetched")
        raise Unreadable(Unread.LOST) from lost
    return await asyncio.to_thread(csvfile.read, sink.getvalue())


async def dry_run(on: Desk, origin: Origin, name: str, sheet: Sheet) -> DryRun:
    """Check every line, and keep the list if somebody on it can be written to. Delivered again, it is kept once."""
    checked = await checking.check(on, sheet)
    fine = sum(one.ok for one in checked)

    async def act(connection: Connection) -> Answer:
        if not fine:
            return Answer(Said.LIST_CHECKED, {"campaign": None})
        campaign_id = await campaigns.save(connection, name, [one.kept for one in checked], origin.admin_id)
        left_out = len(checked) - fine
        data = {"campaign": campaign_id, "people": fine, "left_out": left_out}
        await events.record(connection, "imported", actor=origin.actor, data=data)
        return Answer(Said.LIST_CHECKED, {"campaign": campaign_id})

    answer = await once(on, origin, act)
    campaign = answer.data["campaign"]
    async with transaction(on.pool) as connection:
        days = await forecast(on, connection, fine)
    return DryRun(name, checked, sheet.unknown, campaign if isinstance(campaign, int) else None, days)


async def forecast(on: Desk, connection: Connection, people: int) -> int | None:
    """In how many days so many more are written to, behind those who wait already, at the limits of now."""
    now, settings = on.clock.now(), on.settings
    day = model_calls.day_of(now)
    speakers = [
        Speaker(account.first_opening_at, await accounts.begun_since(connection, account.id, day))
        for account in await accounts.list_accounts(connection)
        if account.ready and not account.openings_blocked
    ]
    waiting = await campaign_people.ahead(connection, day)
    return pace.days(people + waiting, speakers, settings.new_dialogs_per_day, settings.warm_up, now)


async def lead(on: Desk, origin: Origin, campaign_id: int, state: CampaignState) -> Answer:
    """Start, pause, go on with or drop a campaign. ``done`` in the answer: it was this admin's press that did it."""

    async def act(connection: Connection) -> Answer:
        if state is CampaignState.RUNNING and on.trial is not None:
            return Answer(Said.LIST_ON_TRIAL, {"username": on.trial.username})
        led = await campaigns.lead(connection, campaign_id, state, origin.admin_id, on.clock.now())
        if led is not None:
            kind = f"campaign_{state.value}"
            await events.record(connection, kind, actor=origin.actor, data={"campaign": campaign_id})
        return Answer(Said.CAMPAIGN, {"campaign": campaign_id, "done": led is not None})

    return await once(on, origin, act)


def report(_: Lang, checked: Sequence[Checked]) -> bytes:
    """What becomes of each line, as a file for a spreadsheet; mended there it can be sent again.

    Nothing in it is run as a formula, and usernames stand without the sign that would make them one.
    """
    told = io.StringIO(newline="")
    writer = csv.writer(told, delimiter=";" if _.code == "ru" else ",")
    writer.writerow([_("line"), _("result"), *(column.value for column in Column)])
    for one in checked:
        username, *others = (one.line[column] for column in Column)
        cells = [one.entry.username or username, *others, *([one.line.surplus] if one.line.surplus else [])]
        writer.writerow([one.line.number, import_texts.result(_, one), *map(safe, cells)])
    return told.getvalue().encode("utf-8-sig")


def report_name(name: str) -> str:
    """``people-checked.csv``: what it is called on the operator's machine."""
    stem = re.sub(r"[^\w.-]+", "-", name.rpartition(".")[0] or name).strip("-.")[:60]
    return f"{stem or 'list'}-checked.csv"


def is_list(document: Document) -> bool:
    """Whether a file may be a list of people, by its name."""
    name = (document.file_name or "").lower()
    return name.rpartition(".")[2] in _KINDS if "." in name else (document.mime_type or "").startswith("text/")
