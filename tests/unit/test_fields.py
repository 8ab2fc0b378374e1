"""What is learnt about a person: values by their kind, and the words that prove them."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from salesbot.dialog.fields import TEXT_LENGTH, Proven, normalised, prove
from salesbot.dialog.model import FieldKind, Kind, Learnt
from salesbot.dialog.scenario import Field
from tests.talk import NOON, TEAPOTS, Talk

TODAY = date(2026, 11, 21)
"""A Saturday."""
K = FieldKind


@pytest.mark.parametrize(
    ("kind", "value", "expected"),
    [
        (K.TEXT, "  the head\nof the office ", "the head of the office"),
        (K.TEXT, "x" * 1000, "x" * TEXT_LENGTH),
        (K.TEXT, "   ", None),
        (K.NUMBER, "12", "12"),
        (K.NUMBER, "12 человек", "12"),
        (K.NUMBER, "1 200", "1200"),
        (K.NUMBER, "2,5", "2.5"),
        (K.NUMBER, "from 10 to 12", None),
        (K.NUMBER, "-3", None),
        (K.NUMBER, "a few", None),
        (K.NUMBER, "9" * 40, None),
        (K.CHOICE, "ЕЩЁ ДУМАЮ", "еще думаю"),
        (K.CHOICE, "Green!", "green"),
        (K.CHOICE, "blue", None),
        (K.DATE, "2026-11-24", "2026-11-24"),
        (K.DATE, "2026-11-24T15:00", "2026-11-24 15:00"),
        (K.DATE, "2026-11-24 15:00:00", "2026-11-24 15:00"),
        (K.DATE, "2026-02-30", None),
        (K.DATE, "24.11", "2026-11-24"),
        (K.DATE, "20.11", "2027-11-20"),
        (K.DATE, "24.11.26", "2026-11-24"),
        (K.DATE, "1/2/2027", "2027-02-01"),
        (K.DATE, "31.02", None),
        (K.DATE, "tomorrow", "2026-11-22"),
        (K.DATE, "Послезавтра", "2026-11-23"),
        (K.DATE, "в понедельник", "2026-11-23"),
        (K.DATE, "on Saturday", "2026-11-28"),
        (K.DATE, "soon", None),
        (K.PHONE, "+7 (999) 123-45-67", "+79991234567"),
        (K.PHONE, "8 999 123 45 67", "+79991234567"),
        (K.PHONE, "9991234567", "+79991234567"),
        (K.PHONE, "49 30 901820", "+4930901820"),
        (K.PHONE, "12", None),
        (K.PHONE, "call me", None),
        (K.EMAIL, "Anna.P@Example.com", "anna.p@example.com"),
        (K.EMAIL, "anna@example", None),
        (K.EMAIL, "anna at example.com", None),
    ],
)
def test_a_value_is_kept_in_one_form(kind: FieldKind, value: str, expected: str | None) -> None:
    field = Field("it", kind, "", ("green", "еще думаю") if kind is K.CHOICE else ())
    assert normalised(value, field, TODAY) == expected


SCENARIO = replace(
    TEAPOTS,
    fields=(
        Field("pots", K.NUMBER, "how many pots"),
        Field("phone", K.PHONE, "where to call"),
        Field("email", K.EMAIL, "where to write"),
        Field("who", K.TEXT, "who decides"),
    ),
)


def talk() -> Talk:
    said = Talk()
    said.says("Нам нужно ещё двенадцать: офис большой.")
    said.said("We have twenty pots for you, call +7 999 000-00-00")
    said.says("My number: +7 (999) 123-45-67, Anna@Example.com")
    said.says("our boss decides, not me")
    said.says("Our boss decides.", deleted_at=NOON)
    said.says(kind=Kind.CONTACT, media="Oleg +7 999 765-43-21")
    return said


@pytest.mark.parametrize(
    ("learnt", "expected"),
    [
        (Learnt("pots", "12", "нам нужно еще Двенадцать, офис"), Proven("pots", "12", 1)),
        (Learnt("pots", "12", "нужно двенадцать"), None),
        (Learnt("pots", "20", "twenty pots"), None),
        (Learnt("pots", "12", "...!"), None),
        (Learnt("pots", "many", "офис большой"), None),
        (Learnt("who", "the boss", "our boss"), Proven("who", "the boss", 4)),
        (Learnt("who", "the boss", "ur boss"), None),
        (Learnt("phone", "+79991234567", "my number"), Proven("phone", "+79991234567", 3)),
        (Learnt("phone", "+79991112233", "my number"), None),
        (Learnt("phone", "+79990000000", "call"), None),
        (Learnt("phone", "8 999 765-43-21", "Oleg"), Proven("phone", "+79997654321", 6)),
        (Learnt("email", "anna@example.com", "anna@example.com"), Proven("email", "anna@example.com", 3)),
        (Learnt("email", "oleg@example.com", "example.com"), None),
    ],
    ids=lambda value: value.quote if isinstance(value, Learnt) else "",
)
def test_words_of_the_person_prove_a_field(learnt: Learnt, expected: Proven | None) -> None:
    found = prove([learnt], SCENARIO, talk().messages, TODAY)
    assert found == (((expected,), ()) if expected else ((), (learnt.field,)))


def test_the_newest_message_that_holds_the_words_is_the_proof() -> None:
    said = Talk()
    said.says("ten")
    newest = said.says("so, ten.")
    assert prove([Learnt("pots", "10", "ten")], SCENARIO, said.messages, TODAY)[0] == (Proven("pots", "10", newest.id),)


def test_the_last_that_is_proven_counts_and_a_field_that_does_not_exist_is_nobody_s() -> None:
    learnt = [
        Learnt("pots", "10", "двенадцать"),
        Learnt("pots", "12", "двенадцать"),
        Learnt("pots", "99", "nobody said so"),
        Learnt("mood", "merry", "boss"),
    ]
    assert prove(learnt, SCENARIO, talk().messages, TODAY) == ((Proven("pots", "12", 1),), ())
