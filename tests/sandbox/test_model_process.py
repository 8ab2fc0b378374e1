"""The models alone, as a program: quick to start, gone with whoever started it."""

from __future__ import annotations

import asyncio
import json
import signal
import subprocess
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from openai import APIConnectionError, AsyncOpenAI

from sandbox.process import began
from tests.support.waiting import until

ROOT = Path(__file__).parents[2]
STARTS = """
import subprocess, sys
child = subprocess.Popen([sys.executable, "-m", "sandbox.model", "--state", sys.argv[1]])
print(child.pid, flush=True)
child.wait()
"""
"""A parent that starts the models and waits."""


async def listening(state: Path) -> str:
    async def written() -> bool:
        return state.exists()

    await until(written, "the state file")
    url: str = json.loads(state.read_text())["model"]
    return url


@pytest.fixture
async def models(tmp_path: Path) -> AsyncIterator[tuple[asyncio.subprocess.Process, str]]:
    words = ("-m", "sandbox.model", "--state", str(tmp_path / "state.json"))
    process = await asyncio.create_subprocess_exec(sys.executable, *words, cwd=ROOT)
    try:
        yield process, await listening(tmp_path / "state.json")
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()


async def test_they_answer_and_end_when_they_are_told(models: tuple[asyncio.subprocess.Process, str]) -> None:
    process, url = models
    async with AsyncOpenAI(base_url=url, api_key="any", max_retries=0, timeout=5) as client:
        answer = await client.chat.completions.create(
            model="sandbox/echo", messages=[{"role": "user", "content": "A-1"}]
        )
        assert answer.choices[0].message.content == "A-1"
        process.send_signal(signal.SIGTERM)
        assert await process.wait() == 0
        with pytest.raises(APIConnectionError):
            await client.models.list()


async def test_a_port_that_is_taken_is_said_in_a_line(
    models: tuple[asyncio.subprocess.Process, str], tmp_path: Path
) -> None:
    port = models[1].rpartition(":")[2].removesuffix("/v1")
    words = ("-m", "sandbox.model", "--state", str(tmp_path / "other.json"), "--port", port)
    other = await asyncio.create_subprocess_exec(sys.executable, *words, cwd=ROOT, stderr=subprocess.PIPE)
    _, told = await other.communicate()
    assert (other.returncode, told.decode().count("\n")) == (1, 1)
    assert not (tmp_path / "other.json").exists()


async def test_they_end_with_whoever_started_them(tmp_path: Path) -> None:
    state = tmp_path / "state.json"
    parent = await asyncio.create_subprocess_exec(
        sys.executable, "-c", STARTS, str(state), cwd=ROOT, stdout=subprocess.PIPE
    )
    assert parent.stdout
    pid = int(await parent.stdout.readline())
    try:
        await listening(state)
    finally:
        parent.kill()
        await parent.wait()

    async def ended() -> bool:
        return began(pid) is None

    await until(ended, "the models end with their parent")


def test_they_load_neither_telegram_nor_the_product() -> None:
    code = "import sandbox.model.__main__, sys; print(*{name.partition('.')[0] for name in sys.modules})"
    loaded = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert not {"telethon", "aiogram", "salesbot", "openai", "asyncpg"} & set(loaded.stdout.split())
