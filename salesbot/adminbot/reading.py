"""Pages of the list and of a dialogue: read by keyset, rendered, nothing changed."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, tzinfo

from salesbot.adminbot import transcript, views
from salesbot.adminbot.desk import Desk
from salesbot.adminbot.keyboards import ListPage, ViewPage, Way
from salesbot.adminbot.views import Shown
from salesbot.i18n import Lang
from salesbot.store import desk
from salesbot.store.pool import transaction

LIST_PAGE = 8
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
        reader = transcript.Reader(_, head, zone(on))
        if at.way is Way.NEWER:
            newer = await desk.newer_messages(connection, at.dialog, at.cursor, transcript.FETCH)
            found = list(transcript.forwards(reader, newer, (at.cursor, at.piece)))
            shown = transcript.fill(found)
            if len(shown) < len(found) or len(newer) == transcript.FETCH:
                return transcript.page(reader, shown, older=True, newer=True)
        before = (at.cursor, at.piece) if at.way is Way.OLDER else None
        messages = await desk.older_messages(connection, at.dialog, at.cursor if before else None, transcript.FETCH)
    found = list(transcript.backwards(reader, messages, before))
    shown = transcript.fill(found)
    older = len(shown) < len(found) or len(messages) == transcript.FETCH
    return transcript.page(reader, shown[::-1], older=older, newer=before is not None)


def zone(on: Desk) -> tzinfo:
    """The zone of this machine (TZ), in which times are shown."""
    return on.clock.now().astimezone().tzinfo or UTC
