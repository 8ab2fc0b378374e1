"""Pages of a dialogue, of promises and costs: read by keyset, rendered, nothing changed."""

from __future__ import annotations

from datetime import timedelta

from salesbot.adminbot import sheet, transcript, views
from salesbot.adminbot.desk import Desk
from salesbot.adminbot.keyboards import ViewPage, Way
from salesbot.adminbot.sheet import Sheet
from salesbot.adminbot.views import Shown
from salesbot.i18n import Lang
from salesbot.store import cards, costs, desk, listing, notes, standing, tasks
from salesbot.store.admins import Role
from salesbot.store.pool import Connection, transaction

TASKS = 10
"""Promises shown at once; the others come up when these are done."""


async def view_page(on: Desk, _: Lang, at: ViewPage, admin_id: int, role: Role) -> Shown | None:
    """A page of a dialogue; None when there is no such dialog. Past the newest end it is the newest page.

    Who may do something about it has looked at it.
    """
    acts = role.covers(Role.OPERATOR)
    async with transaction(on.pool) as connection:
        head = await desk.head(connection, at.dialog)
        if head is None:
            return None
        if acts:
            await listing.seen(connection, at.dialog)
        zone = await on.admins.zone(connection, admin_id)
        reader = transcript.Reader(_, head, zone, await _sheet(on, connection, at.dialog), acts)
        if at.way is Way.NEWER:
            newer = await desk.newer_messages(connection, at.dialog, at.cursor, transcript.FETCH)
            found = list(transcript.forwards(reader, newer, (at.cursor, at.piece)))
            shown = transcript.fill(found)
            if len(transcript.fill(found, reader.newest_room)) < len(found) or len(newer) == transcript.FETCH:
                return transcript.page(reader, shown, older=True, newer=True)
        before = (at.cursor, at.piece) if at.way is Way.OLDER else None
        messages = await desk.older_messages(connection, at.dialog, at.cursor if before else None, transcript.FETCH)
    found = list(transcript.backwards(reader, messages, before))
    shown = transcript.fill(found, reader.newest_room if before is None else transcript.ROOM)
    older = len(shown) < len(found) or len(messages) == transcript.FETCH
    return transcript.page(reader, shown[::-1], older=older, newer=before is not None)


async def _sheet(on: Desk, connection: Connection, dialog_id: int) -> Sheet:
    """What stands above and below the messages of a dialog."""
    return Sheet(
        await cards.of(connection, dialog_id),
        await standing.of(connection, dialog_id),
        await notes.latest(connection, dialog_id, sheet.NOTES + 1),
        on.clock.now(),
        timedelta(hours=on.settings.takeover_hours),
        on.titles,
    )


async def tasks_page(on: Desk, _: Lang, admin_id: int) -> Shown:
    """What was promised and is still to be done, the most urgent first."""
    async with transaction(on.pool) as connection:
        zone = await on.admins.zone(connection, admin_id)
        open_ones = await tasks.all_open(connection, TASKS + 1)
        heads = [await desk.head(connection, task.dialog_id) for task in open_ones[:TASKS]]
    shown = [(task, head) for task, head in zip(open_ones, heads, strict=False) if head is not None]
    return views.promises(_, shown, more=len(open_ones) > TASKS, now=on.clock.now(), zone=zone)


async def costs_page(on: Desk, _: Lang) -> Shown:
    """What was spent, beside what may be."""
    async with transaction(on.pool) as connection:
        spent = await costs.of(connection, on.clock.now())
    return views.spent(_, spent, ceiling=on.settings.budget_per_day)
