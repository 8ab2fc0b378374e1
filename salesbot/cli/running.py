"""``run``, ``try`` and ``healthy``: the product itself."""

from __future__ import annotations

import asyncio
from contextlib import closing
from http import HTTPStatus
from http.client import HTTPConnection, HTTPException
from typing import Annotated

import typer
from loguru import logger

from salesbot import importing, keys
from salesbot.cli.common import app, fail, guarded, load_settings, say
from salesbot.errors import ExitCode

ANSWERS_WITHIN = 8.0
"""Seconds; the process itself may have to wait for its database."""


@app.command()
def run() -> None:
    """Run the product until it is told to stop."""
    config = load_settings()
    with importing.to_stay():
        from salesbot import app as product  # noqa: PLC0415 - to import all there is takes seconds: others do not need it

    guarded(lambda: product.start(config))


@app.command("try")
def try_it(
    person: Annotated[str, typer.Argument(metavar="@MYSELF", help="Your own username, or your id: an admin's.")],
) -> None:
    """Run the product for one admin alone: nobody else is written to. The last step before the first campaign."""
    config = load_settings()
    with importing.to_stay():
        from salesbot import app as product  # noqa: PLC0415 - as above
        from salesbot.rehearsal import tryout  # noqa: PLC0415 - brings the bot's library with it

    def action() -> None:
        logger.remove()
        trial, told = asyncio.run(tryout.prepared(config, keys.load(config), person))
        say(told)
        product.start(config, trial)

    guarded(action)


@app.command()
def healthy() -> None:
    """Ask the product that runs here, over METRICS_PORT, whether it is well: 0, or 1 and what is not."""
    port = load_settings().metrics_port
    if not port:
        fail("METRICS_PORT is not set: nobody can be asked.", ExitCode.CONFIG)
    try:
        with closing(HTTPConnection("127.0.0.1", port, timeout=ANSWERS_WITHIN)) as connection:
            connection.request("GET", "/health")
            answer = connection.getresponse()
            said = answer.read().decode()
    except (OSError, HTTPException) as exc:
        fail(f"Nobody answers at METRICS_PORT {port}: {exc}", ExitCode.FAILED)
    if answer.status != HTTPStatus.OK:
        fail(f"Not well: {said}", ExitCode.FAILED)
    say(said)
