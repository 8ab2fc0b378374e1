"""``doctor``: is everything well, and what mends what is not."""

from __future__ import annotations

import asyncio
import os
from typing import Annotated

import typer
from loguru import logger

from salesbot.cli.common import app, guarded


@app.command()
def doctor(
    json: Annotated[bool, typer.Option("--json", help="For programs: names and states are for ever.")] = False,
    free: Annotated[bool, typer.Option("--free", help="Leave out the one question that costs money.")] = False,
) -> None:
    """Look at everything an installation needs, and name for each fault what mends it. Safe while the product runs.

    The live round trip costs about as much as a line to a person. Ends with 1 when anything failed.
    """
    os.umask(0o077)
    from salesbot.doctor import command  # noqa: PLC0415 - as above

    def action() -> None:
        logger.remove()
        raise SystemExit(int(asyncio.run(command.doctor(as_json=json, free=free))))

    guarded(action)
