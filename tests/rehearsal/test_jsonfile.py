"""The report for programs."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import datetime
from typing import Any

from salesbot.rehearsal import figures, jsonfile, labels
from salesbot.rehearsal.profile import Habit
from tests.rehearsal.made_up import START, crowd, record, rehearsal, verdict


def read(text: str) -> Any:
    return json.loads(text)


def test_every_figure_and_every_record_is_in_it() -> None:
    made = crowd(20, 2)
    told = read(jsonfile.text(made, None))
    known = figures.of(made)
    assert told["caution"] == labels.CAUTION
    assert (told["rehearsal"]["seed"], told["rehearsal"]["model"]) == (7, "sandbox/saboteur")
    assert told["rehearsal"]["figures"]["pass_k"] == [round(share, 6) for share in known.pass_k]
    assert told["rehearsal"]["figures"]["violated"] == known.violated
    assert len(told["rehearsal"]["verdicts"]) == 40
    assert told["rehearsal"]["verdicts"][0]["record"]["lines"][0]["text"].startswith("Hello Anna")
    assert "against" not in told


def test_the_second_scenario_and_the_differences_are_in_it() -> None:
    told = read(jsonfile.text(crowd(20, 2), crowd(20, 2, worse=0.5, scenario="worse")))
    assert told["against"]["scenario"] == "worse"
    assert [one["measure"] for one in told["differences"]] == [
        "won", "pass_1", "pass_all", "violations", "turns", "cost",
    ]  # fmt: skip
    assert {"value", "other", "difference", "low", "high", "clear", "word"} <= set(told["differences"][0])


def test_the_same_rehearsal_gives_the_same_bytes() -> None:
    assert jsonfile.text(crowd(20, 2), crowd(20, 2)) == jsonfile.text(crowd(20, 2), crowd(20, 2))


def test_what_has_no_order_gets_one_and_what_json_does_not_know_is_text() -> None:
    someone = record(cost="0.0020")
    someone = replace(someone, profile=replace(someone.profile, habits=frozenset(Habit)))
    (told,) = read(jsonfile.text(rehearsal([verdict(someone)]), None))["rehearsal"]["verdicts"]
    assert told["record"]["profile"]["habits"] == sorted(habit.value for habit in Habit)
    assert told["record"]["calls"][0]["cost"] == "0.0020"
    assert datetime.fromisoformat(told["record"]["lines"][0]["at"]) > START


def test_letters_of_any_alphabet_stand_as_they_are() -> None:
    assert "Здравствуйте" in jsonfile.text(rehearsal([verdict(record(said=["Здравствуйте"]))]), None)
