"""``login``, ``logout`` and ``accounts``: the Telegram accounts that speak."""

from __future__ import annotations

import sys
from contextlib import AsyncExitStack
from typing import Annotated

import typer

from salesbot import keys
from salesbot.cli.common import app, ask, load_settings, say, wait_for
from salesbot.setup import signing
from salesbot.store import accounts, pool
from salesbot.userbot import login as sign_in
from salesbot.userbot.login import Answers

Phone = Annotated[str | None, typer.Option(help="The account's phone, like +12025550123; asked for when left out.")]
Code = Annotated[str | None, typer.Option(help="The code Telegram sends; asked for when left out.")]
Password = Annotated[str | None, typer.Option(help="The two-step password, if there is one; asked for when needed.")]
Qr = Annotated[bool, typer.Option("--qr", help="Sign in by a QR code that a phone which is signed in scans.")]


@app.command()
def login(phone: Phone = None, code: Code = None, password: Password = None, qr: Qr = False) -> None:
    """Sign a Telegram account in and store its session, encrypted."""
    config = load_settings()
    answers = Answers(phone=phone, code=code, password=password, ask=ask if sys.stdin.isatty() else None, tell=say)

    async def main() -> None:
        account = await signing.sign_in(config, answers, by_qr=qr)
        say(f"Signed in: {account.name} (id {account.account_id}).")

    wait_for(main())


@app.command()
def logout(account: Annotated[int, typer.Argument(help="The account's numeric Telegram id.")]) -> None:
    """End an account's session at Telegram and forget its key."""
    config = load_settings()

    async def main() -> None:
        async with AsyncExitStack() as stack:
            database = await pool.create(config.database_url.get_secret_value(), max_size=2)
            stack.push_async_callback(pool.close, database)
            alive = await sign_in.logout(settings=config, keys=keys.load(config), pool=database, account_id=account)
        say("Logged out." if alive else "Telegram had ended this session before; its key is forgotten.")

    wait_for(main())


@app.command("accounts")
def list_accounts() -> None:
    """Show the accounts that are signed in, and how they are."""
    config = load_settings()

    async def main() -> None:
        async with AsyncExitStack() as stack:
            database = await pool.create(config.database_url.get_secret_value(), max_size=2)
            stack.push_async_callback(pool.close, database)
            async with database.acquire() as connection:
                found = await accounts.list_accounts(connection)
        for one in found:
            say(f"{one.id}\t{one.name}\t@{one.username or '-'}\t{one.phone}\t{one.state}")
        if not found:
            say("No account is signed in yet: python -m salesbot login")

    wait_for(main())
