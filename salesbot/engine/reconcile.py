"""What Telegram has and we do not, and the other way round (laws 5 and 7, "the data").

After every connect the tops of all chats are compared; a dialog that differs reads its history before its next turn,
and that read also corrects edits, deletions and read marks, which a difference does not tell. A part whose fate is
unknown is looked for in the history before anything else of its dialog is said.
"""

from __future__ import annotations

from collections.abc import Sequence

from loguru import logger

from salesbot.dialog import optout
from salesbot.dialog.model import Author, Dialog, Part, Seen, SendState
from salesbot.engine import explain
from salesbot.engine.context import Context, Live
from salesbot.engine.inbox import Inbox
from salesbot.engine.outbox import Outbox
from salesbot.store import accounts, dialogs, messages, parts
from salesbot.store.pool import ACQUIRE_TIMEOUT, Connection, transaction

PAGE = 100
MOST_PAGES = 50
"""Pages of history read for one dialog: five thousand messages that came while nobody looked."""


class Reconciler:
    """Compares dialogs with Telegram's history and resolves what is unknown."""

    def __init__(self, context: Context, inbox: Inbox, outbox: Outbox) -> None:
        self._context = context
        self._inbox = inbox
        self._outbox = outbox

    async def find_differences(self, live: Live) -> int:
        """Compare the tops of all chats, 100 a call; returns how many dialogs have to read their history."""
        account_id = live.fence.account_id
        after = found = 0
        while True:
            async with self._context.pool.acquire(timeout=ACQUIRE_TIMEOUT) as connection:
                tops = await dialogs.tops(connection, account_id, after, PAGE)
            if not tops:
                return found
            after = tops[-1].dialog_id
            known = {top.contact_id: top.newest_id for top in tops}
            states = await live.gateway.chats(list(known))
            differ = [one.peer_id for one in states if one.top_message_id > known.get(one.peer_id, 0)]
            found += len(differ)
            now = self._context.clock.now()
            async with transaction(self._context.pool) as connection:
                await dialogs.ask_comparison(connection, account_id, differ)
                for state in states:
                    await messages.mark_read(connection, account_id, state.peer_id, state.read_outbox_max_id, now)

    async def compare(self, live: Live, dialog: Dialog) -> None:
        """Read the history since the last comparison and make our record agree with it."""
        assert dialog.contact_id is not None
        seen = await self._read(live, dialog.contact_id, dialog.history_upto)
        states = await live.gateway.chats([dialog.contact_id])
        async with transaction(self._context.pool) as connection:
            for one in seen:
                await self._take_in(connection, dialog, one)
            await self._take_out(connection, dialog, seen)
            for state in states:
                await messages.mark_read(
                    connection,
                    live.fence.account_id,
                    state.peer_id,
                    state.read_outbox_max_id,
                    self._context.clock.now(),
                )
            await dialogs.compared(connection, dialog.id, max((one.telegram_message_id for one in seen), default=0))
        self._context.poke(dialog.id)

    async def _read(self, live: Live, contact_id: int, upto: int | None) -> list[Seen]:
        """The newest page always (it corrects what is known), older ones down to what was compared before."""
        pages: list[Seen] = []
        below = 0
        for _ in range(MOST_PAGES):
            page = list(await live.gateway.history(contact_id, below=below, limit=PAGE))
            pages[:0] = page
            if len(page) < PAGE or upto is None or page[0].telegram_message_id <= upto + 1:
                break
            below = page[0].telegram_message_id
        return pages

    async def _take_in(self, connection: Connection, dialog: Dialog, seen: Seen) -> None:
        """One message of the history: known (then as it is now), new, or from before this dialog."""
        assert dialog.account_id is not None and dialog.contact_id is not None
        current = await dialogs.lock(connection, dialog.id)
        assert current is not None
        if await messages.known(connection, dialog.account_id, seen.telegram_message_id):
            await self._inbox.apply_edit(connection, current, seen)
        elif dialog.history_upto is None and seen.timestamp < dialog.created_at.replace(microsecond=0):
            author = Author.HUMAN if seen.outgoing else Author.CONTACT
            await messages.insert(connection, dialog.id, dialog.account_id, seen, author=author, revision=0)
            if not seen.outgoing and optout.is_opt_out(seen.text):
                await self._inbox.opt_out(connection, current)
        else:
            await self._inbox.store(connection, current, seen)

    async def _take_out(self, connection: Connection, dialog: Dialog, seen: Sequence[Seen]) -> None:
        """Stored messages within what was read that are not there any more were deleted."""
        if not seen:
            return
        there = {one.telegram_message_id for one in seen}
        stored = await messages.stored_between(connection, dialog.id, min(there), max(there))
        current = await dialogs.lock(connection, dialog.id)
        if current is not None and (gone := sorted(set(stored) - there)):
            await self._inbox.apply_deletion(connection, current, gone)

    async def resolve(self, live: Live, part: Part) -> bool:
        """Find out what became of a part that was claimed and got no answer. False: it has to wait.

        In order: ``updateMessageID`` has told (then the part is no longer ``sending``); the history above the anchor;
        only then the same ``random_id`` again, if it may still be said.
        """
        async with self._context.pool.acquire(timeout=ACQUIRE_TIMEOUT) as connection:
            account = await accounts.get(connection, part.account_id)
        now = self._context.clock.now()
        if account is not None and account.flood_until is not None and account.flood_until > now:
            return False
        if await self._found_in_history(live, part):
            return True
        async with self._context.pool.acquire(timeout=ACQUIRE_TIMEOUT) as connection:
            marks = self._context.marks(part.contact_id)
            renewed = await parts.claim(connection, part, live.fence, marks, now, again=True)
        if not renewed:
            await self._outbox.give_up(part, "not_delivered")
            return True
        await self._outbox.send_claimed(live, part)
        async with self._context.pool.acquire(timeout=ACQUIRE_TIMEOUT) as connection:
            unresolved = (await parts.get(connection, part.id)).send_state is SendState.SENDING
        if unresolved and not await self._found_in_history(live, part):
            await self._delivered_without_trace(part)
        return True

    async def _found_in_history(self, live: Live, part: Part) -> bool:
        """Adopt the first outgoing message above the anchor with the same text and no row of its own."""
        seen = await self._above(live, part.contact_id, part.anchor_id or 0)
        async with transaction(self._context.pool) as connection:
            dialog = await dialogs.lock(connection, part.dialog_id)
            current = await parts.get(connection, part.id)
            if dialog is None or current.send_state is not SendState.SENDING:
                return True
            for one in seen:
                if one.outgoing and one.text == part.content and not await self._explained(connection, part, one):
                    await explain.part_stands(
                        connection, part, one.telegram_message_id, one.timestamp, self._context.clock.now()
                    )
                    logger.bind(dialog=part.dialog_id, part=part.id).info("part found in the history")
                    return True
        return False

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

    async def _explained(self, connection: Connection, part: Part, seen: Seen) -> bool:
        """Whether this outgoing message is already known as something else than the part."""
        known = await messages.locate(connection, part.account_id, seen.telegram_message_id)
        return known is not None and known.author is not Author.UNEXPLAINED

    async def _delivered_without_trace(self, part: Part) -> None:
        """Telegram says it was delivered, yet it is not in the history: the person deleted it, or the chat."""
        async with transaction(self._context.pool) as connection:
            await explain.part_stands(connection, part, None, None, self._context.clock.now())
        self._context.poke(part.dialog_id)
