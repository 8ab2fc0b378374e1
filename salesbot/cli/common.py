"""What every command does: read the settings, run, and say in a line or two what the operator has to mend."""

from __future__ import annotations

import asyncio
import logging
import os
import signal
import sys
from collections.abc import Callable, Coroutine
from typing import NoReturn

import typer
from loguru import logger

from salesbot import settings
from salesbot.errors import DataError, ExitCode, SalesbotError, SettingsError
from salesbot.settings import Settings
from salesbot.store import pool

app = typer.Typer(
    help="A dialogue agent for Telegram. Settings come from the environment and .env.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)


def fail(message: str, code: ExitCode) -> NoReturn:
    print(message, file=sys.stderr)
    raise SystemExit(int(code))


def load_settings(*, rehearsal: bool = False) -> Settings:
    """The settings, first of all; and from here on whatever is written is for its owner alone."""
    os.umask(0o077)
    try:
        return settings.load(rehearsal=rehearsal)
    except SettingsError as exc:
        fail(str(exc), ExitCode.CONFIG)


def guarded(action: Callable[[], None]) -> None:
    """Run something; what the operator has to mend is said in a line or two."""
    try:
        action()
    except (SettingsError, DataError) as exc:
        fail(str(exc), ExitCode.CONFIG)
    except SalesbotError as exc:
        fail(str(exc), ExitCode.FAILED)
    except BrokenPipeError:
        raise  # whoever read what we print reads no more: the command ends quietly
    except pool.REFUSED as exc:
        fail(f"PostgreSQL refuses DATABASE_URL: {exc}", ExitCode.CONFIG)
    except pool.UNAVAILABLE as exc:
        fail(f"The database at DATABASE_URL cannot be reached: {str(exc) or type(exc).__name__}", ExitCode.FAILED)


def wait_for(main: Coroutine[object, None, None]) -> None:
    logger.remove()
    logging.getLogger().addHandler(logging.NullHandler())  # what libraries have to say is for the log of `run`
    guarded(lambda: asyncio.run(main))


def say(text: str) -> None:
    print(text, flush=True)


def ask(question: str, secret: bool) -> str:
    """What a person types, '' for Enter alone; a ``secret`` is not shown. Ctrl-C ends the command at once."""
    of_the_loop = signal.signal(signal.SIGINT, signal.default_int_handler)  # asyncio's would wait for the next line
    try:
        return str(typer.prompt(question, default="", show_default=False, hide_input=secret))
    finally:
        signal.signal(signal.SIGINT, of_the_loop)
