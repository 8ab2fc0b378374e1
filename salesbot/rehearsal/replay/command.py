"""The command as a whole: read, ask, show; and a page, if one is wanted."""

from __future__ import annotations

from pathlib import Path

from rich.console import Console

from salesbot.errors import Refused
from salesbot.rehearsal.html import replayed
from salesbot.rehearsal.replay import again, terminal
from salesbot.rehearsal.replay.again import Replayed
from salesbot.settings import Settings


async def replay(settings: Settings, number: int, scenario: str | None, page: Path | None) -> None:
    """Raises what ``again.plan`` and ``again.run`` raise, and ``Refused`` where the page cannot be written."""
    if page is not None:
        _look_at(page)
    console = Console(highlight=False)
    plan = await again.plan(settings, number, scenario)
    terminal.head(plan, console)
    turns: list[Replayed] = []

    def show(one: Replayed) -> None:
        turns.append(one)
        terminal.turn(one, plan, console)

    try:
        await again.run(settings, plan, show)
    finally:  # what was shown was paid for, whatever ended it
        terminal.end(again.sum_of(turns), console)
    if page is not None:
        _write(page, replayed.page(plan, turns))


def _look_at(page: Path) -> None:
    """Before anything is paid for."""
    if page.is_dir() or not page.absolute().parent.is_dir():
        raise Refused("no_page", f"{page} cannot be written: name a file in a folder that is there.")


def _write(page: Path, text: str) -> None:
    try:
        page.write_text(text, encoding="utf-8")
    except OSError as exc:
        raise Refused("no_page", f"{page} cannot be written: {exc.strerror}") from exc
