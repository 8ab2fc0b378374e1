"""All rows, or those asked for: the product and what it is compared with, in turn."""

from __future__ import annotations

import time
from collections import defaultdict
from collections.abc import AsyncIterator, Collection, Mapping
from dataclasses import dataclass, field

from bench import figures, history, load, standing, trips
from bench.house import open_house
from bench.load import Sizes
from bench.rows import BY_KEY, ROWS, Measured


@dataclass
class Found:
    """The figures of each row as they come in."""

    began: float = field(default_factory=time.monotonic)
    ours: dict[str, list[float]] = field(default_factory=lambda: defaultdict(list))
    theirs: dict[str, list[float]] = field(default_factory=lambda: defaultdict(list))

    def add(self, ours: Mapping[str, float], theirs: Mapping[str, float]) -> None:
        for column, values in ((self.ours, ours), (self.theirs, theirs)):
            for key, value in values.items():
                column[key].append(value)
        told = (f"{key} {value:.3g}" + (f"/{theirs[key]:.3g}" if key in theirs else "") for key, value in ours.items())
        print(f"{time.monotonic() - self.began:5.0f} s  {', '.join(told)}", flush=True)

    def measured(self) -> dict[str, Measured]:
        return {
            key: figures.measured(self.ours[key], self.theirs[key] if BY_KEY[key].theirs else ())
            for key in (row.key for row in ROWS)
            if key in self.ours
        }


async def run(wanted: Collection[str], pairs: int, factor: float) -> AsyncIterator[dict[str, Measured]]:
    """Measure the rows of these families, and give what was found as it grows. A ``factor`` below 1 is a try with less
    of everything."""
    found = Found()
    for family, measure in GROUPS:
        if family & set(wanted):
            await measure(found, set(wanted), pairs, factor)
            yield found.measured()


async def _under_load(found: Found, wanted: Collection[str], pairs: int, factor: float) -> None:
    async with open_house() as house:
        for number in range(pairs):
            found.add(*await load.pair(house, number, wanted, Sizes().times(factor)))


async def _standing(found: Found, wanted: Collection[str], pairs: int, factor: float) -> None:
    async with open_house() as house:
        await standing.prepare(house, round(standing.DIALOGS * factor))
        for _ in range(pairs):
            found.add(*await standing.pair(house, wanted, standing.IDLE * factor))


async def _with_history(found: Found, _wanted: Collection[str], pairs: int, factor: float) -> None:
    many = max(history.FEW, round(history.MANY * factor))
    for key, columns in (await history.measure(pairs, many)).items():
        for ours, theirs in zip(*columns, strict=True):
            found.add({key: ours}, {key: theirs})


async def _asking(found: Found, _wanted: Collection[str], pairs: int, _factor: float) -> None:
    async with open_house() as house:
        for number in range(pairs):
            found.add({"trips": await trips.counted(house, number)}, {})


GROUPS = (
    (load.FAMILIES, _under_load),
    (frozenset({"memory", "start", "idle"}), _standing),
    (frozenset({"history"}), _with_history),
    (frozenset({"trips"}), _asking),
)
