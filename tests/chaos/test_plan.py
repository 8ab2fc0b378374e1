"""What is played: the same seed is the same run, and 1300 runs try every kind often enough."""

from __future__ import annotations

from collections import Counter

import pytest

from tests.chaos import kinds
from tests.chaos.__main__ import of_each, plan, what_it_tries
from tests.chaos.kinds import Kind, Places

RUNS = 1300
ENOUGH = 20

END = {"signature": "a1", "label": "update messages", "writes": True, "times": 3}
LATER = {"signature": "b2", "label": "update dialogs", "writes": True, "times": 1}
READ = {"signature": "c3", "label": "select", "writes": False, "times": 5}
PLACES = Places(
    {"talk": [END, LATER, READ], "human": [END, READ]}, {"talk": {"model.chat": 2}, "human": {"model.chat": 1}}
)


def test_the_whole_proof_tries_every_kind_often_enough() -> None:
    tried = Counter(task["kind"] for task in plan(kinds.every(), PLACES, range(1, RUNS + 1), None))
    assert tried.keys() == kinds.every().keys()
    assert min(tried.values()) > ENOUGH, tried.most_common()[-1]


def test_the_same_seed_is_the_same_run() -> None:
    some = list(plan(kinds.every(), PLACES, range(40, 60), None))
    assert some == list(plan(kinds.every(), PLACES, range(1, 100), None))[39:59]


@pytest.mark.parametrize("kind", kinds.every())
def test_one_kind_goes_through_all_its_cases(kind: str) -> None:
    cases = kinds.every()[kind].cases(PLACES)
    played = [task["case"] for task in plan(kinds.every(), PLACES, range(len(cases)), kind)]
    assert all(case in played for case in cases)


def test_every_end_of_every_act_is_struck_and_what_only_reads_once() -> None:
    cases = kinds.every()["kill.end.before"].cases(PLACES)
    struck = [(case["act"], way["signature"], way["occurrence"]) for case in cases for way in case["places"]]
    assert sorted(struck) == [
        ("human", "a1", 1),
        ("human", "a1", 2),
        ("talk", "a1", 1),
        ("talk", "a1", 2),
        ("talk", "b2", 1),
        ("talk", "c3", 1),
    ]
    later = kinds.every()["kill.end.sent"].cases(PLACES)
    assert not [way for case in later for way in case["places"] if way["signature"] == "c3"]


def test_a_fixed_set_has_every_kind_and_seeds_of_its_own() -> None:
    tasks = list(of_each(kinds.every(), PLACES, 2, 1))
    assert Counter(Counter(task["kind"] for task in tasks).values()) == {2: len(kinds.every())}
    assert len({task["seed"] for task in tasks}) == len(tasks)


@pytest.mark.parametrize("kind", kinds.every().values(), ids=lambda kind: kind.name)
def test_every_kind_says_what_it_tries(kind: Kind) -> None:
    assert what_it_tries(kind).strip(".")
