"""The benchmark runs: the product and the floor face the same traffic, and every token comes back to who sent it."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]


def test_the_product_and_the_floor_are_compared_in_one_run() -> None:
    words = "--pairs 1 --people 3 --turns 6 --rate 10".split()
    run = subprocess.run(
        [sys.executable, "-m", "bench.turns", *words],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
    )
    assert run.returncode == 0, run.stderr[-2000:]
    for name in ("p50 ms", "p95 ms", "cpu s per 1000 turns", "turns per s saturated", "resident mb"):
        assert f"| {name} |" in run.stdout


def test_the_floor_stays_a_floor() -> None:
    assert len((ROOT / "bench" / "floor.py").read_text(encoding="utf-8").splitlines()) < 100
