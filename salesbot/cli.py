"""The command line: ``python -m salesbot …``. Wrong settings are one clear message and exit code 78, no traceback."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Callable, Coroutine
from contextlib import AsyncExitStack
from typing import Annotated, NoReturn

import asyncpg
import typer
from loguru import logger

from salesbot import __version__, keys, settings
from salesbot.errors import DataError, ExitCode, SalesbotError, SettingsError
from salesbot.settings import Settings
from salesbot.store import accounts, installation, pool
from salesbot.store.prepare import prepare
from salesbot.userbot import login as sign_in
from salesbot.userbot.login import Answers

app = typer.Typer(
    help="A dialogue agent for Telegram. Settings come from the environment and .env.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)


def _fail(message: str, code: ExitCode) -> NoReturn:
    print(message, file=sys.stderr)
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
        _fail(f"The database at DATABASE_URL cannot be reached: {str(exc) or type(exc).__name__}", ExitCode.FAILED)


def _await(main: Coroutine[object, None, None]) -> None:
    logger.remove()
    _guarded(lambda: asyncio.run(main))


@app.command()
def run() -> None:
    """Run the product until it is told to stop."""
    config = _settings()
    from salesbot import app as product  # noqa: PLC0415 - importing all there is takes seconds; the other commands do not

    _guarded(lambda: product.start(config))


@app.command()
def migrate() -> None:
    """Bring the database up to date."""
    config = _settings()

    async def main() -> None:
        ran = await prepare(config.database_url.get_secret_value())
        _say("\n".join(ran) if ran else "The database is up to date.")

    _await(main())


Phone = Annotated[str | None, typer.Option(help="The account's phone, like +12025550123; asked for when left out.")]
Code = Annotated[str | None, typer.Option(help="The code Telegram sends; asked for when left out.")]
Password = Annotated[str | None, typer.Option(help="The two-step password, if there is one; asked for when needed.")]
Qr = Annotated[bool, typer.Option("--qr", help="Sign in by a QR code that a phone which is signed in scans.")]


@app.command()
def login(phone: Phone = None, code: Code = None, password: Password = None, qr: Qr = False) -> None:
    """Sign a Telegram account in and store its session, encrypted."""
    config = _settings()
    answers = Answers(phone=phone, code=code, password=password, ask=_ask if sys.stdin.isatty() else None, tell=_say)

    async def main() -> None:
        ring = keys.load_or_make(config)
        dsn = config.database_url.get_secret_value()
        await prepare(dsn, ring.key_ids)
        async with AsyncExitStack() as stack:
            database = await pool.create(dsn, max_size=2)
            stack.push_async_callback(pool.close, database)
            account = await sign_in.login(settings=config, keys=ring, pool=database, answers=answers, by_qr=qr)
        _say(f"Signed in: {account.name} (id {account.account_id}).")

    _await(main())


@app.command()
def logout(account: Annotated[int, typer.Argument(help="The account's numeric Telegram id.")]) -> None:
    """End an account's session at Telegram and forget its key."""
    config = _settings()

    async def main() -> None:
        async with AsyncExitStack() as stack:
            database = await pool.create(config.database_url.get_secret_value(), max_size=2)
            stack.push_async_callback(pool.close, database)
            alive = await sign_in.logout(settings=config, keys=keys.load(config), pool=database, account_id=account)
        _say("Logged out." if alive else "Telegram had ended this session before; its key is forgotten.")

    _await(main())


@app.command("accounts")
def list_accounts() -> None:
    """Show the accounts that are signed in, and how they are."""
    config = _settings()

    async def main() -> None:
        async with AsyncExitStack() as stack:
            database = await pool.create(config.database_url.get_secret_value(), max_size=2)
            stack.push_async_callback(pool.close, database)
            async with database.acquire() as connection:
                found = await accounts.list_accounts(connection)
        for one in found:
            _say(f"{one.id}\t{one.name}\t@{one.username or '-'}\t{one.phone}\t{one.state}")
        if not found:
            _say("No account is signed in yet: python -m salesbot login")

    _await(main())


@app.command("confirm-database")
def confirm_database() -> None:
    """Accept a database that was restored, copied or failed over: this one is now the only one in use."""
    config = _settings()

    async def main() -> None:
        connection = await asyncpg.connect(config.database_url.get_secret_value(), timeout=pool.ACQUIRE_TIMEOUT)
        try:
            async with connection.transaction():
                await installation.confirm(connection)
        finally:
            await connection.close()
        _say("Confirmed. Every dialog reads its history before it speaks.")

    _await(main())


@app.command()
def version() -> None:
    """Show the version."""
    _say(__version__)


def _say(text: str) -> None:
    print(text, flush=True)


def _ask(question: str, secret: bool) -> str:
    return str(typer.prompt(question, hide_input=secret))
