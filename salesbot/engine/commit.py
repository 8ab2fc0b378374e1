"""The commit of a turn (laws 2, 6, 8): its parts with all that follows from them, or a note of the dropped draft."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from loguru import logger

from salesbot import metrics
from salesbot.dialog import disclosure, timing
from salesbot.dialog.decide import Speak
from salesbot.dialog.fields import Proven
from salesbot.dialog.model import Dialog, DialogEvent, Mode, Outcome, Part, Purpose
from salesbot.dialog.openings import opening
from salesbot.engine import goodbye
from salesbot.engine.context import Context, Live
from salesbot.engine.drafts import Draft
from salesbot.llm.prompt import Background
from salesbot.metrics import Phase, TurnEnd
from salesbot.store import dialogs, drafts, events, facts, model_calls, parts, tasks, turns
from salesbot.store.parts import Lines
from salesbot.store.pool import ACQUIRE_TIMEOUT, Connection, transaction
from salesbot.store.turns import Ended, Turn


@dataclass(frozen=True, slots=True)
class Prepared:
    """A draft and what its commit needs to know of the turn."""

    dialog: Dialog
    background: Background
    step: Speak
    draft: Draft
    begun: datetime


async def commit(context: Context, live: Live, prepared: Prepared) -> tuple[TurnEnd, Part | None]:
    """End the turn and commit its parts, unless something overtook it; what was paid for is recorded either way.

    Returns the first of the parts too, unless a button has to let it out. Mostly one statement: where that changes
    nothing, or the reply is not to go out by itself, the dialog is locked and looked at.
    """
    dialog, now = prepared.dialog, context.clock.now()
    ended, tells = None, _tells(context, prepared)
    if dialog.by_itself and not prepared.draft.reply.opt_out:
        begin = transaction(context.pool) if tells else context.pool.acquire(timeout=ACQUIRE_TIMEOUT)
        async with begin as connection:
            ended = await _end(context, connection, live, prepared, dialog, now)
    if ended is None:
        tells, ended = True, await _look_again(context, live, prepared, now)
    if ended is None:
        return TurnEnd.OVERTAKEN, None
    if tells:
        context.news.wake()
    if prepared.step.purpose is Purpose.REPLY and dialog.due_since is not None:
        metrics.took(Phase.ANSWER, now - dialog.due_since)
    return TurnEnd.OPTED_OUT if prepared.draft.reply.opt_out else TurnEnd.SPOKEN, ended.first


async def _look_again(context: Context, live: Live, prepared: Prepared, now: datetime) -> Ended | None:
    """End the turn with its dialog locked, or record what overtook it."""
    dialog, call_id = prepared.dialog, prepared.draft.call_id
    async with transaction(context.pool) as connection:
        current = await dialogs.lock_owned(connection, dialog.id, live.fence)
        if current.effective_mode is Mode.OFF:  # since it was begun, for all: what it answers stays due
            await model_calls.drop(connection, call_id, "mode")
            return None
        ended = await _end(context, connection, live, prepared, current, now)
        if ended is None:
            await model_calls.drop(connection, call_id, "overtaken")
            if current.halts == dialog.halts:
                await turns.draft_dropped(connection, dialog.id)
            logger.bind(dialog=dialog.id, turn=dialog.revision).info("draft overtaken")
        return ended


async def _end(
    context: Context, connection: Connection, live: Live, prepared: Prepared, current: Dialog, now: datetime
) -> Ended | None:
    """End the turn of a dialog whose mode is that of ``current``, with all that follows. None: it was overtaken.

    Who wants no messages gets none of the parts. Their newer lines are looked at before that is believed. Where nothing
    is said without a button the parts wait for theirs; such a reply does not stand against newer messages.
    """
    draft = prepared.draft
    reply = prepared.step.purpose is not Purpose.FOLLOW_UP and not draft.reply.opt_out
    speaks = current.by_itself and not draft.reply.opt_out
    turn = _turn(context, prepared, reply and current.by_itself, now)
    ended = await turns.end_turn(connection, turn, live.fence, _lines(context, prepared, now) if speaks else None)
    if ended is None:
        return None
    if draft.reply.opt_out:
        await model_calls.drop(connection, draft.call_id, "opt_out")
        await goodbye.opt_out(context, connection, current, actor="model", confirm=True)
        return ended
    first_id = ended.first.id if ended.first else await _wait_for_a_button(context, connection, prepared, now)
    await _remember(connection, prepared, first_id, now, waits=not speaks)
    if _is_hot(context, prepared):
        await _hot(connection, prepared.dialog)
    return ended


def _lines(context: Context, prepared: Prepared, now: datetime, expires_at: datetime | None = None) -> Lines:
    """``expires_at``: it waits for a button until then; whoever presses it knows what time it is there."""
    pace, texts = context.settings.timing, prepared.draft.reply.parts
    latest = (expires_at or now) + timedelta(seconds=pace.part_max_age)
    if prepared.step.purpose is not Purpose.REPLY and expires_at is None:
        quiet = timing.next_quiet_start(now, context.scenario(prepared.dialog), prepared.background.timezone)
        latest = min(latest, quiet) if quiet else latest
    return Lines(
        texts,
        [context.random_id() for _ in texts],
        prepared.step.purpose,
        now=now,
        not_before=prepared.begun + timedelta(seconds=pace.read_delay),
        not_after=latest,
        model_call_id=prepared.draft.call_id,
    )


async def _wait_for_a_button(context: Context, connection: Connection, prepared: Prepared, now: datetime) -> int:
    """The reply becomes a draft; returns the id of its first part."""
    expires_at = now + timedelta(hours=context.settings.draft_hours)
    draft_id = await drafts.begin(connection, prepared.dialog, now=now, expires_at=expires_at)
    return await parts.add(
        connection, prepared.dialog, _lines(context, prepared, now, expires_at), stands=False, draft_id=draft_id
    )


def _tells(context: Context, prepared: Prepared) -> bool:
    """Whether more than the reply is to be written down."""
    draft = prepared.draft
    more = _news(prepared) or draft.unproven or draft.reply.promise or _is_hot(context, prepared)
    return bool(more)


def _news(prepared: Prepared) -> Sequence[Proven]:
    """What was learnt and is not known yet: a model says it again with every reply."""
    known = prepared.background.facts
    return [one for one in prepared.draft.learnt if known.get(one.field) != one.value]


async def _remember(connection: Connection, prepared: Prepared, first_id: int, now: datetime, *, waits: bool) -> None:
    """What the person said about themselves, and what they were promised; ``waits``: once a button is pressed."""
    dialog, draft = prepared.dialog, prepared.draft
    if news := _news(prepared):
        await facts.learn(connection, dialog.id, news, now)
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


def _is_hot(context: Context, prepared: Prepared) -> bool:
    return context.scenario(prepared.dialog).is_hot(prepared.draft.reply.stage)


async def _hot(connection: Connection, dialog: Dialog) -> None:
    """They are close to a yes; that is said once."""
    if not await events.happened(connection, dialog.id, "hot_lead"):
        await events.record(connection, "hot_lead", actor="model", dialog_id=dialog.id, account_id=dialog.account_id)


def _turn(context: Context, prepared: Prepared, may_stand: bool, now: datetime) -> Turn:
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
        may_stand=may_stand,
        follow_up_at=None if after else follow_up,
        follow_ups=done,
        after=after,
        outcome=reply.outcome,
        reason="erase" if erase else "asked" if reply.handoff else "",
        note=reply.handoff or "",
        opening=opening(scenario, dialog).name if purpose is Purpose.OPENING else "",
    )
