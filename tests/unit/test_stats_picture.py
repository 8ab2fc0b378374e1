"""The picture of /stats: a process of its own draws it, at a phone's width, whatever it is given."""

from __future__ import annotations

import ast
import struct
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

import salesbot
from salesbot import i18n
from salesbot.adminbot.stats import period, picture
from salesbot.adminbot.stats.buttons import Theme
from salesbot.adminbot.stats.period import Asked, Period
from salesbot.adminbot.stats.picture import NotDrawn
from salesbot.adminbot.stats.report import Course, Report
from salesbot.adminbot.stats.spec import Spec
from salesbot.store.stats import Begun, Group, Step
from tests.support.stats import MOSCOW, NOW, group, report

EN = i18n.lang("en")


def course(made: Report) -> Course:
    unit, starts = period.stretches(made.since or NOW - timedelta(days=400), NOW, MOSCOW)
    return Course(unit, starts, [Begun(number, number // 2) for number in range(len(starts))])


def spec(groups: Sequence[Group], theme: Theme = Theme.LIGHT, lang: i18n.Lang = EN) -> Spec:
    made = report(groups, Asked(Period.MONTH), [Step("sales", "introduction", 3)])
    return picture.spec(lang, made, course(made), theme)


def size(png: bytes) -> tuple[int, int]:
    width, height = struct.unpack_from(">II", png, 16)
    return width, height


LONG = "a_name_that_never_ends_" * 8


@pytest.mark.parametrize(
    ("groups", "theme", "lang"),
    [
        ([], Theme.DARK, "ru"),
        ([group("size", 3, 2, 1), group("trial", 100, 60), group("", 1, 1, wrote_first=True)], Theme.LIGHT, "en"),
        ([group(f"{LONG}{n}", 30, 10, 3, scenario=f"{LONG}{n % 30}") for n in range(90)], Theme.DARK, "ru"),
    ],
)
async def test_a_picture_is_as_wide_as_a_phone_and_no_longer_than_can_be_read(
    groups: Sequence[Group], theme: Theme, lang: str
) -> None:
    width, height = size(await picture.draw(spec(groups, theme, i18n.lang(lang))))
    assert width == 1080
    assert 400 <= height <= 2600


async def test_a_drawing_that_fails_or_hangs_is_an_error_of_its_own() -> None:
    with pytest.raises(NotDrawn, match="No module named"):
        await picture.draw(spec([]), "salesbot.no_such_module")
    with pytest.raises(NotDrawn, match="longer than 0 seconds"):
        await picture.draw(spec([group("size", 3, 2)]), seconds=0.01)
    with pytest.raises(NotDrawn, match="it ended with 1"):
        await picture.draw({"title": "half of it"})  # type: ignore[typeddict-item]


def test_the_service_never_loads_the_library_that_draws() -> None:
    folder = Path(salesbot.__file__).parent
    loads = {
        str(path.relative_to(folder))
        for path in folder.rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        for name in _imported(node)
        if name.partition(".")[0] in {"matplotlib", "numpy", "PIL"} or name == picture.MODULE
    }
    assert loads == {"adminbot/stats/draw.py"}


def _imported(node: ast.AST) -> list[str]:
    match node:
        case ast.Import(names=names):
            return [alias.name for alias in names]
        case ast.ImportFrom(module=str(module), names=names):
            return [f"{module}.{alias.name}" for alias in names] + [module]
        case _:
            return []


def test_what_is_marked_in_the_picture_is_more_than_chance() -> None:
    groups = [group("size", 100, 60), group("trial", 100, 30), group("", 80, 80, wrote_first=True)]
    (shares,) = spec(groups)["shares"]
    assert {row["name"]: row["mark"] for row in shares["rows"]} == {"size": "▲", "trial": "▼", "they wrote first": ""}
    assert "the rest may be chance" in shares["note"]
    few = replace(groups[0], begun=3, answered=2)
    (shares,) = spec([few, groups[1]])["shares"]
    assert [row["faint"] for row in shares["rows"]] == [True, False]
    assert "Comparing takes 20 dialogs" in shares["note"]


def test_rows_that_have_no_room_are_counted() -> None:
    groups = [group(f"way_{n}", 30, 10, scenario="sales") for n in range(11)]
    (shares,) = spec(groups)["shares"]
    assert len(shares["rows"]) == 5
    assert shares["note"].startswith("… and 6 more.")


def test_the_last_day_is_named_below_the_columns() -> None:
    ticks = spec([group("size", 3, 2)])["course"]["ticks"]
    assert ticks[0] == (29, "22.11")
    assert len(ticks) == 5
