"""The beginning of a long conversation, summed up beside it: no reply waits for that, and none fails with it.

The call is written down, settled and paid for like any other (law 8). What it tells is stored once, for the messages
that it was made of; a process that dies in between finds the answer that was paid for.
"""

from __future__ import annotations

import asyncio

from loguru import logger

from salesbot.dialog.model import Dialog, History, Message, Status
from salesbot.engine.calls import Calls
from salesbot.engine.context import Context, Live
from salesbot.errors import BudgetReached, InvalidReply, ModelRefused, ModelUnavailable, NotOwner
from salesbot.llm import prompt, summary
from salesbot.store import dialogs, messages, model_calls
from salesbot.store.pool import ACQUIRE_TIMEOUT, UNAVAILABLE, Connection, transaction

ENOUGH = 40
"""So many messages that no prompt shows any more, and that no summary holds yet, are summed up."""
AT_ONCE = 240
"""Messages looked at for one summary."""
PURPOSE = "summary"


class Summaries:
    """One task for each dialog that needs it."""

    def __init__(self, context: Context) -> None:
        self._context = context
        self._calls = Calls(context)
        self._running: dict[int, asyncio.Task[None]] = {}

    def look(self, live: Live, dialog_id: int, history: History) -> None:
        """A turn of this dialog is over: sum up what is too old to be shown, in the background. Of a short history
        there is nothing."""
        if len(history.messages) > ENOUGH and dialog_id not in self._running:
            task = asyncio.create_task(self._safely(live, dialog_id), name=f"summary-{dialog_id}")
            self._running[dialog_id] = task
            task.add_done_callback(lambda _: self._running.pop(dialog_id, None))

    async def rest(self) -> None:
        """Return when none is being made."""
        if self._running:
            await asyncio.wait(self._running.values())

    async def _safely(self, live: Live, dialog_id: int) -> None:
        log = logger.bind(dialog=dialog_id)
        try:
            await self._sum_up(live, dialog_id)
        except (ModelUnavailable, ModelRefused, InvalidReply, BudgetReached, NotOwner, *UNAVAILABLE) as exc:
            log.bind(error=type(exc).__name__).info("no summary this time")
        except Exception as exc:  # noqa: BLE001 - nobody waits for it: the next turn tries again
            log.opt(exception=exc).error("a summary failed")

    async def _sum_up(self, live: Live, dialog_id: int) -> None:
        async with self._context.pool.acquire(timeout=ACQUIRE_TIMEOUT) as connection:
            dialog = await dialogs.get(connection, dialog_id)
            if dialog is None or dialog.status is not Status.ACTIVE:
                return
            paid = await model_calls.unused_summary(connection, dialog_id)
            if paid is None and await model_calls.summary_failed_lately(connection, dialog):
                return
            upto = dialog.revision if paid is None else paid.revision
            old = await self._left_out(connection, dialog, upto)
        if paid is not None:
            await self._keep(live, dialog, old, paid.id, paid.answer)
        elif len(old) > ENOUGH:
            await self._ask(live, dialog, old)

    async def _left_out(self, connection: Connection, dialog: Dialog, revision: int) -> list[Message]:
        """What stood in the dialog before that revision, is in no summary, and would not be shown: always the same."""
        stored = await messages.not_summed_up(connection, dialog.id, dialog.summary_upto, AT_ONCE)
        lines = tuple(one for one in stored if one.revision < revision)
        shown = {one.id for one in prompt.in_view(History(lines))}
        return [one for one in lines if one.id not in shown]

    async def _ask(self, live: Live, dialog: Dialog, old: list[Message]) -> None:
        model = self._context.settings.llm_models[0]
        asked = summary.build(dialog.summary, old)
        call_id, answer = await self._calls.complete(
            dialog, purpose=PURPOSE, model=model, messages=asked, response_format=summary.FORMAT
        )
        await self._keep(live, dialog, old, call_id, answer)

    async def _keep(self, live: Live, dialog: Dialog, old: list[Message], call_id: int, answer: str) -> None:
        """Store the notes, unless the dialog is over or has others by now."""
        try:
            notes = summary.parse(answer)
        except InvalidReply as exc:
            await self._calls.fail(call_id, exc)
            raise
        async with transaction(self._context.pool) as connection:
            current = await dialogs.lock_owned(connection, dialog.id, live.fence)
            if old and current.status is Status.ACTIVE and current.summary_upto == dialog.summary_upto:
                await dialogs.sum_up(connection, dialog.id, notes, max(one.id for one in old))
                await model_calls.used(connection, call_id)
            else:
                await model_calls.drop(connection, call_id, "overtaken")
