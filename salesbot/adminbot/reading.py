"""Pages of the list and of a dialogue: read by keyset, rendered, nothing changed."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, tzinfo

from salesbot.adminbot import transcript, views
from salesbot.adminbot.desk import Desk
from salesbot.adminbot.keyboards import ListPage, ViewPage, Way
from salesbot.adminbot.views import Shown
from salesbot.i18n import Lang
from salesbot.store import cards, costs, desk, tasks
from salesbot.store.pool import transaction

LIST_PAGE = 8
TASKS = 10
"""Promises shown at once; the others come up when these are done."""
_BEYOND = 2**63 - 1


async def list_page(on: Desk, _: Lang, at: ListPage) -> Shown:
    """A page of the list; past the newest end it is the newest page."""
    async with transaction(on.pool) as connection:
        if at.way is Way.NEWER:
            lines = await desk.newer_dialogs(connection, at.cursor, LIST_PAGE + 1, everything=at.everything)
            if len(lines) > LIST_PAGE:
                return _listing(on, _, at, lines[1:], newer=True, older=True)
        below = at.cursor if at.way is Way.OLDER else _BEYOND
        lines = await desk.older_dialogs(connection, below, LIST_PAGE + 1, everything=at.everything)
    return _listing(on, _, at, lines[:LIST_PAGE], newer=at.way is Way.OLDER, older=len(lines) > LIST_PAGE)


def _listing(on: Desk, _: Lang, at: ListPage, lines: Sequence[desk.Line], *, newer: bool, older: bool) -> Shown:
    return views.listing(_, lines, everything=at.everything, newer=newer, older=older, now=on.clock.now())


async def view_page(on: Desk, _: Lang, at: ViewPage) -> Shown | None:
    """A page of a dialogue; None when there is no such dialog. Past the newest end it is the newest page."""
    async with transaction(on.pool) as connection:
        head = await desk.head(connection, at.dialog)
        if head is None:
            return None
        reader = transcript.Reader(_, head, zone(on), await cards.of(connection, at.dialog))
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


async def tasks_page(on: Desk, _: Lang) -> Shown:
    """What was promised and is still to be done, the most urgent first."""
    async with transaction(on.pool) as connection:
        open_ones = await tasks.all_open(connection, TASKS + 1)
        heads = [await desk.head(connection, task.dialog_id) for task in open_ones[:TASKS]]
    shown = [(task, head) for task, head in zip(open_ones, heads, strict=False) if head is not None]
    return views.promises(_, shown, more=len(open_ones) > TASKS, now=on.clock.now(), zone=zone(on))


async def costs_page(on: Desk, _: Lang) -> Shown:
    """What was spent, beside what may be."""
    async with transaction(on.pool) as connection:
        spent = await costs.of(connection, on.clock.now())
    return views.spent(_, spent, ceiling=on.settings.budget_per_day)


def zone(on: Desk) -> tzinfo:
    """The zone of this machine (TZ), in which times are shown."""
    return on.clock.now().astimezone().tzinfo or UTC
