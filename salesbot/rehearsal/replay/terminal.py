"""A replay in the terminal: what was said and what would be said now, side by side. Readable at 80 columns and without
colour; people's words are shown as they are and do nothing."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from rich import box
from rich.console import Console, Group
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from salesbot.rehearsal.replay import wording
from salesbot.rehearsal.replay.again import Plan, Replayed, Side, Sum
from salesbot.visible import clip, isolated, pictured

QUOTED = 300
"""Characters of a refused draft that are shown; the page has all of it."""


def head(plan: Plan, console: Console) -> None:
    """What is replayed, with what."""
    turns = wording.many(len(plan.moments), "turn")
    _say(console, f"Dialog {plan.dialog.id} with {wording.person(plan)}, {turns} of ours", "bold")
    _say(console, f"was: {wording.was(plan)}")
    _say(console, f"now: {wording.now(plan)}")
    if plan.erased:
        _say(console, f"{wording.many(plan.erased, 'turn')} left out: the texts are erased.")


def turn(one: Replayed, plan: Plan, console: Console) -> None:
    """One turn, and what was said before it."""
    console.print()
    console.rule(_text(wording.title(one, plan), "bold"), align="left", characters="-", style="dim")
    for line in one.since:
        said = f"{wording.label(line)}{line.content}"
        console.print(Padding(_words(f"{wording.speaker(line, plan)}: ", said), (0, 2)))
    table = Table(box=box.MINIMAL, expand=True, padding=(0, 1), header_style="bold")
    for name in ("was:", "now:"):
        table.add_column(name, ratio=1, overflow="fold")
    table.add_row(_side(one.was), _side(one.now))
    console.print(table)
    for attempt in one.refused:
        console.print(Padding(_words("refused: ", wording.why(attempt), "yellow"), (0, 2)))
        if draft := wording.said_in(attempt):
            console.print(Padding(_words("", clip(draft, QUOTED), "dim"), (0, 4)))
    _say(console, "  the same" if one.same else "  different", "dim" if one.same else "bold")


def end(found: Sum, console: Console) -> None:
    """What it came to."""
    console.print()
    turns = wording.many(found.same + found.different, "turn")
    _say(console, f"{turns}: {found.same} the same, {found.different} different.", "bold")
    _say(console, f"{wording.many(found.refused, 'draft')} refused; {wording.cost(found)}.")
    _say(console, wording.CHANGED_NOTHING)


def _side(side: Side) -> Group:
    said = [_words("", part) for part in side.parts]
    unsent = [_words("(cut off) ", part, "dim") for part in side.unsent]
    leads = Group(*(_text(f"[{pictured(one)}]", "dim") for one in wording.consequences(side)))
    return Group(*_apart([*said, *unsent, *([leads] if leads.renderables else [])]))


def _apart(parts: Sequence[Text | Group]) -> Iterator[Text | Group]:
    """Messages with a line between them."""
    for number, part in enumerate(parts):
        if number:
            yield _text("")
        yield part


def _words(before: str, said: str, style: str = "") -> Text:
    """Somebody's words: no square bracket is markup, no control character has an effect."""
    return _text(before + "\n".join(isolated(pictured(line)) for line in said.splitlines()), style)


def _say(console: Console, text: str, style: str = "") -> None:
    console.print(_words("", text, style))


def _text(text: str, style: str = "") -> Text:
    return Text(text, style=style)
