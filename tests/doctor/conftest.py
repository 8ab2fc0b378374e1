"""An installation that is well: the sandbox in this process, a real PostgreSQL; each test makes one thing ill."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from salesbot import settings as reading
from salesbot.settings import Settings
from sandbox.app import Sandbox
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
async def fake() -> AsyncIterator[Fake]:
    async with serving(Fake()) as running:
        yield running
