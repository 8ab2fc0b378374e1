"""What is written can be read, by day and by night: the contrast of every pair of colours that meet on the page."""

from __future__ import annotations

import re

import pytest

from sandbox.web.server import STATIC

ENOUGH = 4.5
"""WCAG AA, for letters of any size."""
MEET = {
    "text": ("panel", "wash", "mine", "theirs"),
    "dim": ("panel", "wash", "mine", "theirs", "line"),
    "accent": ("panel", "wash", "accent-wash", "mine", "theirs", "key"),
    "on-accent": ("accent",),
    "ok": ("panel", "wash", "theirs"),
    "alarm": ("panel", "wash"),
}


def colours(scheme: str) -> dict[str, str]:
    day, night = (STATIC / "base.css").read_text().split("@media (prefers-color-scheme: dark)")[:2]
    return dict(re.findall(r"--([\w-]+): (#[0-9a-f]{6})", day if scheme == "light" else night.partition("*,")[0]))


def luminance(colour: str) -> float:
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    red, green, blue = (part / 12.92 if part <= 0.03928 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    darker, lighter = sorted((luminance(one), luminance(other)))
    return (lighter + 0.05) / (darker + 0.05)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_every_pair_of_colours_that_meet_can_be_read(scheme: str) -> None:
    known = colours(scheme)
    pairs = [(letters, ground) for letters, grounds in MEET.items() for ground in grounds]
    told = {f"{one} on {other}": round(contrast(known[one], known[other]), 2) for one, other in pairs}
    assert {pair: value for pair, value in told.items() if value < ENOUGH} == {}


def test_the_page_asks_nobody_else_for_anything() -> None:
    """No address of elsewhere in its files: what looks like one is a name of the SVG's language, or an example."""
    elsewhere = {
        f"{file.name}: {address}"
        for file in STATIC.iterdir()
        for address in re.findall(r"(?:https?:)?//[\w.-]+\.\w+", file.read_text(encoding="utf-8"))
        if "www.w3.org" not in address
    }
    assert elsewhere == set()
