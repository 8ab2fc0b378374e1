"""Numbers as people write and say them, in digits and in words, Russian and English, and what they count."""

from __future__ import annotations

from decimal import Decimal

import pytest

from salesbot.dialog.guard.numbers import scan
from salesbot.dialog.guard.quantities import What, quantities
from salesbot.dialog.guard.words import read


def values(text: str) -> list[Decimal]:
    return [one.value for one in scan(read(text))]


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("пятьсот", 500),
        ("пятистам", 500),
        ("пятью тысячами", 5000),
        ("пять тысяч девятьсот", 5900),
        ("пять девятьсот", 5900),
        ("восьмью тысячами девятьюстами", 8900),
        ("полторы тысячи", 1500),
        ("полутора тысяч", 1500),
        ("четыре с половиной тысячи", 4500),
        ("полтысячи", 500),
        ("пара сотен", 200),
        ("тысяч пять", 5000),
        ("тысяч за сорок", 40_000),
        ("5к", 5000),
        ("5 тысяч 900", 5900),
        ("4,9 тыс.", 4900),
        ("два миллиона триста", 2_000_300),
        ("сорок семь", 47),
        ("двести тридцать пять", 235),
        ("nineteen hundred", 1900),
        ("forty-nine hundred", 4900),
        ("half a thousand", 500),
        ("half a grand", 500),
        ("five grand", 5000),
        ("a couple of hundred", 200),
        ("a thousand", 1000),
        ("four thousand nine hundred", 4900),
        ("two thousand, three hundred", 2300),
        ("five hundred and fifty", 550),
        ("one and a half thousand", 1500),
        ("twenty-five", 25),
        ("5.9k", 5900),
        ("4 900", 4900),
        ("4,900.50", Decimal("4900.5")),
    ],
)
def test_a_number_is_read_whatever_it_is_written_in(text: str, number: Decimal) -> None:
    assert values(text) == [number]


@pytest.mark.parametrize(
    ("text", "numbers"),
    [
        ("пять-шесть", [5, 6]),
        ("двадцать, тридцать", [20, 30]),
        ("3 1500", [3, 1500]),
        ("two or three", [2, 3]),
        ("9 до 18", [9, 18]),
    ],
)
def test_two_numbers_stay_two(text: str, numbers: list[int]) -> None:
    assert values(text) == numbers


@pytest.mark.parametrize(
    ("text", "what", "value", "unit"),
    [
        ("рублей пятьсот", What.MONEY, 500, "RUB"),
        ("семьсот рублей", What.MONEY, 700, "RUB"),
        ("fifty quid", What.MONEY, 50, "GBP"),
        ("пятихатка", What.MONEY, 500, ""),
        ("десять процентов", What.PERCENT, 10, "%"),
        ("ten per cent", What.PERCENT, 10, "%"),
        ("десятипроцентная", What.PERCENT, 10, "%"),
        ("полгода", What.DURATION, 6, "months"),
        ("трёхмесячный", What.DURATION, 3, "months"),
        ("within a week", What.DURATION, 7 * 86400, "seconds"),
        ("семь дней", What.DURATION, 7 * 86400, "seconds"),
        ("a six-month contract", What.DURATION, 6, "months"),
        ("минут двадцать", What.DURATION, 1200, "seconds"),
        ("в 10 часов", What.CLOCK, 10, "hour"),
        ("5 pm", What.CLOCK, 5, "hour"),
        ("21 ноября", What.DATE, 21, "date"),
        ("25 человек", What.COUNT, 25, "человек"),
    ],
)
def test_a_number_counts_what_stands_beside_it(text: str, what: What, value: int, unit: str) -> None:
    assert [(one.what, *one.canonical) for one in quantities(read(text))] == [(what, value, unit)]


@pytest.mark.parametrize("text", ["один из вас", "first of all", "стоит подумать", "столько же"])
def test_words_that_only_look_like_numbers_are_none(text: str) -> None:
    assert quantities(read(text)) == ()
