"""What is found out about texts is found out once, and forgotten in time."""

from __future__ import annotations

from dataclasses import replace

from salesbot.dialog.guard.words import Span, of_span, of_text, read
from salesbot.dialog.remembered import LONG, LONG_ONES, forget_texts, remembered
from salesbot.dialog.scenario import Scenario
from tests.talk import TEAPOTS


def test_a_text_is_looked_at_once() -> None:
    asked: list[str] = []

    @remembered(2)
    def look(text: str) -> int:
        asked.append(text)
        return len(text)

    assert [look("a"), look("bb"), look("a")] == [1, 2, 1]
    assert asked == ["a", "bb"]


def test_no_text_is_remembered_once_somebody_is_erased() -> None:
    asked: list[str] = []
    look = remembered(2)(asked.append)
    texts = ["short", "long" * LONG]
    for text in texts:
        look(text)
    forget_texts()
    for text in texts:
        look(text)
    assert asked == texts * 2


def test_of_many_texts_the_latest_are_remembered() -> None:
    asked: list[str] = []
    look = remembered(2)(asked.append)
    for text in ("a", "b", "c", "a"):
        look(text)
    assert asked == ["a", "b", "c", "a"]


def test_of_long_texts_few_are_remembered_however_many_short_ones_are() -> None:
    asked: list[str] = []
    look = remembered(1000)(asked.append)
    texts = ["short", *(f"{number}" * LONG for number in range(LONG_ONES + 1))]
    for text in (*texts, texts[0], texts[-1], texts[1]):
        look(text)
    assert asked == [*texts, texts[1]]


def test_what_is_known_of_a_span_is_known_of_its_equal_and_of_no_other() -> None:
    asked: list[str] = []

    @of_span
    def line(span: Span) -> str:
        asked.append(span.line)
        return span.line

    text = read("Buy a teapot. Buy a teapot.")
    first, second = text.sentences
    assert [line(first), line(text.whole), line(replace(first)), line(second)] == [
        first.line,
        text.whole.line,
        first.line,
        second.line,
    ]
    assert len(asked) == 3


def test_what_is_known_of_a_text_goes_with_it() -> None:
    count = of_text(lambda text: [len(text.tokens)])
    one = read("tea")
    assert count(one) is count(one)
    assert count(replace(one)) is not count(one)


def test_a_scenario_keeps_what_is_made_of_it_and_a_changed_one_makes_its_own() -> None:
    def shout(scenario: Scenario) -> str:
        return scenario.name.upper()

    assert TEAPOTS.kept(shout) is TEAPOTS.kept(shout)
    assert replace(TEAPOTS, name="pots").kept(shout) == "POTS"
