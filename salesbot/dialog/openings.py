"""How conversations are begun: in which of the scenario's ways, and how many of them in a day. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from hashlib import sha256

from salesbot.dialog.model import Dialog
from salesbot.dialog.scenario import Opening, Scenario


def opening(scenario: Scenario, dialog: Dialog) -> Opening:
    """The way that was recorded with the dialog, else the one that falls to this person: always the same."""
    recorded = next((one for one in scenario.openings if one.name == dialog.opening), None)
    whom = dialog.contact_id if dialog.contact_id is not None else dialog.id
    number = int.from_bytes(sha256(f"{scenario.name} {whom}".encode()).digest()[:8], "big")
    return recorded or scenario.openings[number % len(scenario.openings)]


def allowance(per_day: int, warm_up: Sequence[int], first: datetime | None, now: datetime) -> int | None:
    """How many conversations an account may begin today (UTC) whose first one was begun at ``first``; None: any number.

    ``warm_up`` has the numbers of its first days; one that is greater than ``per_day`` gives no more than that.
    """
    if per_day == 0:
        return None
    age = (now.astimezone(UTC).date() - (first or now).astimezone(UTC).date()).days
    return min(per_day, warm_up[age]) if 0 <= age < len(warm_up) else per_day
