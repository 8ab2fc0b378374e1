"""Draws the picture of /stats: figures as JSON on stdin, a PNG on stdout.

    python -m salesbot.adminbot.stats.draw < figures.json > picture.png

A program of its own, so that the service stays small: whatever the library loads is gone with it. The picture is made
for a phone held upright: 1,080 pixels wide, no letter smaller than 28 of them. All coordinates are pixels from the top.
"""

from __future__ import annotations

import json
import os
import sys
from contextlib import suppress
from dataclasses import dataclass
from io import BytesIO

from matplotlib import rcParams
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.font_manager import FontProperties
from matplotlib.patches import Circle, FancyBboxPatch, Rectangle

from salesbot.adminbot.stats.spec import Bars, Columns, Share, Shares, Spec, Tile

WIDTH, MARGIN = 1080, 56
RIGHT = WIDTH - MARGIN
DPI = 200
TITLE, HEADING, VALUE, TEXT, SMALL = 52, 40, 52, 32, 28
"""Heights of letters."""

NICE = 10


@dataclass(frozen=True, slots=True)
class Palette:
    ground: str
    card: str
    text: str
    muted: str
    track: str
    main: str
    pale: str
    good: str


LIGHT = Palette("#ffffff", "#f1f4f8", "#17202b", "#5c6875", "#e6ebf1", "#2a6fdb", "#b5cff5", "#12875a")
DARK = Palette("#17212b", "#202d3a", "#f4f7fa", "#a3b1bf", "#2c3a48", "#6aa9f7", "#33557d", "#48c78e")


class Sheet:
    """A sheet of paper that grows downwards; drawn at the end, when its length is known."""

    def __init__(self, palette: Palette) -> None:
        self.palette = palette
        self.y = 0.0
        self._figure = Figure(dpi=DPI)
        self._canvas = FigureCanvasAgg(self._figure)
        self._axes = self._figure.add_axes((0, 0, 1, 1))
        self._axes.axis("off")

    def write(
        self,
        x: float,
        text: str,
        size: float,
        *,
        colour: str = "",
        bold: bool = False,
        align: str = "left",
        room: float = 0,
        below: float = 0,
    ) -> None:
        """A line whose top is at ``y + below``; for want of ``room`` it is smaller, then loses its middle."""
        if room:
            text, size = self._fitting(text, size, room, bold=bold)
        self._axes.text(
            x, self.y + below + size / 2, text, fontsize=size * 72 / DPI, fontweight="bold" if bold else "normal",
            color=colour or self.palette.text, ha=align, va="center_baseline",
        )  # fmt: skip

    def box(self, x: float, below: float, width: float, height: float, colour: str, rounded: float = 8) -> None:
        if width <= 0:
            return
        corner = min(rounded, width / 2, height / 2)
        style = f"round,pad=0,rounding_size={corner}"
        self._axes.add_patch(FancyBboxPatch((x, self.y + below), width, height, style, color=colour, linewidth=0))

    def bar(self, x: float, below: float, width: float, height: float, colour: str) -> None:
        self._axes.add_patch(Rectangle((x, self.y + below), width, height, color=colour, linewidth=0))

    def dot(self, x: float, below: float, radius: float, colour: str, *, filled: bool) -> None:
        face = colour if filled else self.palette.ground
        self._axes.add_patch(
            Circle((x, self.y + below), radius, facecolor=face, edgecolor=colour, linewidth=2, zorder=3)
        )

    def width(self, text: str, size: float, *, bold: bool = False) -> float:
        font = FontProperties(size=size * 72 / DPI, weight="bold" if bold else "normal")
        renderer = self._canvas.get_renderer()  # type: ignore[no-untyped-call]
        return float(renderer.get_text_width_height_descent(text, font, ismath=False)[0])

    def wrapped(self, text: str, size: float, room: float) -> list[str]:
        lines = [""]
        for word in text.split():
            longer = f"{lines[-1]} {word}".strip()
            if lines[-1] and self.width(longer, size) > room:
                lines.append(word)
            else:
                lines[-1] = longer
        return lines

    def _fitting(self, text: str, size: float, room: float, *, bold: bool) -> tuple[str, float]:
        width = self.width(text, size, bold=bold)
        if width <= room:
            return text, size
        smaller = max(size * room / width, SMALL)
        kept, shown = len(text), text
        while kept > 2 and self.width(shown, smaller, bold=bold) > room:
            kept -= 1
            shown = f"{text[: kept - kept // 2]}…{text[len(text) - kept // 2 :]}"
        return shown, smaller

    def png(self) -> bytes:
        height = self.y + MARGIN
        self._figure.set_size_inches(WIDTH / DPI, height / DPI)
        self._figure.set_facecolor(self.palette.ground)
        self._axes.set_xlim(0, WIDTH)
        self._axes.set_ylim(height, 0)
        drawn = BytesIO()
        self._figure.savefig(drawn, format="png", dpi=DPI, facecolor=self.palette.ground)
        return drawn.getvalue()


def picture(spec: Spec) -> bytes:
    """The PNG."""
    rcParams["text.parse_math"] = False  # a dollar is a dollar
    sheet = Sheet(DARK if spec["dark"] else LIGHT)
    _head(sheet, spec)
    if spec["empty"]:
        sheet.y += 120
        sheet.write(WIDTH / 2, spec["empty"], TEXT, colour=sheet.palette.muted, align="center", room=RIGHT - MARGIN)
        sheet.y += TEXT + 160
        return sheet.png()
    _tiles(sheet, spec["tiles"])
    _bars(sheet, spec["funnel"])
    if len(spec["course"]["rows"]) > 1:
        _columns(sheet, spec["course"])
    for shares in spec["shares"]:
        _shares(sheet, shares)
    return sheet.png()


def _head(sheet: Sheet, spec: Spec) -> None:
    sheet.y = MARGIN
    sheet.write(MARGIN, spec["title"], TITLE, bold=True, room=RIGHT - MARGIN)
    sheet.y += TITLE + 18
    sheet.write(MARGIN, spec["subtitle"], SMALL, colour=sheet.palette.muted, room=RIGHT - MARGIN)
    sheet.y += SMALL + 40


def _tiles(sheet: Sheet, tiles: list[Tile]) -> None:
    gap, height = 16, 140
    width = (RIGHT - MARGIN - gap * (len(tiles) - 1)) / len(tiles)
    for place, tile in enumerate(tiles):
        left = MARGIN + place * (width + gap)
        sheet.box(left, 0, width, height, sheet.palette.card, rounded=18)
        middle, room = left + width / 2, width - 20
        sheet.write(middle, tile["value"], VALUE, bold=True, align="center", room=room, below=24)
        sheet.write(middle, tile["label"], SMALL, colour=sheet.palette.muted, align="center", room=room, below=92)
    sheet.y += height + 48


def _heading(sheet: Sheet, title: str) -> None:
    sheet.write(MARGIN, title, HEADING, bold=True, room=RIGHT - MARGIN)
    sheet.y += HEADING + 28


def _bars(sheet: Sheet, bars: Bars) -> None:
    _heading(sheet, bars["title"])
    names, texts = 300, 240
    left, whole = MARGIN + names, RIGHT - MARGIN - names - texts
    for row in bars["rows"]:
        colour = sheet.palette.good if row["good"] else sheet.palette.main
        sheet.write(MARGIN, row["name"], TEXT, room=names - 24, below=6)
        sheet.box(left, 0, whole, 44, sheet.palette.track)
        sheet.box(left, 0, max(whole * row["share"], 6 if row["share"] else 0), 44, colour)
        sheet.write(RIGHT, row["text"], TEXT, align="right", room=texts - 20, below=6)
        sheet.y += 58
    sheet.y += 40


def _columns(sheet: Sheet, columns: Columns) -> None:
    _heading(sheet, columns["title"])
    _legend(sheet, columns)
    rows, height = columns["rows"], 240
    most = max(1, *(begun for begun, _answered in rows))
    axis = sheet.width(str(most), SMALL) + 20
    sheet.write(MARGIN, str(most), SMALL, colour=sheet.palette.muted, below=-SMALL / 2)
    sheet.write(MARGIN, "0", SMALL, colour=sheet.palette.muted, below=height - SMALL / 2)
    left = MARGIN + axis
    for line in (0, height):
        sheet.bar(left, line - 1, RIGHT - left, 2, sheet.palette.track)
    step = (RIGHT - left) / len(rows)
    wide = min(step * 0.72, 90)
    for place, (begun, answered) in enumerate(rows):
        at = left + step * place + (step - wide) / 2
        for count, colour in ((begun, sheet.palette.pale), (answered, sheet.palette.main)):
            tall = height * count / most
            sheet.bar(at, height - tall, wide, tall, colour)
    for place, text in columns["ticks"]:
        middle, half = left + step * (place + 0.5), sheet.width(text, SMALL) / 2
        at = min(max(middle, left + half), RIGHT - half)
        sheet.write(at, text, SMALL, colour=sheet.palette.muted, align="center", below=height + 14)
    sheet.y += height + 14 + SMALL + 52


def _legend(sheet: Sheet, columns: Columns) -> None:
    at = float(MARGIN)
    for text, colour in ((columns["all"], sheet.palette.pale), (columns["of_these"], sheet.palette.main)):
        sheet.box(at, 2, 26, 26, colour, rounded=5)
        sheet.write(at + 38, text, SMALL, colour=sheet.palette.muted)
        at += 38 + sheet.width(text, SMALL) + 40
    sheet.y += SMALL + 44


def _shares(sheet: Sheet, shares: Shares) -> None:
    _heading(sheet, shares["title"])
    for row in shares["rows"]:
        _share(sheet, row)
    for line in sheet.wrapped(shares["note"], SMALL, RIGHT - MARGIN) if shares["note"] else ():
        sheet.write(MARGIN, line, SMALL, colour=sheet.palette.muted)
        sheet.y += SMALL + 12
    sheet.y += 32


def _share(sheet: Sheet, row: Share) -> None:
    """A name and a text; below them the way from 0 to 100 %, on it the share and where it may lie."""
    whole, indent = RIGHT - MARGIN, 0.0
    colour = sheet.palette.muted if row["faint"] else sheet.palette.main
    if row["mark"]:
        sheet.write(MARGIN, row["mark"], TEXT, colour=sheet.palette.main)
        indent = sheet.width(row["mark"], TEXT) + 12
    sheet.write(RIGHT, row["text"], TEXT, align="right")
    sheet.write(MARGIN + indent, row["name"], TEXT, room=whole - indent - sheet.width(row["text"], TEXT) - 24)
    sheet.box(MARGIN, 56, whole, 10, sheet.palette.track, rounded=5)
    sheet.box(MARGIN + whole * row["low"], 54, whole * (row["high"] - row["low"]), 14, sheet.palette.pale, rounded=7)
    sheet.dot(MARGIN + whole * row["share"], 61, 12, colour, filled=not row["faint"])
    sheet.y += 98


def main() -> None:
    with suppress(OSError):  # not everywhere allowed: replies come before pictures
        os.nice(NICE)
    spec: Spec = json.load(sys.stdin)
    sys.stdout.buffer.write(picture(spec))


if __name__ == "__main__":
    main()
