"""``scenario``: what is sold; look at scenarios, copy one, check it."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from salesbot import settings
from salesbot.cli.common import app, guarded, say
from salesbot.scenarios import commands

scenario = typer.Typer(help="What is sold: look at scenarios, copy one, check it. No settings are needed.")
app.add_typer(scenario, name="scenario", no_args_is_help=True)


@scenario.command("list")
def list_scenarios() -> None:
    """Show the scenarios there are."""
    guarded(lambda: say(commands.listing(settings.scenarios_dir())))


@scenario.command("check")
def check_scenario(
    place: Annotated[str, typer.Argument(metavar="PATH", help="A folder, or a scenario's name.")],
) -> None:
    """Say what is wrong with a scenario, each mistake with its file and line, or what it holds."""
    guarded(lambda: say(commands.checked(place, settings.scenarios_dir())))


@scenario.command("copy")
def copy_scenario(
    name: Annotated[str, typer.Argument(help="The scenario to begin from, like sales.")],
    new: Annotated[str, typer.Argument(help="The name of the copy, like mine.")],
    into: Annotated[Path | None, typer.Option(help="The folder of your scenarios; else SCENARIOS_DIR.")] = None,
) -> None:
    """Copy a scenario into SCENARIOS_DIR, to be changed there. Nothing is ever overwritten."""
    guarded(lambda: say(commands.copied(name, new, settings.scenarios_dir(), into)))
