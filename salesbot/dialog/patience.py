"""What is to be done about a dialog in which a human has been awaited, or silent, for too long. Pure.

Who needs a human and gets none: first the operator is reminded, later the person hears one honest sentence, if they
wait. A dialog that a colleague took and fell silent in goes back to the model, announced before; one that was taken
until a certain time, then.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from salesbot.dialog.model import Dialog, Status

NOTICE = timedelta(hours=1)
"""How long before its end a takeover's end is announced; half of it, where it is shorter than twice that."""


class Step(StrEnum):
    REMIND = "remind"
    APOLOGISE = "apologise"
    ANNOUNCE = "announce"
    GIVE_BACK = "give_back"


@dataclass(frozen=True, slots=True)
class Patience:
    """The settings; zero: for ever."""

    reminder: timedelta
    apology: timedelta
    takeover: timedelta

    @property
    def notice(self) -> timedelta:
        return min(NOTICE, self.takeover / 2)


REMINDED, APOLOGISED = 1, 2
"""Values of ``Dialog.reminders`` while a human is needed."""


def step(dialog: Dialog, now: datetime, patience: Patience, *, awaited: bool, human_at: datetime | None) -> Step | None:
    """The next step, if its time has come. ``awaited``: the person waits for an answer of ours. ``human_at``: when a
    colleague last wrote in the dialog."""
    assert dialog.status_since is not None
    match dialog.status:
        case Status.HANDOFF:
            waited = now - dialog.status_since
            if patience.reminder and dialog.reminders < REMINDED and waited >= patience.reminder:
                return Step.REMIND
            if patience.apology and dialog.reminders < APOLOGISED and awaited and waited >= patience.apology:
                return Step.APOLOGISE
        case Status.TAKEN if dialog.taken_until is not None:
            return Step.GIVE_BACK if now >= dialog.taken_until else None
        case Status.TAKEN if patience.takeover:
            since = max(dialog.status_since, human_at or dialog.status_since)
            announced = since + patience.takeover - patience.notice
            if dialog.reminded_at is None or dialog.reminded_at < announced:  # or before the colleague's last line
                return Step.ANNOUNCE if now >= announced else None
            if now >= dialog.reminded_at + patience.notice:
                return Step.GIVE_BACK
    return None
