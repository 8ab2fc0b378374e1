"""The last step before the first campaign: the real account talks with the operator alone. Pure.

Everybody else rests: what they write is stored as always, nothing is begun, answered or followed up, no timer of theirs
moves. What was due meanwhile is done when the product runs as usual.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Trial:
    """The one person who may be written to; an admin."""

    person_id: int
    username: str
    """Without ``@``, as they wrote it in Telegram."""

    @property
    def names(self) -> tuple[str, ...]:
        """What ``/start`` may call them, in small letters."""
        return (self.username.lower(), str(self.person_id))
