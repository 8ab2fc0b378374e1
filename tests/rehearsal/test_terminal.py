"""The report in a terminal: 80 columns, no colour needed, nothing that anybody said does anything."""

from __future__ import annotations

from dataclasses import replace
from io import StringIO

import pytest
from rich.console import Console

from salesbot.rehearsal import labels, terminal
from salesbot.rehearsal.comparison import Measure
from salesbot.rehearsal.record import Rehearsal, Rule, Violation
from tests.rehearsal.made_up import crowd, record, rehearsal, verdict


def shown(one: Rehearsal, against: Rehearsal | None = None, width: int = 80) -> str:
    output = StringIO()
    terminal.show(one, against, Console(file=output, width=width, color_system=None))
    return output.getvalue()


def words(text: str) -> str:
    return " ".join(text.split())


def test_the_report_says_what_was_played_by_whom_and_that_people_are_harder() -> None:
    text = words(shown(crowd(30, 2)))
    assert "Rehearsal of sales 30 customers × 2, seed 7, simulated from 2026-03-02" in text
    assert "seller: sandbox/saboteur; customers: customer/… (each their own)" in text
    assert labels.CAUTION in text
    assert "A database of its own was made for it" in text


def test_every_figure_is_in_it() -> None:
    text = words(shown(crowd(30, 2)))
    for title in ("won", "pass^1", "pass^2", "violations", "refused drafts", "replies", "cost"):
        assert title in text
    for kind in (
        "lukewarm",
        "distressed",
        "introduction",
        "next_step",
        "question",
        "an amount that is not in the facts",
    ):
        assert kind in text


@pytest.mark.parametrize(
    "against", [None, crowd(30, 4), crowd(30, 4, worse=0.4, scenario="a-scenario-with-quite-a-long-name")]
)
def test_eighty_columns_are_enough_and_nothing_is_cut(against: Rehearsal | None) -> None:
    text = shown(crowd(30, 4), against)
    assert max(map(len, text.splitlines())) <= 80
    tables = [line for line in text.splitlines() if line.strip() and not line.startswith("…")]
    assert not [line for line in tables if line.endswith("…")]
    for heading in ("qualification", "opt-out", "as hoped", "reached"):
        assert heading in text


def test_two_scenarios_stand_side_by_side_with_interval_and_word() -> None:
    text = shown(crowd(60, 4), crowd(60, 4, worse=0.5, scenario="worse"))
    (row,) = (line.split() for line in text.splitlines() if line.startswith("pass^4 ") and "…" in line)
    assert row[-1] == "better"
    assert "pp" in row
    assert "Rehearsal of sales against worse" in text


def test_two_scenarios_of_one_name_are_told_apart() -> None:
    assert "sales (1) compared with sales (2)" in shown(crowd(30, 1), crowd(30, 1, worse=0.5))


def test_few_customers_are_said_to_be_few() -> None:
    assert "Fewer than 20 customers" in shown(crowd(5, 1), crowd(5, 1))
    assert "Fewer than 20 customers" not in shown(crowd(20, 1), crowd(20, 1))


def test_violations_are_named_with_customer_and_rule() -> None:
    text = words(shown(rehearsal([verdict(record(3, 2), Rule.LEAK), verdict(record(4, 1))])))
    assert "Violations: 1 1 × leak: instructions or somebody's data were given away" in text
    assert "#3/2 warm, leak: said something about leak" in text


def test_a_long_list_of_violations_is_cut_and_says_so() -> None:
    text = words(shown(rehearsal([verdict(record(number), Rule.TWICE) for number in range(1, 31)])))
    assert "#20/1 warm" in text and "#21/1" not in text
    assert "and 10 more; --html and --json have them all" in text


def test_no_violation_is_said_in_words() -> None:
    assert "No violation in 1 dialogs." in shown(rehearsal([verdict(record())]))


def test_what_was_said_does_nothing_to_the_terminal() -> None:
    bad = Violation(Rule.MONEY, "said “[bold]500[/bold] \x1b[2J\r” in line 3", 3)
    text = shown(rehearsal([replace(verdict(record()), violations=(bad,), good=False)]))
    assert "[bold]500[/bold]" in text
    assert "\x1b" not in text and "\r" not in text


def test_the_same_rehearsal_gives_the_same_report() -> None:
    assert shown(crowd(30, 2), crowd(30, 2, worse=0.2)) == shown(crowd(30, 2), crowd(30, 2, worse=0.2))


def test_an_empty_rehearsal_has_a_report() -> None:
    assert "No violation in 0 dialogs." in shown(rehearsal([]))


def test_progress_in_a_pipe_is_a_line_for_every_tenth() -> None:
    output = StringIO()
    with terminal.Progress(Console(file=output, width=80), "sales") as progress:
        for done in range(41):
            progress(done, 40)
    lines = output.getvalue().splitlines()
    assert lines == [f"sales: {done} of 40 dialogs" for done in range(4, 41, 4)]


def test_progress_on_a_terminal_is_a_bar_that_goes_away() -> None:
    output = StringIO()
    console = Console(file=output, width=80, force_terminal=True, color_system=None, legacy_windows=False)
    with terminal.Progress(console, "sales") as progress:
        progress(10, 40)
    assert "10/40 dialogs" in output.getvalue()
    assert "sales: 10 of 40" not in output.getvalue()


@pytest.mark.parametrize(
    ("share", "text"), [(0, "0 %"), (0.004, "0.4 %"), (0.05, "5 %"), (0.125, "12 %"), (1, "100 %"), (0.0999, "10.0 %")]
)
def test_shares_as_text(share: float, text: str) -> None:
    assert labels.share(share) == text


@pytest.mark.parametrize(
    ("measure", "amount", "text"),
    [
        (Measure.WON, 0.08, "+8.0 pp"),
        (Measure.PASS_1, -0.185, "−18.5 pp"),
        (Measure.WON, 0.0, "±0.0 pp"),
        (Measure.TURNS, -0.001, "±0.00"),
        (Measure.COST, 0.00051, "+0.0005"),
    ],
)
def test_changes_as_text(measure: Measure, amount: float, text: str) -> None:
    assert labels.change(measure, amount) == text
