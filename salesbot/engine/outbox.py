"""Claim, send, resolve parts (law 5).

Typing and pacing come before the claim; nothing is awaited between its commit and the call. An answer that says no puts
the part back or ends it; no answer leaves it ``sending``: unknown, for ``reconcile`` to resolve on a fresh connection.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from datetime import datetime, timedelta

from loguru import logger

from salesbot import metrics
from salesbot.dialog.model import Dialog, DialogEvent, Outcome, Part, Purpose, SendState, Status
from salesbot.dialog.timing import typing_seconds
from salesbot.engine import explain, limits
from salesbot.engine.context import Context, Live, Poked
from salesbot.errors import AccountUnusable, FloodWait, NotOwner, PeerFlood, Refused, Transient, Unknown, Unreachable
from salesbot.metrics import PartEnd, Phase
from salesbot.store import accounts, agenda, dialogs, events, parts, suppressions, turns
from salesbot.store.pool import ACQUIRE_TIMEOUT, Connection, transaction

TYPING_EVERY = 4.5
RETRY_AFTER = timedelta(seconds=5)
LIMITED_PAUSE = timedelta(minutes=10)
"""How long a running dialog waits after Telegram's anti-spam limit."""


@dataclass(slots=True)
class Pace:
    """How far a worker has come with typing a part: being poked, it looks again and does not begin anew."""

    poked: Poked
    turn: int = 0
    """The revision that the turn or the part was read with, for the log."""
    part_id: int = 0
    ends: float = 0.0


class Outbox:
    """Sends the parts of one dialog at a time; the scheduler sees to it that nobody else does."""

    def __init__(self, context: Context) -> None:
        self._context = context
        self._sends: dict[int, asyncio.Task[bool]] = {}
        """By part: the calls under way. They outlive a worker that is cancelled."""

    async def send_next(self, live: Live, part: Part, pace: Pace) -> bool:
        """Pace, claim and send one pending part; one that cannot be claimed ends, or waits.

        False when nothing is left to do in its dialog for now.
        """
        if not await self._pace(live, part, pace):
            return True
        if (sending := await self._claim(live, part)) is None:
            await self.unclaimed(live, part)
            return True
        return await asyncio.shield(sending)

    async def claim_and_send(self, live: Live, part: Part, *, again: bool = False) -> bool:
        """False when it could not be claimed."""
        if (sending := await self._claim(live, part, again=again)) is None:
            return False
        await asyncio.shield(sending)
        return True

    async def _claim(self, live: Live, part: Part, *, again: bool = False) -> asyncio.Task[bool] | None:
        """The call, begun with nothing awaited between it and the claim's commit; None: there is no claim."""
        if self._context.rests(part.contact_id):
            return None
        now, marks = self._context.clock.now(), self._context.marks(part.contact_id)
        async with self._context.pool.acquire(timeout=ACQUIRE_TIMEOUT) as connection:
            claimed = await parts.claim(connection, part, live.fence, marks, now, again=again)
            return self._begin(live, part) if claimed else None

    async def landed(self, part: Part) -> bool:
        """Whether the call for this part was under way in this process; returns when it is over."""
        sending = self._sends.get(part.id)
        if sending is None:
            return False
        await asyncio.shield(sending)
        return True

    async def unclaimed(self, live: Live, part: Part) -> None:
        """A part that could not be claimed: forbidden, overtaken or too old ones end here, the others wait."""
        now = self._context.clock.now()
        async with transaction(self._context.pool) as connection:
            dialog = await dialogs.lock_owned(connection, part.dialog_id, live.fence)
            if dialog.contact_id is None:  # erased, and the part with it
                return
            current = await parts.get(connection, part.id)
            if current.send_state is not part.send_state:
                return
            failure = await self._forbidden(connection, dialog, current)
            if failure is None and current.held:
                return
            if failure is None:
                await parts.delay(connection, part.id, now + await self._next_look(connection, part))
                return
            may_stand = part.send_state is SendState.SENDING
            if failure == "overtaken" and part.first and not may_stand and dialog.halts == part.halts:
                await turns.reply_dropped(connection, part)  # the message came while the reply was being committed
            await explain.part_unsaid(connection, dialog, part, failure, now, may_stand=may_stand)
        self._context.poke(part.dialog_id)

    async def refused(self, live: Live, part: Part, exc: Refused) -> None:
        """This part will never be sent: the person cannot be written to, or the text is not taken."""
        now = self._context.clock.now()
        async with transaction(self._context.pool) as connection:
            dialog = await dialogs.lock_owned(connection, part.dialog_id, live.fence)
            unreachable = dialog.status in (Status.HANDOFF, Status.TAKEN) and isinstance(exc, Unreachable)
            if dialog.status is Status.ACTIVE or unreachable:
                dialog = await limits.refused(self._context, connection, dialog, exc)
            await explain.part_ended(connection, dialog, part, SendState.FAILED, exc.code, now)

    async def drain(self, budget: float) -> None:
        """Wait for the answers of the sends in flight; what gets none stays ``sending``."""
        if self._sends:
            await asyncio.wait(self._sends.values(), timeout=budget)

    async def _pace(self, live: Live, part: Part, pace: Pace) -> bool:
        """Show typing for as long as a person would type. False when something happened meanwhile: look again."""
        clock = self._context.clock
        if pace.part_id != part.id:
            wanted = self._typing_time(part)
            pace.part_id, pace.ends = part.id, clock.monotonic() + wanted
        while (left := pace.ends - clock.monotonic()) > 0:
            await live.gateway.typing(part.contact_id)
            if await self._interrupted(min(left, TYPING_EVERY), pace.poked):
                return False
        return True

    def _typing_time(self, part: Part) -> float:
        timing = self._context.settings.timing
        wait = (part.not_before - self._context.clock.now()).total_seconds()
        pause = 0.0 if part.first else timing.between_parts
        return max(wait, pause + typing_seconds(part.content, timing))

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

    async def _forbidden(self, connection: Connection, dialog: Dialog, part: Part) -> str | None:
        """Why this part will never be claimed; None: it only has to wait. A dialog that an opt-out missed is closed.

        What is unresolved when everything is paused and was not found in the chat may not be sent again: it ends, as by
        a stop, and is decided anew afterwards.
        """
        now = self._context.clock.now()
        farewell = part.purpose is Purpose.FAREWELL
        if not farewell and await suppressions.holds(connection, self._context.keys.marks(part.contact_id)):
            if dialog.status is not Status.CLOSED:
                await dialogs.apply(
                    connection, dialog, DialogEvent.OPT_OUT, actor="system", now=now, outcome=Outcome.OPTED_OUT
                )
            return "opted_out"
        if not explain.current_for(part, dialog):
            return "overtaken"
        if not part.fits:
            return "mode"
        if dialog.paused and part.send_state is SendState.SENDING:
            return "paused"
        return "too_old" if part.not_after <= now else None

    async def _next_look(self, connection: Connection, part: Part) -> timedelta:
        """How soon a part that only has to wait is looked at again: only an operator's word is slow to come."""
        if part.purpose is Purpose.OPENING:
            account = await accounts.get(connection, part.account_id)
            if account is not None and account.openings_blocked:
                return limits.OPENINGS_LOOK
        return RETRY_AFTER

    def _begin(self, live: Live, part: Part) -> asyncio.Task[bool]:
        task = asyncio.create_task(self._send(live, part), name=f"send-{part.id}")
        self._sends[part.id] = task
        task.add_done_callback(lambda done: self._ended(part, done))
        return task

    def _ended(self, part: Part, task: asyncio.Task[bool]) -> None:
        del self._sends[part.id]
        if not task.cancelled() and (error := task.exception()) is not None:
            logger.bind(dialog=part.dialog_id, part=part.id).opt(exception=error).warning("a send was not recorded")

    async def _send(self, live: Live, part: Part) -> bool:
        """The call itself, and what its answer means. False when nothing is left to do in its dialog."""
        asked = self._context.clock.monotonic()
        try:
            sent = await live.gateway.send(part.contact_id, part.content, part.random_id)
        except Unknown as exc:
            metrics.part_ended(PartEnd.UNRESOLVED)
            logger.bind(dialog=part.dialog_id, part=part.id, reason=str(exc)).warning("send unresolved")
        except (NotOwner, AccountUnusable):
            await self._put_back(live, part)
        except FloodWait as exc:
            await self._flood(live, part, exc)
        except Transient as exc:
            await self._put_back(live, part, timedelta(seconds=exc.retry_after) if exc.retry_after else RETRY_AFTER)
        except PeerFlood:
            await self._limited(live, part)
        except Refused as exc:
            await self.refused(live, part, exc)
        else:
            metrics.took(Phase.SEND, timedelta(seconds=self._context.clock.monotonic() - asked))
            if sent.telegram_message_id is not None:
                return await self._stands(part, sent.telegram_message_id, sent.timestamp)
        self._context.poke(part.dialog_id)
        return True

    async def _stands(self, part: Part, telegram_message_id: int, at: datetime) -> bool:
        """Whoever sent it goes on by themselves; others hear of it only where somebody waits for that."""
        now = self._context.clock.now()
        async with self._context.pool.acquire(timeout=ACQUIRE_TIMEOUT) as connection:
            stood = await parts.stands(connection, part, telegram_message_id, at, now, alone=True)
        if stood is None:
            async with transaction(self._context.pool) as connection:
                await explain.part_stands(connection, part, telegram_message_id, at, now)
        else:
            metrics.part_ended(PartEnd.SENT)
            if not stood.watched and part.purpose not in parts.BY_ITSELF:
                return stood.more
        self._context.work.wake()  # a pause is confirmed once all has landed
        self._context.poke(part.dialog_id)
        return True

    async def _put_back(self, live: Live, part: Part, pause: timedelta = timedelta()) -> None:
        now = self._context.clock.now()
        async with transaction(self._context.pool) as connection:
            dialog = await dialogs.lock_owned(connection, part.dialog_id, live.fence)
            await explain.put_back(connection, dialog, part, now + pause, now)

    async def _flood(self, live: Live, part: Part, wait: FloodWait) -> None:
        now = self._context.clock.now()
        async with transaction(self._context.pool) as connection:
            dialog = await dialogs.lock_owned(connection, part.dialog_id, live.fence)
            await explain.put_back(connection, dialog, part, now + timedelta(seconds=wait.seconds), now)
            await limits.account_waits(self._context, connection, live.fence, wait)

    async def _limited(self, live: Live, part: Part) -> None:
        """Peer flood: no new conversations from this account; what runs tries again later."""
        now = self._context.clock.now()
        async with transaction(self._context.pool) as connection:
            dialog = await dialogs.lock_owned(connection, part.dialog_id, live.fence)
            if await accounts.block_openings(connection, live.fence):
                await events.record(connection, "account_limited", actor="system", account_id=part.account_id)
            if part.purpose in parts.BY_ITSELF:  # nobody decides them anew
                await explain.put_back(connection, dialog, part, now + LIMITED_PAUSE, now)
                return
            await explain.part_unsaid(connection, dialog, part, "peer_flood", now)
            if part.purpose is not Purpose.OPENING:
                await agenda.hold(connection, part.dialog_id, now + LIMITED_PAUSE, failures=0)
