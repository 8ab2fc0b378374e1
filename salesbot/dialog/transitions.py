"""What may happen to a dialog: ``{status: {event: status}}``. A missing key is the error.

``HALTING`` are the events that silence the model at once (law 6): they raise ``halts`` besides ``revision``.
"""

from __future__ import annotations

from collections.abc import Mapping

from salesbot.dialog.model import DialogEvent as E
from salesbot.dialog.model import Outcome, Status
from salesbot.dialog.model import Status as S

_ENDS: Mapping[E, S] = {E.OPT_OUT: S.CLOSED, E.UNREACHABLE: S.CLOSED, E.STOP: S.STOPPED}

TABLE: Mapping[Status, Mapping[E, Status]] = {
    S.RESOLVING: {E.RESOLVED: S.ACTIVE, E.UNRESOLVABLE: S.FAILED, E.STOP: S.FAILED},
    S.ACTIVE: {**_ENDS, E.TAKE: S.TAKEN, E.HANDOFF: S.HANDOFF, E.CLOSE: S.CLOSED},
    S.TAKEN: {**_ENDS, E.GIVE: S.ACTIVE},
    S.HANDOFF: {**_ENDS, E.GIVE: S.ACTIVE, E.TAKE: S.TAKEN},
    S.STOPPED: {E.RESUME: S.ACTIVE, E.OPT_OUT: S.CLOSED, E.ERASE: S.CLOSED},
    S.CLOSED: {E.RETURNED: S.ACTIVE, E.OPT_OUT: S.CLOSED, E.ERASE: S.CLOSED},
    S.FAILED: {E.ERASE: S.FAILED},
}

HALTING = frozenset({E.STOP, E.RESUME, E.TAKE, E.GIVE, E.HANDOFF, E.OPT_OUT, E.UNREACHABLE, E.CLOSE, E.ERASE})

RETURNABLE = frozenset({Outcome.WON, Outcome.LOST})
"""Outcomes after which a dialog goes on when the person writes again."""


class NotAllowed(Exception):
    """This event cannot happen to a dialog in this status."""

    def __init__(self, status: Status, event: E) -> None:
        super().__init__(f"{event} is not possible while {status}")
        self.status = status
        self.event = event


def after(status: Status, event: E) -> Status:
    """The status that ``event`` leads to. Raises ``NotAllowed``."""
    try:
        return TABLE[status][event]
    except KeyError:
        raise NotAllowed(status, event) from None
