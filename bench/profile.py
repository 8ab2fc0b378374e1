"""Whose code a turn's processor time is spent in, the product's and the floor's: milliseconds by library.

    python -m pip install py-spy
    .venv/bin/python -m bench.profile [--py-spy PATH] [--turns N] [--write]

A sample belongs to the innermost library on its stack: what a library has the standard library do is its own. The C of
the event loop and of the drivers under it is counted as the loop's (uvloop), which calls it.
"""

from __future__ import annotations

import argparse
import asyncio
import re
import shutil
import signal
from collections import Counter
from collections.abc import Iterable, Mapping

from loguru import logger

from bench import figures, turns
from bench.house import FLOOR, PRODUCT, House, open_house

PEOPLE, TURNS = 300, 1500
SAMPLES = 250
"""A second."""
OURS = frozenset({"salesbot", "bench", "main.py"})
STANDARD = frozenset({"asyncio", "json", "logging", "http", "re", "email", "urllib", "collections", "importlib"})
FILE = re.compile(r"\(([^():]+)(?::\d+)?\)$")
RARE = 0.01
"""Libraries below such a share of the product's time stand in one line."""


def library(stack: str) -> str:
    """The innermost library of a stack as py-spy writes it: files of packages have a folder, the standard library's are
    those of asyncio, json and the like, or have none."""
    for frame in reversed(stack.split(";")):
        found = FILE.search(frame)
        top = found[1].partition("/")[0] if found else ""
        if top in OURS:
            return "salesbot"
        if "/" in (found[1] if found else "") and top not in STANDARD:
            return top
    return "python"


def shares(lines: Iterable[str]) -> dict[str, float]:
    """How much of all samples each library has."""
    counted: Counter[str] = Counter()
    for line in lines:
        stack, _, number = line.rpartition(" ")
        counted[library(stack)] += int(number)
    return {name: number / counted.total() for name, number in counted.most_common()}


async def spent(house: House, command: tuple[str, ...], name: str, spy: str, count: int) -> dict[str, float]:
    """Milliseconds of a turn at saturation, by library."""
    house.invite(PEOPLE)
    samples = house.folder / f"{name}.samples"
    async with house.running(command) as program:
        await turns.hello(house, name)
        words = ("record", "--gil", "-r", str(SAMPLES), "-d", "600", "-f", "raw", "-o", str(samples))
        watching = await asyncio.create_subprocess_exec(
            spy, *words, "-p", str(program.process.pid),
            stdout=asyncio.subprocess.DEVNULL, stderr=asyncio.subprocess.DEVNULL,
        )  # fmt: skip
        before = program.cpu()
        await turns.saturated(house, f"{name}S", count)
        each = 1000 * (program.cpu() - before) / count
        watching.send_signal(signal.SIGINT)
        await watching.wait()
    with samples.open(encoding="utf-8") as lines:
        return {library: share * each for library, share in shares(lines).items()}


def table(product: Mapping[str, float], floor: Mapping[str, float]) -> str:
    """Markdown, the largest first; what is not the product's own in one line at the end."""
    total = sum(product.values())
    large = [name for name, much in product.items() if much >= RARE * total and name != "salesbot"]
    rest, theirs = (
        sum(much for name, much in one.items() if name not in (*large, "salesbot")) for one in (product, floor)
    )
    rows = [("salesbot", product.get("salesbot", 0.0), floor.get("salesbot", 0.0))]
    rows += [(name, product[name], floor.get(name, 0.0)) for name in large]
    rows += [("others", rest, theirs), ("all", total, sum(floor.values()))]
    lines = ["| ms of a turn | product | share | floor |", "|---|---|---|---|"]
    return "\n".join(
        [*lines, *(f"| {name} | {ours:.2f} | {100 * ours / total:.0f} % | {other:.2f} |" for name, ours, other in rows)]
    )


async def main(words: argparse.Namespace) -> None:
    async with open_house() as house:
        product = await spent(house, PRODUCT, "A", words.py_spy, words.turns)
        floor = await spent(house, FLOOR, "B", words.py_spy, words.turns)
    told = f"{table(product, floor)}\n\nCommit {figures.commit()}: {figures.machine()}."
    print(told)
    if words.write:
        figures.put({"profile": told})


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m bench.profile", description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--py-spy", default=shutil.which("py-spy"), help="where it is (default: on the PATH)")
    parser.add_argument("--turns", type=int, default=TURNS, help=f"of each program (default {TURNS})")
    parser.add_argument("--write", action="store_true", help="put the table into bench/README.md")
    words = parser.parse_args()
    if not words.py_spy:
        parser.error("py-spy is missing: python -m pip install py-spy")
    return words


if __name__ == "__main__":
    logger.remove()
    asyncio.run(main(arguments()))
