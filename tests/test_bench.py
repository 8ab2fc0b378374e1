"""The benchmark runs: the product and the floor face the same traffic, every token comes back to who sent it, and what
was measured stands in the pages as the script writes it."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from bench import figures, profile, short
from bench.rows import BY_KEY, ROWS, Measured

ROOT = Path(__file__).resolve().parents[1]


def bench(*words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "bench", *words], cwd=ROOT, capture_output=True, text=True, check=False, timeout=300
    )


def test_the_product_and_the_floor_are_compared_in_one_run() -> None:
    rows = [word for family in ("cpu", "saturation", "hundred") for word in ("--only", family)]
    run = bench(*rows, "--pairs", "1", "--size", "0.01")
    assert run.returncode in (0, 1), run.stderr[-2000:]  # so few turns say nothing of the targets
    for key in ("cpu", "added", "saturation", "hundred", "cpu.database", "saturation.memory"):
        assert f"| {BY_KEY[key].what} |" in run.stdout
        assert f"| {BY_KEY[key].what} | {figures.NOT_YET}" not in run.stdout
    assert "\nmissed: " in run.stdout


def test_standing_there_and_the_history_are_measured() -> None:
    rows = [word for family in ("memory", "start", "idle", "history") for word in ("--only", family)]
    run = bench(*rows, "--pairs", "1", "--size", "0.005")
    assert run.returncode in (0, 1), run.stderr[-2000:]
    for key in ("memory", "start", "idle", "history.turn", "history.due", "history.claim", "history.list"):
        assert f"| {BY_KEY[key].what} |" in run.stdout
    assert "50,000 messages in" in run.stdout


def test_figures_of_a_try_are_not_written() -> None:
    run = bench("--size", "0.5", "--write")
    assert run.returncode == 2
    assert "whole size" in run.stderr


@pytest.mark.parametrize(
    ("key", "ours", "theirs", "holds"),
    [
        ("cpu", (7.5, 7.5, 90.0), (5.0, 5.0, 5.0), True),
        ("cpu", (7.6, 7.6, 7.0), (5.0, 5.0, 5.0), False),
        ("added", (30.0,), (10.0,), True),
        ("added", (30.1,), (10.0,), False),
        ("saturation", (65.0,), (100.0,), True),
        ("saturation", (64.0,), (100.0,), False),
        ("hundred", (200.0,), (140.0,), True),
        ("hundred", (200.0,), (130.0,), False),
        ("hundred", (201.0,), (190.0,), False),
        ("idle", (0.5,), (), True),
        ("idle", (0.51,), (), False),
    ],
)
def test_a_target_is_held_against_the_median_of_the_pairs(
    key: str, ours: tuple[float, ...], theirs: tuple[float, ...], *, holds: bool
) -> None:
    assert Measured(ours, theirs, "c", "d", "m").holds(BY_KEY[key]) is holds


@pytest.mark.parametrize(
    ("ratios", "held"), [([1.4, 1.5], True), ([1.9, 2.5, 2.5], True), ([2.01, 2.5], False), ([2.0, 9.0], True)]
)
def test_the_short_form_fails_only_when_all_pairs_are_a_third_beyond_the_target(
    ratios: list[float], *, held: bool
) -> None:
    assert short.verdict(ratios)[0] is held


def test_figures_are_kept_as_they_were_measured(tmp_path: Path) -> None:
    kept = {
        row.key: Measured((1.0, 2.0), (1.5, 2.5) if row.theirs else (), "c0ffee", "2026-11-22", "2 cores")
        for row in ROWS
    }
    figures.save(kept, tmp_path / "figures.json")
    assert figures.load(tmp_path / "figures.json") == kept
    assert figures.load(tmp_path / "nothing.json") == {}


def test_a_row_tells_what_was_measured_and_what_it_means() -> None:
    found = Measured((6.0, 9.0, 12.0), (5.0, 6.0, 6.0), "c0ffee", "2026-11-22", "2 cores")
    line = "| {} | ≤ 1.5 × | 9 (6 … 12) ms | 6 (5 … 6) ms (floor) | 1.5 (1.2 … 2) × | met | c0ffee |"
    assert figures.line(BY_KEY["cpu"], found) == line.format(BY_KEY["cpu"].what)
    worse = figures.line(BY_KEY["cpu"], replace(found, ours=(12.0, 12.0, 12.0)))
    assert "| **missed** |" in worse
    assert "+3 (+1 … +6)" in figures.line(BY_KEY["added"], found)


def test_the_pages_hold_the_figures_that_were_measured() -> None:
    tables = figures.tables(figures.load())
    found = [mark for page in figures.PAGES for mark in figures.MARK.finditer(page.read_text(encoding="utf-8"))]
    assert {mark[2] for mark in found} == {*tables, "profile"}
    for mark in found:
        if mark[2] in tables:
            assert mark[0] == f"{mark[1]}{tables[mark[2]]}\n{mark[3]}", f"scripts/bench --write: {mark[2]}"


def test_a_sample_belongs_to_the_innermost_library() -> None:
    run = "start (salesbot/app.py:207);run (uvloop/__init__.py:92);Runner.run (asyncio/runners.py:118)"
    shares = profile.shares(
        [
            f"{run} 1",
            f"{run};ask (salesbot/llm/client.py:132);post (openai/_base_client.py:2085);dumps (json/__init__.py:231) 2",
            f"{run};ask (salesbot/llm/client.py:132);wrapper (functools.py:1003) 5",
        ]
    )
    assert shares == {"salesbot": 5 / 8, "openai": 2 / 8, "uvloop": 1 / 8}


def test_the_floor_stays_a_floor() -> None:
    assert len((ROOT / "bench" / "floor.py").read_text(encoding="utf-8").splitlines()) < 100
