"""What grows is seen, what goes up and down is not taken for growth, and a log tells how its event loop was."""

from __future__ import annotations

import random
from math import inf, isclose

import pytest

from tests.chaos.soak_slopes import (
    MEMORY,
    TASKS,
    Bound,
    Sample,
    beats,
    between,
    floors,
    lag_table,
    rate,
    slope,
    slopes_table,
    student,
    within,
)
from tests.chaos.soak_trouble import TROUBLES

EVERY = 10.0
TWENTY_MINUTES = 120


def _samples(growth: float, noise: float = 0.0, number: int = TWENTY_MINUTES, spike: float = 0.0) -> list[Sample]:
    """Every ten seconds a value that grows so much a minute."""
    dice = random.Random(7)
    return [
        Sample(at * EVERY, 100 + growth * at * EVERY / 60 + dice.gauss(0, noise) + spike * (dice.random() < 0.3))
        for at in range(number)
    ]


def test_a_straight_line_has_its_own_slope_and_no_doubt() -> None:
    found = slope(_samples(2.5))
    assert isclose(found.value, 2.5) and found.half < 1e-6


def test_the_interval_holds_the_truth_as_often_as_it_says() -> None:
    dice, held = random.Random(3), 0
    for _ in range(1000):
        found = slope([Sample(at * EVERY, 0.4 * at * EVERY / 60 + dice.gauss(0, 2)) for at in range(30)])
        held += found.low < 0.4 < found.high
    assert 930 <= held <= 970


def test_of_two_samples_nothing_is_known() -> None:
    assert slope(_samples(0.0, number=2)).half == inf
    assert not MEMORY.judge(_samples(0.0, number=2))[1]
    assert not MEMORY.judge([])[1]


@pytest.mark.parametrize(("freedom", "point"), [(1, 12.706), (2, 4.303), (3, 3.182), (8, 2.306), (118, 1.980)])
def test_students_distribution(freedom: int, point: float) -> None:
    assert isclose(student(freedom), point, rel_tol=0.01)


@pytest.mark.parametrize("bound", [MEMORY, TASKS])
def test_growth_beyond_the_bound_is_seen(bound: Bound) -> None:
    assert not bound.judge(_samples(2 * bound.most, noise=1))[1]
    assert bound.judge(_samples(0.0, noise=1))[1]


def test_counts_that_go_up_with_every_trouble_do_not_grow() -> None:
    restless = _samples(0.0, spike=300.0)
    assert not Bound("", TASKS.most, floors=False).judge(restless)[1], "as they are, they say too little"
    assert TASKS.judge(restless)[1]
    assert not TASKS.judge(_samples(2.0, spike=300.0))[1]


def test_floors_are_the_lowest_of_equal_groups() -> None:
    found = floors([Sample(at, 10 - at % 4) for at in range(12)], groups=3)
    assert found == [Sample(1.5, 7), Sample(5.5, 7), Sample(9.5, 7)]


def test_a_rate_is_growth_a_second() -> None:
    assert rate([Sample(0, 100), Sample(5, 180), Sample(10, 300)]) == 20
    assert rate([Sample(3, 100)]) == 0


def test_a_log_tells_of_its_event_loop_and_of_nothing_else() -> None:
    log = (
        "2026-11-21 12:57:58.202 INFO    salesbot.engine.reconcile: part found in the history dialog=122 part=1760\n"
        "2026-11-21 12:58:03.107 DEBUG   salesbot.lifecycle: alive tasks=37 lag_ms=3.7 worst_ms=21.0\n"
        "2026-11-21 12:58:13.165 DEBUG   salesbot.lifecycle: alive tasks=185 lag_ms=1.4 worst_ms=15.6\n"
    )
    first, second = beats(log)
    assert (first.tasks, first.lag, first.worst) == (37, 3.7, 21.0)
    assert isclose(second.at - first.at, 10.058, abs_tol=1e-3)
    assert between((first, second), first.at + 1, inf) == [second]
    assert "| the product | 2.5 ms | 21.0 ms | 21 ms |" in lag_table([("the product", (first, second))])


def test_the_table_names_what_grows() -> None:
    told = slopes_table([(MEMORY, _samples(5.0, noise=1)), (TASKS, _samples(0.0, noise=1))], 20)
    grows, holds = told.splitlines()[2:]
    assert grows.startswith("| memory (RSS) |") and grows.endswith("**grows** |")
    assert holds.endswith("| ok |")


def test_what_was_measured_for_too_short_a_time_is_told_and_not_judged() -> None:
    measured = [(MEMORY, _samples(5.0, noise=1, number=12))]
    assert within(measured, 2.0) and not within(measured, 20.0)
    assert slopes_table(measured, 2.0).endswith("| too short to tell |")


def test_every_trouble_comes_in_half_an_hour() -> None:
    weights = [weight for weight, _ in TROUBLES.values()]
    assert min(weights) / sum(weights) * 1800 > 10
