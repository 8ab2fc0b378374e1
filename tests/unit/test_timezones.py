"""Where somebody lives, as far as the little that is known of them tells it."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import replace
from datetime import UTC, datetime, time

import pytest

from salesbot.dialog import timezones
from salesbot.dialog.model import FieldKind
from salesbot.dialog.scenario import Field
from salesbot.dialog.timezones import timezone_of
from salesbot.dialog.timing import known_zone, within_quiet_hours
from tests.talk import TEAPOTS

SCENARIO = replace(TEAPOTS, timezone="Europe/Moscow", fields=(Field("mobile", FieldKind.PHONE, "their number"),))
BERLIN_PHONE, MOSCOW_OFFICE, MOSCOW_MOBILE = "+49 1511 2345678", "+7 495 123-45-67", "79161234567"


@pytest.mark.parametrize(
    ("words", "zone"),
    [
        ("Europe/Berlin", "Europe/Berlin"),
        ("america/new york", "America/New_York"),
        ("UTC", "Etc/GMT"),
        ("utc+3", "Etc/GMT-3"),
        ("GMT-05:00", "Etc/GMT+5"),
        ("+5:30", "Asia/Kolkata"),
        ("UTC −9:30", "Pacific/Marquesas"),
        ("МСК", "Europe/Moscow"),
        ("мск+4", "Etc/GMT-7"),
        ("msk -1", "Etc/GMT-2"),
        ("Berlin", None),
        ("somewhere/else", None),
        ("utc+5:17", None),
        ("3", None),
        ("", None),
    ],
)
def test_a_zone_is_named_by_its_name_or_its_offset(words: str, zone: str | None) -> None:
    assert timezones.of_words(words) == zone


@pytest.mark.parametrize("words", ["UTC+15", "UTC-13", "+99"])
def test_an_offset_where_nobody_lives_counts_for_nothing(words: str) -> None:
    assert timezone_of(None, {"timezone": words}, "", None, SCENARIO) == "Europe/Moscow"


@pytest.mark.parametrize(
    ("phone", "zone"),
    [
        (BERLIN_PHONE, "Europe/Berlin"),
        (MOSCOW_OFFICE, "Europe/Moscow"),
        ("+7 383 212-34-56", "Asia/Novosibirsk"),
        ("+1 602 555 0123", "America/Phoenix"),
        ("+34 612 345 678", "Europe/Madrid"),
        ("+34 928 123 456", "Atlantic/Canary"),
        ("+7 701 123 45 67", "Asia/Almaty"),
        ("+44 7911 123456", "Europe/London"),
        ("+39 333 133 3456", "Europe/Rome"),
        (MOSCOW_MOBILE, None),
        ("+61 412 345 678", None),
        ("+1 555 0123", None),
        ("8 916 123-45-67", None),
        ("", None),
        ("not a number", None),
    ],
)
def test_a_number_counts_where_it_determines_the_clock(phone: str, zone: str | None) -> None:
    assert timezones.of_phone(phone) == zone


@pytest.mark.parametrize(
    ("language", "zone"),
    [
        ("de", "Europe/Berlin"),
        ("uk-UA", "Europe/Kyiv"),
        ("ja", "Asia/Tokyo"),
        ("ru", None),
        ("en-gb", None),
        (None, None),
    ],
)
def test_a_language_counts_where_it_is_spoken_in_one_place(language: str | None, zone: str | None) -> None:
    assert timezones.of_language(language) == zone


def test_the_surest_comes_first() -> None:
    learnt = {"timezone": "Asia/Tokyo", "mobile": "+351 912 345 678"}
    assert timezone_of("Asia/Omsk", learnt, BERLIN_PHONE, "fi", SCENARIO) == "Asia/Omsk"
    assert timezone_of(None, learnt, BERLIN_PHONE, "fi", SCENARIO) == "Asia/Tokyo"
    del learnt["timezone"]
    assert timezone_of(None, learnt, BERLIN_PHONE, "fi", SCENARIO) == "Europe/Lisbon"
    assert timezone_of(None, {}, BERLIN_PHONE, "fi", SCENARIO) == "Europe/Berlin"
    assert timezone_of(None, {}, MOSCOW_MOBILE, "fi", SCENARIO) == "Europe/Helsinki"
    assert timezone_of(None, {}, MOSCOW_MOBILE, "ru", SCENARIO) == "Europe/Moscow"


def test_what_says_nothing_is_passed_over() -> None:
    learnt = {"timezone": "the south", "city": "Berlin", "mobile": "call me"}
    assert timezone_of("Middle/Earth", learnt, "", "xx", SCENARIO) == "Europe/Moscow"


def test_every_zone_of_the_tables_exists() -> None:
    tables = (timezones.BROKEN_OFFSETS, timezones.HOME, timezones.LANGUAGES)
    assert [name for table in tables for name in table.values() if known_zone(name) is None] == []


def test_places_of_broken_offsets_have_them_all_year() -> None:
    for (hours, minutes), name in timezones.BROKEN_OFFSETS.items():
        place = known_zone(name)
        for at in (timezones.WINTER, timezones.SUMMER):
            offset = at.astimezone(place).utcoffset()
            assert offset is not None and offset.total_seconds() == (hours * 60 + minutes) * 60


def test_daylight_saving_is_that_of_the_place() -> None:
    night = replace(SCENARIO, quiet_hours=(time(21), time(9)))
    zone = timezone_of(None, {}, BERLIN_PHONE, None, night)
    assert within_quiet_hours(datetime(2026, 1, 15, 7, 30, tzinfo=UTC), night, zone), "half past eight in winter"
    assert not within_quiet_hours(datetime(2026, 7, 15, 7, 30, tzinfo=UTC), night, zone), "half past nine in summer"


def test_the_table_of_numbers_is_read_when_a_number_is() -> None:
    code = "import sys, salesbot.dialog.timezones; sys.exit('phonenumbers' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
