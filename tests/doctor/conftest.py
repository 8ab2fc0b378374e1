"""An installation that is well: the sandbox in this process, a real PostgreSQL; each test makes one thing ill."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path

import asyncpg
import pytest

from salesbot import settings as reading
from salesbot.doctor.checks import CHECKS
from salesbot.doctor.house import opened
from salesbot.doctor.run import examine
from salesbot.finding import Finding
from salesbot.i18n import lang
from salesbot.keys import KeyRing
from salesbot.settings import Settings
from salesbot.store import installation, sessions, suppressions
from salesbot.store.pool import transaction
from salesbot.store.sessions import StoredSession
from sandbox.app import Sandbox
from sandbox.world import Role
from tests.doctor.fakes import Fake, serving

SECRET = "a secret of the doctor's tests which is long enough"


@pytest.fixture
def values(sandbox: Sandbox, database: str, operator: int, tmp_path: Path) -> dict[str, str]:
    """The settings by name, as they stand in a file."""
    state = sandbox.state()
    pem, key = tmp_path / "server.pem", tmp_path / "secret.key"
    pem.write_text(state["mtproto"]["public_key"])
    key.write_text(f"{SECRET}\n")
    key.chmod(0o600)
    return {
        "API_ID": "12345",
        "API_HASH": "0123456789abcdef0123456789abcdef",
        "BOT_TOKEN": state["bot"]["token"],
        "ADMIN_TELEGRAM_ID": str(operator),
        "OPENROUTER_API_KEY": "sk-or-canary-of-the-doctor",
        "DATABASE_URL": database,
        "LOG_FILE": str(tmp_path / "app.log"),
        "SECRET_KEY_FILE": str(key),
        "BACKUP_DIR": str(tmp_path / "backups"),
        "LLM_BASE_URL": state["model"],
        "LLM_MODELS": "sandbox/seller",
        "BOT_API_URL": state["bot_api"],
        "TELEGRAM_SERVER": f"{state['mtproto']['host']}:{state['mtproto']['port']}",
        "TELEGRAM_SERVER_DC": str(state["mtproto"]["dc_id"]),
        "TELEGRAM_SERVER_KEY": str(pem),
    }


@pytest.fixture
def settings(values: dict[str, str]) -> Settings:
    return reading.checked(values)


@pytest.fixture
async def account(sandbox: Sandbox, pool: asyncpg.Pool) -> int:
    """An account that is signed in and that no process runs."""
    user = next(user for user in sandbox.world.users if user.role is Role.ACCOUNT)
    ring, place = KeyRing(SECRET), sandbox.state()["mtproto"]
    sealed = ring.encrypt(sandbox.mtproto.keys.make(user.id).key)
    async with transaction(pool) as connection:
        await suppressions.check_keys(connection, ring.key_ids)
        await installation.check(connection)
        await sessions.save_signed_in(
            connection,
            StoredSession(user.id, place["dc_id"], place["host"], place["port"], sealed, username=user.username),
        )
    return user.id


Look = Callable[..., Awaitable[list[Finding]]]


@pytest.fixture
async def look(values: dict[str, str], tmp_path: Path) -> Look:
    """``look("disk")``: what this check finds, with these settings changed."""

    async def asked(
        name: str, *, outside: bool = True, free: bool = False, code: str = "en", **changed: str
    ) -> list[Finding]:
        settings = reading.checked({**values, **changed})
        check = next(check for check in CHECKS if check.name == name)
        files = [tmp_path / ".env"]
        async with opened(settings, lang(code), outside=outside, free=free, env_files=files) as house:
            return [finding async for finding in examine(house, [check])]

    return asked


@pytest.fixture
async def fake() -> AsyncIterator[Fake]:
    async with serving(Fake()) as running:
        yield running
