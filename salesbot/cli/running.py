"""``run`` and ``try``: the product itself."""

from __future__ import annotations

import asyncio
from typing import Annotated

import typer
from loguru import logger

from salesbot import keys
from salesbot.cli.common import app, guarded, load_settings, say


@app.command()
def run() -> None:
    """Run the product until it is told to stop."""
    config = load_settings()
    from salesbot import app as product  # noqa: PLC0415 - importing all there is takes seconds; the other commands do not

    guarded(lambda: product.start(config))


@app.command("try")
def try_it(
    person: Annotated[str, typer.Argument(metavar="@MYSELF", help="Your own username, or your id: an admin's.")],
) -> None:
    """Run the product for one admin alone: nobody else is written to. The last step before the first campaign."""
    config = load_settings()
    from salesbot import app as product  # noqa: PLC0415 - as above
    from salesbot.rehearsal import tryout  # noqa: PLC0415 - brings the bot's library with it

    def action() -> None:
        logger.remove()
        trial, told = asyncio.run(tryout.prepared(config, keys.load(config), person))
        say(told)
        product.start(config, trial)

    guarded(action)
