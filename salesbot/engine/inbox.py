"""Store first (law 1): one transaction that stores what Telegram tells, makes its dialog due and recognises an opt-out.

What calls for no more than that is one statement, for as many people as wrote at once (``store.arrivals``).
Nothing here asks Telegram or a model. Whatever raises condemns the connection; the message comes again.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence, Set
from dataclasses import replace
from datetime import datetime, timedelta

import asyncpg

from salesbot import metrics
from salesbot.dialog import optout, questions, timing, transitions
from salesbot.dialog.decide import is_unanswered
from salesbot.dialog.guard import refusals, words
from salesbot.dialog.model import Author, Dialog, DialogEvent, Message, Mode, Seen, Status
from salesbot.dialog.questions import Question
from salesbot.engine import explain, goodbye
from salesbot.engine.context import Context
from salesbot.store import (
    arrivals,
    comparisons,
    contacts,
    dialogs,
    drafts,
    events,
    gaps,
    messages,
    parts,
    suppressions,
    takebacks,
    turns,
)
from salesbot.store.pool import ACQUIRE_TIMEOUT, Connection, transaction

QUIET_NEWS = timedelta(minutes=10)
"""How long the operator, once told that somebody writes to a quiet dialog, is not told of their next lines."""


class Inbox:
    """The product's side of ``userbot.gateway.Inbox``."""

    def __init__(self, context: Context) -> None:
        self._context = context

    async def arrived(self, account_id: int, seen: Sequence[Seen]) -> None:
        """Messages in either direction, each person's in their order; a replay changes nothing."""
        left = list(seen)
        while left:
            first = {one.peer_id: one for one in reversed(left)}
            stored = await self._store_plain(account_id, list(first.values()))
            for one in first.values():
                if one.telegram_message_id not in stored:
                    await self._store_one(account_id, one)
            left = [one for one in left if one is not first[one.peer_id]]

    async def _store_plain(self, account_id: int, seen: Sequence[Seen]) -> Set[int]:
        """Store what calls for nothing else, all at once; returns the ids of what was stored."""
        plain = [one for one in seen if arrivals.is_plain(one) and not optout.is_opt_out(one.text)]
        if not plain:
            return frozenset()
        now, pace = self._context.clock.now(), self._context.settings.timing
        async with self._context.pool.acquire(timeout=ACQUIRE_TIMEOUT) as connection:
            stored = await arrivals.store(connection, account_id, plain, pace, now)
        metrics.MESSAGES.inc(len(stored))
        for one in stored.values():
            self._context.poke(one.dialog_id, one.due_at)
        return stored.keys()

    async def _store_one(self, account_id: int, seen: Seen) -> None:
        """Store a message in a transaction of its own, and do what follows from it."""
        async with transaction(self._context.pool) as connection:
            dialog = await self._dialog_of(connection, account_id, seen)
            if dialog is None:
                return
            await self.store(connection, dialog, seen)
        self._context.poke(dialog.id)

    async def store(self, connection: Connection, dialog: Dialog, seen: Seen) -> None:
        """Store one message of a locked dialog and do what follows from it."""
        if seen.telegram_message_id <= (dialog.history_upto or 0):
            await self.store_earlier(connection, dialog, seen)
        elif seen.outgoing:
            await self._store_outgoing(connection, dialog, seen)
        else:
            await self._store_incoming(connection, dialog, seen)

    async def store_earlier(self, connection: Connection, dialog: Dialog, seen: Seen) -> None:
        """Store what is older than what was compared, or than a locked dialog: it asks for nothing, but an opt-out
        holds."""
        assert dialog.account_id is not None
        author = Author.HUMAN if seen.outgoing else Author.CONTACT
        stored = await messages.insert(connection, dialog.id, dialog.account_id, seen, author=author, revision=0)
        if stored is None:
            return
        if not seen.outgoing and optout.is_opt_out(seen.text):
            await goodbye.opt_out(self._context, connection, dialog, actor="contact", confirm=False)
        elif seen.outgoing and await gaps.covers(connection, seen.timestamp):  # nobody is written to a second time
            await self._spoke_in_gap(connection, dialog, seen)

    async def _spoke_in_gap(self, connection: Connection, dialog: Dialog, seen: Seen) -> None:
        """They were written to since the backup: it counts among that day's conversations if it began one."""
        await dialogs.begun_at(connection, dialog.id, seen.timestamp)
        await explain.human_spoke(connection, dialog, self._context.clock.now(), in_gap=True)

    async def edited(self, account_id: int, seen: Seen) -> None:
        """An edit or a reaction. Before the answer it changes what is answered, later it is one more thing known."""
        at = seen.telegram_message_id
        async with transaction(self._context.pool) as connection:
            dialog_ids = await messages.dialogs_of(connection, account_id, [at])
            dialog = await dialogs.lock(connection, dialog_ids[0]) if dialog_ids else None
            message = (await messages.located(connection, account_id, [at])).get(at) if dialog else None
            if dialog is None or message is None:
                return
            await self.apply_edit(connection, dialog, message, seen)
        self._context.poke(dialog.id)

    async def apply_edit(self, connection: Connection, dialog: Dialog, message: Message, seen: Seen) -> None:
        """Bring a stored message of a locked dialog to what Telegram shows now, unless its words are gone for good."""
        if message.erased:
            return
        if message.reaction != messages.clean(seen.reaction):
            await messages.react(connection, message.id, seen.reaction)
        if not _says_another_thing(message, seen):
            return
        asks = is_unanswered(message, dialog)
        await messages.edit(connection, message, seen, dialog.revision + 1 if asks else None)
        if asks or (message.incoming and refusals.is_no([words.read(seen.text)])):  # a no ends follow-ups on their way
            await self._touch(connection, dialog, "edit")
        if message.incoming and optout.is_opt_out(seen.text):
            await goodbye.opt_out(self._context, connection, dialog, actor="contact", confirm=False)

    async def deleted(self, account_id: int, telegram_message_ids: Sequence[int]) -> None:
        """Somebody deleted messages; Telegram does not say in which chats. Each dialog is a transaction of its own."""
        async with self._context.pool.acquire(timeout=ACQUIRE_TIMEOUT) as connection:
            touched = await messages.dialogs_of(connection, account_id, telegram_message_ids)
        for dialog_id in touched:
            async with transaction(self._context.pool) as connection:
                dialog = await dialogs.lock(connection, dialog_id)
                assert dialog is not None
                await self.apply_deletion(connection, dialog, telegram_message_ids)
            self._context.poke(dialog_id)

    async def apply_deletion(self, connection: Connection, dialog: Dialog, telegram_message_ids: Sequence[int]) -> None:
        """Mark messages of a locked dialog as deleted; an unanswered one no longer asks for anything."""
        assert dialog.account_id is not None
        now = self._context.clock.now()
        gone = await messages.mark_deleted(connection, dialog.id, dialog.account_id, telegram_message_ids, now)
        if any(is_unanswered(replace(message, deleted_at=None), dialog) for message in gone):
            await self._touch(connection, dialog, "deletion")
        await takebacks.deleted(connection, dialog, gone)

    async def read_by_people(self, account_id: int, up_to: Mapping[int, int]) -> None:
        async with self._context.pool.acquire(timeout=ACQUIRE_TIMEOUT) as connection:
            await messages.mark_read(connection, account_id, up_to, self._context.clock.now())

    async def sent_id(self, account_id: int, random_id: int, telegram_message_id: int) -> None:
        async with transaction(self._context.pool) as connection:
            part = await parts.by_random_id(connection, account_id, random_id)
            if part is None:
                return
            await explain.part_stands(connection, part, telegram_message_id, None, self._context.clock.now())
        self._context.poke(part.dialog_id)

    async def gap(self, account_id: int) -> None:
        """Updates are lost for good. A fresh connection begins by asking where; one that begins does so anyway."""
        async with transaction(self._context.pool) as connection:
            await comparisons.ask_of_all(connection, account_id)
        if (live := self._context.live.get(account_id)) is not None:
            live.gateway.condemn("updates were lost")

    async def _dialog_of(self, connection: Connection, account_id: int, seen: Seen) -> Dialog | None:
        """The locked dialog this belongs to; None for strangers, who are not stored."""
        dialog = await dialogs.lock_current(connection, account_id, seen.peer_id, outgoing=seen.outgoing)
        if dialog is None:
            return await self._stranger(connection, account_id, seen)
        if seen.person is not None:
            await contacts.learn(connection, account_id, seen.person)
        return dialog

    async def _stranger(self, connection: Connection, account_id: int, seen: Seen) -> Dialog | None:
        settings = self._context.settings
        if seen.outgoing or not settings.answer_strangers:
            return None
        if await suppressions.holds(connection, self._context.keys.marks(seen.peer_id)):
            return None
        if seen.person is not None:
            await contacts.learn(connection, account_id, seen.person)
        elif await contacts.get(connection, seen.peer_id) is None:
            return None
        return await dialogs.open_for_stranger(
            connection,
            account_id=account_id,
            contact_id=seen.peer_id,
            scenario=settings.scenario,
            now=self._context.clock.now(),
        )

    async def _store_outgoing(self, connection: Connection, dialog: Dialog, seen: Seen) -> None:
        """An unknown id is a colleague's only when nothing of ours is on its way, or was given up too early (law 7)."""
        assert dialog.account_id is not None
        if await messages.located(connection, dialog.account_id, [seen.telegram_message_id]):
            return
        now = self._context.clock.now()
        part = await parts.adoptable(connection, dialog.id, seen.text, seen.telegram_message_id)
        if part is not None:
            await drafts.was_sent(connection, part.id, now)
            await explain.part_stands(connection, part, seen.telegram_message_id, seen.timestamp, now)
            return
        author = await self._author(connection, dialog, seen)
        stored = await messages.insert(
            connection, dialog.id, dialog.account_id, seen, author=author, revision=dialog.revision
        )
        if stored is not None and author is Author.MODEL:
            await dialogs.begun_at(connection, dialog.id, seen.timestamp)
            await dialogs.touch(connection, dialog, due_at=None, reason="gap", answered=True)
        if stored is None or author is not Author.HUMAN:
            return
        if await gaps.covers(connection, seen.timestamp):
            await self._spoke_in_gap(connection, dialog, seen)
        else:
            await explain.human_spoke(connection, dialog, now)

    async def _author(self, connection: Connection, dialog: Dialog, seen: Seen) -> Author:
        if await gaps.nobody_typed(connection, seen.timestamp):
            return Author.MODEL
        return Author.UNEXPLAINED if await dialogs.in_flight(connection, dialog.id) else Author.HUMAN

    async def _store_incoming(self, connection: Connection, dialog: Dialog, seen: Seen) -> None:
        assert dialog.account_id is not None
        stored = await messages.insert(
            connection, dialog.id, dialog.account_id, seen, author=Author.CONTACT, revision=dialog.revision + 1
        )
        if stored is None:
            return
        metrics.MESSAGES.inc()
        if optout.is_opt_out(seen.text):
            fresh = not await gaps.covers(connection, seen.timestamp)  # else they heard it then, or hear it too late
            ended = await goodbye.opt_out(self._context, connection, dialog, actor="contact", confirm=fresh)
            if not ended and _wants_erasure(seen):
                await self._tell(connection, dialog, erase=True)
            return
        dialog = await self._returned(connection, dialog)
        await self._touch(connection, dialog, "message")
        off = dialog.status is Status.ACTIVE and dialog.effective_mode is Mode.OFF
        if off or dialog.status in (Status.STOPPED, Status.HANDOFF, Status.CLOSED):
            await self._tell(connection, dialog, erase=_wants_erasure(seen))

    async def _tell(self, connection: Connection, dialog: Dialog, *, erase: bool) -> None:
        """The operator hears that somebody wrote to a quiet dialog; not of each line, unless they want to be erased."""
        if erase or not await events.happened_lately(connection, dialog.id, "wrote_while_quiet", QUIET_NEWS):
            await events.record(
                connection,
                "wrote_while_quiet",
                actor="contact",
                dialog_id=dialog.id,
                account_id=dialog.account_id,
                data={"reason": "erase"} if erase else None,
            )

    async def _returned(self, connection: Connection, dialog: Dialog) -> Dialog:
        """The dialog, gone on with when it had come to a good or a bad end and the person is in no other."""
        if dialog.status is not Status.CLOSED or dialog.outcome not in transitions.RETURNABLE:
            return dialog
        now = self._context.clock.now()
        try:
            async with connection.transaction():  # a savepoint: the unique index has the last word
                return await dialogs.apply(connection, dialog, DialogEvent.RETURNED, actor="contact", now=now)
        except asyncpg.UniqueViolationError:
            return dialog

    async def _touch(self, connection: Connection, dialog: Dialog, reason: str) -> None:
        """Raise the revision; an active dialog becomes due after the debounce, capped from the burst's start."""
        due_at: datetime | None = None
        since: datetime | None = None
        if dialog.status is Status.ACTIVE:
            now = self._context.clock.now()
            since = (dialog.due_since if dialog.due_at is not None else None) or now
            due_at = timing.due_at(now, since, self._context.settings.timing)
        if await dialogs.touch(connection, dialog, due_at=due_at, due_since=since, reason=reason):
            await turns.finish_parts(connection, dialog, self._context.clock.now())  # they heard that a human comes


def has_changed(message: Message, seen: Seen) -> bool:
    """Whether Telegram shows a stored message otherwise than it is stored."""
    differs = message.reaction != messages.clean(seen.reaction) or _says_another_thing(message, seen)
    return differs and not message.erased


def _wants_erasure(seen: Seen) -> bool:
    return Question.ERASURE in questions.asked(seen.text)


def _says_another_thing(message: Message, seen: Seen) -> bool:
    return message.content != messages.clean(seen.text) or message.kind is not seen.kind
