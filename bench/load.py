"""What a program does under load: one start of it, its guests' hello, then each kind of traffic that is asked for."""

from __future__ import annotations

import contextlib
import statistics
from collections.abc import Collection, Iterator
from dataclasses import dataclass

from bench import turns
from bench.house import FLOOR, PRODUCT, House, Program
from bench.turns import p95
from sandbox.world.faults import Action, Rule

RATE = 50.0
MODEL = 2.0
"""Seconds that a model takes which does not answer at once."""
HUNDRED, ROUNDS = 100, 3
CROWDED = frozenset({"spread", "thousand"})
FAMILIES = frozenset({"cpu", "added", "saturation", "hundred"}) | CROWDED


@dataclass(frozen=True, slots=True)
class Sizes:
    """How much is said. ``times`` makes it less, for a try."""

    people: int = 1000
    fewer: int = 300
    """Guests where no crowd is asked for."""
    paced: int = 500
    saturated: int = 1500
    hundred: int = HUNDRED
    seconds: float = 60.0
    """In which everybody writes once."""

    def times(self, factor: float) -> Sizes:
        def part(size: int) -> int:
            return max(5, round(size * factor))

        return Sizes(
            part(self.people),
            part(self.fewer),
            part(self.paced),
            part(self.saturated),
            part(self.hundred),
            self.seconds * factor,
        )


async def pair(house: House, number: int, wanted: Collection[str], sizes: Sizes) -> tuple[dict[str, float], ...]:
    """The figures of the product and of the floor, by the keys of the rows. Who is first takes turns."""

    async def ours() -> dict[str, float]:
        return await measure(house, PRODUCT, f"A{number}", wanted, sizes)

    async def theirs() -> dict[str, float]:
        return await measure(house, FLOOR, f"B{number}", set(wanted) - {"spread"}, sizes)

    if number % 2:
        floor = await theirs()
        return await ours(), floor
    return await ours(), await theirs()


async def measure(
    house: House, command: tuple[str, ...], name: str, wanted: Collection[str], sizes: Sizes
) -> dict[str, float]:
    """One run of one program with guests of its own. No token of theirs may read as a sum: "0M" is no million."""
    found: dict[str, float] = {}
    house.invite(sizes.people if CROWDED & set(wanted) else sizes.fewer)
    async with house.running(command) as program:
        await turns.hello(house, name)
        await house.analyze(program)
        if {"cpu", "added"} & set(wanted):
            found |= await _paced(house, program, name, sizes)
        if "saturation" in wanted:
            found |= await _saturated(house, program, name, sizes)
        if "hundred" in wanted:
            found |= await _hundred(house, name, sizes)
        with _slow_model(house):
            if "thousand" in wanted:
                found["thousand"] = 1000 * p95(await turns.together(house, f"{name}T", house.targets))
            if "spread" in wanted:
                people = len(house.targets)
                seconds = await turns.paced(house, f"{name}W", people, people / sizes.seconds)
                found["spread"] = 1000 * (p95(seconds) - MODEL)
    return found


async def _paced(house: House, program: Program, name: str, sizes: Sizes) -> dict[str, float]:
    ours, database = program.cpu(), house.database_cpu()
    seconds = await turns.paced(house, f"{name}P", sizes.paced, RATE)
    return {
        "cpu": 1000 * (program.cpu() - ours) / sizes.paced,
        "cpu.database": 1000 * (house.database_cpu() - database) / sizes.paced,
        "added": 1000 * p95(seconds),
        "added.half": 1000 * statistics.median(seconds),
    }


async def _saturated(house: House, program: Program, name: str, sizes: Sizes) -> dict[str, float]:
    before = program.cpu()
    rate = await turns.saturated(house, f"{name}S", sizes.saturated)
    return {
        "saturation": rate,
        "saturation.cpu": 1000 * (program.cpu() - before) / sizes.saturated,
        "saturation.memory": program.resident(),
    }


async def _hundred(house: House, name: str, sizes: Sizes) -> dict[str, float]:
    """Three hundreds, one after the other, for a p95 that is no single person's."""
    seconds: list[float] = []
    for number in range(ROUNDS):
        place = number * sizes.hundred % len(house.targets)
        guests = house.targets[place : place + sizes.hundred]
        seconds += await turns.together(house, f"{name}C{number}X", guests)
    return {"hundred": 1000 * p95(seconds)}


@contextlib.contextmanager
def _slow_model(house: House) -> Iterator[None]:
    """The model takes its time."""
    faults = house.sandbox.world.faults
    rule = faults.add(Rule("model.chat", Action.DELAY, seconds=MODEL, count=None))
    try:
        yield
    finally:
        faults.remove(rule.id)
