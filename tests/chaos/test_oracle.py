"""The oracle itself is tried: records with one defect each, all found, and clean ones, none flagged."""

from __future__ import annotations

import pytest

from tests.chaos.oracle import Count, Verdict, judge
from tests.chaos.tale import Story, Tale
from tests.chaos.told_clean import CLEAN, a_burst_that_costs_a_draft, a_stop_while_a_part_is_on_its_way, a_talk
from tests.chaos.told_wrong import FOUND, a_line_nobody_answered


def judged(story: Story) -> Verdict:
    tale = Tale()
    story(tale)
    return judge(tale.record())


@pytest.mark.parametrize("story", [pytest.param(story, id=story.__name__) for story in CLEAN])
def test_a_clean_record_is_not_flagged(story: Story) -> None:
    verdict = judged(story)
    assert verdict.clean, f"\n{verdict}"


@pytest.mark.parametrize(
    ("count", "story"),
    [pytest.param(count, story, id=story.__name__) for count, stories in FOUND.items() for story in stories],
)
def test_a_defect_is_found_and_taken_for_no_other(count: Count, story: Story) -> None:
    verdict = judged(story)
    assert verdict.counts == {**dict.fromkeys(Count, 0), count: 1}, f"\n{verdict}"


def test_every_count_has_a_defect_that_shows_it() -> None:
    assert set(FOUND) == set(Count)


def test_what_stands_by_law_6_is_told_and_not_counted_against_it() -> None:
    verdict = judged(a_burst_that_costs_a_draft)
    assert verdict.stands == 2


def test_what_crossed_a_stop_is_told_with_its_delay() -> None:
    verdict = judged(a_stop_while_a_part_is_on_its_way)
    assert (verdict.in_flight, round(verdict.longest_ms)) == (1, 10)
    assert judged(a_talk).in_flight == 0


def test_turns_calls_and_lines_are_told() -> None:
    verdict = judged(a_burst_that_costs_a_draft)
    assert (verdict.turns, verdict.calls, verdict.lines_in, verdict.lines_out) == (4, 5, 4, 5)


def test_evidence_tells_no_words_of_people_but_tokens() -> None:
    verdict = judged(a_line_nobody_answered)
    assert str(verdict) == "unanswered: ANNA-2 of person 2 was never answered"
