"""What a rehearsal starts beside itself: a PostgreSQL and a model endpoint, each a program that ends with it.

They are the sandbox's, and are only run, never imported. They have a session of their own: a Ctrl-C reaches us alone,
and we end them in order.
"""

from __future__ import annotations

import asyncio
import json
import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import TypeVar

from salesbot.errors import SettingsError

HOME = Path(__file__).resolve().parents[2]
READY = 60.0
"""Seconds until a start has failed: the first one of PostgreSQL makes its folder."""
ENDS = 5.0
LOOK_EVERY = 0.02

_Ready = TypeVar("_Ready")


@asynccontextmanager
async def postgres(folder: Path) -> AsyncIterator[str]:
    """A PostgreSQL in this folder, its DSN. Raises ``SettingsError`` where there is none."""

    async def dsn(child: asyncio.subprocess.Process) -> str:
        assert child.stdout is not None
        return (await child.stdout.readline()).decode().strip()

    command = ("sandbox.postgres", str(folder / "postgres"), "--unsafe", "--with-parent")
    async with _running("The embedded PostgreSQL", "DATABASE_URL", command, folder, dsn) as found:
        yield found


@asynccontextmanager
async def endpoint(folder: Path) -> AsyncIterator[str]:
    """The sandbox's models, the address for ``LLM_BASE_URL``."""
    state = folder / "model.json"

    async def address(child: asyncio.subprocess.Process) -> str:
        while not await asyncio.to_thread(state.exists):  # written whole, at once
            if child.returncode is not None:
                return ""
            await asyncio.sleep(LOOK_EVERY)
        return str(json.loads(await asyncio.to_thread(state.read_text, "utf-8"))["model"])

    command = ("sandbox.model", "--state", str(state))
    async with _running("The scripted models", "LLM_BASE_URL", command, folder, address) as found:
        yield found


@asynccontextmanager
async def _running(
    what: str,
    instead: str,
    module: tuple[str, ...],
    folder: Path,
    ready: Callable[[asyncio.subprocess.Process], Awaitable[str]],
) -> AsyncIterator[str]:
    log = folder / f"{module[0]}.log"
    with log.open("wb") as output:
        child = await asyncio.create_subprocess_exec(
            sys.executable,
            "-m",
            *module,
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE,
            stderr=output,
            cwd=HOME,
            start_new_session=True,
        )
    try:
        try:
            async with asyncio.timeout(READY):
                found = await ready(child)
        except TimeoutError:
            found = ""
        if not found:
            said = (await asyncio.to_thread(log.read_text, "utf-8", "replace")).strip().splitlines()
            why = said[-1] if said else "it says nothing"
            raise SettingsError(f"{what} did not start: {why}\nIt is not needed where {instead} is set.")
        yield found
    finally:
        await _end(child)


async def _end(child: asyncio.subprocess.Process) -> None:
    """Asked to, and after a while made to."""
    if child.returncode is not None:
        return
    child.terminate()
    try:
        async with asyncio.timeout(ENDS):
            await child.wait()
    except TimeoutError:
        child.kill()
        await child.wait()
