"""The guard's cases: of the seen ones all, of the unseen ones nearly all, all invented money, and no false alarm.

Of the unseen files nothing but counts by kind is shown, so that nobody who mends the rules learns from a failure what
their cases say. They were committed before the rules that they judge.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path

import pytest

from tests.cases.cases import guard_cases
from tests.cases.table import table

RECALL, FALSE_ALARMS = Fraction(95, 100), Fraction(1, 100)
SEEN, UNSEEN = ("guard-ru", "guard-en"), ("guard-ru-unseen", "guard-en-unseen")
CODE = Path(__file__).parents[2] / "salesbot" / "dialog"
RUN = 4
"""So many words in a row of a case are a phrase of it."""
WORD = re.compile(r"[^\W\d_]+(?:'[^\W\d_]+)?")


@pytest.mark.parametrize("file", SEEN)
def test_every_seen_case_is_judged_as_its_author_meant_it(file: str) -> None:
    judged = table(file)
    print(judged)
    told = [
        f"{'passed' if case.refused else 'refused'}: {case.name}: {' / '.join(case.texts)}" for case in judged.wrong
    ]
    if told:
        pytest.fail("\n".join([str(judged), *told]), pytrace=False)


@pytest.mark.parametrize("file", UNSEEN)
def test_unseen_faults_are_refused_without_false_alarms(file: str) -> None:
    judged = table(file)
    print(judged)
    good = judged.recall >= RECALL and judged.false_alarms < FALSE_ALARMS
    if not good or judged.refused["money"] < judged.faults["money"]:
        pytest.fail(str(judged), pytrace=False)


@pytest.mark.parametrize(("files", "many"), [(SEEN, 150), (UNSEEN, 60)])
def test_half_of_each_file_must_pass(files: tuple[str, ...], many: int) -> None:
    for file in files:
        truth = [case.refused for case in guard_cases(file)]
        assert (file, len(truth), sum(truth)) == (file, many, many // 2)


def shape(texts: tuple[str, ...]) -> str:
    """A case without its numbers and names."""
    line = re.sub(r"\d+(?:[ .,:]\d+)*", "0", " / ".join(texts))
    line = re.sub(r"(?<![/.!?…] )(?<!\A)\b[A-ZА-ЯЁ][\w-]*", "Name", line)
    return " ".join(re.findall(r"\w+|[/?]", line.casefold()))


def test_no_two_cases_differ_by_a_name_or_a_number_only() -> None:
    shapes = Counter(shape((*case.texts, *case.reply.sums)) for file in (*SEEN, *UNSEEN) for case in guard_cases(file))
    assert [many for many in shapes.values() if many > 1] == []


def words(text: str) -> list[str]:
    return WORD.findall(text.casefold().replace("ё", "е").replace("’", "'"))


def phrases() -> Iterator[str]:
    for file in (*SEEN, *UNSEEN):
        for case in guard_cases(file):
            for text in case.texts:
                line = words(text.partition(": ")[2] if text in case.said else text)
                yield from (" ".join(line[at : at + RUN]) for at in range(len(line) - RUN + 1))


def test_no_phrase_of_a_case_stands_in_the_code() -> None:
    """Runs of words, wherever the code's marks and brackets stand between them."""
    of_cases = Counter(phrases())
    found = 0
    for path in [*CODE.glob("guard/*.py"), CODE / "guard" / "__init__.py"]:
        line = words(path.read_text(encoding="utf-8"))
        found += sum(" ".join(line[at : at + RUN]) in of_cases for at in range(len(line) - RUN + 1))
    assert found == 0
