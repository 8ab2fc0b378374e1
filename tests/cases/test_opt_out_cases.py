"""The opt-out's cases: of the seen ones all, of the unseen ones nearly all and no false alarm.

Of the unseen files nothing but counts is shown, so that nobody who mends the rules learns their phrases from a failure.
"""

from __future__ import annotations

from fractions import Fraction

import pytest

from salesbot.dialog.optout import is_opt_out
from tests.cases.cases import read

RECALL, FALSE_ALARMS = Fraction(95, 100), Fraction(1, 100)
LANGUAGES = ("ru", "en")


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_seen_phrase_is_judged_as_its_author_meant_it(language: str) -> None:
    cases = read(f"opt-out-{language}")
    wrong = [case["text"] for case in cases if is_opt_out(case["text"]) is not case["opt_out"]]
    print(f"opt-out-{language}: {len(cases) - len(wrong)} of {len(cases)} right")
    assert not wrong, "\n".join(wrong)


@pytest.mark.parametrize("language", LANGUAGES)
def test_unseen_phrases_are_recognised_without_false_alarms(language: str) -> None:
    meant, found = {True: 0, False: 0}, {True: 0, False: 0}
    for case in read(f"opt-out-{language}-unseen"):
        meant[case["opt_out"]] += 1
        found[case["opt_out"]] += is_opt_out(case["text"])
    figures = f"recall {found[True]} of {meant[True]}, false alarms {found[False]} of {meant[False]}"
    print(f"opt-out-{language}-unseen: {figures}")
    good = found[True] >= RECALL * meant[True] and found[False] < FALSE_ALARMS * meant[False]
    if not good:
        pytest.fail(figures, pytrace=False)


@pytest.mark.parametrize("language", LANGUAGES)
def test_half_of_the_phrases_are_none(language: str) -> None:
    for file, many in ((f"opt-out-{language}", 200), (f"opt-out-{language}-unseen", 60)):
        truth = [case["opt_out"] for case in read(file)]
        assert (len(truth), sum(truth)) == (many, many // 2)
