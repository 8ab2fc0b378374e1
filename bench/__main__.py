"""``scripts/bench``: what the product costs beside the same libraries doing nothing else."""

from __future__ import annotations

import argparse
import asyncio
import sys

from bench import short
from bench.rows import FAMILIES

PAIRS = 5


def main() -> int:
    words = arguments()
    if words.short:
        held, why = short.verdict(asyncio.run(short.ratios(words.pairs)))
        print(why)
        return 0 if held else 1
    return 2


def at_least_one(word: str) -> int:
    if int(word) < 1:
        raise argparse.ArgumentTypeError("at least one")
    return int(word)


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="scripts/bench", description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--short", action="store_true", help="processor seconds alone, within two minutes")
    parser.add_argument("--pairs", type=at_least_one, default=PAIRS, help=f"runs of each, in turn (default {PAIRS})")
    parser.add_argument(
        "--only", action="append", choices=FAMILIES, metavar="ROW", help="one of: " + ", ".join(FAMILIES)
    )
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
