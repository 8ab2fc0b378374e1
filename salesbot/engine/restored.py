"""After a restore nothing is sent until what was said since the backup was read: the history of every open dialog, and
of every other chat in which there is something newer than what is stored.

An opt-out in it holds, whoever gave it. What went out meanwhile is a part of ours that the backup had on its way, or a
colleague's: that it may have been the program's own helps nobody, it is not known why it was said. An account is not
live before it has read all; before all accounts have, no part is claimed (``parts.claim``).
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TypeVar

from loguru import logger

from salesbot.dialog import optout
from salesbot.dialog.model import Dialog, Mode, Person, Seen
from salesbot.engine import explain, goodbye
from salesbot.engine.context import Context, Live
from salesbot.engine.reconcile import AGAIN, READERS, Reconciler
from salesbot.errors import FloodWait, Refused, Transient, Unknown
from salesbot.store import comparisons, contacts, dialogs, events, gaps, model_calls, suppressions
from salesbot.store.pool import ACQUIRE_TIMEOUT, UNAVAILABLE, transaction

PAGE = 100
MOST_PAGES = 50

T = TypeVar("T")


@dataclass(slots=True)
class _Count:
    """What the operator hears in the end."""

    dialogs: int = 0
    strangers: int = 0
    """Chats without a dialog in which the account wrote."""
    begun_today: int = 0
    unreadable: int = 0
    """Chats that Telegram does not show."""


class Gap:
    """Reads, for one account after the other, what only Telegram knows."""

    def __init__(self, context: Context, reconciler: Reconciler) -> None:
        self._context = context
        self._reconciler = reconciler

    async def read(self, live: Live) -> None:
        """Return when everything since the backup was read, for this account and for all others that can be used; at
        once where nothing was restored. What was read once is not read again after a broken connection."""
        account_id = live.fence.account_id
        async with self._context.pool.acquire(timeout=ACQUIRE_TIMEOUT) as connection:
            since = await gaps.unread(connection, account_id)
        if since is not None:
            await self._read(live, since)
        await self._others(account_id)

    async def _read(self, live: Live, since: datetime) -> None:
        account_id, count = live.fence.account_id, _Count()
        log = logger.bind(account=account_id, since=since.isoformat())
        log.info("restored: what was said since the backup is read before anything is sent")
        chats = await self._patiently(lambda: live.gateway.chats_since(since))
        async with transaction(self._context.pool) as connection:
            tops = {chat.peer_id: chat.top_message_id for chat in chats}
            strangers = await gaps.mark_newer(connection, account_id, tops)
        await self._read_dialogs(live, count)
        for person_id in strangers:
            await self._read_stranger(live, person_id, since, count)
        async with transaction(self._context.pool) as connection:
            day = model_calls.day_of(self._context.clock.now()).date()
            await gaps.begun_unseen(connection, account_id, day, count.begun_today)
            if not await gaps.done(connection, live.fence):
                raise Transient("some of what was said since the backup is still to be read")
            data = {"dialogs": count.dialogs, "others": count.strangers, "unreadable": count.unreadable}
            await events.record(connection, "gap_read", actor="system", account_id=account_id, data=data)
        self._context.news.wake()
        log.bind(dialogs=count.dialogs, others=count.strangers).info("restored: all of it is read")

    async def _read_dialogs(self, live: Live, count: _Count) -> None:
        while True:
            async with self._context.pool.acquire(timeout=ACQUIRE_TIMEOUT) as connection:
                batch = await gaps.unread_dialogs(connection, live.fence.account_id, READERS)
            if not batch:
                return
            done = await asyncio.gather(*(self._read_dialog(live, one, count) for one in batch), return_exceptions=True)
            for failure in done:
                if isinstance(failure, BaseException):
                    raise failure
            count.dialogs += len(batch)

    async def _read_dialog(self, live: Live, dialog: Dialog, count: _Count) -> None:
        try:
            await self._patiently(lambda: self._reconciler.compare(live, dialog))
        except Refused as exc:  # there is nothing to be read; whether they can be written to is found out later
            logger.bind(dialog=dialog.id, reason=exc.code).warning("restored: a history cannot be read")
            count.unreadable += 1
            async with transaction(self._context.pool) as connection:
                current = await dialogs.lock_owned(connection, dialog.id, live.fence)
                await explain.give_up(connection, current, self._context.clock.now())
                await comparisons.compared(connection, dialog.id, 0)

    async def _read_stranger(self, live: Live, person_id: int, since: datetime, count: _Count) -> None:
        """Somebody of whom the backup knows nothing: their opt-out holds, and who was written to is in a dialog."""
        seen = await self._history(live, person_id, since, count)
        person = next((one.person for one in seen if one.person), None)
        written = [one.timestamp for one in seen if one.outgoing]
        count.strangers += bool(written)
        dialog: Dialog | None = None
        if any(optout.is_opt_out(one.text) for one in seen if not one.outgoing):
            await self._opted_out(person_id, person)
        elif written and person:
            dialog = await self._found(live.fence.account_id, person, written[0])
        if dialog is not None:
            await self._read_dialog(live, dialog, count)
        else:
            today = model_calls.day_of(self._context.clock.now())
            count.begun_today += any(at.astimezone(UTC) >= today for at in written)

    async def _found(self, account_id: int, person: Person, at: datetime) -> Dialog | None:
        """Their dialog, which no other account begins anew. It may be a colleague's own chat as well: unless the
        operator says that there is none, the model keeps quiet in it until somebody changes its mode."""
        context = self._context
        async with transaction(context.pool) as connection:
            if await suppressions.holds(connection, context.keys.marks(person.id)):
                return None
            await contacts.learn(connection, account_id, person)
            mode = None if await gaps.nobody_typed(connection, at) else Mode.OFF
            return await gaps.found(
                connection, account_id, person.id, scenario=context.settings.scenario, mode=mode, at=at
            )

    async def _opted_out(self, person_id: int, person: Person | None) -> None:
        """For ever, and in whatever dialog another account has with them."""
        keys = self._context.keys
        async with transaction(self._context.pool) as connection:
            names = [keys.name_marks(person.username)] if person and person.username else []
            await suppressions.add(connection, keys.marks(person_id), *names)
            for dialog in await dialogs.lock_open_of(connection, person_id):
                await goodbye.opt_out(self._context, connection, dialog, actor="contact", confirm=False)

    async def _history(self, live: Live, person_id: int, since: datetime, count: _Count) -> Sequence[Seen]:
        """What was said with them since then, in both directions, oldest first."""
        found: list[Seen] = []
        below = 0
        for _ in range(MOST_PAGES):
            try:
                page = list(
                    await self._patiently(lambda: live.gateway.history(person_id, below=below, limit=PAGE))  # noqa: B023
                )
            except Refused as exc:  # whether they opted out in it is not known
                logger.bind(account=live.fence.account_id, reason=exc.code).warning("restored: a chat cannot be read")
                count.unreadable += 1
                break
            found[:0] = page
            if len(page) < PAGE or page[0].timestamp < since:
                break
            below = page[0].telegram_message_id
        return [one for one in found if one.timestamp >= since]

    async def _patiently(self, call: Callable[[], Awaitable[T]]) -> T:
        """Ask again until it is answered. A connection that is over ends us as well."""
        while True:
            try:
                return await call()
            except UNAVAILABLE:
                await self._context.clock.sleep(AGAIN)
            except (FloodWait, Transient, Unknown) as exc:
                logger.bind(reason=str(exc)).info("restored: reading waits")
                await self._context.clock.sleep(max(AGAIN, getattr(exc, "retry_after", None) or 0.0))

    async def _others(self, account_id: int) -> None:
        """An opt-out may stand in a chat of another account: wait until all have read theirs."""
        told = False
        while True:
            async with self._context.pool.acquire(timeout=ACQUIRE_TIMEOUT) as connection:
                if not await gaps.unread_anywhere(connection):
                    return
            if not told:
                logger.bind(account=account_id).info("restored: waiting for what other accounts have to read")
                told = True
            await self._context.clock.sleep(AGAIN)
