"""The command line: ``python -m salesbot …``. Wrong settings are one clear message and exit code 78, never a traceback."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Callable, Coroutine
from contextlib import AsyncExitStack
from typing import Annotated, Any, NoReturn

import asyncpg
import typer
from loguru import logger

from salesbot import __version__, app as product, keys, log, settings
from salesbot.errors import DataError, ExitCode, SalesbotError, SettingsError
from salesbot.settings import Settings
from salesbot.store import accounts, installation, pool

app = typer.Typer(
    help="A dialogue agent for Telegram. Settings come from the environment and .env.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)


def _fail(message: str, code: ExitCode) -> NoReturn:
    print(message, file=sys.stderr)  # noqa: T201
    raise SystemExit(int(code))


def _settings() -> Settings:
    try:
        return settings.load()
    except SettingsError as exc:
        _fail(str(exc), ExitCode.CONFIG)


def _guarded(action: Callable[[], None]) -> None:
    """Run something; what the operator has to mend is said in a line or two."""
    try:
        action()
    except (SettingsError, DataError) as exc:
        _fail(str(exc), ExitCode.CONFIG)
    except SalesbotError as exc:
        _fail(str(exc), ExitCode.FAILED)
    except pool.UNAVAILABLE as exc:
        _fail(f"The database at DATABASE_URL cannot be reached: {exc or type(exc).__name__}", ExitCode.FAILED)


def _await(main: Coroutine[Any, Any, None]) -> None:
    logger.remove()
    _guarded(lambda: asyncio.run(main))


@app.command()
def run() -> None:
    """Run the product until it is told to stop."""
    config = _settings()
    _guarded(lambda: product.start(config))


@app.command()
def migrate() -> None:
    """Bring the database up to date."""
    config = _settings()

    async def main() -> None:
        ran = await product.prepare_database(config.database_url.get_secret_value(), None)
        print("\n".join(ran) if ran else "The database is up to date.")  # noqa: T201

    _await(main())
