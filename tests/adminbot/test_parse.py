"""What admins type, as tables."""

from __future__ import annotations

from html import unescape

import pytest
from hypothesis import given
from hypothesis import strategies as st

from salesbot.adminbot import parse
from salesbot.adminbot.html import esc, slices, units
from salesbot.adminbot.parse import Start, Whom, Wrong, WrongInput
from salesbot.visible import clip


@pytest.mark.parametrize(
    ("typed", "wanted"),
    [
        ("@anna", Start("anna")),
        ("anna_P1", Start("anna_P1")),
        ("https://t.me/anna", Start("anna")),
        ("http://www.telegram.me/anna/", Start("anna")),
        ("T.ME/anna?start=1", Start("anna")),
        ("0012345", Start("12345")),
        ("  @anna   scenario=sales ", Start("anna", scenario="sales")),
        (
            '@anna basis="asked twice" account=+79990001122',
            Start("anna", "", "asked twice", "+79990001122"),
        ),
        ("@anna basis=“умные кавычки”", Start("anna", basis="умные кавычки")),
        ("@anna basis=«ёлочки = тоже»", Start("anna", basis="ёлочки = тоже")),
        ("@anna basis='she said \"yes\"'", Start("anna", basis='she said "yes"')),
        ("@anna BASIS=fair", Start("anna", basis="fair")),
        ("@anna\nbasis=fair", Start("anna", basis="fair")),
    ],
)
def test_start_understands(typed: str, wanted: Start) -> None:
    assert parse.start(typed) == wanted


@pytest.mark.parametrize(
    ("typed", "wrong", "what"),
    [
        ("@ann a", Wrong.MALFORMED_USERNAME, "@ann"),
        ("@1anna", Wrong.MALFORMED_USERNAME, "@1anna"),
        ("@анна", Wrong.MALFORMED_USERNAME, "@анна"),
        ("@" + "a" * 33, Wrong.MALFORMED_USERNAME, "@" + "a" * 33),
        ("https://t.me/joinchat/AAA", Wrong.MALFORMED_USERNAME, "https://t.me/joinchat/AAA"),
        ("https://example.com/anna", Wrong.MALFORMED_USERNAME, "https://example.com/anna"),
        ("t.me/12345", Wrong.MALFORMED_USERNAME, "t.me/12345"),
        ("99999999999999999999", Wrong.MALFORMED_USERNAME, "99999999999999999999"),
        ("٣٤٥", Wrong.MALFORMED_USERNAME, "٣٤٥"),
        ("@anna colour=red", Wrong.UNKNOWN_KEY, "colour"),
        ("@anna basis=a basis=b", Wrong.KEY_TWICE, "basis"),
        ("@anna basis=", Wrong.EMPTY_VALUE, "basis"),
        ('@anna basis="  "', Wrong.EMPTY_VALUE, "basis"),
        ("@anna please", Wrong.TOO_MUCH, "please"),
        ('@anna basis="open', Wrong.TOO_MUCH, 'basis="open'),
    ],
)
def test_start_says_what_is_wrong(typed: str, wrong: Wrong, what: str) -> None:
    with pytest.raises(WrongInput) as raised:
        parse.start(typed)
    assert (raised.value.wrong, raised.value.what) == (wrong, what)


@pytest.mark.parametrize("typed", ["7", " 7 ", "#7", "№7", "№ 7", "007"])
def test_a_number_may_be_written_in_many_ways(typed: str) -> None:
    assert parse.number(typed) == 7


@pytest.mark.parametrize(
    ("typed", "wrong"),
    [
        (None, Wrong.NUMBER_MISSING), ("", Wrong.NUMBER_MISSING), ("№", Wrong.NUMBER_MISSING),
        ("0", Wrong.NOT_A_NUMBER), ("-7", Wrong.NOT_A_NUMBER), ("7.0", Wrong.NOT_A_NUMBER), ("x", Wrong.NOT_A_NUMBER),
        ("٧", Wrong.NOT_A_NUMBER), ("9" * 5_000, Wrong.NOT_A_NUMBER), ("7 8", Wrong.TOO_MUCH),
    ],
)  # fmt: skip
def test_a_wrong_number_is_named(typed: str | None, wrong: Wrong) -> None:
    with pytest.raises(WrongInput) as raised:
        parse.number(typed)
    assert raised.value.wrong is wrong


@pytest.mark.parametrize(
    ("typed", "wanted"),
    [
        ("@anna", Whom("anna")),
        (" https://t.me/anna ", Whom("anna")),
        ("700000501", Whom("700000501")),
        ("№7", Whom("7", numbered=True)),
        ("# 7", Whom("7", numbered=True)),
    ],
)
def test_a_person_is_named_in_many_ways(typed: str, wanted: Whom) -> None:
    assert parse.whom(typed) == wanted


@pytest.mark.parametrize(
    ("typed", "basis"),
    [
        ('@anna "asked at the fair"', "asked at the fair"),
        ("@anna “she wrote first”", "she wrote first"),
        ("@anna «договор № 7»", "договор № 7"),
        ("@anna basis='a  fair'", "a fair"),
        ('@anna her "boss" asked', 'her "boss" asked'),
        ("@anna\nasked\ntwice", "asked twice"),
    ],
)
def test_a_basis_may_be_quoted_or_not(typed: str, basis: str) -> None:
    assert parse.basis(typed) == (Whom("anna"), basis)


@pytest.mark.parametrize(
    ("typed", "wrong"),
    [
        (None, Wrong.PERSON_MISSING),
        ("  ", Wrong.PERSON_MISSING),
        ("@anna", Wrong.BASIS_MISSING),
        ('@anna ""', Wrong.BASIS_MISSING),
        ("@anna “  ”", Wrong.BASIS_MISSING),
        ("@anna basis=", Wrong.BASIS_MISSING),
        ("@a fair", Wrong.MALFORMED_USERNAME),
        ("№x fair", Wrong.NOT_A_NUMBER),
    ],
)
def test_a_basis_that_is_missing_is_said_so(typed: str | None, wrong: Wrong) -> None:
    with pytest.raises(WrongInput) as raised:
        parse.basis(typed)
    assert raised.value.wrong is wrong


@given(st.text(), st.integers(10, 200))
def test_slices_leave_nothing_out_and_fit(text: str, limit: int) -> None:
    pieces = list(slices(text, limit))
    assert "".join(unescape(piece) if "&" in piece else piece for piece in pieces) == unescape(esc(text))
    assert all(units(piece) <= limit for piece in pieces)


@given(st.text(), st.integers(2, 50))
def test_a_clipped_line_is_one_line_and_shows_that_it_was_cut(text: str, length: int) -> None:
    line = clip(text, length)
    assert len(line) <= length
    assert line == " ".join(text.split()) or line.endswith("…")
