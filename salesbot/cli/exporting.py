"""``export``: dialogs as files."""

from __future__ import annotations

import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from salesbot.cli.common import app, load_settings, wait_for
from salesbot.dialog import titles
from salesbot.errors import SettingsError
from salesbot.export import wanted
from salesbot.export.wanted import Asked, Format


@app.command()
def export(
    number: Annotated[
        int | None, typer.Argument(metavar="N", min=1, max=2**63 - 1, help="The dialog's number; else --all.")
    ] = None,
    everything: Annotated[bool, typer.Option("--all", help="Every dialog, not one.")] = False,
    kind: Annotated[Format, typer.Option("--format", help="csv is a table of all dialogs.")] = Format.TXT,
    since: Annotated[
        str | None, typer.Option(metavar="DAY", help="Only what was said since a day (2026-10-01), or 30d ago.")
    ] = None,
    out: Annotated[Path | None, typer.Option(metavar="FILE", help="The file; else the standard output.")] = None,
) -> None:
    """Write dialogs into a file: one of them, or all. All of them are a zip archive, as csv one table.

    The file appears when it is whole. That it was exported is written into the audit log.
    """
    from salesbot.export import command  # noqa: PLC0415 - as above
    from salesbot.scenarios.load import load_all  # noqa: PLC0415

    asked = _asked(number, kind, since, out, everything=everything)
    config = load_settings()
    try:
        called = titles.of(load_all(config.scenarios_dir).values())
    except SettingsError:  # dialogs are exported whatever has become of the scenarios
        called = titles.UNTITLED
    wait_for(command.run(config, asked, called))


def _asked(number: int | None, kind: Format, since: str | None, out: Path | None, *, everything: bool) -> Asked:
    """What ``export`` is to do; a mistake in its words ends the command."""
    zone = datetime.now(UTC).astimezone().tzinfo or UTC
    begins = wanted.since(since, datetime.now(UTC), zone) if since else None
    if everything == (number is not None):
        raise typer.BadParameter("Name one dialog by its number, or take --all.", param_hint="N")
    if kind is Format.CSV and not everything:
        raise typer.BadParameter("csv is a table of all dialogs: take --all.", param_hint="--format")
    if since and begins is None:
        raise typer.BadParameter(
            f"{since!r} is neither a day of the past, like 2026-10-01, nor 30d.", param_hint="--since"
        )
    if everything and out is None and kind is not Format.CSV and sys.stdout.isatty():
        raise typer.BadParameter("An archive is nothing to be read in a terminal: name a file.", param_hint="--out")
    return Asked(number, kind, begins, out)
