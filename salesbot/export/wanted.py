"""What is to be exported: the format, and since when; as people type it. Pure."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, tzinfo
from enum import StrEnum
from pathlib import Path

_DAYS = re.compile(r"(\d{1,4})[dдDД]")
_DATE = re.compile(r"(\d{4})-(\d\d?)-(\d\d?)")
_DATE_WITH_DOTS = re.compile(r"(\d\d?)\.(\d\d?)\.(\d{4})")


class Format(StrEnum):
    """The kinds of files."""

    TXT = "txt"
    JSON = "json"
    HTML = "html"
    CSV = "csv"
    """A table of messages, of many dialogs at once."""


DOCUMENTS = (Format.TXT, Format.JSON, Format.HTML)
"""Formats of which each dialog is a file of its own."""


@dataclass(frozen=True, slots=True)
class Asked:
    """What the command line asks for. ``number`` None: every dialog. ``out`` None: to the standard output."""

    number: int | None
    kind: Format
    since: datetime | None
    out: Path | None


def since(text: str, now: datetime, zone: tzinfo) -> datetime | None:
    """The moment that ``2026-10-01``, ``01.10.2026`` (its midnight in the zone) or ``30d`` (so long ago) means.

    None when it is none of these, no day of the calendar, or lies in the future.
    """
    if days := _DAYS.fullmatch(text):
        return now - timedelta(days=int(days[1]))
    if found := _DATE.fullmatch(text):
        year, month, day = map(int, found.groups())
    elif found := _DATE_WITH_DOTS.fullmatch(text):
        day, month, year = map(int, found.groups())
    else:
        return None
    try:
        begins = datetime(year, month, day, tzinfo=zone).astimezone(UTC)
    except (ValueError, OverflowError):
        return None
    return begins if begins <= now else None
