"""One simulated customer in one world: when they look at the chat, and what they do then.

How whoever drives a world uses one (all times are simulated and aware):

    customer = Customer(profile, seed, repeat, asker)     # one per customer and repeat; it remembers its turns
    at = customer.looks_at(now)                           # after every line of the seller's; the newest counts
    actions = await customer.answers(chat, at)            # when that time has come, with the chat as it stands then

``looks_at`` is None when they will never look again: they left, or their patience is at an end. ``answers`` gives the
actions in the order of their times, none before ``at``; the first says that they read. Actions are never taken back:
lines of the seller's that come before the last of them change nothing, and are looked at after it. ``chat`` is what
stands in the chat as the person sees it, oldest first; the text of their own voice notes does not matter.

Nothing here reads a clock or draws from the process's chance: the same chat at the same times gives the same actions.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from functools import partial
from typing import Protocol

from salesbot.llm.client import Completion, UnusableCompletion
from salesbot.llm.prompt import ChatMessage
from salesbot.rehearsal import habits, roles
from salesbot.rehearsal.chance import Chance, chance
from salesbot.rehearsal.profile import Action, Kind, Profile
from salesbot.rehearsal.record import Line

PLAIN_TEXT: Mapping[str, object] = {"type": "text"}
LIVE = timedelta(minutes=15)
"""So long after their last line they still hold the phone."""


class Asker(Protocol):
    """What asks a model: ``llm.client.ModelClient``. Its ModelUnavailable and ModelRefused pass through."""

    async def complete(
        self, model: str, messages: Sequence[ChatMessage], response_format: Mapping[str, object]
    ) -> Completion: ...


class Customer:
    """``model``: who plays them; empty: the model of their own name."""

    def __init__(self, profile: Profile, seed: int, repeat: int, asker: Asker, model: str = "") -> None:
        self.profile = profile
        self._about = (seed, profile.number, repeat)
        self._variant = int(chance(*self._about, "variant") * 1_000_000)
        self._asker = asker
        self._model = model or profile.model
        self._looks = 0
        """How often they looked."""
        self._lines = 0
        """How often they answered: what their patience counts."""
        self._gone = False
        self._look: datetime | None = None
        """When they will look next."""
        self._busy_until: datetime | None = None
        self._seen = 0
        """The newest line that stood when they last looked."""
        self._in_voice = ""
        """What they said in a voice note. The seller cannot hear it: when it was answered they write it, and their
        model is not asked again."""

    def looks_at(self, now: datetime) -> datetime | None:
        """When they look at the chat next, now that the seller has said something; None: never."""
        if self._gone or (self._is_tired and not self._in_voice):
            return None
        if self._look is None:
            earliest = max(filter(None, (now, self._busy_until)))
            self._look = habits.looks_at(self.profile, earliest, self._chance, live=self._is_live(now))
        return self._look

    async def answers(self, chat: Sequence[Line], now: datetime) -> tuple[Action, ...]:
        """What they do, having looked now."""
        owed, draw, self._look = self._in_voice, self._chance, None
        said = owed or await self._asked(chat, now)
        self._looks += 1
        self._seen = chat[-1].id if chat else self._seen
        if not said:
            return (Action(now, reads=True),)
        in_voice = not owed and not self._gone and habits.in_voice(self.profile, draw)
        self._in_voice = said if in_voice else ""
        acts = habits.voiced(said, now, draw) if in_voice else habits.written(said, self.profile, now, draw)
        self._busy_until = acts[-1].at
        return (Action(now, reads=True), *acts)

    @property
    def _chance(self) -> Chance:
        """The chance of this look."""
        return partial(chance, *self._about, self._looks)

    @property
    def _is_tired(self) -> bool:
        return self._lines >= self.profile.patience and self.profile.kind is not Kind.MACHINE

    def _is_live(self, now: datetime) -> bool:
        return self._busy_until is not None and now - self._busy_until < LIVE

    async def _asked(self, chat: Sequence[Line], now: datetime) -> str:
        """The next line as their model gives it; empty where they say nothing."""
        told = roles.messages(self.profile, self._variant, chat, self._seen, now)
        try:
            answer = (await self._asker.complete(self._model, told, PLAIN_TEXT)).text
        except UnusableCompletion as cut:
            answer = cut.completion.text
        said, self._gone = roles.read(answer, self.profile)
        self._lines += bool(said)
        return said
