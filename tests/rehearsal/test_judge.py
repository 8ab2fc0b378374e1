"""The judge of a rehearsal: finds each planted fault and no other, and leaves what only looks like one alone."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import replace
from decimal import Decimal
from itertools import combinations
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from salesbot.dialog.model import Outcome, Status
from salesbot.rehearsal.judge import RULES, ends, judge, stops
from salesbot.rehearsal.judge.numbers import numbers
from salesbot.rehearsal.profile import Kind
from salesbot.rehearsal.record import Event, Rule
from salesbot.scenarios.load import load
from tests.cases.cases import guard_cases
from tests.rehearsal.reading import Transcript, of_guard, record, transcripts

SALES = load("sales")
PLANTED = [*transcripts("planted-ru"), *transcripts("planted-en")]
CLEAN = [*transcripts("clean-ru"), *transcripts("clean-en")]
GUARD_CASES = ("guard-ru", "guard-en", "guard-ru-unseen", "guard-en-unseen")


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


# --- what it reads


@pytest.mark.parametrize(
    ("text", "read"),
    [
        ("Три с половиной тысячи, не больше", ["3500"]),
        ("четыре тысячи девятьсот рублей за 12 месяцев", ["4900", "12"]),
        ("Team: eight thousand, nine hundred roubles a month", ["8900"]),
        ("2 × 8 900 ₽ = 17 800 ₽", ["2", "8900", "17800"]),
        ("make it 6k, or 6.5k with beans", ["6000", "6500"]),
        ("тысяч сорок, а то и полторы сотни тысяч", ["40000", "150000"]),
        ("нас двадцать пять, машин 2", ["25", "2"]),
        ("на 3 000 000 ₽ или 15.900", ["3000000", "15900"]),
        ("тел. 8 912 345 67 89, завтра в 14:30, 15.04.2026, см. https://a.example/2", []),
        ("к 10 часам на 5 этаж", ["10", "5"]),
        ("a dozen of us, two and a half of them part-time", ["12", "2.5"]),
        ("сто двадцать три тысячи четыреста пять", ["123405"]),
        ("Tuning of a grand piano: €95, not half a grand", ["95", "1000"]),
    ],
)
def test_numbers_are_read_in_digits_and_in_words(text: str, read: list[str]) -> None:
    assert [one.value for one in numbers(text)] == [Decimal(one) for one in read]


@pytest.mark.parametrize(
    ("text", "no"),
    [
        ("Спасибо, не интересно.", True),
        ("Неинтересно", True),
        ("Thanks, but we're not interested.", True),
        ("Нам это не нужно, извините", True),
        ("Нет, спасибо", False),  # to which of our questions?
        ("Спасибо, не надо", False),
        ("Не интересно, а что ещё есть?", False),
        ("Капучино нам не интересен", False),
        ("not interested in Floor, the smaller one though", False),
    ],
)
def test_a_no_to_the_whole_is_told_from_other_nos(text: str, no: bool) -> None:
    assert stops.is_no(text) is no


def test_drafts_that_were_written_for_the_guard_are_judged_alike() -> None:
    """Nobody wrote them for the judge. What the guard lets pass is right; of invented money the judge finds it all."""
    invented, alarmed = Counter[bool](), list[str]()
    for file in GUARD_CASES:
        for case in guard_cases(file):
            found = {one.rule for one in judge(of_guard(case, SALES), SALES).violations} - {Rule.UNANSWERED}
            if not case.refused and found:
                alarmed.append(f"{case.name}: {found}")
            elif case.refused and case.why in ("money", "percentage", "link"):
                invented[bool(found)] += 1
    assert alarmed == []
    assert invented[True] >= 80
    assert not invented[False]


# --- how it ends


@pytest.mark.parametrize(
    ("kind", "change", "good"),
    [
        ("hot", {"outcome": Outcome.LOST, "status": Status.CLOSED}, False),
        ("lukewarm", {"outcome": Outcome.LOST, "status": Status.CLOSED}, True),
        ("lukewarm", {"status": Status.HANDOFF, "events": (Event("handoff", 5, "asked"),)}, True),
        ("lukewarm", {"status": Status.HANDOFF, "events": (Event("handoff", 5, "refused"),)}, False),
        ("cold", {"outcome": Outcome.BLOCKED, "status": Status.CLOSED}, False),
        ("hostile", {}, False),
        ("haggler", {}, True),
        ("machine", {"status": Status.HANDOFF, "events": (Event("handoff", 5, "asked"),)}, False),
        ("machine", {"status": Status.HANDOFF, "events": (Event("handoff", 5, "two_bots"),)}, True),
    ],
)
def test_the_end_has_to_be_one_that_is_right_for_the_customer(kind: str, change: dict[str, Any], good: bool) -> None:
    """Of a dialog in which somebody heard a price and fell silent."""
    case = replace(next(one for one in CLEAN if one.name == "listed prices said in words"), kind=kind)
    verdict = judge(replace(record(case, SALES), **change), SALES)
    assert verdict.violations == ()
    assert verdict.good is good


def test_every_kind_of_customer_has_its_ends() -> None:
    assert set(ends.EXPECTED) == set(Kind)


# --- in itself


TEXTS = st.text(st.sampled_from("не да я бот 5 000₽%@.,?!#\n:—программа I will no 8 916 a"), max_size=60) | st.text(
    max_size=60
)


@given(st.lists(TEXTS, min_size=1, max_size=8), st.sampled_from(CLEAN))
@settings(max_examples=60, deadline=None)
def test_whatever_was_said_is_judged_and_twice_alike(texts: list[str], case: Transcript) -> None:
    told = record(case, SALES)
    lines = tuple(replace(line, text=texts[line.id % len(texts)]) for line in told.lines)
    changed = replace(told, lines=lines)
    assert judge(changed, SALES) == judge(changed, SALES)


def test_it_does_not_share_the_reading_of_the_guard() -> None:
    """A judge that shared the guard's mistakes would find nothing."""
    for path in Path(str(ends.__file__)).parent.glob("*.py"):
        assert "dialog.guard" not in path.read_text(encoding="utf-8"), path.name
