"""``migrate``, ``rekey`` and ``confirm-database``: what the data and its keys need."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated

import asyncpg
import typer

from salesbot import keys
from salesbot.cli.common import app, load_settings, say, wait_for
from salesbot.settings import Settings
from salesbot.store import installation, pool, rekey, switches
from salesbot.store.migrate import migrate as run_migrations
from salesbot.store.prepare import prepare
from salesbot.store.rekey import Rotation


@app.command()
def migrate() -> None:
    """Bring the database up to date."""
    config = load_settings()

    async def main() -> None:
        ran = await prepare(config.database_url.get_secret_value())
        say("\n".join(ran) if ran else "The database is up to date.")

    wait_for(main())


@app.command("rekey")
def change_key() -> None:
    """Change SECRET_KEY: encrypt every session with a new key. The older keys are kept, opt-outs need them.

    Stop the product first. A key file (SECRET_KEY_FILE) gets a new first line. With SECRET_KEY itself, put a new key
    before the others, separated by a comma, and run this. Interrupted, it is run again.
    """
    config = load_settings()

    async def main() -> None:
        dsn = config.database_url.get_secret_value()
        await prepare(dsn)
        connection = await asyncpg.connect(dsn, timeout=pool.ACQUIRE_TIMEOUT)
        try:
            done = await rekey.rotate(connection, config)
        finally:
            await connection.close()
        say(_told(config, done))

    wait_for(main())


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
def confirm_database(
    nobody_typed: Annotated[
        bool,
        typer.Option(
            "--nobody-typed", help="No colleague typed in a chat since the backup: the model goes on where it spoke."
        ),
    ] = False,
    paused: Annotated[
        bool, typer.Option("--paused", help="Everything is paused then: look it through first, /resume goes on.")
    ] = False,
    again: Annotated[
        datetime | None,
        typer.Option(
            "--again",
            formats=["%Y-%m-%dT%H:%M", "%Y-%m-%d %H:%M", "%Y-%m-%d"],
            help="Also where nothing was noticed: the whole machine was set back to what it was then (UTC).",
        ),
    ] = None,
) -> None:
    """Accept a database that was restored, copied or failed over: this one is now the only one in use.

    Where something went out since the backup, the program's lines cannot be told from a colleague's any more: the model
    keeps quiet there until /give. With --nobody-typed they were all its own.
    """
    config = load_settings()

    async def main() -> None:
        connection = await asyncpg.connect(config.database_url.get_secret_value(), timeout=pool.ACQUIRE_TIMEOUT)
        try:
            await run_migrations(connection)
            async with connection.transaction():
                now = datetime.now(UTC)
                done = await installation.confirm(
                    connection, now, nobody_typed=nobody_typed, again=again.replace(tzinfo=UTC) if again else None
                )
                if done and paused:
                    await switches.pause(connection, now)
        finally:
            await connection.close()
        if done is None:
            say("There is nothing to confirm: this is the database that was in use before.")
            return
        say(
            f"Confirmed. Nothing is sent before what was said since {done.since:%Y-%m-%d %H:%M} UTC is read "
            f"({done.dialogs} open dialogs, {done.accounts} accounts){', nor before /resume' if paused else ''}."
        )

    wait_for(main())
