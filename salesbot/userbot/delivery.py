"""From Telethon's updates to the inbox, in their order, and the update state behind them.

Law 1: *the update state in the database is never ahead of the messages in it.* Telethon moves its state before it hands
updates on. So the state is taken together with the updates that led to it, in one step without an await, and travels
behind them through the queue: once it comes out, everything before it is stored. ``settled`` is the last that did.
An update that cannot be stored ends the delivery and with it the connection; a fresh one starts from what was written.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from telethon.tl import types

from salesbot import metrics
from salesbot.dialog.model import Person, Seen
from salesbot.errors import Refused, Transient
from salesbot.store.sessions import UpdateState
from salesbot.userbot import convert
from salesbot.userbot.gateway import Inbox
from salesbot.userbot.peers import PeerBook

MANY = 50
"""Batches (of up to a hundred messages each) that may wait before Telethon is held back."""
TOGETHER = 100
"""Batches, and messages in them, that are delivered at once, of those that wait."""
MESSAGES = (types.UpdateShortMessage, types.UpdateNewMessage)
HAPPENINGS = (
    types.UpdateEditMessage,
    types.UpdateMessageReactions,
    types.UpdateDeleteMessages,
    types.UpdateMessageID,
)


@dataclass(frozen=True, slots=True)
class Batch:
    """What Telethon handed on at once, who appears in it, and the account's place in its stream after it."""

    updates: Sequence[Any] = ()
    users: Mapping[int, Any] = field(default_factory=dict)
    state: UpdateState | None = None
    """None while a send is under way: what its answer says is not recorded yet."""
    gap: bool = False


class Delivery:
    """The queue of one connection. ``fetch`` reads one message by its id (None: it is gone)."""

    def __init__(
        self, account_id: int, inbox: Inbox, peers: PeerBook, fetch: Callable[[int], Awaitable[Any | None]]
    ) -> None:
        self._account_id = account_id
        self._inbox = inbox
        self._peers = peers
        self._fetch = fetch
        self._queue: asyncio.Queue[Batch] = asyncio.Queue()
        self.settled: UpdateState | None = None
        self.moved = asyncio.Event()
        """Set whenever ``settled`` may have changed; whoever writes it clears it."""

    def put(self, batch: Batch) -> None:
        self._queue.put_nowait(batch)

    async def run(self) -> None:
        """Deliver for ever, what waits together. Raises whatever the inbox raises."""
        while True:
            batches = [await self._queue.get()]
            while not self._queue.empty() and len(batches) < TOGETHER:
                batches.append(self._queue.get_nowait())
            await self._deliver(batches)
            for batch in batches:
                self.settled = batch.state or self.settled
                self._queue.task_done()
            self.moved.set()

    async def room(self) -> None:
        """Return at once while little is waiting, else when all of it is stored."""
        if self._queue.qsize() > MANY:
            await self._queue.join()

    async def drained(self) -> None:
        """Until all that was put is stored."""
        await self._queue.join()

    async def _deliver(self, batches: Sequence[Batch]) -> None:
        """Messages in one go, up to whatever else happened between them; what people have read at the end, when all of
        it is stored."""
        arrived: list[Seen] = []
        read: dict[int, int] = {}
        for batch in batches:
            if batch.gap:
                await self._hand_on(arrived)
                await self._inbox.gap(self._account_id)
            for update in batch.updates:
                if isinstance(update, MESSAGES):
                    arrived += self._seen(update, batch.users)
                    if len(arrived) >= TOGETHER:
                        await self._hand_on(arrived)
                elif isinstance(update, types.UpdateReadHistoryOutbox):
                    if isinstance(update.peer, types.PeerUser):
                        read[update.peer.user_id] = max(update.max_id, read.get(update.peer.user_id, 0))
                elif isinstance(update, HAPPENINGS):
                    await self._hand_on(arrived)
                    await self._happened(update, batch.users)
        await self._hand_on(arrived)
        if read:
            await self._inbox.read_by_people(self._account_id, read)
        if any(batch.updates for batch in batches):
            metrics.LAST_UPDATE.mark(self._account_id)

    async def _hand_on(self, arrived: list[Seen]) -> None:
        if arrived:
            await self._inbox.arrived(self._account_id, tuple(arrived))
            arrived.clear()

    def _seen(self, update: Any, users: Mapping[int, Any]) -> Sequence[Seen]:
        """What was exchanged with a person; nothing otherwise."""
        if isinstance(update, types.UpdateShortMessage):
            return () if self._peers.is_other(update.user_id) else (convert.seen_short(update),)
        peer_id = self._person_in(update.message, users)
        if peer_id is None:
            return ()
        return (convert.seen(update.message, peer_id, self._learn(users.get(peer_id))),)

    async def _happened(self, update: Any, users: Mapping[int, Any]) -> None:
        account_id = self._account_id
        match update:
            case types.UpdateEditMessage():
                await self._edited(update.message, users)
            case types.UpdateMessageReactions(peer=types.PeerUser()):
                await self._reacted(update.msg_id)
            case types.UpdateDeleteMessages():
                await self._inbox.deleted(account_id, update.messages)
            case types.UpdateMessageID():
                await self._inbox.sent_id(account_id, update.random_id, update.id)

    async def _edited(self, message: Any, users: Mapping[int, Any]) -> None:
        if (peer_id := self._person_in(message, users)) is not None:
            known = self._learn(users.get(peer_id))
            await self._inbox.edited(self._account_id, convert.seen(message, peer_id, known))

    async def _reacted(self, message_id: int) -> None:
        """The update names the message but does not show it."""
        try:
            message = await self._fetch(message_id)
        except (Transient, Refused):  # a mark under a message; the next comparison with the history brings it
            return
        if message is not None:
            await self._edited(message, {})

    def _person_in(self, message: Any, users: Mapping[int, Any]) -> int | None:
        """The person a message was exchanged with; None for groups, bots, notes to self and Telegram's notices."""
        if isinstance(message, types.MessageEmpty) or not isinstance(message.peer_id, types.PeerUser):
            return None
        peer_id: int = message.peer_id.user_id
        if getattr(users.get(peer_id), "bot", False):
            self._peers.not_a_person(peer_id)
        return None if self._peers.is_other(peer_id) else peer_id

    def _learn(self, user: Any) -> Person | None:
        if not convert.is_person(user):
            return None
        known = convert.person(user)
        self._peers.learn(known)
        return known
