"""Claim, send, resolve parts (law 5).

Typing and pacing come before the claim; nothing is awaited between its commit and the call. An answer that says no puts
the part back or ends it; no answer leaves it ``sending``: unknown, for ``reconcile`` to resolve on a fresh connection.
"""

from __future__ import annotations

import asyncio
from datetime import timedelta

from loguru import logger

from salesbot.dialog.model import DialogEvent, Outcome, Part, SendState, Status
from salesbot.dialog.timing import typing_seconds
from salesbot.engine import explain
from salesbot.engine.context import Context, Live
from salesbot.errors import AccountUnusable, FloodWait, NotOwner, PeerFlood, Refused, Transient, Unknown, Unreachable
from salesbot.store import accounts, dialogs, events, parts, suppressions
from salesbot.store.pool import ACQUIRE_TIMEOUT, Connection, transaction

TYPING_EVERY = 4.5
RETRY_AFTER = timedelta(seconds=5)
LIMITED_PAUSE = timedelta(hours=1)
FLOOD_WORTH_TELLING = 60.0


class Outbox:
    """Sends the parts of one dialog at a time; the scheduler sees to it that nobody else does."""

    def __init__(self, context: Context) -> None:
        self._context = context
        self._sends: set[asyncio.Task[None]] = set()

    async def send_next(self, live: Live, part: Part, poked: asyncio.Event) -> bool:
        """Pace, claim and send one pending part. False when looking again at once would change nothing."""
        if not await self._pace(live, part, poked):
            return True
        now = self._context.clock.now()
        marks = self._context.marks(part.contact_id)
        async with self._context.pool.acquire(timeout=ACQUIRE_TIMEOUT) as connection:
            claimed = await parts.claim(connection, part, live.fence, marks, now)
        if not claimed:
            return await self._look_why(part)
        await self.send_claimed(live, part)
        return True

    async def send_claimed(self, live: Live, part: Part) -> None:
        """Send a part that was just claimed; the write of the outcome survives a cancellation of the worker."""
        task = asyncio.create_task(self._send(live, part), name=f"send-{part.id}")
        self._sends.add(task)
        task.add_done_callback(self._sends.discard)
        await asyncio.shield(task)

    async def drain(self, budget: float) -> None:
        """Wait for the answers of the sends in flight; what gets none stays ``sending``."""
        if self._sends:
            await asyncio.wait(set(self._sends), timeout=budget)

    async def _pace(self, live: Live, part: Part, poked: asyncio.Event) -> bool:
        """Show typing for as long as a person would type. False when something happened meanwhile: look again."""
        clock, timing = self._context.clock, self._context.settings.timing
        wait = (part.not_before - clock.now()).total_seconds()
        pause = 0.0 if part.first else timing.between_parts
        ends = clock.monotonic() + max(wait, pause + typing_seconds(part.content, timing))
        while (left := ends - clock.monotonic()) > 0:
            await live.gateway.typing(part.contact_id)
            if await self._interrupted(min(left, TYPING_EVERY), poked):
                return False
        return True

    async def _interrupted(self, seconds: float, poked: asyncio.Event) -> bool:
        """Sleep on the injected clock unless the dialog is poked."""
        sleeping = asyncio.ensure_future(self._context.clock.sleep(seconds))
        poking = asyncio.ensure_future(poked.wait())
        try:
            await asyncio.wait((sleeping, poking), return_when=asyncio.FIRST_COMPLETED)
        finally:
            sleeping.cancel()
            poking.cancel()
        return poked.is_set()

    async def _look_why(self, part: Part) -> bool:
        """A part that could not be claimed: overtaken, forbidden or too old ones end here, the others wait."""
        now = self._context.clock.now()
        async with transaction(self._context.pool) as connection:
            dialog = await dialogs.lock(connection, part.dialog_id)
            current = await parts.get(connection, part.id)
            if dialog is None or current.send_state is not SendState.PENDING:
                return True
            if await suppressions.holds(connection, self._context.keys.marks(part.contact_id)):
                await dialogs.apply(
                    connection, dialog, DialogEvent.OPT_OUT, actor="system", now=now, outcome=Outcome.OPTED_OUT
                )
                return True
            if not explain.current_for(part, dialog):
                await explain.part_ended(connection, part, SendState.CANCELLED, "overtaken", now)
                return True
            if part.not_after <= now:
                await self._expire(connection, part, "too_old")
                return True
        return False

    async def _expire(self, connection: Connection, part: Part, failure: str) -> None:
        """This part and those after it are not sent any more; what they would have said is decided anew."""
        now = self._context.clock.now()
        await explain.part_ended(connection, part, SendState.CANCELLED, failure, now)
        await parts.end_rest(connection, part.dialog_id, SendState.CANCELLED, failure)
        await dialogs.not_said(connection, part.dialog_id, part.revision, part.purpose, now)

    async def give_up(self, part: Part, failure: str) -> None:
        """A part whose fate was unknown is known not to stand: end it and decide anew."""
        async with transaction(self._context.pool) as connection:
            await self._expire(connection, part, failure)
        self._context.poke(part.dialog_id)

    async def _send(self, live: Live, part: Part) -> None:
        """The call itself, and what its answer means."""
        try:
            sent = await live.gateway.send(part.contact_id, part.content, part.random_id)
        except Unknown as exc:
            logger.bind(dialog=part.dialog_id, part=part.id, reason=str(exc)).warning("send unresolved")
        except (NotOwner, AccountUnusable):
            await self._put_back(part, None)
        except FloodWait as exc:
            await self._flood(live, part, exc.seconds)
        except Transient as exc:
            await self._put_back(part, timedelta(seconds=exc.retry_after) if exc.retry_after else RETRY_AFTER)
        except PeerFlood:
            await self._limited(live, part)
        except Refused as exc:
            await self._refused(part, exc)
        else:
            if sent.telegram_message_id is not None:
                now = self._context.clock.now()
                async with transaction(self._context.pool) as connection:
                    await explain.part_stands(connection, part, sent.telegram_message_id, sent.timestamp, now)
        self._context.poke(part.dialog_id)

    async def _put_back(self, part: Part, pause: timedelta | None) -> None:
        now = self._context.clock.now()
        async with transaction(self._context.pool) as connection:
            await explain.put_back(connection, part, now)
            if pause is not None:
                await parts.delay(connection, part.id, now + pause)

    async def _flood(self, live: Live, part: Part, seconds: float) -> None:
        """That account's queue waits; the operator sees until when."""
        now = self._context.clock.now()
        until = now + timedelta(seconds=seconds)
        async with transaction(self._context.pool) as connection:
            await explain.put_back(connection, part, now)
            await accounts.flood(connection, live.fence, until)
            if seconds >= FLOOD_WORTH_TELLING:
                await events.record(
                    connection,
                    "flood_wait",
                    actor="system",
                    account_id=part.account_id,
                    data={"until": until.isoformat(), "seconds": round(seconds)},
                )

    async def _limited(self, live: Live, part: Part) -> None:
        """Peer flood: no new conversations from this account; what runs tries again later."""
        now = self._context.clock.now()
        async with transaction(self._context.pool) as connection:
            await accounts.block_openings(connection, live.fence)
            await events.record(connection, "account_limited", actor="system", account_id=part.account_id)
            await self._expire(connection, part, "peer_flood")
            await dialogs.postpone(connection, part.dialog_id, now + LIMITED_PAUSE, failures=0)

    async def _refused(self, part: Part, exc: Refused) -> None:
        """This part will never be sent: the person cannot be written to, or the text is not taken."""
        now = self._context.clock.now()
        async with transaction(self._context.pool) as connection:
            await explain.part_ended(connection, part, SendState.FAILED, exc.code, now)
            await parts.end_rest(connection, part.dialog_id, SendState.FAILED, exc.code)
            dialog = await dialogs.lock(connection, part.dialog_id)
            assert dialog is not None
            if dialog.status is not Status.ACTIVE:
                return
            if isinstance(exc, Unreachable):
                outcome = Outcome.BLOCKED if exc.code == "blocked" else Outcome.UNREACHABLE
                await dialogs.apply(
                    connection,
                    dialog,
                    DialogEvent.UNREACHABLE,
                    actor="system",
                    now=now,
                    outcome=outcome,
                    reason=exc.code,
                )
            else:
                await dialogs.apply(connection, dialog, DialogEvent.HANDOFF, actor="system", now=now, reason=exc.code)
