"""Chance that is the same on every machine and in every run: decided by a hash of what it is about, never by a state
that the order of events could disturb. Pure."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from hashlib import sha256
from typing import TypeVar

T = TypeVar("T")

Chance = Callable[[str], float]
"""A number in [0, 1) for each question that is asked about the same thing; the same question, the same number."""


def chance(*about: object) -> float:
    """A number in [0, 1) that belongs to these values (texts and whole numbers)."""
    digest = sha256("\x1f".join(map(str, about)).encode()).digest()
    return int.from_bytes(digest[:6]) / 2**48


def one_of(choices: Sequence[T], drawn: float) -> T:
    """The choice that a number in [0, 1) falls on; all are equally likely."""
    return choices[int(drawn * len(choices))]


def between(low: float, high: float, drawn: float) -> float:
    """A number in [0, 1) stretched to [low, high)."""
    return low + (high - low) * drawn
