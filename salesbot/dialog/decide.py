"""What a dialog needs next, decided without I/O (law 9): the caller has read, the caller will write.

Whether something is unanswered is decided by revisions, never by comparing ids: a message that came while a reply was
on its way may carry a lower Telegram id than that reply, and still nobody has answered it.

In the person's quiet hours nothing is said, and nothing is dropped: it waits for their end. Who writes at night while a
conversation is going on is awake, and answered.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from salesbot.dialog import timing
from salesbot.dialog.model import Author, Dialog, History, Message, Purpose, SendState, Status
from salesbot.dialog.scenario import Scenario

AWAKE = timedelta(minutes=30)
"""How long after a line of theirs its author counts as sitting there."""
GOING_ON = timedelta(hours=1)
"""A line that comes so soon after another one goes on with a conversation."""


@dataclass(frozen=True, slots=True)
class Speak:
    """Ask the model for a reply, an opening or a follow-up."""

    purpose: Purpose
    history: History
    read_up_to: int | None
    """Telegram id up to which the person's messages are marked as read."""


@dataclass(frozen=True, slots=True)
class Wait:
    """Nothing may be said before this time."""

    until: datetime
    reason: str
    """``quiet_hours`` of what we begin, ``answer_waits`` of an answer."""


@dataclass(frozen=True, slots=True)
class Nothing:
    """All is said."""


Decision = Speak | Wait | Nothing


def decide(
    dialog: Dialog, messages: Sequence[Message], now: datetime, scenario: Scenario, timezone: str | None
) -> Decision:
    """The next step of a dialog whose turn it is. ``messages`` are in Telegram's order, our unsent parts last."""
    if dialog.status is not Status.ACTIVE:
        return Nothing()
    unanswered = [m for m in messages if is_unanswered(m, dialog)]
    history = History(tuple(messages), frozenset(m.id for m in unanswered))
    if unanswered:
        if not is_live(messages, unanswered, now) and timing.within_quiet_hours(now, scenario, timezone):
            return Wait(timing.quiet_end(now, scenario, timezone, dialog.id), "answer_waits")
        ids = [m.telegram_message_id for m in unanswered if m.telegram_message_id is not None]
        return Speak(Purpose.REPLY, history, max(ids, default=None))
    if not any(_is_ours(m, dialog) for m in messages) and dialog.answered_revision < dialog.revision:
        return _unless_quiet(Purpose.OPENING, dialog, history, now, scenario, timezone)
    if dialog.follow_up_at is not None and dialog.follow_up_at <= now:
        return _unless_quiet(Purpose.FOLLOW_UP, dialog, history, now, scenario, timezone)
    return Nothing()


def is_unanswered(message: Message, dialog: Dialog) -> bool:
    """Whether this is the person's, in this dialog, and came after all that was answered."""
    return (
        message.incoming
        and message.dialog_id == dialog.id
        and message.revision > dialog.answered_revision
        and message.deleted_at is None
        and not message.erased
    )


def is_live(messages: Sequence[Message], unanswered: Sequence[Message], now: datetime) -> bool:
    """Whether the unanswered lines go on with a conversation of just now, in which either side may have spoken last."""
    first, newest = unanswered[0].timestamp, max(m.timestamp for m in unanswered)
    waiting = {m.id for m in unanswered}
    before = (m.timestamp for m in messages if m.id not in waiting and m.send_state in (None, SendState.SENT))
    return now - newest <= AWAKE and any(first - GOING_ON <= at <= first for at in before)


def _is_ours(message: Message, dialog: Dialog) -> bool:
    """Whether we said this in this dialog. What was said before it began carries no revision."""
    ours = message.author in (Author.MODEL, Author.HUMAN) and message.said
    return ours and message.dialog_id == dialog.id and message.revision > 0


def _unless_quiet(
    purpose: Purpose, dialog: Dialog, history: History, now: datetime, scenario: Scenario, timezone: str | None
) -> Decision:
    """What we begin ourselves waits for the end of quiet hours, whatever was said before."""
    if timing.within_quiet_hours(now, scenario, timezone):
        return Wait(timing.quiet_end(now, scenario, timezone, dialog.id), "quiet_hours")
    return Speak(purpose, history, None)
