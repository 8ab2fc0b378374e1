"""Lists of people as spreadsheets, editors and people write them: everything that can be read is read."""

from __future__ import annotations

import codecs
from pathlib import Path

import pytest

from salesbot.adminbot import csvfile
from salesbot.adminbot.checking import Rules, Verdict, judge_all
from salesbot.adminbot.csvfile import Column, Line, Unread, Unreadable, read
from salesbot.export.cells import safe
from salesbot.store.campaigns import Entry

ROOT = Path(__file__).parents[2]
ANNA = {Column.USERNAME: "anna_p", Column.NAME: "Анна", Column.LANGUAGE: "ru"}
RULES = Rules(("sales", "tea"))


def lines(text: str | bytes) -> list[dict[Column, str]]:
    return [dict(line.cells) for line in read(text.encode() if isinstance(text, str) else text).lines]


@pytest.mark.parametrize(
    "data",
    [
        pytest.param("anna_p;Анна;ru\n".encode(), id="semicolons"),
        pytest.param("anna_p,Анна,ru\r\n".encode(), id="commas and CRLF"),
        pytest.param("anna_p\tАнна\tru".encode(), id="tabs, no line break at the end"),
        pytest.param("\ranna_p;Анна;ru\r".encode(), id="the line ends of old Macs"),
        pytest.param(codecs.BOM_UTF8 + "anna_p;Анна;ru".encode(), id="a mark"),
        pytest.param("anna_p;Анна;ru".encode("cp1251"), id="Windows-1251"),
        pytest.param("anna_p\tАнна\tru".encode("utf-16"), id="Unicode text of Excel"),
        pytest.param("sep=;\r\nanna_p;Анна;ru".encode(), id="Excel is told the separator"),
        pytest.param("username;name;language\nanna_p;Анна;ru".encode(), id="a header"),
        pytest.param("язык;ИМЯ;Ник\nru;Анна;anna_p".encode("cp1251"), id="a Russian header in another order"),
        pytest.param("Name,Username*,Language:\nАнна,anna_p,ru".encode(), id="decorated names of columns"),
        pytest.param('"anna_p";"Анна";"ru"'.encode(), id="everything in quotation marks"),
        pytest.param(" anna_p ;  Анна ; ru ;;;;\n;;;\n\n".encode(), id="blanks, empty cells, empty lines"),
        pytest.param("\ufeff\u200banna_p\u00a0;Анна;ru".encode(), id="marks that nobody sees"),
    ],
)
def test_the_same_person_however_it_is_written(data: bytes) -> None:
    assert lines(data) == [ANNA]


def test_a_file_is_not_taken_for_another_encoding_because_of_one_damaged_byte() -> None:
    data = "anna_p;Анна Петровна Кузнецова, клиент с выставки;ru".encode() + b"\xff"
    assert lines(data)[0][Column.NAME].startswith("Анна Петровна")


def test_commas_inside_a_note_do_not_separate_where_semicolons_do() -> None:
    text = "anna_p;Anna;ru;;;likes red, green, blue, white, black, pink, cyan\nboris;Boris;en;;;a, b, c, d, e, f, g, h"
    assert [line[Column.NOTES][:9] for line in lines(text)] == ["likes red", "a, b, c, "]


def test_semicolons_inside_a_note_do_not_separate_where_commas_do() -> None:
    text = 'username,notes\nanna_p,"a; b; c; d"\nboris,"e; f; g; h"'
    assert [line[Column.NOTES] for line in lines(text)] == ["a; b; c; d", "e; f; g; h"]


def test_a_cell_may_hold_line_breaks_and_quotation_marks() -> None:
    (line,) = lines('anna_p;"ООО ""Ромашка""";ru;;;"first\r\n\r\n second  line"')
    assert line[Column.NAME] == 'ООО "Ромашка"'
    assert line[Column.NOTES] == "first\n\nsecond line"


def test_lines_are_numbered_as_an_editor_numbers_them() -> None:
    sheet = read(b'sep=;\nusername;notes\n\nanna_p;"one\ntwo"\n\nboris\n')
    assert [line.number for line in sheet.lines] == [4, 7]


def test_only_usernames_one_a_line() -> None:
    assert lines("@anna_p\nhttps://t.me/boris\nclara") == [
        {Column.USERNAME: "@anna_p"},
        {Column.USERNAME: "https://t.me/boris"},
        {Column.USERNAME: "clara"},
    ]


def test_columns_that_mean_nothing_here_are_named() -> None:
    sheet = read("username;Телефон;name;City\nanna_p;+7 900;Anna;Omsk".encode())
    assert sheet.unknown == ["Телефон", "City"]
    assert sheet.lines[0].cells == {Column.USERNAME: "anna_p", Column.NAME: "Anna"}


def test_what_stands_beyond_the_last_column_is_not_lost_in_silence() -> None:
    (line,) = read(b"username;notes\nanna_p;one;two;;three;\n").lines
    assert line.surplus == "two;;three"


@pytest.mark.parametrize(
    ("data", "why", "what"),
    [
        (b"", Unread.EMPTY, ""),
        (b" \n;;\n\t\r\n", Unread.EMPTY, ""),
        (b"username;name\n", Unread.EMPTY, ""),
        (b"PK\x03\x04workbook", Unread.WORKBOOK, ""),
        (b"\xd0\xcf\x11\xe0\xa1\xb1", Unread.WORKBOOK, ""),
        (b"%PDF-1.7\0\0", Unread.NOT_TEXT, ""),
        (b"name;language\nAnna;ru", Unread.NO_USERNAMES, ""),
        ("Анна;ru\nБорис;ru".encode(), Unread.NO_USERNAMES, ""),
        (b"+79161234567\n12345", Unread.NO_USERNAMES, ""),
        (b"username;name;username\nanna_p;Anna;boris", Unread.COLUMN_TWICE, "username"),
        (b"username;tg\nanna_p;anna_p", Unread.COLUMN_TWICE, "username"),
        (b'anna_p;"Anna\nboris;Boris\nclara;Clara\n', Unread.QUOTE_OPEN, "1"),
        (b'anna_p;Anna\nboris;Boris"\nclara;"', Unread.QUOTE_OPEN, "3"),
        (b"anna_p;" + b"x" * 120_000, Unread.CELL_TOO_LONG, "1"),
        (b"anna_p\nboris;" + b"x" * 200_000, Unread.CELL_TOO_LONG, "2"),
        (b"x" * (csvfile.MOST_BYTES + 1), Unread.TOO_LARGE, ""),
        (b"anna_p\n" * (csvfile.MOST_LINES + 1), Unread.TOO_MANY_LINES, str(csvfile.MOST_LINES + 1)),
    ],
)
def test_what_cannot_be_read_says_why(data: bytes, why: Unread, what: str) -> None:
    with pytest.raises(Unreadable) as refused:
        read(data)
    assert (refused.value.why, refused.value.what) == (why, what)


def judged(*cells: dict[Column, str], rules: Rules = RULES, surplus: str = "") -> list[tuple[Verdict, str]]:
    found = judge_all([Line(number, each, surplus) for number, each in enumerate(cells, 1)], rules)
    return [(one.verdict, one.what) for one in found]


@pytest.mark.parametrize(
    ("cells", "verdict", "what"),
    [
        ({Column.USERNAME: "@anna_p"}, Verdict.OK, ""),
        ({Column.USERNAME: "https://t.me/anna_p?start=1"}, Verdict.OK, ""),
        ({}, Verdict.NO_USERNAME, ""),
        ({Column.USERNAME: "анна"}, Verdict.MALFORMED_USERNAME, "анна"),
        ({Column.USERNAME: "an"}, Verdict.MALFORMED_USERNAME, "an"),
        ({Column.USERNAME: "501"}, Verdict.MALFORMED_USERNAME, "501"),
        ({Column.USERNAME: "=HYPERLINK()"}, Verdict.MALFORMED_USERNAME, "=HYPERLINK()"),
        ({**ANNA, Column.LANGUAGE: "pt_BR"}, Verdict.OK, ""),
        ({**ANNA, Column.LANGUAGE: "Russian"}, Verdict.BAD_LANGUAGE, "Russian"),
        ({**ANNA, Column.TIMEZONE: "europe/moscow"}, Verdict.OK, ""),
        ({**ANNA, Column.TIMEZONE: "МСК+2"}, Verdict.OK, ""),
        ({**ANNA, Column.TIMEZONE: "Moscow"}, Verdict.BAD_TIMEZONE, "Moscow"),
        ({**ANNA, Column.SCENARIO: "tea"}, Verdict.OK, ""),
        ({**ANNA, Column.SCENARIO: "coffee"}, Verdict.UNKNOWN_SCENARIO, "coffee"),
        ({**ANNA, Column.NAME: "x" * 101}, Verdict.TOO_LONG, "name"),
        ({**ANNA, Column.NOTES: "x" * 3_001}, Verdict.TOO_LONG, "notes"),
    ],
)
def test_a_line_by_itself(cells: dict[Column, str], verdict: Verdict, what: str) -> None:
    assert judged(cells) == [(verdict, what)]


def test_the_first_well_formed_line_of_a_person_counts() -> None:
    found = judged(
        {Column.USERNAME: "anna_p", Column.TIMEZONE: "nowhere"},
        {Column.USERNAME: "@Anna_P"},
        {Column.USERNAME: "t.me/anna_p"},
        {Column.USERNAME: "boris"},
    )
    assert found == [(Verdict.BAD_TIMEZONE, "nowhere"), (Verdict.OK, ""), (Verdict.DUPLICATE, "2"), (Verdict.OK, "")]


def test_without_a_basis_nobody_is_written_to_where_one_is_required() -> None:
    strict = Rules(("sales",), require_basis=True)
    assert judged({Column.USERNAME: "anna_p"}, rules=strict) == [(Verdict.NO_BASIS, "")]
    assert judged({Column.USERNAME: "anna_p", Column.BASIS: "asked"}, rules=strict) == [(Verdict.OK, "")]


def test_surplus_cells_leave_a_line_out() -> None:
    assert judged(ANNA, surplus="more") == [(Verdict.SURPLUS, "more")]


def test_what_is_kept_of_a_line() -> None:
    sheet = read("@anna_p;Анна;RU;Europe/Moscow;asked for a price;#fair, tall;tea".encode())
    (one,) = judge_all(sheet.lines, RULES)
    kept = one.kept
    assert (kept.line, kept.username, kept.name, kept.language) == (1, "anna_p", "Анна", "ru")
    assert (kept.timezone, kept.basis, kept.note) == ("Europe/Moscow", "asked for a price", "#fair, tall")
    assert (kept.scenario, kept.reason) == ("tea", "")


def test_of_who_is_left_out_nothing_is_kept_but_why() -> None:
    (one,) = judge_all(read(b"anna_p;Anna;klingon").lines, RULES)
    assert one.kept == Entry(1, "", reason=Verdict.BAD_LANGUAGE.value)


@pytest.mark.parametrize(
    ("cell", "shown"),
    [
        ("Anna", "Anna"),
        ("=1+1", "'=1+1"),
        ("+7 900", "'+7 900"),
        ("-1", "'-1"),
        ("@anna", "'@anna"),
        ("\t=1", "'\t=1"),
        (" \n=1", "' \n=1"),
        ("\uff1d1", "'\uff1d1"),
        ("a=1", "a=1"),
        ("", ""),
    ],
)
def test_no_cell_is_run_by_a_spreadsheet(cell: str, shown: str) -> None:
    assert safe(cell) == shown


def test_the_example_of_the_documentation_is_one() -> None:
    checked = judge_all(read((ROOT / "docs" / "import-example.csv").read_bytes()).lines, RULES)
    assert [(one.entry.username, one.ok) for one in checked] == [
        ("anna_petrova", True),
        ("boris_k", True),
        ("clara_m", True),
    ]
    assert (ROOT / "docs" / "import-example.csv").read_text() in (ROOT / "docs" / "import.md").read_text()
