"""Charts as inline SVG, a function each. Places are per cent of the width, so that letters stay as large as the text,
on a phone and on a desk; colours are classes of the stylesheet. Each says in words what it shows.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

from salesbot.rehearsal.html.markup import NOTHING, Html, el, join
from salesbot.visible import clip

_ROW, _BAR, _TOP = 44, 14, 22
"""Pixels: a row with its label, the bar in it, and where the bar begins."""
_LABEL = 40
"""Letters of a label that a phone has room for; the table has it whole."""
_HEIGHT, _HEAD, _FOOT = 220, 22, 34
"""Of the line chart: the plot, and the room above and below it."""
_LEFT, _RIGHT = 19.0, 94.0
"""Where its first and its last point stand."""


@dataclass(frozen=True, slots=True)
class Part:
    """A piece of a bar; ``share`` of the whole width, ``look`` a class."""

    share: float
    look: str
    tells: str


@dataclass(frozen=True, slots=True)
class Row:
    """A bar with what stands above it, left and right."""

    label: str
    note: str
    parts: tuple[Part, ...]


@dataclass(frozen=True, slots=True)
class Line:
    """One curve: shares from 0 to 1."""

    name: str
    look: str
    shares: tuple[float, ...]


def bars(rows: Sequence[Row], says: str) -> Html:
    """Bars below each other, each of one or of several parts."""
    return _svg(_ROW * len(rows), says, *(_row(row, _ROW * place) for place, row in enumerate(rows)))


def _row(row: Row, y: int) -> Html:
    drawn, x = [], 0.0
    for part in row.parts:
        if part.share > 0:
            place = {"x": _percent(x), "y": str(y + _TOP), "width": _percent(part.share), "height": str(_BAR)}
            drawn.append(el("rect", el("title", part.tells), **place, class_=part.look))
            x += part.share
    return join(
        [
            el("text", clip(row.label, _LABEL), x="0", y=y + _TOP - 7, class_="name"),
            el("text", row.note, x="100%", y=y + _TOP - 7, class_="note"),
            el("rect", x="0", y=y + _TOP, width="100%", height=_BAR, class_="track"),
            *drawn,
        ]
    )


def curves(lines: Sequence[Line], labels: Sequence[str], says: str) -> Html:
    """Shares over a few steps, from 0 to 100 %."""
    grid = [_rule(per_cent) for per_cent in (0, 25, 50, 75, 100)]
    steps = [
        el("text", label, x=_percent(_across(place, len(labels))), y=_HEAD + _HEIGHT + 22, class_="step")
        for place, label in enumerate(labels)
    ]
    return _svg(_HEAD + _HEIGHT + _FOOT, says, *grid, *steps, *(join(_curve(line, lines)) for line in lines))


def _rule(per_cent: int) -> Html:
    y = _down(per_cent / 100)
    return join(
        [
            el("line", x1="0", x2="100%", y1=y, y2=y, class_="grid"),
            el("text", f"{per_cent} %", x="0", y=f"{float(y) - 5:.1f}", class_="axis"),
        ]
    )


def _curve(line: Line, lines: Sequence[Line]) -> Iterator[Html]:
    count = len(line.shares)
    points = [(_percent(_across(place, count)), _down(share)) for place, share in enumerate(line.shares)]
    for (x1, y1), (x2, y2) in pairwise(points):
        yield el("line", x1=x1, y1=y1, x2=x2, y2=y2, class_=f"curve {line.look}")
    for place, ((x, y), share) in enumerate(zip(points, line.shares, strict=True)):
        below = any(other.shares[place] > share for other in lines)
        yield el("circle", el("title", f"{line.name}: {100 * share:.1f} %"), cx=x, cy=y, r=5, class_=f"dot {line.look}")
        yield el("text", f"{100 * share:.0f} %", x=x, y=f"{float(y) + (22 if below else -12):.1f}", class_="value")


def _across(place: int, count: int) -> float:
    step = place / (count - 1) if count > 1 else 0.5
    return (_LEFT + (_RIGHT - _LEFT) * step) / 100


def _down(share: float) -> str:
    return f"{_HEAD + _HEIGHT * (1 - share):.1f}"


def interval(low: float, at: float, high: float, look: str, says: str) -> Html:
    """A difference and how far it might be off, on a scale of its own, zero in the middle."""
    reach = max(abs(low), abs(high), abs(at)) * 1.15 or 1.0
    left, middle, right = (_percent(0.5 + one / reach / 2) for one in (low, at, high))
    return _svg(
        24,
        says,
        el("line", x1="0", x2="100%", y1=12, y2=12, class_="grid"),
        el("line", x1="50%", x2="50%", y1=2, y2=22, class_="zero"),
        el("line", x1=left, x2=right, y1=12, y2=12, class_=f"reach {look}") if low != high else NOTHING,
        el("circle", cx=middle, cy=12, r=5, class_=f"dot {look}"),
    )


def _svg(height: int, says: str, *children: str) -> Html:
    return el("svg", *children, width="100%", height=height, role="img", aria_label=says)


def _percent(share: float) -> str:
    return f"{100 * share:.2f}%"
