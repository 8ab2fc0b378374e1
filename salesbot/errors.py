"""The product's own errors, split by what the caller does next.

- ``Transient``: wait and try again; nothing was done (``retry_after`` seconds, where the other side named them).
- ``Unknown``: the call may or may not have been carried out; find out before anything else is said.
- ``Refused``: the other side said no and will say no again; give up this one thing.
- ``AccountUnusable``: the whole account is out; tell the operator.
- ``SettingsError``, ``DataError``: the installation is wrong; end the process with a clear message.

Foreign errors are translated into these at the edge where they arise, always ``from exc``.
"""

from __future__ import annotations

from datetime import datetime
from enum import IntEnum


class ExitCode(IntEnum):
    """What the process says to systemd when it ends (sysexits where one fits)."""

    OK = 0
    FAILED = 1
    """Something died; a restart may help."""
    CONFIG = 78
    """Settings, keys or data do not fit; a restart cannot help."""


class SalesbotError(Exception):
    """Root of the tree; ``str()`` is fit for an operator and names no secret."""


class Transient(SalesbotError):
    """Nothing was done; the same call may work later."""

    def __init__(self, message: str, retry_after: float | None = None) -> None:
        super().__init__(message)
        self.retry_after = retry_after


class FloodWait(Transient):
    """Telegram makes this account wait ``retry_after`` seconds for this kind of call."""

    def __init__(self, message: str, retry_after: float) -> None:
        super().__init__(message, retry_after)
        self.seconds = retry_after


class Unknown(SalesbotError):
    """Timeout, lost connection or a 5xx: it is not known whether the call was carried out."""


class Refused(SalesbotError):
    """A final no. ``code`` is one short word for records and texts, e.g. ``blocked``."""

    def __init__(self, code: str, message: str = "") -> None:
        super().__init__(message or code)
        self.code = code


class NoSuchPerson(Refused):
    """The name leads to nobody (``code``: unknown_username, malformed_username, not_a_person, unknown_id)."""


class Unreachable(Refused):
    """This person cannot be written to (``code``: blocked, you_blocked, deactivated, privacy, forbidden)."""


class PeerFlood(Refused):
    """Telegram's anti-spam limit: the account may open no new conversations until somebody resumes it."""

    def __init__(self, message: str = "") -> None:
        super().__init__("peer_flood", message)


class AccountUnusable(SalesbotError):
    """The session is dead or the account is banned, frozen or logged out (``code`` says which)."""

    def __init__(self, code: str, message: str = "") -> None:
        super().__init__(message or code)
        self.code = code


class NotOwner(SalesbotError):
    """This process does not (or no longer) own the account; whoever does will do the work."""


class SettingsError(SalesbotError):
    """Settings are missing or malformed; the message lists all problems, one a line."""


class DataError(SalesbotError):
    """The database does not fit this program (edited migration, other key, newer schema)."""


class InvalidReply(SalesbotError):
    """What the model said cannot be used; ``code`` for records, the message to tell the model for a repair."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


class ModelUnavailable(Transient):
    """This model gave no usable answer (outage, timeout, rate limit); another may. ``code`` is ``no_answer`` where it
    may have answered after all, and so be paid for."""

    def __init__(self, message: str, retry_after: float | None = None, *, code: str = "unavailable") -> None:
        super().__init__(message, retry_after)
        self.code = code


class ModelRefused(Refused):
    """No model will answer this (moderation, no credit, key refused): a human is needed."""


class BudgetReached(SalesbotError):
    """No money is left for this dialog (``scope``: dialog), or for all of them (day), as of ``at``.

    ``passing``: only because calls under way reserve it; in a few seconds they will have told what they cost.
    """

    def __init__(self, scope: str, at: datetime, *, passing: bool = False) -> None:
        super().__init__(f"the ceiling of the {scope} is reached")
        self.scope = scope
        self.at = at
        self.passing = passing
