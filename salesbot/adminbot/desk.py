"""What the handlers work with: one frozen object, handed to them by aiogram's workflow data as ``desk``."""

from __future__ import annotations

import asyncio
from collections.abc import Collection
from dataclasses import dataclass, field

import asyncpg

from salesbot.adminbot.jobs import Jobs
from salesbot.clock import Clock
from salesbot.settings import Settings

DOCUMENT_LIMIT = 49_000_000
"""Bytes of one document: Telegram takes 50 MB from a bot."""


@dataclass(frozen=True, slots=True)
class Desk:
    """The operator's desk. The two events wake loops after a commit; a look each second is the net under them."""

    pool: asyncpg.Pool
    settings: Settings
    clock: Clock
    scenarios: Collection[str]
    wake_engine: asyncio.Event
    wake_notices: asyncio.Event
    jobs: Jobs = field(default_factory=Jobs)
    document_limit: int = DOCUMENT_LIMIT

    def wake(self) -> None:
        """Something was committed that the engine or the admins should learn of."""
        self.wake_engine.set()
        self.wake_notices.set()
