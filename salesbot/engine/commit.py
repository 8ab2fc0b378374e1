"""The commit of a turn (laws 2, 6, 8): its parts with all that follows from them, or a note of the dropped draft."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from loguru import logger

from salesbot import metrics
from salesbot.dialog import disclosure, timing
from salesbot.dialog.decide import Speak
from salesbot.dialog.model import Dialog, DialogEvent, Mode, Outcome, Purpose
from salesbot.dialog.openings import opening
from salesbot.engine import goodbye
from salesbot.engine.context import Context, Live
from salesbot.engine.drafts import Draft
from salesbot.llm.prompt import Background
from salesbot.metrics import Phase, TurnEnd
from salesbot.store import dialogs, drafts, events, facts, model_calls, parts, tasks, turns
from salesbot.store.pool import Connection, transaction
from salesbot.store.turns import Turn


@dataclass(frozen=True, slots=True)
class Prepared:
    """A draft and what its commit needs to know of the turn."""

    dialog: Dialog
    background: Background
    step: Speak
    draft: Draft
    begun: datetime


async def commit(context: Context, live: Live, prepared: Prepared) -> TurnEnd:
    """End the turn and commit its parts, unless something overtook it; what was paid for is recorded either way.

    Who wants no messages gets none of the parts. Their newer lines are looked at before that is believed. Where nothing
    is said without a button the parts wait for theirs; such a reply does not stand against newer messages.
    """
    dialog, draft = prepared.dialog, prepared.draft
    now = context.clock.now()
    async with transaction(context.pool) as connection:
        current = await dialogs.lock_owned(connection, dialog.id, live.fence)
        if current.effective_mode is Mode.OFF:  # since it was begun, for all: what it answers stays due
            await model_calls.drop(connection, draft.call_id, "mode")
            return TurnEnd.OVERTAKEN
        reply = prepared.step.purpose is not Purpose.FOLLOW_UP and not draft.reply.opt_out
        stands = reply and current.dropped_drafts > 0 and current.by_itself
        if not await turns.end_turn(connection, _turn(context, prepared, stands, now)):
            await model_calls.drop(connection, draft.call_id, "overtaken")
            if current.halts == dialog.halts:
                await turns.draft_dropped(connection, dialog.id)
            logger.bind(dialog=dialog.id, turn=dialog.revision).info("draft overtaken")
            return TurnEnd.OVERTAKEN
        if draft.reply.opt_out:
            await model_calls.drop(connection, draft.call_id, "opt_out")
            await goodbye.opt_out(context, connection, current, actor="model", confirm=True)
        else:
            expires_at = None if current.by_itself else now + timedelta(hours=context.settings.draft_hours)
            first_id = await _add_parts(context, connection, prepared, stands, now, expires_at)
            await _remember(connection, prepared, first_id, now, waits=expires_at is not None)
            if context.scenario(dialog).is_hot(draft.reply.stage):
                await _hot(connection, dialog)
    context.news.wake()
    if prepared.step.purpose is Purpose.REPLY and dialog.due_since is not None:
        metrics.took(Phase.ANSWER, now - dialog.due_since)
    return TurnEnd.OPTED_OUT if draft.reply.opt_out else TurnEnd.SPOKEN


async def _add_parts(
    context: Context,
    connection: Connection,
    prepared: Prepared,
    stands: bool,
    now: datetime,
    expires_at: datetime | None,
) -> int:
    """``expires_at``: they wait for a button until then; whoever presses it knows what time it is there."""
    pace = context.settings.timing
    texts = prepared.draft.reply.parts
    earliest = prepared.begun + timedelta(seconds=pace.read_delay)
    latest = (expires_at or now) + timedelta(seconds=pace.part_max_age)
    if prepared.step.purpose is not Purpose.REPLY and expires_at is None:
        quiet = timing.next_quiet_start(now, context.scenario(prepared.dialog), prepared.background.timezone)
        latest = min(latest, quiet) if quiet else latest
    draft_id = await drafts.begin(connection, prepared.dialog, now=now, expires_at=expires_at) if expires_at else None
    return await parts.add(
        connection,
        prepared.dialog,
        texts,
        [context.random_id() for _ in texts],
        now=now,
        not_before=earliest,
        not_after=latest,
        stands=stands,
        purpose=prepared.step.purpose,
        model_call_id=prepared.draft.call_id,
        draft_id=draft_id,
    )


async def _remember(connection: Connection, prepared: Prepared, first_id: int, now: datetime, *, waits: bool) -> None:
    """What the person said about themselves, and what they were promised; ``waits``: once a button is pressed."""
    dialog, draft = prepared.dialog, prepared.draft
    await facts.learn(connection, dialog.id, draft.learnt, now)
    for field in draft.unproven:
        await events.record(
            connection,
            "unproven",
            actor="model",
            dialog_id=dialog.id,
            account_id=dialog.account_id,
            data={"field": field},
        )
    promise = draft.reply.promise
    if promise is None:
        return
    task = await tasks.add(connection, dialog.id, promise, first_id, now)
    if task is not None and not waits:  # of a draft it is told once that goes out
        await events.promised(connection, dialog.id, dialog.account_id, task)


async def _hot(connection: Connection, dialog: Dialog) -> None:
    """They are close to a yes; that is said once."""
    if not await events.happened(connection, dialog.id, "hot_lead"):
        await events.record(connection, "hot_lead", actor="model", dialog_id=dialog.id, account_id=dialog.account_id)


def _turn(context: Context, prepared: Prepared, stands: bool, now: datetime) -> Turn:
    dialog, reply, purpose = prepared.dialog, prepared.draft.reply, prepared.step.purpose
    scenario = context.scenario(dialog)
    erase = disclosure.wants_erasure(dialog, prepared.step.history.messages)
    after: DialogEvent | None = None
    if reply.handoff or erase:  # a human erases, the reply may say so
        after = DialogEvent.HANDOFF
    elif reply.outcome is not Outcome.NONE:
        after = DialogEvent.CLOSE
    done = dialog.follow_ups + (purpose is Purpose.FOLLOW_UP)
    follow_up = timing.next_follow_up(scenario, done, now, prepared.background.timezone, dialog.id)
    return Turn(
        dialog,
        stage=reply.stage,
        stands=stands,
        follow_up_at=None if after else follow_up,
        follow_ups=done,
        after=after,
        outcome=reply.outcome,
        reason="erase" if erase else "asked" if reply.handoff else "",
        note=reply.handoff or "",
        opening=opening(scenario, dialog).name if purpose is Purpose.OPENING else "",
    )
