"""In which of a scenario's languages somebody writes: by script, which is all that two languages need."""

from __future__ import annotations

import re
from collections.abc import Iterable
from itertools import chain

from salesbot.dialog.model import Contact, History
from salesbot.dialog.scenario import Scenario

CYRILLIC = re.compile(r"[А-Яа-яЁё]")
LATIN = re.compile(r"[A-Za-z]")
NAMES = {"ru": "Russian", "en": "English"}


def of_text(text: str) -> str | None:
    """``ru`` or ``en`` by the letters that prevail; None where there are fewer than two."""
    cyrillic, latin = len(CYRILLIC.findall(text)), len(LATIN.findall(text))
    if cyrillic + latin < 2:
        return None
    return "ru" if cyrillic >= latin else "en"


def of_person(scenario: Scenario, contact: Contact | None, history: History) -> str:
    """The language of the person's newest line that shows one, else of their Telegram, else the scenario's first."""
    lines = (of_text(message.content) for message in reversed(history.messages) if message.incoming)
    told = (contact.language or "")[:2].lower() if contact else ""
    return _first_known(scenario, chain(lines, (told,)))


def of_reply(scenario: Scenario, text: str) -> str:
    """The scenario's language that a text of ours is written in."""
    return _first_known(scenario, (of_text(text),))


def _first_known(scenario: Scenario, candidates: Iterable[str | None]) -> str:
    return next((one for one in candidates if one in scenario.languages), scenario.languages[0])
