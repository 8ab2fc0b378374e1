"""The report in a terminal: readable at 80 columns and without colour. In a pipe progress is a line now and then."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from types import TracebackType
from typing import Self

from rich import box
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, TextColumn, TimeRemainingColumn
from rich.progress import Progress as Bar
from rich.table import Table
from rich.text import Text

from salesbot.rehearsal import figures, labels
from salesbot.rehearsal.comparison import FEW, Difference, Word, compare
from salesbot.rehearsal.figures import Figures
from salesbot.rehearsal.record import Rehearsal, Rule, Verdict
from salesbot.visible import clip, inline

SHOWN = 20
"""Violations that are listed; the page has them all."""
_STEPS = 10
"""Lines of progress where there is no terminal."""
_NAME = 9
"""Letters of a scenario's name above a column."""
_STYLES = {Word.BETTER: "green", Word.WORSE: "bold red", Word.UNCLEAR: "dim"}


class Progress:
    """How far a rehearsal is: a bar on a terminal, else a line for every tenth. To be called with (done, total)."""

    def __init__(self, console: Console, title: str = "rehearsing") -> None:
        self._console = console
        self._title = title
        self._told = 0
        self._bar = Bar(
            TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TextColumn("dialogs"),
            TimeRemainingColumn(), console=console, transient=True,
        )  # fmt: skip
        self._task = self._bar.add_task(title, total=None)

    def __enter__(self) -> Self:
        if self._console.is_terminal:
            self._bar.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, exc: BaseException | None, traceback: TracebackType | None
    ) -> None:
        if self._console.is_terminal:
            self._bar.stop()

    def __call__(self, done: int, total: int) -> None:
        self._bar.update(self._task, completed=done, total=total)
        tenth = done * _STEPS // total if total else 0
        if not self._console.is_terminal and tenth > self._told:
            self._told = tenth
            self._console.print(f"{self._title}: {done} of {total} dialogs", highlight=False)


def show(rehearsal: Rehearsal, against: Rehearsal | None, console: Console) -> None:
    """Print the report; the second rehearsal, when there is one, beside the first."""
    _head(rehearsal, against, console)
    if against is not None:
        _print(console, *_differences(rehearsal, against))
        if figures.of(rehearsal).customers < FEW:
            _say(console, f"Fewer than {FEW} customers: these intervals are narrower than what is really known.")
    for one, name in _both(rehearsal, against):
        known = figures.of(one)
        if name:
            console.print()
            console.rule(Text(name, style="bold"))
        _print(console, _headline(known))
        for table, title in _tables(known):
            _print(console, table, title)
        _violations(one, known, console)


def _both(rehearsal: Rehearsal, against: Rehearsal | None) -> Sequence[tuple[Rehearsal, str]]:
    if against is None:
        return [(rehearsal, "")]
    return list(zip((rehearsal, against), labels.scenarios(rehearsal, against), strict=True))


def _head(rehearsal: Rehearsal, against: Rehearsal | None, console: Console) -> None:
    named = " against ".join(name for _, name in _both(rehearsal, against)) if against else rehearsal.scenario
    begins = labels.begins(rehearsal)
    _say(console, f"Rehearsal of {named}", "bold")
    _say(
        console,
        f"{rehearsal.customers} customers × {rehearsal.repeats}, seed {rehearsal.seed}"
        + (f", simulated from {begins.isoformat()}" if begins else ""),
    )
    _say(console, f"seller: {rehearsal.model}; customers: {labels.customers_model(rehearsal)}")
    for note in dict.fromkeys([*rehearsal.notes, *(against.notes if against else ())]):
        _say(console, note)
    _say(console, labels.CAUTION, "yellow")


def _differences(rehearsal: Rehearsal, against: Rehearsal) -> tuple[Table, str]:
    ours, theirs = labels.scenarios(rehearsal, against)
    table = _table(clip(ours, _NAME), clip(theirs, _NAME), "differs", "95 % interval", "")
    for one in compare(rehearsal, against):
        table.add_row(
            *map(_text, _compared(one, rehearsal.repeats)), _text(labels.WORDS[one.word], _STYLES.get(one.word, ""))
        )
    return table, f"{ours} compared with {theirs}"


def _compared(one: Difference, repeats: int) -> Sequence[str]:
    return (
        labels.measure(one.measure, repeats),
        labels.value(one.measure, one.value),
        labels.value(one.measure, one.other),
        labels.change(one.measure, one.difference),
        labels.interval(one),
    )


def _headline(known: Figures) -> Table:
    table = Table(box=None, show_header=False, pad_edge=False)
    table.add_column(no_wrap=True)
    table.add_column()
    rows = [
        ("won", f"{known.won} of {known.dialogs} dialogs ({labels.share(known.won_share)})"),
        *((f"pass^{k}", labels.share(each)) for k, each in enumerate(known.pass_k, 1)),
        ("violations", str(known.violated)),
        ("refused drafts", f"{known.refused} of {known.drafts}"),
        (
            "replies",
            f"{labels.number(known.turns_per_dialog)} per dialog, {labels.number(known.turns_per_lead)} per lead",
        ),
        ("cost", f"{labels.dollars(known.cost_per_dialog)} per dialog, {labels.dollars(known.cost_per_lead)} per lead"),
    ]
    for name, value in rows:
        bad = name == "violations" and known.violated
        table.add_row(_text(name), _text(value, "bold red" if bad else "bold"))
    return table


def _tables(known: Figures) -> Iterator[tuple[Table, str]]:
    """Each with its title; where there is nothing to be said about something, it is left out."""
    table = _table("dialogs", "as hoped", *labels.ENDS.values())
    for group in known.groups:
        _row(table, group.kind.value, group.dialogs, group.good, *group.ends.values())
    yield table, "Customers and how it ended"
    table = _table("reached", "ended", *labels.ENDS.values())
    for step in known.funnel:
        _row(table, step.stage, step.reached, sum(step.ended.values()), *step.ended.values())
    yield table, "Stages, and how it ended in them"
    if len(known.openings) > 1:
        table = _table("dialogs", "won", "share")
        for one in known.openings:
            _row(table, one.opening, one.dialogs, one.won, labels.share(one.share))
        yield table, "Openings"
    if known.interventions:
        table = _table("times")
        for code, times in known.interventions.items():
            _row(table, labels.code(code), times)
        yield table, "Drafts that the guard refused; nobody read them"


def _row(table: Table, *cells: str | int) -> None:
    table.add_row(*(_text(str(cell) if cell != 0 else "·") for cell in cells))


def _violations(rehearsal: Rehearsal, known: Figures, console: Console) -> None:
    console.print()
    if not known.violated:
        _say(console, f"No violation in {known.dialogs} dialogs.", "bold green")
        return
    _say(console, f"Violations: {known.violated}", "bold red")
    for rule, times in known.violations.items():
        if times:
            _say(console, f"  {times} × {rule.value}: {labels.RULES[rule]}")
    listed = [(verdict, rule, what) for verdict in rehearsal.verdicts for rule, what in _found(verdict)]
    console.print()
    for verdict, rule, what in listed[:SHOWN]:
        profile = verdict.record.profile
        _say(console, f"#{profile.number}/{verdict.record.repeat} {profile.kind.value}, {rule.value}: {what}")
    if len(listed) > SHOWN:
        _say(console, f"… and {len(listed) - SHOWN} more; --html and --json have them all, with their dialogues.")


def _found(verdict: Verdict) -> Iterable[tuple[Rule, str]]:
    return ((violation.rule, inline(violation.what, 200)) for violation in verdict.violations)


def _table(*columns: str) -> Table:
    """A name on the left, numbers on the right."""
    table = Table(box=box.SIMPLE_HEAD, show_edge=False, pad_edge=False, padding=(0, 1), collapse_padding=True)
    table.add_column("", no_wrap=True)
    for column in columns:
        table.add_column(_text(column), justify="right", no_wrap=True)
    return table


def _print(console: Console, table: Table, title: str = "") -> None:
    console.print()
    if title:
        _say(console, title, "bold")
    console.print(table)


def _say(console: Console, text: str, style: str = "") -> None:
    console.print(_text(text, style))


def _text(text: str, style: str = "") -> Text:
    """A text of which no square bracket is markup."""
    return Text(text, style=style)
