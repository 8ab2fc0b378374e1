"""What every part of the engine is given."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

import asyncpg

from salesbot.clock import Clock
from salesbot.dialog.model import Dialog
from salesbot.dialog.scenario import Scenario
from salesbot.dialog.trial import Trial
from salesbot.keys import KeyRing
from salesbot.lifecycle import Pulse
from salesbot.llm.client import ModelClient
from salesbot.settings import Settings
from salesbot.store.dialogs import Fence
from salesbot.userbot.gateway import Gateway


@dataclass(frozen=True, slots=True)
class Live:
    """An account that is connected and ours."""

    gateway: Gateway
    fence: Fence
    compared: set[int] = field(default_factory=set)
    """Dialogs whose record was found, or made, to agree with Telegram's on this connection: only these may speak."""


@dataclass(frozen=True, slots=True)
class Context:
    """The engine's tools; one object for the whole process."""

    settings: Settings
    pool: asyncpg.Pool
    clock: Clock
    keys: KeyRing
    model: ModelClient
    scenarios: Mapping[str, Scenario]
    random_id: Callable[[], int]
    trial: Trial | None = None
    """The product is only tried: nobody but this person is written to."""
    work: Pulse = field(default_factory=Pulse)
    """Woken after commits that make work for the scheduler."""
    news: Pulse = field(default_factory=Pulse)
    """Woken after commits of events that admins hear of."""
    live: dict[int, Live] = field(default_factory=dict)
    """Accounts this process may act for now."""
    poked: dict[int, asyncio.Event] = field(default_factory=dict)
    """Per dialog being worked at: set when something happened to it."""

    def poke(self, dialog_id: int) -> None:
        """Something happened to this dialog, and it is committed."""
        if event := self.poked.get(dialog_id):
            event.set()
        self.work.wake()
        self.news.wake()

    def scenario(self, dialog: Dialog) -> Scenario:
        """The dialog's scenario, or the default one when that was removed."""
        return self.scenarios.get(dialog.scenario) or self.scenarios[self.settings.scenario]

    def rests(self, contact_id: int | None) -> bool:
        """Whether nothing is said to this person now, because the product is being tried with another one."""
        return self.trial is not None and contact_id not in (None, self.trial.person_id)

    def marks(self, telegram_id: int) -> list[bytes]:
        return [mark for _, mark in self.keys.marks(telegram_id)]
