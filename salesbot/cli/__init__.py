"""The command line: ``python -m salesbot …``. Wrong settings are one clear message and exit code 78, no traceback.

A module a family of commands; what they share is ``common``. They stand in ``--help`` in the order of these imports.
"""

from __future__ import annotations

from salesbot import __version__, importing

with importing.to_stay():
    from salesbot.cli import running, setting_up, doctor, rehearsing  # isort: skip
    from salesbot.cli import upkeep, backing_up, alerting, accounts, exporting, scenarios  # isort: skip
    from salesbot.cli.common import app, say
    from salesbot.cli.running import run

__all__ = [
    "accounts",
    "alerting",
    "app",
    "backing_up",
    "doctor",
    "exporting",
    "rehearsing",
    "run",
    "running",
    "scenarios",
    "setting_up",
    "upkeep",
]


@app.command()
def version() -> None:
    """Show the version."""
    say(__version__)
