"""Which of a scenario's ways to begin somebody is begun with: by a hash, so that they can be compared. Pure."""

from __future__ import annotations

from hashlib import sha256

from salesbot.dialog.model import Dialog
from salesbot.dialog.scenario import Opening, Scenario


def opening(scenario: Scenario, dialog: Dialog) -> Opening:
    """The way that was recorded with the dialog, else the one that falls to this person: always the same."""
    recorded = next((one for one in scenario.openings if one.name == dialog.opening), None)
    whom = dialog.contact_id if dialog.contact_id is not None else dialog.id
    number = int.from_bytes(sha256(f"{scenario.name} {whom}".encode()).digest()[:8], "big")
    return recorded or scenario.openings[number % len(scenario.openings)]
