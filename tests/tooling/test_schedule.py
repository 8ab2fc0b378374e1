"""Who runs which test: tests/support/schedule.py."""

from __future__ import annotations

from dataclasses import dataclass, field
from types import SimpleNamespace

import pytest

from tests.support import schedule
from tests.support.schedule import Schedule

DEMO = [f"tests/tooling/test_demo.py::test_{n}" for n in range(3)]
STORIES = [f"tests/acceptance/test_many.py::test_{n}" for n in range(6)]
SMALL = [f"tests/unit/test_small.py::test_{n}" for n in range(3)]


@dataclass(eq=False)
class Node:
    """A worker that is asked to run tests and tells nothing."""

    asked: list[int] = field(default_factory=list)
    shutting_down: bool = False
    gateway: SimpleNamespace = field(default_factory=lambda: SimpleNamespace(id="gw"))

    def send_runtest_some(self, indices: list[int]) -> None:
        self.asked += indices

    def shutdown(self) -> None:
        self.shutting_down = True


@pytest.fixture
def config(pytestconfig: pytest.Config, monkeypatch: pytest.MonkeyPatch) -> pytest.Config:
    """As of a run on two workers."""
    monkeypatch.setattr(pytestconfig.option, "tx", ["popen", "popen"])
    monkeypatch.setattr(pytestconfig.option, "loadscopereorder", False)
    return pytestconfig


def test_what_shares_something_stays_together_and_what_takes_long_goes_alone() -> None:
    assert {schedule.unit_of(test) for test in DEMO} == {"demo"}
    assert {schedule.unit_of(test) for test in SMALL} == {"tests/unit/test_small.py"}
    assert [schedule.unit_of(test) for test in STORIES] == STORIES


def test_the_longest_begin_first() -> None:
    assert sorted([SMALL[0], STORIES[0], DEMO[0]], key=schedule.place_of) == [DEMO[0], STORIES[0], SMALL[0]]


def test_what_a_lost_worker_had_left_goes_to_the_other_but_the_test_that_it_died_of(config: pytest.Config) -> None:
    plan, lost, other = Schedule(config), Node(), Node()
    tests = [*DEMO, *STORIES]
    for node in (lost, other):
        plan.add_node(node)
        plan.add_node_collection(node, tests)
    plan.schedule()
    assert [tests[n] for n in lost.asked] == DEMO
    plan.mark_test_complete(lost, 0)
    assert plan.remove_node(lost) == DEMO[1]
    while not other.shutting_down:
        plan.mark_test_complete(other, next(n for n in other.asked if n in plan_left(plan, other)))
    assert {tests[n] for n in other.asked} == {DEMO[2], *STORIES}


def plan_left(plan: Schedule, node: Node) -> list[int]:
    """What a worker was given and has not done."""
    units = plan.assigned_work[node].values()
    return [plan.collection.index(test) for unit in units for test, done in unit.items() if not done]
