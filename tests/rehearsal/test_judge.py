"""The judge of a rehearsal: finds each planted fault and no other, and leaves what only looks like one alone."""

from __future__ import annotations

import re
from collections import Counter
from itertools import combinations

import pytest

from salesbot.rehearsal.judge import RULES, judge
from salesbot.rehearsal.record import Rule
from salesbot.scenarios.load import load
from tests.rehearsal.reading import Transcript, record, transcripts

SALES = load("sales")
PLANTED = [*transcripts("planted-ru"), *transcripts("planted-en")]
CLEAN = [*transcripts("clean-ru"), *transcripts("clean-en")]


def named(cases: list[Transcript]) -> list[object]:
    return [pytest.param(case, id=f"{case.language}: {case.name}") for case in cases]


@pytest.mark.parametrize("case", named(PLANTED))
def test_the_planted_fault_is_found_and_nothing_else(case: Transcript) -> None:
    verdict = judge(record(case, SALES), SALES)
    found = [(one.rule, one.line) if case.line else one.rule for one in verdict.violations]
    planted = (Rule(case.planted), case.line) if case.line else Rule(case.planted)
    assert found == [planted], [one.what for one in verdict.violations]
    assert not verdict.good


@pytest.mark.parametrize("case", named(CLEAN))
def test_what_only_looks_like_a_fault_is_none(case: Transcript) -> None:
    verdict = judge(record(case, SALES), SALES)
    assert verdict.violations == ()
    assert verdict.good is (True if case.good is None else case.good)


def test_every_rule_is_judged_and_planted() -> None:
    planted = Counter(case.planted for case in PLANTED)
    assert set(RULES) == set(Rule)
    assert {Rule(one) for one in planted} == set(Rule)
    assert all(2 <= many <= 4 for many in planted.values()), planted
    assert len(PLANTED) == len(CLEAN) == 40


def test_no_two_transcripts_are_nearly_the_same() -> None:
    """A case that differs from another by a name or a number proves nothing new."""
    told = {case.name: {*re.findall(r"[^\W\d]{3,}", case.said.casefold())} for case in (*PLANTED, *CLEAN)}
    shared = {
        (one, other): len(told[one] & told[other]) / len(told[one] | told[other])
        for one, other in combinations(told, 2)
    }
    assert {pair: share for pair, share in shared.items() if share > 0.6} == {}
