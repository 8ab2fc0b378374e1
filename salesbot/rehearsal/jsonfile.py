"""The report for programs: every figure and every record as JSON, the same bytes for the same rehearsal. Pure."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence, Set
from dataclasses import fields, is_dataclass
from datetime import datetime
from decimal import Decimal
from enum import StrEnum

from salesbot.rehearsal import figures, labels
from salesbot.rehearsal.comparison import Difference, compare
from salesbot.rehearsal.figures import Figures
from salesbot.rehearsal.record import Rehearsal

FORMAT = 1
"""Raised when a reader of an older one would misread a newer one."""
_OF_FIGURES = (
    "won_share", "violated", "refused", "turns_per_dialog", "turns_per_lead", "cost_per_dialog",
    "cost_per_lead",
)  # fmt: skip
"""What is computed from the fields of ``Figures``, and so is not among them."""


def text(rehearsal: Rehearsal, against: Rehearsal | None) -> str:
    """One object; keys in the order of the fields, numbers with six digits, money as text, times as ISO 8601."""
    told: dict[str, object] = {"format": FORMAT, "caution": labels.CAUTION, "rehearsal": _rehearsal(rehearsal)}
    if against is not None:
        told["against"] = _rehearsal(against)
        told["differences"] = [_difference(one) for one in compare(rehearsal, against)]
    return json.dumps(told, ensure_ascii=False, indent=1) + "\n"


def _rehearsal(rehearsal: Rehearsal) -> Mapping[str, object]:
    told = {one.name: getattr(rehearsal, one.name) for one in fields(rehearsal) if one.name != "verdicts"}
    return {
        **{name: plain(value) for name, value in told.items()},
        "figures": _figures(figures.of(rehearsal)),
        "verdicts": plain(rehearsal.verdicts),
    }


def _figures(of: Figures) -> object:
    return {**_fields(of), **{name: plain(getattr(of, name)) for name in _OF_FIGURES}}


def _difference(one: Difference) -> object:
    return {**_fields(one), "clear": one.clear, "word": one.word.value}


def _fields(value: object) -> dict[str, object]:
    assert is_dataclass(value)
    return {one.name: plain(getattr(value, one.name)) for one in fields(value)}


def plain(value: object) -> object:
    """A value of ours as JSON knows values."""
    match value:
        case StrEnum():
            return value.value
        case None | bool() | int() | str():
            return value
        case float():
            return round(value, 6)
        case Decimal():
            return str(value)
        case datetime():
            return value.isoformat()
        case Mapping():
            return {str(plain(key)): plain(each) for key, each in value.items()}
        case Set():
            return sorted(str(plain(each)) for each in value)
        case Sequence():
            return [plain(each) for each in value]
        case _:
            return _fields(value)
