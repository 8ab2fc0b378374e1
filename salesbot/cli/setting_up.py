"""``configure``: the settings, asked for one by one and tried as they come."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from io import StringIO
from pathlib import Path
from typing import Annotated

import typer
from dotenv import dotenv_values

from salesbot import settings
from salesbot.cli.common import app, ask, say, wait_for
from salesbot.errors import SettingsError


@app.command()
def configure(
    answers: Annotated[
        str | None, typer.Option(metavar="FILE", help="NAME=value lines instead of questions; - is the standard input.")
    ] = None,
    missing: Annotated[bool, typer.Option("--missing", help="Ask only for what is needed and not there.")] = False,
) -> None:
    """Ask for the settings one by one, try each, keep it; then sign an account in.

    It may be run again: Enter keeps what there is. What runs learns of it when it is restarted.
    """
    os.umask(0o077)
    from salesbot.setup import command  # noqa: PLC0415 - brings every library with it
    from salesbot.setup.configure import Terminal  # noqa: PLC0415

    async def main() -> None:
        if answers is not None:
            await command.with_answers(settings.file(), _read(answers), say)
        elif sys.stdin.isatty():
            await command.with_a_person(settings.file(), Terminal(ask, say), missing=missing)
        else:
            raise SettingsError("There is nobody to ask: --answers FILE names what you would type.")

    wait_for(main())


def _read(place: str) -> Mapping[str, str]:
    """The answers in a file, or on the standard input. Raises ``SettingsError`` when they cannot be read."""
    if place == "-":
        found = dotenv_values(stream=StringIO(sys.stdin.read()), interpolate=False)
    elif Path(place).is_file():
        found = dict(settings.in_file(Path(place)))
    else:
        raise SettingsError(f"There is no file {place} that can be read here.")
    return {name: value for name, value in found.items() if value}
