"""``alert``: what systemd starts when a unit has failed (OnFailure=)."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Annotated

import typer

from salesbot import lifecycle, settings, units
from salesbot.cli.common import app, guarded, say, wait_for
from salesbot.units import Failed

CALM = 3600.0
"""Seconds in which the same failure of a unit is told once: one that is started again and again fails as often."""


@app.command()
def alert(unit: Annotated[str, typer.Argument(metavar="UNIT", help="Like sales_bot.service.")]) -> None:
    """Tell the admins, through the bot, that a unit of systemd has failed. Works while the database is down."""
    guarded(lambda: _alert(unit))


def _alert(unit: str) -> None:
    config, failed = settings.to_reach_admins(), units.failed(unit)
    folder = lifecycle.state_directory()
    note = folder / f"alert-{unit}" if folder else None
    if note and _said_lately(note, failed):
        say("The admins were told of this a while ago; they are told again after an hour.")
        return

    async def main() -> None:
        from salesbot.adminbot import alarm  # noqa: PLC0415 - brings the bot's library with it

        told = await alarm.tell(config, failed)
        say(f"Told: {told} of {len(config.admin_telegram_id)} admins.")

    wait_for(main())
    if note:
        note.write_text(_what(failed), encoding="utf-8")


def _said_lately(note: Path, failed: Failed) -> bool:
    try:
        return note.read_text(encoding="utf-8") == _what(failed) and time.time() - note.stat().st_mtime < CALM
    except OSError:
        return False


def _what(failed: Failed) -> str:
    return f"{failed.result} {failed.status}\n"
