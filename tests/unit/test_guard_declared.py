"""What a reply may say because it declares it: sums over facts, which are computed, and promises, which are noted."""

from __future__ import annotations

import pytest

from salesbot.dialog import guard
from salesbot.dialog.model import Promise, Reply
from salesbot.scenarios.load import load
from tests.talk import Talk

SALES = load("sales")
STAGE = SALES.stages[0].name


def codes(text: str, *sums: str) -> list[str]:
    found = guard.check(Reply((text,), STAGE, sums=sums), SALES, Talk().history())
    return [one.code for one in found]


def test_a_promise_is_made_with_the_one_that_is_noted() -> None:
    promised = "I'll send you the figures tomorrow."
    assert codes(promised) == ["promise"]
    noted = Reply((promised,), STAGE, promise=Promise("send the figures"))
    assert guard.check(noted, SALES, Talk().history()) == ()


@pytest.mark.parametrize(
    ("text", "sums", "expected"),
    [
        ("Two Team plans are 17 800 roubles a month.", ("2 * team",), []),
        ("Два тарифа «Команда» — 17 800 ₽ в месяц.", ("2 * team",), []),
        ("Two Team plans are 17 800 roubles a month.", (), ["money"]),
        ("Two Team plans are 17 000 roubles a month.", ("2 * team",), ["money"]),
        ("Two Team plans are 17 000 roubles a month.", ("2 * team", "17000"), ["sum", "money"]),
        ("Let me see.", ("2 * everything",), ["sum"]),
        ("Let me see.", ("team - 500",), ["sum"]),
        ("Let me see.", ("team * team",), ["sum"]),
    ],
)
def test_only_what_was_computed_may_be_named(text: str, sums: tuple[str, ...], expected: list[str]) -> None:
    assert codes(text, *sums) == expected
