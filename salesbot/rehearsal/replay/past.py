"""A stored dialogue as it was before each turn of ours: what was said by then, what was known, what time it was. Pure.

Not everything keeps its history. When somebody reacted to a line of ours is not known, so reactions are left out; of a
field that was learnt twice only the later value is known, from then on; a summary that holds later lines is not shown.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from salesbot.dialog.decide import Speak, is_unanswered
from salesbot.dialog.model import Author, Contact, Dialog, History, Message, Outcome, Status
from salesbot.dialog.scenario import Scenario
from salesbot.dialog.timezones import timezone_of
from salesbot.engine.turns import HISTORY_LIMIT
from salesbot.llm.prompt import Background
from salesbot.llm.reply import outline
from salesbot.store.cards import Card
from salesbot.store.replays import Turn


@dataclass(frozen=True, slots=True)
class Past:
    """All that is stored of a dialogue."""

    dialog: Dialog
    contact: Contact | None
    messages: tuple[Message, ...]
    """Those with this person on this account, in Telegram's order, of whatever dialog."""
    turns: tuple[Turn, ...]
    card: Card


@dataclass(frozen=True, slots=True)
class Moment:
    """Just before a turn."""

    turn: Turn
    dialog: Dialog
    """As it then was."""
    step: Speak
    background: Background
    since: tuple[Message, ...]
    """What was said in this dialog since the moment before, but for our turn in between."""


def moments(past: Past, scenario: Scenario) -> Iterator[Moment]:
    """One for each turn whose words are still there."""
    ours = {part.id for turn in past.turns for part in turn.parts}
    seen: set[int] = set()
    stage, answered = "", 0
    for turn in past.turns:
        dialog = _dialog(past.dialog, turn, stage, max(answered, _by_humans(past, turn)))
        messages = _said_by(past, turn)[-HISTORY_LIMIT:]
        unanswered = frozenset(one.id for one in messages if is_unanswered(one, dialog))
        since = tuple(one for one in messages if one.dialog_id == dialog.id and one.id not in seen | ours)
        if not any(part.erased for part in turn.parts):
            step = Speak(turn.purpose, History(tuple(messages), unanswered), None)
            yield Moment(turn, dialog, step, _background(past, turn, scenario), since)
        seen |= {one.id for one in since}
        answered = turn.revision
        named = outline(turn.answer).stage
        stage = named if named in {one.name for one in scenario.stages} else stage


def _dialog(dialog: Dialog, turn: Turn, stage: str, answered: int) -> Dialog:
    later = dialog.summary_upto >= turn.parts[0].id
    return replace(
        dialog,
        status=Status.ACTIVE,
        outcome=Outcome.NONE,
        stage=stage,
        revision=turn.revision,
        answered_revision=answered,
        summary="" if later else dialog.summary,
        handoff_note="",
    )


def _by_humans(past: Past, turn: Turn) -> int:
    """A colleague's line answers all there was, and raises the revision itself."""
    return max((one.revision + 1 for one in _before(past, turn) if one.author is Author.HUMAN), default=0)


def _before(past: Past, turn: Turn) -> Iterator[Message]:
    return (one for one in past.messages if one.dialog_id == past.dialog.id and one.id < turn.parts[0].id)


def _said_by(past: Past, turn: Turn) -> list[Message]:
    """What stood in the chat, as it then was; what came while the model wrote has a turn of its own."""
    shown = []
    for message in past.messages:
        if message.id >= turn.parts[0].id:
            continue
        then = _as_it_was(message, turn.asked_at)
        if message.dialog_id == past.dialog.id and message.revision > turn.revision:
            if then.content == message.content:
                continue
            then = replace(then, revision=turn.revision)  # edited since, before it was answered
        shown.append(then)
    return shown


def _as_it_was(message: Message, at: datetime) -> Message:
    """Telegram's times are whole seconds. An edit of the second in which we asked came later: what is edited is not
    answered before the debounce is over."""
    second = at.replace(microsecond=0)
    known = tuple(edit for edit in message.edits if edit.at < second)
    later = [edit for edit in message.edits if edit.at >= second]
    return replace(
        message,
        content=later[0].content if later else message.content,
        edits=known,
        edited_at=known[-1].at if known else None,
        deleted_at=_by(message.deleted_at, at),
        read_at=_by(message.read_at, at),
        reaction="",
    )


def _by(when: datetime | None, at: datetime) -> datetime | None:
    return when if when is not None and when <= at else None


def _background(past: Past, turn: Turn, scenario: Scenario) -> Background:
    at, contact = turn.asked_at, past.contact
    learnt = {one.field: one.value for one in past.card.learnt if one.learnt_at <= at}
    owed = tuple(
        one.what for one in past.card.promised if one.created_at <= at and (one.done_at is None or one.done_at > at)
    )
    told, phone, spoken = (contact.timezone, contact.phone, contact.language) if contact else (None, "", None)
    return Background(learnt, owed, timezone_of(told, learnt, phone, spoken, scenario))


def erased(turns: Sequence[Turn]) -> int:
    """Of how many turns the words are gone."""
    return sum(any(part.erased for part in turn.parts) for turn in turns)
