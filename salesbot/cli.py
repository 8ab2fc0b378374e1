"""The command line: ``python -m salesbot …``. Wrong settings are one clear message and exit code 78, no traceback."""

from __future__ import annotations

import asyncio
import os
import sys
from collections.abc import Callable, Coroutine
from contextlib import AsyncExitStack
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, NoReturn

import asyncpg
import typer
from loguru import logger

from salesbot import __version__, keys, settings
from salesbot.errors import DataError, ExitCode, SalesbotError, SettingsError
from salesbot.export import wanted
from salesbot.export.wanted import Asked, Format
from salesbot.scenarios import commands
from salesbot.settings import Settings
from salesbot.store import accounts, installation, pool, rekey
from salesbot.store.prepare import prepare
from salesbot.store.rekey import Rotation
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


def _settings(*, rehearsal: bool = False) -> Settings:
    """The settings, first of all; and from here on whatever is written is for its owner alone."""
    os.umask(0o077)
    try:
        return settings.load(rehearsal=rehearsal)
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
    except BrokenPipeError:
        raise  # whoever read what we print reads no more: the command ends quietly
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


@app.command("try")
def try_it(
    person: Annotated[str, typer.Argument(metavar="@MYSELF", help="Your own username, or your id: an admin's.")],
) -> None:
    """Run the product for one admin alone: nobody else is written to. The last step before the first campaign."""
    config = _settings()
    from salesbot import app as product  # noqa: PLC0415 - as above
    from salesbot.rehearsal import tryout  # noqa: PLC0415 - brings the bot's library with it

    def action() -> None:
        logger.remove()
        trial, told = asyncio.run(tryout.prepared(config, keys.load(config), person))
        _say(told)
        product.start(config, trial)

    _guarded(action)


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
    config = _settings(rehearsal=True)
    from salesbot.rehearsal import commands as rehearsals  # noqa: PLC0415 - as above
    from salesbot.rehearsal.run import Options  # noqa: PLC0415

    def action() -> None:
        logger.remove()
        options = Options(config, customers, seed, repeat, model, customer_model)
        raise SystemExit(int(rehearsals.rehearse(rehearsals.Wanted(scenario, against, html, json), options)))

    _guarded(action)


@app.command()
def replay(
    number: Annotated[int, typer.Argument(metavar="N", min=1, max=2**63 - 1, help="The dialog's number.")],
    scenario: Annotated[str | None, typer.Option(help="A scenario's name or folder; else the dialog's own.")] = None,
    model: Annotated[str | None, typer.Option(help="The model that is asked; else those of LLM_MODELS.")] = None,
    html: Annotated[Path | None, typer.Option(help="A file for the same as a page.")] = None,
) -> None:
    """Show what would be said now beside what was said in a dialogue. Nothing is sent, nothing is stored."""
    config = _settings()
    from salesbot.rehearsal.replay import command  # noqa: PLC0415 - brings the engine with it

    if model:
        config = config.model_copy(update={"llm_models": (model,)})
    _await(command.replay(config, number, scenario, html))


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


@app.command("rekey")
def change_key() -> None:
    """Change SECRET_KEY: encrypt every session with a new key. The older keys are kept, opt-outs need them.

    Stop the product first. A key file (SECRET_KEY_FILE) gets a new first line. With SECRET_KEY itself, put a new key
    before the others, separated by a comma, and run this. Interrupted, it is run again.
    """
    config = _settings()

    async def main() -> None:
        dsn = config.database_url.get_secret_value()
        await prepare(dsn)
        connection = await asyncpg.connect(dsn, timeout=pool.ACQUIRE_TIMEOUT)
        try:
            done = await rekey.rotate(connection, config)
        finally:
            await connection.close()
        _say(_told(config, done))

    _await(main())


def _told(config: Settings, done: Rotation) -> str:
    """What a rotation did, and what is to be done next."""
    current, *older = done.ring.key_ids
    place = "SECRET_KEY" if config.secret_key else str(keys.path_of(config).resolve())
    if config.secret_key and not done.sessions:
        return (
            f"Nothing to do: every session is encrypted with the first key of SECRET_KEY (fingerprint {current}).\n"
            "To change it, put a new key before it, separated by a comma, and run this again. This makes one:\n"
            '  python -c "import secrets; print(secrets.token_urlsafe(32))"'
        )
    made = "A new key was made" if done.fresh else "The first key is in use now"
    return (
        f"{made} (fingerprint {current}); sessions encrypted with it: {done.sessions}.\n"
        f"Keep {place} as it is and a copy of it, the older keys (there are {len(older)}) included: opt-outs are "
        "remembered by keyed hashes,\nwhich cannot be made anew, so every key ever used stays needed. Then start the "
        "product again.\n"
        "Older copies of the database still open with the older keys. If one of those has leaked together with such a "
        "copy,\nlog the account out and in again: that ends the session which the copy holds."
    )


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


scenario = typer.Typer(help="What is sold: look at scenarios, copy one, check it. No settings are needed.")
app.add_typer(scenario, name="scenario", no_args_is_help=True)


@scenario.command("list")
def list_scenarios() -> None:
    """Show the scenarios there are."""
    _guarded(lambda: _say(commands.listing(settings.scenarios_dir())))


@scenario.command("check")
def check_scenario(
    place: Annotated[str, typer.Argument(metavar="PATH", help="A folder, or a scenario's name.")],
) -> None:
    """Say what is wrong with a scenario, each mistake with its file and line, or what it holds."""
    _guarded(lambda: _say(commands.checked(place, settings.scenarios_dir())))


@scenario.command("copy")
def copy_scenario(
    name: Annotated[str, typer.Argument(help="The scenario to begin from, like sales.")],
    new: Annotated[str, typer.Argument(help="The name of the copy, like mine.")],
    into: Annotated[Path | None, typer.Option(help="The folder of your scenarios; else SCENARIOS_DIR.")] = None,
) -> None:
    """Copy a scenario into SCENARIOS_DIR, to be changed there. Nothing is ever overwritten."""
    _guarded(lambda: _say(commands.copied(name, new, settings.scenarios_dir(), into)))


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

    asked = _asked(number, kind, since, out, everything=everything)
    config = _settings()
    _await(command.run(config, asked))


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


@app.command()
def version() -> None:
    """Show the version."""
    _say(__version__)


def _say(text: str) -> None:
    print(text, flush=True)


def _ask(question: str, secret: bool) -> str:
    return str(typer.prompt(question, hide_input=secret))
