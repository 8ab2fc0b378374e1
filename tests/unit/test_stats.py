"""Periods, verdicts and texts of /stats, without a database."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta, timezone
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest

from salesbot import i18n
from salesbot.adminbot.html import LIMIT, units
from salesbot.adminbot.stats import buttons, figures, period, texts
from salesbot.adminbot.stats.buttons import StatsPicture, Theme
from salesbot.adminbot.stats.figures import FEW, Verdict
from salesbot.adminbot.stats.period import Asked, Period, Stretch
from salesbot.store.stats import Step
from tests.support.stats import MOSCOW, NOW, group, report

EN, RU = i18n.lang("en"), i18n.lang("ru")
NEW_YORK = ZoneInfo("America/New_York")


@pytest.mark.parametrize(
    ("typed", "asked"),
    [
        ("", Asked()),
        ("7d", Asked(Period.WEEK)),
        ("ALL", Asked(Period.ALL)),
        ("sales 7d", Asked(Period.WEEK, "sales")),
        (" 30д  Swim-School ", Asked(Period.MONTH, "swim-school")),
        ("всё", Asked(Period.ALL)),
    ],
)
def test_words_are_understood_in_any_order(typed: str, asked: Asked) -> None:
    assert period.read(typed, ["sales", "swim-school"]) == asked


@pytest.mark.parametrize(("typed", "word"), [("8d", "8d"), ("7d 30d", "30d"), ("sales sales", "sales"), ("7d x", "x")])
def test_a_word_that_means_nothing_here_is_named(typed: str, word: str) -> None:
    with pytest.raises(period.Unknown) as unknown:
        period.read(typed, ["sales"])
    assert unknown.value.word == word
    shown = texts.unknown(EN, "<x>", ["sales", "school"]).text
    assert "<code>&lt;x&gt;</code>" in shown
    assert "sales, school" in shown


def test_days_begin_where_the_admin_is() -> None:
    assert period.since(Period.WEEK, NOW, MOSCOW) == datetime(2026, 11, 16, tzinfo=MOSCOW)
    assert period.since(Period.WEEK, NOW, NEW_YORK) == datetime(2026, 11, 15, tzinfo=NEW_YORK)
    assert period.since(Period.ALL, NOW, MOSCOW) is None


def test_a_day_is_a_day_when_clocks_are_changed() -> None:
    now = datetime(2026, 11, 2, 12, tzinfo=UTC)
    unit, starts = period.stretches(datetime(2026, 10, 31, 12, tzinfo=UTC), now, NEW_YORK)
    assert unit is Stretch.DAY
    lengths = [later.astimezone(UTC) - earlier.astimezone(UTC) for earlier, later in pairwise(starts)]
    assert lengths == [timedelta(hours=24), timedelta(hours=25)]


@pytest.mark.parametrize(
    ("days", "unit", "first", "columns"),
    [
        (0, Stretch.DAY, datetime(2026, 11, 21, tzinfo=UTC), 1),
        (29, Stretch.DAY, datetime(2026, 10, 23, tzinfo=UTC), 30),
        (60, Stretch.WEEK, datetime(2026, 9, 21, tzinfo=UTC), 9),
        (400, Stretch.MONTH, datetime(2025, 10, 1, tzinfo=UTC), 14),
    ],
)
def test_a_long_time_is_shown_in_weeks_or_months(days: int, unit: Stretch, first: datetime, columns: int) -> None:
    found, starts = period.stretches(NOW - timedelta(days=days), NOW, UTC)
    assert (found, starts[0], len(starts)) == (unit, first, columns)


def test_an_interval_is_that_of_wilson() -> None:
    low, high = figures.interval(8, 10)
    assert (round(low, 4), round(high, 4)) == (0.4902, 0.9433)  # Newcombe 1998 gives .4902 and .9433
    assert figures.interval(0, 5)[0] == 0
    assert figures.interval(5, 5)[1] == pytest.approx(1)


@pytest.mark.parametrize(
    ("ours", "theirs", "expected"),
    [
        ((60, 100), (40, 100), Verdict.MORE),
        ((40, 100), (60, 100), Verdict.LESS),
        ((52, 100), (48, 100), Verdict.CHANCE),
        ((FEW - 1, FEW - 1), (0, 100), Verdict.TOO_FEW),
        ((FEW, FEW), (0, FEW - 1), Verdict.TOO_FEW),
        ((FEW, FEW), (0, FEW), Verdict.MORE),
        ((0, 50), (0, 50), Verdict.CHANCE),
    ],
)
def test_what_a_difference_says(ours: tuple[int, int], theirs: tuple[int, int], expected: Verdict) -> None:
    assert figures.verdict(ours, theirs) is expected


def test_many_comparisons_ask_for_a_clearer_difference() -> None:
    assert figures.verdict((56, 100), (40, 100)) is Verdict.MORE
    assert figures.verdict((56, 100), (40, 100), comparisons=5) is Verdict.CHANCE


def test_first_messages_are_compared_within_their_scenario_alone() -> None:
    groups = [
        group("size", 100, 60),
        group("trial", 100, 30),
        group("hello", 90, 2, scenario="school"),
        group("", 80, 80, wrote_first=True),
    ]
    found = {one.group.opening: (one.answers, one.leads) for one in figures.standings(groups)}
    assert found == {
        "size": (Verdict.MORE, Verdict.CHANCE),
        "trial": (Verdict.LESS, Verdict.CHANCE),
        "hello": (Verdict.ALONE, Verdict.ALONE),
        "": (Verdict.ALONE, Verdict.ALONE),
    }


def test_the_text_says_all_of_it() -> None:
    groups = [group("size", 100, 60, 2), group("trial", 100, 30)]
    steps = [Step("sales", "introduction", 200), Step("sales", "needs", 50)]
    assert texts.page(EN, report(groups, steps=steps)).text.replace("\N{NO-BREAK SPACE}", " ").splitlines() == [
        "<b>Last 30 days</b>",
        "Dialogs begun 24.10–22.11, and what has come of them.",
        "",
        "<b>Funnel</b>",
        "begun: 200",
        "answered: 90 (45 %)",
        "introduction: 200",
        "needs: 50 (25 %)",
        "won: 2 (1 %)",
        "",
        "<b>What came of them</b>",
        "won: 2",
        "undecided: 198",
        "",
        "<b>Messages</b>",
        "from them 12 · from us 1,234",
        "Median time to answer: ours 42 s, theirs 3 h",
        "",
        "<b>Cost</b>",
        "$1.00 in all, $0.0050 a conversation, $0.5000 a won lead",
        "",
        "<b>By first message</b>",
        "<b>size</b>",
        "100 begun, 60 answered (60 %), 2 won (2 %)",
        "$0.0050 a conversation, $0.2500 a won lead",
        "<i>more answers than the others</i>",
        "<b>trial</b>",
        "100 begun, 30 answered (30 %), 0 won (0 %)",
        "$0.0050 a conversation",
        "<i>fewer answers than the others</i>",
        "Differences that are not named may be chance.",
    ]
    assert "от нас 1\N{NO-BREAK SPACE}234" in texts.page(RU, report(groups)).text


def test_too_few_are_not_compared_and_it_is_said() -> None:
    text = texts.page(EN, report([group("size", 3, 2, 1), group("trial", 2, 0)])).text
    assert text.count("<i>too few to compare</i>") == 2
    assert "Comparing takes 20 dialogs with a first message and 20 with the others." in text


@pytest.mark.parametrize("lang", [EN, RU])
def test_the_longest_names_fit_into_one_message_and_nothing_is_left_out_silently(lang: i18n.Lang) -> None:
    long = "a_name_that_never_ends_" * 8
    groups = [group(f"{long}{n}", 30, 10, 3, scenario=f"{long}{n % 30}") for n in range(90)]
    text = texts.page(lang, report(groups)).text
    assert units(text) <= LIMIT
    shown = text.count("<b>") - 7  # of the headings
    said = sum(int(left) for left in re.findall(r"^… .*?(\d+)", text, re.MULTILINE))
    assert shown + said == 90 + 30


def test_a_scenario_of_any_length_fits_into_a_button() -> None:
    long = "a" * 200
    packed = StatsPicture(period=Period.MONTH, theme=Theme.DARK, scenario=buttons.key(long)).pack()
    assert len(packed.encode()) <= 64
    carried = StatsPicture.unpack(packed).scenario
    assert buttons.meant(carried, ["sales", long]) == long
    assert buttons.meant(carried, ["sales"]) is None
    assert buttons.meant("", ["sales"]) == ""


@pytest.mark.parametrize(
    ("seconds", "text"), [(0.4, "0 s"), (119, "119 s"), (120, "2 min"), (7_300, "2 h"), (190_000, "2 d")]
)
def test_durations_are_told_in_units_that_are_read_at_a_glance(seconds: float, text: str) -> None:
    assert texts.duration(EN, timedelta(seconds=seconds)) == text


def test_a_share_that_rounds_to_nothing_is_not_nothing() -> None:
    assert [texts.percent(*of) for of in ((0, 0), (0, 9), (1, 900), (1, 100))] == [
        *("0\N{NO-BREAK SPACE}%", "0\N{NO-BREAK SPACE}%", "<1\N{NO-BREAK SPACE}%", "1\N{NO-BREAK SPACE}%")
    ]


def test_a_zone_without_a_name_will_do() -> None:
    assert period.since(Period.WEEK, NOW, timezone(timedelta(hours=3))) == datetime(2026, 11, 16, tzinfo=MOSCOW)
