"""What Telegram has and we do not, and the other way round (laws 5 and 7, "the data").

After every connect the tops of all chats are compared, those that have something to do first; a dialog that differs
reads its history before its next turn, and that read also corrects edits, deletions and read marks, which a difference
does not tell. A part whose fate is unknown is looked for in the history before anything else of its dialog is said.
What a colleague takes back is deleted there.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Sequence
from datetime import datetime

from loguru import logger

from salesbot.dialog.model import Author, Dialog, Part, Seen, SendState
from salesbot.engine import explain
from salesbot.engine.context import Context, Live
from salesbot.engine.inbox import Inbox, has_changed
from salesbot.engine.outbox import Outbox
from salesbot.errors import Refused, Transient, Unknown
from salesbot.store import agenda, comparisons, dialogs, gaps, messages, parts, takebacks
from salesbot.store.comparisons import Top
from salesbot.store.pool import ACQUIRE_TIMEOUT, UNAVAILABLE, Connection, transaction
from salesbot.userbot.gateway import ChatState

PAGE = 100
MOST_DUE = 1000
"""Dialogs compared before anything is said; of more, each is compared before its own turn."""
AGAIN = 1.0
READERS = 20
"""Histories read at once: a page of Telegram's objects takes some 300 kB."""
MOST_PAGES = 50
"""Pages of history read for one dialog: five thousand messages that came while nobody looked."""


class Reconciler:
    """Compares dialogs with Telegram's history and resolves what is unknown."""

    def __init__(self, context: Context, inbox: Inbox, outbox: Outbox) -> None:
        self._context = context
        self._inbox = inbox
        self._outbox = outbox
        self._readers = asyncio.Semaphore(READERS)

    async def compare_due(self, live: Live) -> None:
        """Compare the tops of the chats that have something to do now, 100 a call: nobody waits for the others."""
        context, account_id = self._context, live.fence.account_id
        async with context.pool.acquire(timeout=ACQUIRE_TIMEOUT) as connection:
            found = await agenda.look(connection, [account_id], context.clock.now(), MOST_DUE, context.trial)
            due = [errand.dialog_id for errand in found.errands]
            tops = await comparisons.tops_of(connection, account_id, due)
        for page in range(0, len(tops), PAGE):
            await self._compare_tops(live, tops[page : page + PAGE])

    async def compare_rest(self, live: Live) -> None:
        """Compare the tops of all other chats, 100 a call."""
        after = 0
        while True:
            try:
                async with self._context.pool.acquire(timeout=ACQUIRE_TIMEOUT) as connection:
                    tops = await comparisons.tops(connection, live.fence.account_id, after, PAGE)
                if not tops:
                    return
                await self._compare_tops(live, [top for top in tops if top.dialog_id not in live.compared])
            except UNAVAILABLE:  # or busy with those who wait for an answer: the page is asked for again
                await self._context.clock.sleep(AGAIN)
            except (Transient, Unknown) as exc:  # a limit of this one call; a connection that is over ends us as well
                logger.bind(account=live.fence.account_id, reason=str(exc)).info("the comparison waits")
                await self._context.clock.sleep(max(AGAIN, getattr(exc, "retry_after", None) or 0.0))
            else:
                after = tops[-1].dialog_id

    async def _compare_tops(self, live: Live, tops: Sequence[Top]) -> None:
        """A dialog that differs has to read its history now; the others agree."""
        context = self._context
        states = {one.peer_id: one for one in await live.gateway.chats([top.contact_id for top in tops])}
        known = [top for top in tops if top.contact_id in states]
        differ = {top.dialog_id for top in known if states[top.contact_id].top_message_id > top.newest_id}
        agree = {top.dialog_id for top in known} - differ
        async with transaction(context.pool) as connection:
            await comparisons.ask_now(connection, sorted(differ), context.clock.now())
            await comparisons.agree(connection, sorted(agree))
        live.compared.update(agree)
        if differ:
            logger.bind(account=live.fence.account_id, differ=len(differ)).info("dialogs have to read their history")
            context.work.wake()
        await self._mark_read(live.fence.account_id, states.values())

    async def compare(self, live: Live, dialog: Dialog) -> None:
        """Read the history since the last comparison and make our record agree with it."""
        async with self._readers:
            await self._compare(live, dialog)

    async def _compare(self, live: Live, dialog: Dialog) -> None:
        assert dialog.contact_id is not None
        async with self._context.pool.acquire(timeout=ACQUIRE_TIMEOUT) as connection:
            since = await gaps.newest(connection) if dialog.history_upto is None else None
        try:
            seen = await self._read(live, dialog.contact_id, dialog.history_upto, since)
        except Refused:  # there is nothing to compare with
            live.compared.add(dialog.id)
            raise
        states = await live.gateway.chats([dialog.contact_id])
        async with transaction(self._context.pool) as connection:
            current = await dialogs.lock_owned(connection, dialog.id, live.fence)
            if current.contact_id is None:  # erased while the history was read
                return
            if await comparisons.part_of_another(connection, current):
                raise Transient("a part of an earlier dialog with this person is on its way")
            await self._take_in(connection, current, seen)
            await self._take_out(connection, current, seen)
            if await gaps.is_unread(connection, dialog.id):
                await explain.give_up(connection, current, self._context.clock.now())
            await comparisons.compared(connection, dialog.id, max((one.telegram_message_id for one in seen), default=0))
        live.compared.add(dialog.id)
        await self._mark_read(live.fence.account_id, states)
        self._context.poke(dialog.id)

    async def _mark_read(self, account_id: int, states: Iterable[ChatState]) -> None:
        """In a transaction of its own: it locks messages and no dialog."""
        up_to = {state.peer_id: state.read_outbox_max_id for state in states}
        async with transaction(self._context.pool) as connection:
            await messages.mark_read(connection, account_id, up_to, self._context.clock.now())

    async def _read(self, live: Live, contact_id: int, upto: int | None, since: datetime | None) -> list[Seen]:
        """The newest page always (it corrects what is known), older ones down to what was compared before; where
        nothing was, down to where the last gap began."""
        pages: list[Seen] = []
        below = 0
        for _ in range(MOST_PAGES):
            page = list(await live.gateway.history(contact_id, below=below, limit=PAGE))
            pages[:0] = page
            if len(page) < PAGE or (upto is not None and page[0].telegram_message_id <= upto + 1):
                break
            if upto is None and (since is None or page[0].timestamp < since):
                break
            below = page[0].telegram_message_id
        return pages

    async def _take_in(self, connection: Connection, dialog: Dialog, seen: Sequence[Seen]) -> None:
        """The messages of the history: known (then as they are now), from before this dialog, or new."""
        assert dialog.account_id is not None
        stored = await messages.located(connection, dialog.account_id, [one.telegram_message_id for one in seen])
        for one in seen:
            known = stored.get(one.telegram_message_id)
            if known is not None and not has_changed(known, one):
                continue
            current = await dialogs.lock(connection, dialog.id) or dialog
            if known is not None:
                await self._inbox.apply_edit(connection, current, known, one)
            elif dialog.history_upto is None and one.timestamp < dialog.created_at.replace(microsecond=0):
                await self._inbox.store_earlier(connection, current, one)
            else:
                await self._inbox.store(connection, current, one)

    async def _take_out(self, connection: Connection, dialog: Dialog, seen: Sequence[Seen]) -> None:
        """Stored messages within what was read that are not there any more were deleted."""
        if not seen:
            return
        there = {one.telegram_message_id for one in seen}
        stored = await messages.stored_between(connection, dialog.id, min(there), max(there))
        current = await dialogs.lock(connection, dialog.id)
        if current is not None and (gone := sorted(set(stored) - there)):
            await self._inbox.apply_deletion(connection, current, gone)

    async def resolve(self, live: Live, part: Part) -> None:
        """Find out what became of a part that was claimed and got no answer.

        In order: ``updateMessageID`` has told (then the part is no longer ``sending``); the history above the anchor;
        only then the same ``random_id`` again, if it may still be said.
        """
        if await self._outbox.landed(part):
            return
        try:
            if await self._found_in_history(live, part):
                return
        except Refused as exc:  # the chat cannot even be read any more
            await self._outbox.refused(live, part, exc)
            return
        if not await self._outbox.claim_and_send(live, part, again=True):
            await self._outbox.unclaimed(live, part)
            return
        async with self._context.pool.acquire(timeout=ACQUIRE_TIMEOUT) as connection:
            unresolved = (await parts.get(connection, part.id)).send_state is SendState.SENDING
        if unresolved and not await self._found_in_history(live, part):
            await self._delivered_without_trace(part)

    async def _found_in_history(self, live: Live, part: Part) -> bool:
        """Adopt the first outgoing message above the anchor with the same text and no row of its own."""
        seen = await self._above(live, part.contact_id, part.anchor_id or 0)
        same = {one.telegram_message_id: one for one in seen if one.outgoing and one.text == part.content}
        async with transaction(self._context.pool) as connection:
            await dialogs.lock_owned(connection, part.dialog_id, live.fence)
            if (await parts.get(connection, part.id)).send_state is not SendState.SENDING:
                return True
            stored = await messages.located(connection, part.account_id, list(same))
            unknown = [at for at in same if at not in stored or stored[at].author is Author.UNEXPLAINED]
            if not unknown:
                return False
            found, now = same[unknown[0]], self._context.clock.now()
            await explain.part_stands(connection, part, found.telegram_message_id, found.timestamp, now)
        logger.bind(dialog=part.dialog_id, part=part.id).info("part found in the history")
        return True

    async def _above(self, live: Live, contact_id: int, anchor: int) -> list[Seen]:
        """All messages of a chat above an id, oldest first."""
        found: list[Seen] = []
        below = 0
        for _ in range(MOST_PAGES):
            page = list(await live.gateway.history(contact_id, above=anchor, below=below, limit=PAGE))
            found[:0] = page
            if len(page) < PAGE:
                break
            below = page[0].telegram_message_id
        return found

    async def _delivered_without_trace(self, part: Part) -> None:
        """Telegram says it was delivered, yet it is not in the history: the person deleted it, or the chat."""
        async with transaction(self._context.pool) as connection:
            await explain.part_stands(connection, part, None, None, self._context.clock.now())
        self._context.poke(part.dialog_id)

    async def take_back(self, live: Live, dialog_id: int) -> None:
        """Delete for both sides what a colleague takes back. To delete it twice does no harm, so whoever was killed
        over it begins again. Raises ``Transient`` when Telegram did not do it now."""
        while True:
            async with self._context.pool.acquire(timeout=ACQUIRE_TIMEOUT) as connection:
                wanted = await takebacks.wanted(connection, dialog_id)
            if wanted is None:
                return
            failure, at = "", wanted.telegram_message_id
            try:
                if at is not None:
                    await live.gateway.delete(wanted.contact_id, [at])
            except Refused as exc:
                failure = exc.code
            async with transaction(self._context.pool) as connection:
                dialog = await dialogs.lock_owned(connection, dialog_id, live.fence)
                if at is None or failure:
                    await takebacks.given_up(connection, dialog, wanted.id, failure or takebacks.NOT_DELIVERED)
                else:
                    await self._inbox.apply_deletion(connection, dialog, [at])
            self._context.poke(dialog_id)
