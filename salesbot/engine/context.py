"""What every part of the engine is given."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime

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


class Poked(asyncio.Event):
    """Set when something happened to a dialog that is being worked at; whoever waits for it may clear it.

    That something was committed since the dialog was read, ``unseen``, is remembered until it is read again: a worker
    ends only when nothing was.
    """

    def __init__(self) -> None:
        super().__init__()
        self.unseen = False

    def set(self) -> None:
        self.unseen = True
        super().set()

    def look(self) -> None:
        """The dialog is about to be read: from now on whatever is committed counts as new."""
        self.unseen = False
        self.clear()


class Work(Pulse):
    """What the scheduler is told: ``wake`` it to look what there is, or ``begin`` with one dialog that is known."""

    def __init__(self) -> None:
        super().__init__()
        self.begin: Callable[[int], None] = lambda _: None
        """Work at this dialog now, unless somebody does; the scheduler puts itself here while it runs."""
        self.begin_at: Callable[[int, datetime], None] = lambda _dialog, _at: None
        """The same at a time to come; what is far off is found by the look each second."""


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
    work: Work = field(default_factory=Work)
    """Told after commits that make work for the scheduler."""
    news: Pulse = field(default_factory=Pulse)
    """Woken after commits of events that admins hear of."""
    live: dict[int, Live] = field(default_factory=dict)
    """Accounts this process may act for now."""
    poked: dict[int, Poked] = field(default_factory=dict)
    """Per dialog being worked at: set when something happened to it."""

    def poke(self, dialog_id: int, at: datetime | None = None) -> None:
        """Something happened to this dialog (0: to all), and it is committed; ``at``: it asks for nothing before then.

        This saves time and makes nothing sure: what is to be done stands in the database and is looked for each second.
        """
        if poked := self.poked.get(dialog_id):
            poked.set()
        elif not dialog_id:
            self.work.wake()
        elif at is None:
            self.work.begin(dialog_id)
        else:
            self.work.begin_at(dialog_id, at)
        self.news.wake()

    def scenario(self, dialog: Dialog) -> Scenario:
        """The dialog's scenario, or the default one when that was removed."""
        return self.scenarios.get(dialog.scenario) or self.scenarios[self.settings.scenario]

    def rests(self, contact_id: int | None, name: str = "") -> bool:
        """Whether nothing is said to this person, or to whoever is called so, because the product is being tried with
        another one."""
        if self.trial is None:
            return False
        return name.lower() not in self.trial.names if contact_id is None else contact_id != self.trial.person_id

    def marks(self, telegram_id: int) -> list[bytes]:
        return [mark for _, mark in self.keys.marks(telegram_id)]
