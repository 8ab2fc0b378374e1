"""What the product costs beside the same libraries doing nothing else, row by row; fails when a target is missed."""

from __future__ import annotations

import argparse
import asyncio
import sys

from loguru import logger

from bench import figures, full, short
from bench.rows import BY_KEY, FAMILIES, Measured

PAIRS = 5


def main() -> int:
    words = arguments()
    logger.remove()  # the migrations of scratch databases are no news
    if words.short:
        held, why = short.verdict(asyncio.run(short.ratios(words.pairs)))
        print(why)
        return 0 if held else 1
    found = asyncio.run(measured(words))
    print(f"\n{figures.machine()}; {words.pairs} pairs\n")
    print(f"{figures.promises(found)}\n\n{figures.beside(found)}")
    missed = [BY_KEY[key].what for key, one in found.items() if not one.holds(BY_KEY[key])]
    print(f"\nmissed: {'; '.join(missed) or 'none'}")
    return 1 if missed else 0


async def measured(words: argparse.Namespace) -> dict[str, Measured]:
    """What was found in the end; what is to be written is written as it comes in, whatever happens after it."""
    found: dict[str, Measured] = {}
    async for found in full.run(words.only or FAMILIES, words.pairs, words.size):
        if words.write:
            known = {**figures.load(), **found}
            figures.save(known)
            figures.put(figures.tables(known))
    return found


def at_least_one(word: str) -> int:
    if int(word) < 1:
        raise argparse.ArgumentTypeError("at least one")
    return int(word)


def share(word: str) -> float:
    if not 0 < float(word) <= 1:
        raise argparse.ArgumentTypeError("more than 0, at most 1")
    return float(word)


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="scripts/bench", description=__doc__)
    parser.add_argument("--short", action="store_true", help="processor seconds alone, within two minutes")
    parser.add_argument(
        "--only", action="append", choices=FAMILIES, metavar="ROW", help=f"one or more of {', '.join(FAMILIES)}"
    )
    parser.add_argument("--pairs", type=at_least_one, default=PAIRS, help=f"runs of each, in turn (default {PAIRS})")
    parser.add_argument("--write", action="store_true", help="put the figures into bench/README.md and docs/scale.md")
    parser.add_argument("--size", type=share, default=1.0, help="a try with such a share of people, turns and messages")
    words = parser.parse_args()
    if words.write and (words.size < 1 or words.short):
        parser.error("only figures of the whole size are written")
    return words


if __name__ == "__main__":
    sys.exit(main())
