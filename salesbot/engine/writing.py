"""While the model writes: the person sees typing, and whoever silences the dialog does not wait for it (laws 7, 8)."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import partial

from loguru import logger

from salesbot.dialog.decide import Speak
from salesbot.dialog.model import Dialog
from salesbot.engine.calls import Calls
from salesbot.engine.context import Context, Live
from salesbot.engine.drafts import Draft, Drafts
from salesbot.errors import BudgetReached, InvalidReply, ModelRefused, ModelUnavailable
from salesbot.lifecycle import end, every, wait_any
from salesbot.llm.prompt import Background
from salesbot.store import dialogs, model_calls
from salesbot.store.briefing import Brief
from salesbot.store.pool import ACQUIRE_TIMEOUT, UNAVAILABLE

TYPING_EVERY = 4.5


class Writing:
    """Has drafts written, and leaves those that nobody wants any more to be recorded."""

    def __init__(self, context: Context) -> None:
        self._context = context
        self._drafts = Drafts(context.settings, context.clock, Calls(context))
        self._left: set[asyncio.Task[None]] = set()
        """Drafts that nobody waits for any more."""

    async def rest(self) -> None:
        """Return when no draft is left that nobody waits for."""
        if self._left:
            await asyncio.wait(self._left)

    async def draft(
        self,
        live: Live,
        brief: Brief,
        background: Background,
        step: Speak,
        poked: asyncio.Event,
    ) -> Draft | None:
        """The draft; None as soon as somebody silenced the dialog, which does not wait for a model that hangs.

        A newer message does not end the wait: the answer is paid for, and the next reply stands (law 6). Nor does a
        pause of everything, but nobody is seen typing in it. Raises what ``Drafts.write`` raises.
        """
        dialog = brief.dialog
        async with self._typing(live, dialog) as still:
            unwanted = asyncio.Event()
            scenario, paid = self._context.scenario(dialog), brief.left.paid
            drafting = self._drafts.write(scenario, dialog, brief.contact, step, background, unwanted, paid)
            writing = asyncio.create_task(drafting, name=f"draft-{dialog.id}")
            return await self._unless_halted(dialog, writing, unwanted, poked, still)

    async def _unless_halted(
        self,
        dialog: Dialog,
        writing: asyncio.Task[Draft],
        unwanted: asyncio.Event,
        poked: asyncio.Event,
        still: asyncio.Event,
    ) -> Draft | None:
        """``still`` is set when everything is paused; ``unwanted`` when this gives None."""
        over = asyncio.Event()
        writing.add_done_callback(lambda _: over.set())
        try:
            while not writing.done():
                await wait_any(over, poked)
                poked.clear()  # before the look, so that what is committed after it pokes again
                if not writing.done() and await self._halted(dialog, still):
                    unwanted.set()
                    self._leave(writing)
                    return None
            return writing.result()
        finally:
            if not unwanted.is_set():
                writing.cancel()

    async def _halted(self, dialog: Dialog, still: asyncio.Event) -> bool:
        """While the database is away nothing is known: the draft is paid for and waited for; the commit tells."""
        try:
            async with self._context.pool.acquire(timeout=ACQUIRE_TIMEOUT) as connection:
                current = await dialogs.get(connection, dialog.id)
        except UNAVAILABLE:
            return False
        if current is not None and current.paused:
            still.set()
        return current is None or current.halts != dialog.halts

    def _leave(self, writing: asyncio.Task[Draft]) -> None:
        """What is paid for is recorded, also when nobody waits for it any more."""
        task = asyncio.create_task(self._record_unwanted(writing), name=f"unwanted-{writing.get_name()}")
        self._left.add(task)
        task.add_done_callback(self._left.discard)

    async def _record_unwanted(self, writing: asyncio.Task[Draft]) -> None:
        try:
            draft = await writing
            async with self._context.pool.acquire(timeout=ACQUIRE_TIMEOUT) as connection:
                await model_calls.drop(connection, draft.call_id, "overtaken")
        except (ModelUnavailable, InvalidReply, ModelRefused, BudgetReached):
            pass  # recorded as failed by whoever asked
        except UNAVAILABLE as exc:
            logger.bind(error=type(exc).__name__).warning("an unwanted draft was not recorded")

    @asynccontextmanager
    async def _typing(self, live: Live, dialog: Dialog) -> AsyncIterator[asyncio.Event]:
        """Show typing while the model thinks, until the event that this gives is set; its failures are nobody's
        business. Of what is going to wait for a button nothing is seen before it is pressed."""
        assert dialog.contact_id is not None
        show, stop = partial(live.gateway.typing, dialog.contact_id), asyncio.Event()
        if not dialog.by_itself:
            stop.set()
        task = asyncio.create_task(every(TYPING_EVERY, stop, show), name="typing")
        try:
            yield stop
        finally:
            stop.set()
            await end(task)
