"""A town of its own for each test: the sandbox, a database, one account of ours; and the engine running in it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import asyncpg
import pytest

from salesbot.engine import outbox
from sandbox.app import Options, Sandbox
from sandbox.mtproto.crypto import ServerKey

pytest.register_assert_rewrite("tests.engine.running")
from tests.engine.running import Engine, Town, settings_of  # noqa: E402 - after its asserts are set to explain themselves
from tests.engine.two import Two, opened  # noqa: E402 - it is nobody's assert, but isort wants it here


@pytest.fixture(autouse=True)
def _look_at_the_clock_often(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever types notices soon that a test turned the clock."""
    monkeypatch.setattr(outbox, "TYPING_EVERY", 0.05)


@pytest.fixture
async def town(server_key: ServerKey, database: str, pool: asyncpg.Pool, tmp_path: Path) -> AsyncIterator[Town]:
    async with Sandbox.running(Options(seed=1, key=server_key)) as sandbox:
        key_file = tmp_path / "server.pem"
        key_file.write_text(sandbox.mtproto.public_key)
        town = Town(sandbox, database, pool, settings_of(sandbox, key_file))
        await town.sign_in()
        yield town


@pytest.fixture
async def engine(town: Town) -> AsyncIterator[Engine]:
    """Running, and its account is live."""
    async with town.engine() as running:
        yield running


@pytest.fixture
async def two(pool: asyncpg.Pool) -> AsyncIterator[Two]:
    async with opened(pool) as two:
        yield two
