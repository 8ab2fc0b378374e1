"""What a rehearsal comes to, in numbers: every figure computed by hand once."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest

from salesbot.dialog.model import Author, Outcome, Purpose, Status
from salesbot.rehearsal import figures
from salesbot.rehearsal.comparison import Difference, Measure, Word, compare
from salesbot.rehearsal.figures import End, Opened
from salesbot.rehearsal.profile import Kind
from salesbot.rehearsal.record import Call, Line, Rehearsal, Rule
from tests.rehearsal.made_up import START, TALK, crowd, record, rehearsal, verdict


def attempts(*customers: str) -> Rehearsal:
    """A rehearsal out of texts like ``+-++``: a customer each, a repeat a character, plus what went as it should."""
    return rehearsal(
        [
            verdict(record(number, repeat), good=went == "+")
            for number, tries in enumerate(customers, 1)
            for repeat, went in enumerate(tries, 1)
        ]
    )


def test_pass_k_is_the_chance_that_k_repeats_picked_without_putting_back_all_succeed() -> None:
    # three good of four: C(3,1)/C(4,1) = 3/4, C(3,2)/C(4,2) = 3/6, C(3,3)/C(4,3) = 1/4, none of four
    assert figures.of(attempts("++-+")).pass_k == pytest.approx((3 / 4, 1 / 2, 1 / 4, 0))


def test_pass_k_is_the_mean_over_the_customers_and_not_over_their_repeats() -> None:
    # always, half of the time, never: pass^2 is 1, C(2,2)/C(4,2) = 1/6, 0
    known = figures.of(attempts("++++", "+-+-", "----"))
    assert known.pass_k == pytest.approx(((1 + 1 / 2) / 3, (1 + 1 / 6) / 3, 1 / 3, 1 / 3))
    assert (known.customers, known.dialogs, known.good) == (3, 12, 6)


def test_who_is_right_every_time_has_one_line_and_who_never_is_has_none() -> None:
    assert figures.of(attempts("+++", "+++")).pass_k == (1, 1, 1)
    assert figures.of(attempts("---", "---")).pass_k == (0, 0, 0)
    assert figures.of(attempts("+", "-")).pass_k == (0.5,)


def test_an_empty_rehearsal_has_figures() -> None:
    known = figures.of(rehearsal([]))
    assert (known.dialogs, known.won_share, known.turns_per_dialog, known.turns_per_lead) == (0, 0, 0, None)
    assert (known.cost, known.cost_per_dialog, known.cost_per_lead, known.pass_k) == (None, None, None, (0,))


@pytest.mark.parametrize(
    ("status", "outcome", "end"),
    [
        (Status.HANDOFF, Outcome.WON, End.WON),  # the call is agreed, a colleague goes on: won all the same
        (Status.CLOSED, Outcome.WON, End.WON),
        (Status.CLOSED, Outcome.LOST, End.LOST),
        (Status.CLOSED, Outcome.OPTED_OUT, End.OPTED_OUT),
        (Status.HANDOFF, Outcome.NONE, End.HANDED_OVER),
        (Status.TAKEN, Outcome.NONE, End.HANDED_OVER),
        (Status.ACTIVE, Outcome.NONE, End.SILENT),
        (Status.CLOSED, Outcome.NONE, End.SILENT),
        (Status.CLOSED, Outcome.BLOCKED, End.OTHER),
        (Status.FAILED, Outcome.NO_SUCH_PERSON, End.OTHER),
        (Status.STOPPED, Outcome.NONE, End.OTHER),
    ],
)
def test_how_a_dialog_ended(status: Status, outcome: Outcome, end: End) -> None:
    assert figures.end(record(status=status, outcome=outcome)) is end


def test_the_ends_are_counted_for_each_kind_of_customer() -> None:
    known = figures.of(
        rehearsal(
            [
                verdict(record(1, kind=Kind.HOT, outcome=Outcome.WON)),
                verdict(record(2, kind=Kind.COLD, outcome=Outcome.LOST)),
                verdict(record(3, kind=Kind.COLD), good=False),
            ]
        )
    )
    assert [(group.kind, group.dialogs, group.good) for group in known.groups] == [(Kind.HOT, 1, 1), (Kind.COLD, 2, 1)]
    assert {end: count for end, count in known.groups[1].ends.items() if count} == {End.LOST: 1, End.SILENT: 1}


def test_the_funnel_counts_who_was_in_a_stage_and_how_it_ended_there() -> None:
    quick_no = replace(record(3, outcome=Outcome.LOST), stage="closing", stages=("introduction", "closing"))
    won, silent = record(1, outcome=Outcome.WON), record(2, reached=2)
    known = figures.of(rehearsal([verdict(one) for one in (won, silent, quick_no)]))
    assert [(step.stage, step.reached) for step in known.funnel] == [
        ("introduction", 3),
        ("qualification", 2),
        ("needs", 1),
        ("presentation", 1),
        ("objections", 1),
        ("next_step", 1),
        ("closing", 2),
    ]
    ended = {step.stage: {end: count for end, count in step.ended.items() if count} for step in known.funnel}
    assert ended["qualification"] == {End.SILENT: 1}
    assert ended["closing"] == {End.WON: 1, End.LOST: 1}


def test_a_stage_that_the_scenario_does_not_have_is_shown_after_the_others() -> None:
    known = figures.of(rehearsal([verdict(replace(record(), stages=("introduction", "limbo"), stage="limbo"))]))
    assert known.funnel[-1].stage == "limbo" and known.funnel[-1].reached == 1


def said(*lines: tuple[int, Author, Purpose | None]) -> tuple[Line, ...]:
    return tuple(
        Line(number, START + timedelta(seconds=after), author, "…", purpose)
        for number, (after, author, purpose) in enumerate(lines, 1)
    )


US, THEM = Author.MODEL, Author.CONTACT


def test_the_parts_of_one_reply_are_one_turn() -> None:
    spoken = said((0, US, Purpose.OPENING), (3, US, Purpose.OPENING), (90, THEM, None), (99, US, Purpose.REPLY))
    assert figures.turns(replace(record(), lines=spoken)) == 2


def test_follow_ups_are_turns_of_their_own_and_so_is_what_comes_for_another_reason() -> None:
    day = 24 * 3600
    spoken = said(
        (0, US, Purpose.REPLY),
        (day, US, Purpose.FOLLOW_UP),
        (day + 2, US, Purpose.FOLLOW_UP),
        (3 * day, US, Purpose.FOLLOW_UP),
        (3 * day + 60, US, Purpose.COURTESY),
        (3 * day + 70, Author.HUMAN, None),
    )
    assert figures.turns(replace(record(), lines=spoken)) == 4


def test_turns_and_costs_per_lead() -> None:
    # TALK has five lines of ours; the one that is lost has two
    won, lost = record(1, outcome=Outcome.WON), record(2, outcome=Outcome.LOST, said=TALK[:4])
    known = figures.of(rehearsal([verdict(won), verdict(lost)]))
    assert (known.turns, known.turns_per_dialog, known.turns_per_lead) == (7, 3.5, 5)
    assert known.cost == pytest.approx(7 * 0.002)
    assert known.cost_per_dialog == pytest.approx(0.007)
    assert known.cost_per_lead == pytest.approx(0.014)  # the lost one is paid for as well


def test_a_cost_that_no_provider_told_is_unknown_and_not_zero() -> None:
    known = figures.of(rehearsal([verdict(record(outcome=Outcome.WON, cost=None))]))
    assert (known.cost, known.cost_per_dialog, known.cost_per_lead) == (None, None, None)


def test_refused_drafts_are_counted_by_code_the_commonest_first() -> None:
    calls = [
        Call("reply", "m", "failed", "leak", Decimal(0)),
        Call("reply", "m", "failed", "money", Decimal(0)),
        Call("follow_up", "m", "failed", "money", Decimal(0)),
        Call("reply", "m", "failed", "unavailable", None),
        Call("summary", "m", "used", "", Decimal(0)),
        Call("reply", "m", "used", "", Decimal(0)),
    ]
    known = figures.of(rehearsal([verdict(replace(record(), calls=tuple(calls)))]))
    assert list(known.interventions.items()) == [("money", 2), ("leak", 1)]
    assert (known.drafts, known.refused) == (4, 3)  # an endpoint's trouble wrote no draft, nor did the summary


def test_openings_are_compared_by_the_share_that_was_won() -> None:
    made = [
        replace(record(1, outcome=Outcome.WON), opening="question"),
        replace(record(2), opening="question"),
        replace(record(3), opening="news"),
        replace(record(4), opening=""),
    ]
    known = figures.of(rehearsal([verdict(one) for one in made]))
    assert known.openings == (Opened("news", 1, 0), Opened("question", 2, 1))
    assert known.openings[1].share == 0.5


def test_violations_are_counted_by_rule_and_rules_that_held_are_shown() -> None:
    known = figures.of(rehearsal([verdict(record(1), Rule.MONEY, Rule.MONEY), verdict(record(2), Rule.LEAK)]))
    assert set(known.violations) == set(Rule)
    assert {rule: count for rule, count in known.violations.items() if count} == {Rule.MONEY: 2, Rule.LEAK: 1}
    assert known.violated == 3


# --- two scenarios ----------------------------------------------------------------------------------------------------


def difference(one: Rehearsal, other: Rehearsal, measure: Measure) -> Difference:
    return next(found for found in compare(one, other) if found.measure is measure)


def test_a_difference_is_the_first_minus_the_other_over_the_same_customers() -> None:
    found = difference(attempts("++", "+-", "--"), attempts("+-", "+-", "--"), Measure.PASS_1)
    assert (found.value, found.other, found.difference) == pytest.approx((1 / 2, 1 / 3, 1 / 6))
    found = difference(attempts("++", "+-", "--"), attempts("+-", "+-", "--"), Measure.PASS_ALL)
    assert (found.value, found.other, found.difference) == pytest.approx((1 / 3, 0, 1 / 3))


def test_the_same_difference_with_everybody_has_an_interval_without_width() -> None:
    found = difference(attempts(*["++"] * 9), attempts(*["+-"] * 9), Measure.PASS_1)
    assert (found.low, found.difference, found.high) == (0.5, 0.5, 0.5)
    assert found.word is Word.BETTER


def test_the_interval_of_two_customers_is_all_that_can_be_drawn() -> None:
    # differences 0 and 1: the mean of two drawn ones is 0, 1/2 or 1, the outer ones a quarter of the time each
    found = difference(attempts("+", "+"), attempts("+", "-"), Measure.PASS_1)
    assert (found.low, found.difference, found.high) == (0, 0.5, 1)
    assert found.word is Word.UNCLEAR


def test_the_interval_is_as_wide_as_theory_says_for_many_customers() -> None:
    one, other = attempts(*["+"] * 150, *["-"] * 50), attempts(*["+"] * 50, *["-"] * 150)
    found = difference(one, other, Measure.PASS_1)  # 100 of 200 differ by one: deviation 1/2
    half = 1.96 * 0.5 / 200**0.5
    assert (found.low, found.high) == pytest.approx((0.5 - half, 0.5 + half), abs=half / 10)
    assert found.clear


def test_a_scenario_beside_itself_differs_in_nothing() -> None:
    assert all((one.low, one.difference, one.high) == (0, 0, 0) for one in compare(crowd(30, 2), crowd(30, 2)))
    assert all(one.word is Word.UNCLEAR for one in compare(crowd(30, 2), crowd(30, 2)))


def test_a_much_worse_scenario_loses_clearly_and_the_other_way_round() -> None:
    shipped, worse = crowd(60, 4), crowd(60, 4, worse=0.5)
    assert difference(shipped, worse, Measure.WON).word is Word.BETTER
    assert difference(worse, shipped, Measure.PASS_ALL).word is Word.WORSE


def test_of_violations_fewer_is_better_and_of_replies_and_costs_neither() -> None:
    long, short = (
        rehearsal([verdict(record(number, said=TALK[:length]), *rules) for number in range(1, 6)])
        for length, rules in ((9, ()), (3, (Rule.MONEY,)))
    )
    assert difference(long, short, Measure.VIOLATIONS).word is Word.BETTER
    assert difference(short, long, Measure.VIOLATIONS).word is Word.WORSE
    assert difference(long, short, Measure.TURNS).word is Word.MORE
    assert difference(short, long, Measure.COST).word is Word.LESS


def test_what_cannot_be_compared_is_left_out() -> None:
    single = rehearsal([verdict(record(1, cost=None))])
    measures = {one.measure for one in compare(single, single)}
    assert measures == {Measure.WON, Measure.PASS_1, Measure.VIOLATIONS, Measure.TURNS}


def test_other_customers_are_not_compared() -> None:
    with pytest.raises(ValueError, match="the same customers"):
        compare(attempts("+", "+"), attempts("+"))
    with pytest.raises(ValueError, match="the same customers"):
        compare(rehearsal([verdict(record(kind=Kind.HOT))]), rehearsal([verdict(record(kind=Kind.COLD))]))


def test_a_scenario_of_another_language_has_the_same_customers_under_other_names() -> None:
    here, there = record(), record()
    there = replace(there, profile=replace(there.profile, name="emily-warm", person="Emily"))
    assert compare(rehearsal([verdict(here)]), rehearsal([verdict(there)]))


def test_the_same_seed_draws_the_same_and_another_one_does_not() -> None:
    one, other = crowd(40, 2), crowd(40, 2, worse=0.3)
    assert compare(one, other) == compare(one, other)
    assert compare(replace(one, seed=8), other) != compare(one, other)
