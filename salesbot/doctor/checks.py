"""The checks, in the order in which they are shown."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass

from salesbot.doctor import accounts, bot, database, machine, models
from salesbot.doctor.house import Found, House

SECONDS = 10.0


@dataclass(frozen=True, slots=True)
class Check:
    name: str
    look: Callable[[House], Awaitable[Found]]
    seconds: float = SECONDS
    """How long it may take."""
    at_the_desk: bool = True
    """Whether /status asks it too: it is quick, asks nobody outside, and the page does not say the same already."""


CHECKS: Sequence[Check] = (
    Check("settings", machine.names),
    Check("env-file", machine.env_files),
    Check("key", machine.key),
    Check("log", machine.log),
    Check("clock", machine.clock, 25.0),
    Check("disk", machine.disk),
    Check("database", database.reachable, at_the_desk=False),
    Check("migrations", database.migrations),
    Check("confirmed", database.confirmed),
    Check("locks", database.locks),
    Check("bloat", database.bloat),
    Check("queries", database.queries),
    Check("pg_dump", machine.dump),
    Check("process", accounts.processes),
    Check("telegram", accounts.telegram, 25.0, at_the_desk=False),
    Check("sessions", accounts.sessions, 40.0, at_the_desk=False),
    Check("limits", accounts.limits, at_the_desk=False),
    Check("bot", bot.token, 25.0, at_the_desk=False),
    Check("webhook", bot.webhook, 25.0, at_the_desk=False),
    Check("poller", bot.poller),
    Check("admins", bot.admins, 25.0, at_the_desk=False),
    Check("model-key", models.key, 25.0, at_the_desk=False),
    Check("credit", models.credit, 25.0, at_the_desk=False),
    Check("models", models.names, 25.0, at_the_desk=False),
    Check("answer", models.answer, 75.0, at_the_desk=False),
    Check("scenario", machine.scenario),
    Check("backup", machine.backup),
)
