"""The PostgreSQL of one worker: its runs have databases of their own in it, and it can be killed and started again."""

from __future__ import annotations

import asyncio
import os
import signal
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import asyncpg

from salesbot.store.migrate import migrate
from sandbox import postgres
from tests.chaos import journal

TEMPLATE = "template_of_runs"


class Server:
    """Durable, for it is killed. Commit timestamps are on (sandbox/postgres.py), the journal is in the template."""

    def __init__(self, data: Path) -> None:
        self._data = data
        self._running = postgres.start(data)

    async def prepare(self) -> None:
        await self._maintain(f"create database {TEMPLATE}")
        connection = await asyncpg.connect(self._running.url(TEMPLATE))
        try:
            await migrate(connection)
            await journal.install(connection)
        finally:
            await connection.close()

    @asynccontextmanager
    async def database(self, name: str) -> AsyncIterator[str]:
        """A database for one run; dropped afterwards, whoever is still connected."""
        await self._maintain(f'create database "{name}" template {TEMPLATE}')
        try:
            yield self._running.url(name)
        finally:
            if not self.alive:
                self.restart()
            await self._maintain(f'drop database "{name}" with (force)')

    async def _maintain(self, statement: str) -> None:
        connection = await asyncpg.connect(self._running.dsn)
        try:
            await connection.execute(statement)
        finally:
            await connection.close()

    @property
    def alive(self) -> bool:
        return self._running.child.poll() is None

    async def kill(self) -> None:
        """``kill -9`` of the postmaster; its children follow it by themselves."""
        os.kill(self._running.child.pid, signal.SIGKILL)
        await asyncio.to_thread(self._running.child.wait)

    def restart(self) -> None:
        """On the same port; what was committed is there. It blocks for a second, as the worker has but one run."""
        self._running = postgres.start(self._data, port=self._running.port)

    def close(self) -> None:
        self._running.stop()
