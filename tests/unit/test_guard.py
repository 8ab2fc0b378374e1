"""What a reply may not say: money, percentages and links outside the facts, repeats, notes, leaks."""

from __future__ import annotations

from decimal import Decimal

import pytest

from salesbot.dialog import guard
from salesbot.dialog.model import Reply, SendState
from salesbot.scenarios.load import load
from tests.talk import TEAPOTS, Talk


def codes(*parts: str, talk: Talk | None = None) -> list[str]:
    found = guard.check(Reply(parts, "offer"), TEAPOTS, (talk or Talk()).history())
    return [one.code for one in found]


@pytest.mark.parametrize(
    "text",
    [
        "A pot is 40 €.",
        "It costs €40.",
        "40 euros, that is all",
        "Чайник стоит 3 600 ₽.",
        "Чайник стоит 3\u00a0600 руб.",
        "Чайник стоит 3600 рублей, с ситечком 4100 р.",
        "3 600 или 4 100 ₽, на выбор",
        "3600–4100 рублей",
        "3,600 roubles or 4,100 RUB",
        "3,6 тыс. рублей",
        "98 % of them arrive whole",
        "Целыми доезжают 98 процентов.",
        "See https://kettle.example/pots, please.",
        "See kettle.example/pots!",
        "Write to pots@kettle.example.",
        "There are 12 of us, and 3 spoons are enough for 25 people.",
        "Call me at 10:30 on 21.11.2026, room 404.",
        "In 1 minute it is ready; i.e. almost at once, т.е. сразу.",
        "Since 1987 nothing has changed.",
        "Это 2 раза в месяц.",
        "Да.",
        "Хорошо 😊",
        "I would not call that expensive...really.",
    ],
)
def test_what_the_facts_say_may_be_said(text: str) -> None:
    assert codes(text) == []


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("A pot is 39 €.", "money"),
        ("A pot is 40 $.", "money"),
        ("It costs $40.", "money"),
        ("Only 3 599 ₽ today!", "money"),
        ("Отдам за 3000 рублей", "money"),
        ("за 500 р. договоримся", "money"),
        ("2 тыс. рублей", "money"),
        ("3к руб", "money"),
        ("3 600 или 3 000 ₽", "money"),
        ("3600–5000 рублей", "money"),
        ("120 EUR for three", "money"),
        ("40.50 €", "money"),
        ("25 a month", "money"),
        ("300 в месяц", "money"),
        ("300/мес", "money"),
        ("per pot: 2,5 million dollars", "money"),
        ("Цены от 3000", "money"),
        ("for 2500 it is yours", "money"),
        ("10 % off for you", "percentage"),
        ("скидка 15%", "percentage"),
        ("скидка пять? нет, 20 процентов", "percentage"),
        ("12,5 percent less", "percentage"),
        ("https://kettle.example/discounts", "link"),
        ("https://evil.example/pots", "link"),
        ("see kettles.com", "link"),
        ("пишите на t.me/kettle_shop", "link"),
        ("write to @kettle_shop", "link"),
        ("sales@kettle.example", "link"),
        ("see http://127.0.0.1:8000/", "link"),
        ("[voice message, 0:12]", "note"),
        ("Hello [your name]!", "note"),
        ('{"parts": ["Hello"]}', "note"),
        ("I speak like an old friend who happens to know everything about teapots.", "leak"),
        ("SPEAK LIKE AN OLD FRIEND, WHO HAPPENS TO KNOW, said the prompt", "leak"),
    ],
)
def test_what_the_facts_do_not_say_is_refused(text: str, code: str) -> None:
    assert code in codes(text)


@pytest.mark.parametrize(
    ("parts", "code"),
    [
        ((), "empty"),
        (("a", " "), "empty"),
        (("a", "b", "c", "d"), "too_many_parts"),
        (("x" * 301,), "too_long"),
        (("😀" * 151,), "too_long"),
    ],
)
def test_the_form_is_tested_again(parts: tuple[str, ...], code: str) -> None:
    assert codes(*parts) == [code]


def test_a_persons_number_may_be_repeated_but_never_as_money() -> None:
    talk = Talk()
    talk.says("We are 1500 people. 500 roubles, agreed?")
    assert codes("For 1500 people we need a colleague.", talk=talk) == []
    assert codes("500 roubles, agreed.", talk=talk) == ["money"]
    assert codes("For 1600 people we need a colleague.", talk=talk) == ["number"]


def test_what_was_said_is_not_said_again_word_for_word() -> None:
    talk = Talk()
    talk.said("A teapot keeps warm for an hour.")
    talk.says("And then?")
    assert codes("A teapot keeps warm for an hour!", talk=talk) == ["repeat"]
    assert codes("As I said: a teapot keeps warm for an hour.", talk=talk) == []
    assert codes("And then it is cold, I am afraid.", "And then it is cold, I am afraid.") == ["repeat"]


def test_short_words_may_be_said_again() -> None:
    talk = Talk()
    for line in ("ok", "ANNA-17", "Thank you!"):
        talk.said(line)
    assert codes("ok", "ANNA-17", "Thank you!", talk=talk) == []


def test_what_never_arrived_and_what_is_long_past_may_be_said() -> None:
    talk = Talk()
    talk.said("This part was cancelled on its way.", send_state=SendState.CANCELLED)
    assert codes("This part was cancelled on its way.", talk=talk) == []
    talk.said("A teapot keeps warm for an hour.")
    for number in range(guard.REPEAT_WINDOW):
        talk.said(f"Something else was said, number {number}.")
    assert codes("A teapot keeps warm for an hour.", talk=talk) == []


def test_the_message_tells_the_model_what_to_mend() -> None:
    found = guard.check(Reply(("3 000 ₽, 10 % off, see kettles.com",), "offer"), TEAPOTS, Talk().history())
    assert [one.message for one in found] == [
        "The amount 3000 RUB is not in the facts.",
        "10 % is not in the facts.",
        "The address kettles.com is not in the facts.",
    ]


@pytest.mark.parametrize(
    ("text", "amounts"),
    [
        ("4 900 ₽", [(4900, "RUB")]),
        ("4.900 €", [(4900, "EUR")]),
        ("4,900.50 dollars", [(Decimal("4900.5"), "USD")]),
        ("1 234 567 рублей", [(1234567, "RUB")]),
        ("£1,5", [(Decimal("1.5"), "GBP")]),
        ("12 000 RUB, 15 000 RUB", [(12000, "RUB"), (15000, "RUB")]),
        ("1,5 млн руб.", [(1500000, "RUB")]),
        ("3 или 4 тыс. рублей", [(3000, "RUB"), (4000, "RUB")]),
        ("900 или 4 тыс. рублей", [(900_000, "RUB"), (4000, "RUB")]),
        ("$3k", [(3000, "USD")]),
        ("5 people", []),
        ("220 V, 40 by 50 cm", []),
    ],
)
def test_amounts_are_read_as_people_write_them(text: str, amounts: list[tuple[Decimal, str]]) -> None:
    assert guard.amounts(text) == amounts


@pytest.mark.parametrize(
    "text", [",".join("1" * 300), "111 " * 150, "1-" * 300, "a." * 350, "a-" * 350, "1 and " * 110]
)
def test_long_lists_are_read_without_backtracking(text: str) -> None:
    assert guard.check(Reply((text,), "offer"), TEAPOTS, Talk().history())


SALES = load("sales")


@pytest.mark.parametrize("line", [line for line in SALES.facts_text.splitlines() if line.startswith("- ")])
def test_every_line_of_the_shipped_facts_may_be_quoted(line: str) -> None:
    assert guard.check(Reply((line.removeprefix("- "),), "presentation"), SALES, Talk().history()) == ()


@pytest.mark.parametrize(
    ("heard", "said"),
    [
        ("А если сломается?", "Первый месяц подарим."),
        ("А что с ремонтом?", "Первый месяц бесплатно."),
        ("And if it breaks?", "The first month is free."),
    ],
)
def test_that_something_else_is_in_the_price_gives_no_month_away(heard: str, said: str) -> None:
    talk = Talk()
    asked = talk.says(heard)
    found = guard.check(Reply((said,), "needs"), SALES, talk.history(asked))
    assert [one.code for one in found] == ["discount"]
