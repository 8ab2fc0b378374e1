"""The short form: processor seconds of the product's turns beside the floor's, in less than two minutes.

Both run at the same time, each with an account and guests of its own, and are spoken to in turn, so that whatever else
the machine does befalls both. Only what no noise explains fails: every one of the pairs a third beyond the target.
"""

from __future__ import annotations

from collections.abc import Sequence

from bench import turns
from bench.house import FLOOR, PRODUCT, House, Program, open_house
from bench.rows import BY_KEY

PEOPLE, TURNS, RATE = 60, 150, 50.0
LATITUDE = 4 / 3


async def ratios(pairs: int, *, people: int = PEOPLE, count: int = TURNS) -> list[float]:
    """Processor time of the same turns, product / floor, of each pair."""
    async with open_house() as house:
        other = house.beside()
        house.invite(people)
        other.invite(people)
        async with house.running(PRODUCT) as product, other.running(FLOOR) as floor:
            await turns.hello(house, "A")
            await turns.hello(other, "B")
            found = []
            for pair in range(pairs):
                ours = await _seconds(house, product, f"A{pair}P", count)
                theirs = await _seconds(other, floor, f"B{pair}P", count)
                found.append(ours / theirs)
                print(
                    f"pair {pair + 1}: {1000 * ours / count:.2f} ms a turn, the floor's {1000 * theirs / count:.2f}: "
                    f"{found[-1]:.2f} ×",
                    flush=True,
                )
            return found


async def _seconds(house: House, program: Program, name: str, count: int) -> float:
    before = program.cpu()
    await turns.paced(house, name, count, RATE)
    return program.cpu() - before


def verdict(found: Sequence[float]) -> tuple[bool, str]:
    """Whether the change may land, and why."""
    target = BY_KEY["cpu"].targets[0].limit
    most = target * LATITUDE
    told = f"processor time of a turn: {min(found):.2f} to {max(found):.2f} times the floor's; target {target:g}"
    if min(found) > most:
        return False, f"{told}: all of it beyond {most:g}"
    return True, f"{told}, fails when all of it is beyond {most:g}"
