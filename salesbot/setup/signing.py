"""Signing an account in from the command line: with a person, or with what a file of answers says."""

from __future__ import annotations

import subprocess
from collections.abc import Callable, Mapping, Sequence
from contextlib import AsyncExitStack

from salesbot import keys
from salesbot.errors import Refused
from salesbot.settings import Settings
from salesbot.store import accounts, pool
from salesbot.store.accounts import Account
from salesbot.store.prepare import prepare
from salesbot.store.sessions import StoredSession
from salesbot.userbot import login
from salesbot.userbot.login import Answers

LOGIN = frozenset({"LOGIN_PHONE", "LOGIN_CODE", "LOGIN_CODE_COMMAND", "LOGIN_PASSWORD"})
PATIENCE = 180.0
"""Seconds that LOGIN_CODE_COMMAND has to get the code."""


async def sign_in(config: Settings, answers: Answers, *, by_qr: bool = False) -> StoredSession:
    """Sign an account in; the secret key and the tables are made when this is the first time."""
    ring = keys.load_or_make(config)
    dsn = config.database_url.get_secret_value()
    await prepare(dsn, ring.key_ids)
    async with AsyncExitStack() as stack:
        database = await pool.create(dsn, max_size=2)
        stack.push_async_callback(pool.close, database)
        return await login.login(settings=config, keys=ring, pool=database, answers=answers, by_qr=by_qr)


async def signed_in(config: Settings) -> Sequence[Account]:
    """The accounts that can speak. The secret key and the tables are made when this is the first time."""
    ring = keys.load_or_make(config)
    dsn = config.database_url.get_secret_value()
    await prepare(dsn, ring.key_ids)
    async with AsyncExitStack() as stack:
        database = await pool.create(dsn, max_size=1)
        stack.push_async_callback(pool.close, database)
        async with database.acquire() as connection:
            return [one for one in await accounts.list_accounts(connection) if one.ready]


def wanted(answers: Mapping[str, str], known: Sequence[Account]) -> bool:
    """Whether a file of answers names an account that is not signed in yet."""
    phone = _digits(answers.get("LOGIN_PHONE", ""))
    return bool(phone) and all(_digits(one.phone) != phone for one in known)


def given(answers: Mapping[str, str], tell: Callable[[str], None]) -> Answers:
    """What a file of answers says to Telegram. Where it names a command for the code, that is run once it was sent."""
    command = answers.get("LOGIN_CODE_COMMAND")

    def ask(question: str, secret: bool) -> str:
        if secret or command is None:
            name = "LOGIN_PASSWORD" if secret else "LOGIN_CODE or LOGIN_CODE_COMMAND"
            raise Refused("needs_answer", f"{name} is needed to sign in: {question}")
        return _printed(command)

    return Answers(
        phone=answers["LOGIN_PHONE"],
        code=answers.get("LOGIN_CODE"),
        password=answers.get("LOGIN_PASSWORD"),
        ask=ask,
        tell=tell,
    )


def _printed(command: str) -> str:
    """The last line that a command of the shell prints."""
    try:
        ran = subprocess.run(  # noqa: S603 - whoever writes the answers may run what they like
            ["/bin/sh", "-c", command], stdout=subprocess.PIPE, timeout=PATIENCE, check=True, text=True
        )
    except (OSError, ValueError, subprocess.SubprocessError) as exc:
        raise Refused("no_code", f"LOGIN_CODE_COMMAND failed: {type(exc).__name__}") from exc
    lines = ran.stdout.split()
    if not lines:
        raise Refused("no_code", "LOGIN_CODE_COMMAND printed nothing")
    return lines[-1]


def _digits(phone: str) -> str:
    return "".join(filter(str.isdigit, phone))
