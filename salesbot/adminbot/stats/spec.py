"""What is drawn, as the service tells it to the program that draws: ready words and numbers, as JSON on a pipe."""

from __future__ import annotations

from typing import TypedDict


class Tile(TypedDict):
    """A figure and what it is."""

    value: str
    label: str


class Bar(TypedDict):
    """A bar as long as its ``share`` of the whole width, 0 … 1."""

    name: str
    share: float
    text: str
    good: bool
    """The one that everything is about."""


class Bars(TypedDict):
    title: str
    rows: list[Bar]


class Columns(TypedDict):
    """Columns side by side: how many, and how many of these."""

    title: str
    all: str
    of_these: str
    rows: list[tuple[int, int]]
    ticks: list[tuple[int, str]]
    """Some of the columns, by their place, and what stands below them."""


class Share(TypedDict):
    """A share with the interval in which it may lie, 0 … 1."""

    name: str
    mark: str
    """What stands before the name, where there is something to say of it."""
    text: str
    share: float
    low: float
    high: float
    faint: bool
    """Too few to be believed."""


class Shares(TypedDict):
    title: str
    rows: list[Share]
    note: str


class Spec(TypedDict):
    """The whole picture, from top to bottom; of nothing there is ``empty`` alone."""

    dark: bool
    title: str
    subtitle: str
    empty: str
    tiles: list[Tile]
    funnel: Bars
    course: Columns
    shares: list[Shares]
