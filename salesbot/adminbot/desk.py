"""What the handlers work with: one frozen object, handed to them by aiogram's workflow data as ``desk``."""

from __future__ import annotations

import secrets
from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime

import asyncpg

from salesbot.adminbot.admins import Admins
from salesbot.adminbot.errands import Errands
from salesbot.clock import Clock
from salesbot.dialog.titles import Titles
from salesbot.dialog.trial import Trial
from salesbot.finding import Finding
from salesbot.i18n import Lang
from salesbot.keys import KeyRing
from salesbot.lifecycle import Pulse
from salesbot.settings import Settings

DOCUMENT_LIMIT = 49_000_000
"""Bytes of one document: Telegram takes 50 MB from a bot."""


def random_id() -> int:
    """A random_id for a message: 63 bits, never zero."""
    return secrets.randbits(63) or 1


@dataclass(frozen=True, slots=True)
class Desk:
    """The operator's desk. Pulses wake loops after a commit; what they look for stands in the database."""

    pool: asyncpg.Pool
    settings: Settings
    clock: Clock
    keys: KeyRing
    scenarios: Collection[str]
    poke: Callable[[int], None]
    """Tells the engine that something happened to a dialog and is committed."""
    notices: Pulse
    """Something was committed that admins may have to hear of; ``lookout`` takes it and wakes whose business it is."""
    untold: Pulse = field(default_factory=Pulse)
    exports: Pulse = field(default_factory=Pulse)
    erasures: Pulse = field(default_factory=Pulse)
    drafts: Pulse = field(default_factory=Pulse)
    errands: Errands = field(default_factory=Errands)
    admins: Admins = field(default_factory=Admins)
    trial: Trial | None = None
    """The product is only tried: dialogs with nobody but this person are opened."""
    connected: Callable[[], Collection[int]] = tuple
    """The accounts that this process serves now."""
    started_at: datetime = field(default_factory=lambda: datetime.now(UTC))
    document_limit: int = DOCUMENT_LIMIT
    stages: Mapping[str, Sequence[str]] = field(default_factory=dict)
    """Of each scenario, in order."""
    titles: Titles = field(default_factory=Titles)
    random_id: Callable[[], int] = random_id
    """For what an admin says."""
    checkup: Callable[[Lang], Awaitable[Sequence[Finding]]] | None = None
    """What the doctor finds within seconds and without asking anybody outside."""

    def wake(self, dialog_id: int | None) -> None:
        """Something was committed that a loop should look at."""
        if dialog_id is not None:
            self.poke(dialog_id)
        self.notices.wake()
        self.exports.wake()
        self.erasures.wake()
        self.drafts.wake()
