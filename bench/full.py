"""All rows, or those asked for: the product and what it is compared with, in turn."""

from __future__ import annotations

import time
from collections import defaultdict
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field

from bench import figures, history, load, standing, trips
from bench.house import open_house
from bench.load import Sizes
from bench.rows import BY_KEY, ROWS, Measured

STANDING = frozenset({"memory", "start", "idle"})


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


async def run(wanted: Collection[str], pairs: int, factor: float) -> dict[str, Measured]:
    """Measure the rows of these families; a ``factor`` below 1 is a try with less of everything."""
    found, sizes = Found(), Sizes().times(factor)
    if load.FAMILIES & set(wanted):
        async with open_house() as house:
            for number in range(pairs):
                found.add(*await load.pair(house, number, wanted, sizes))
    if STANDING & set(wanted):
        async with open_house() as house:
            await standing.prepare(house, round(standing.DIALOGS * factor))
            for _ in range(pairs):
                found.add(*await standing.pair(house, wanted, standing.IDLE * factor))
    if "history" in wanted:
        many = max(history.FEW, round(history.MANY * factor))
        for key, (ours, theirs) in (await history.measure(pairs, many)).items():
            for one, other in zip(ours, theirs, strict=True):
                found.add({key: one}, {key: other})
    if "trips" in wanted:
        async with open_house() as house:
            for number in range(pairs):
                found.add({"trips": await trips.counted(house, number)}, {})
    return found.measured()
