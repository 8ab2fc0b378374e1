"""The product against the floor: the same evenly spaced traffic through the sandbox, in turn A B A B A B.

    python -m bench.turns --pairs 3 --rate 25 --turns 500

Prints, per program, medians and spread over its runs: seconds from message to reply (p50, p95), processor seconds per
1,000 turns, resident memory, turns per second with every guest waiting for an answer; and the ratios product / floor.
"""

from __future__ import annotations

import argparse
import asyncio
import itertools
import statistics
from collections.abc import Sequence
from dataclasses import asdict, dataclass

from bench.house import FLOOR, PRODUCT, House, Program, open_house


@dataclass(frozen=True, slots=True)
class Run:
    """What one run of one program measured."""

    p50_ms: float
    p95_ms: float
    cpu_s_per_1000_turns: float
    turns_per_s_saturated: float
    cpu_s_per_1000_turns_saturated: float
    resident_mb: float


async def paced(house: House, prefix: str, turns: int, rate: float) -> list[float]:
    """One message each 1/rate seconds, the guests in turn; the seconds until each reply."""
    loop = asyncio.get_running_loop()
    began = loop.time()
    tasks = []
    for number, target in zip(range(turns), itertools.cycle(house.targets), strict=False):
        await asyncio.sleep(max(0.0, began + number / rate - loop.time()))
        tasks.append(asyncio.create_task(house.turn(target, f"{prefix}-{number}")))
    return await asyncio.gather(*tasks)


async def saturated(house: House, prefix: str, turns: int) -> float:
    """Every guest says the next thing as soon as they were answered; turns per second."""
    numbers = iter(range(turns))

    async def talk(target: int) -> None:
        for number in numbers:
            await house.turn(target, f"{prefix}-{number}")

    loop = asyncio.get_running_loop()
    began = loop.time()
    await asyncio.gather(*(talk(target) for target in house.targets))
    return turns / (loop.time() - began)


async def measure(house: House, command: tuple[str, ...], name: str, words: argparse.Namespace) -> Run:
    """One run: everybody says hello first, then paced traffic, then saturation."""
    house.invite(words.people)
    async with house.running(command) as program:
        await asyncio.gather(*(house.turn(target, f"{name}W-{target}") for target in house.targets))
        before = program.cpu()
        seconds = await paced(house, f"{name}P", words.turns, words.rate)
        between = program.cpu()
        rate = await saturated(house, f"{name}S", words.turns)
        return _run(program, seconds, rate, (between - before, program.cpu() - between), words.turns)


def _run(program: Program, seconds: Sequence[float], rate: float, cpu: tuple[float, float], turns: int) -> Run:
    cuts = statistics.quantiles(seconds, n=20)
    return Run(
        p50_ms=1000 * cuts[9],
        p95_ms=1000 * cuts[18],
        cpu_s_per_1000_turns=1000 * cpu[0] / turns,
        turns_per_s_saturated=rate,
        cpu_s_per_1000_turns_saturated=1000 * cpu[1] / turns,
        resident_mb=program.resident(),
    )


def spread(values: Sequence[float]) -> str:
    return f"{statistics.median(values):.4g} ({min(values):.4g} to {max(values):.4g})"


def table(product: Sequence[Run], floor: Sequence[Run]) -> str:
    """Markdown: medians and spread of each, and the ratio of each pair."""
    lines = ["| | product | floor | product / floor |", "|---|---|---|---|"]
    for name in asdict(product[0]):
        ours, theirs = ([getattr(run, name) for run in runs] for runs in (product, floor))
        ratios = [mine / other for mine, other in zip(ours, theirs, strict=True)]
        lines.append(f"| {name.replace('_', ' ')} | {spread(ours)} | {spread(theirs)} | {spread(ratios)} |")
    return "\n".join(lines)


async def main(words: argparse.Namespace) -> None:
    product: list[Run] = []
    floor: list[Run] = []
    async with open_house() as house:
        for pair in range(words.pairs):
            for command, runs, letter in ((PRODUCT, product, "A"), (FLOOR, floor, "B")):
                runs.append(await measure(house, command, f"{letter}{pair}", words))
                print(f"{letter}{pair}: {runs[-1]}", flush=True)
    print(f"\n{words.pairs} pairs, {words.people} guests, {words.turns} turns at {words.rate:g}/s, then saturated\n")
    print(table(product, floor))


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m bench.turns", description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--pairs", type=int, default=3, help="runs of each program, in turn (default 3)")
    parser.add_argument("--people", type=int, default=50, help="guests who write (default 50)")
    parser.add_argument("--turns", type=int, default=500, help="turns of each phase (default 500)")
    parser.add_argument("--rate", type=float, default=25.0, help="messages a second of the paced phase (default 25)")
    return parser.parse_args()


if __name__ == "__main__":
    asyncio.run(main(arguments()))
