"""``rehearse`` and ``replay``: what would be said, before a real person reads it."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
from loguru import logger

from salesbot.cli.common import app, guarded, load_settings, wait_for


@app.command()
def rehearse(
    scenario: Annotated[str, typer.Argument(metavar="SCENARIO", help="A scenario's name, or its folder.")],
    customers: Annotated[int, typer.Option(min=1, help="Of the usual mix; the difficult ones come on top.")] = 50,
    seed: Annotated[int, typer.Option(help="The same seed gives the same result.")] = 1,
    repeat: Annotated[int, typer.Option(min=1, help="How often each customer plays.")] = 1,
    model: Annotated[str, typer.Option(help="Who sells; else the first of LLM_MODELS, or a script.")] = "",
    customer_model: Annotated[str, typer.Option(help="Who plays the customers; else the same one, or scripts.")] = "",
    against: Annotated[str | None, typer.Option(help="Another scenario, to be compared with.")] = None,
    html: Annotated[Path | None, typer.Option(help="Write the report as a page into this file.")] = None,
    json: Annotated[Path | None, typer.Option(help="Write the report for programs into this file.")] = None,
) -> None:
    """Rehearse a scenario with simulated customers before a real person reads a line. No settings are needed.

    The real engine plays against people who are models, on a clock that is turned. Ends with 1 when anything happened
    that must never happen.
    """
    config = load_settings(rehearsal=True)
    from salesbot.rehearsal import commands as rehearsals  # noqa: PLC0415 - as above
    from salesbot.rehearsal.run import Options  # noqa: PLC0415

    def action() -> None:
        logger.remove()
        options = Options(config, customers, seed, repeat, model, customer_model)
        raise SystemExit(int(rehearsals.rehearse(rehearsals.Wanted(scenario, against, html, json), options)))

    guarded(action)


@app.command()
def replay(
    number: Annotated[int, typer.Argument(metavar="N", min=1, max=2**63 - 1, help="The dialog's number.")],
    scenario: Annotated[str | None, typer.Option(help="A scenario's name or folder; else the dialog's own.")] = None,
    model: Annotated[str | None, typer.Option(help="The model that is asked; else those of LLM_MODELS.")] = None,
    html: Annotated[Path | None, typer.Option(help="A file for the same as a page.")] = None,
) -> None:
    """Show what would be said now beside what was said in a dialogue. Nothing is sent, nothing is stored."""
    config = load_settings()
    from salesbot.rehearsal.replay import command  # noqa: PLC0415 - brings the engine with it

    if model:
        config = config.model_copy(update={"llm_models": (model,)})
    wait_for(command.replay(config, number, scenario, html))
