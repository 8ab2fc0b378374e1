"""The product as a process of its own, told what it is to serve by nothing but its environment."""

from __future__ import annotations

import asyncio
import os
import secrets
import signal
import socket
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TypeAlias

from tests.support.forkserver import ROOT, Child, ForkServer, Program, start_plainly

INHERITED = ("PATH", "HOME", "LANG", "LC_ALL", "TZ", "PYTHONDONTWRITEBYTECODE")
READY_PATIENCE = 30.0

MAIN = str(ROOT / "main.py")
Settings: TypeAlias = Mapping[str, str | None]


class Notices:
    """A socket like systemd's. Its name lives in no folder: a socket's path may have 107 bytes only."""

    def __init__(self) -> None:
        self._name = f"salesbot-test-{secrets.token_hex(8)}"
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_NONBLOCK)
        self._socket.bind("\0" + self._name)

    @property
    def address(self) -> str:
        return "@" + self._name

    async def wait(self, word: str) -> None:
        """Return once the process has said this."""
        while True:
            told = await asyncio.get_running_loop().sock_recv(self._socket, 4096)
            if word in told.decode().splitlines():
                return

    def close(self) -> None:
        self._socket.close()


class Product:
    """``main.py`` in a folder of its own; it can be started again after it ended, however that was."""

    def __init__(self, folder: Path, forks: ForkServer, settings: Mapping[str, str]) -> None:
        self.folder = folder
        self.settings = settings
        self._forks = forks
        self._child: Child | None = None

    async def launch(
        self, changed: Settings | None = None, *, plainly: bool = False, words: Sequence[str] = (MAIN,)
    ) -> Child:
        """Begin to start; ``changed`` are settings of this start alone, None takes one away. ``plainly`` is without the
        fork server; ``words`` are another program of the product, ``-m salesbot login …``."""
        inherited = {name: os.environ[name] for name in INHERITED if name in os.environ} | {"PYTHONPATH": str(ROOT)}
        settings = {name: value for name, value in {**self.settings, **(changed or {})}.items() if value is not None}
        program = Program(words, inherited | settings, str(self.folder), str(self.folder / "product.out"))
        self._child = await (start_plainly(program) if plainly else self._forks.start(program))
        return self._child

    async def start(self, changed: Settings | None = None, *, plainly: bool = False) -> None:
        """Start, and return once it says that it is ready. Raises ``AssertionError`` when it ends instead."""
        notices = Notices()
        child = await self.launch({**(changed or {}), "NOTIFY_SOCKET": notices.address}, plainly=plainly)
        ready = asyncio.create_task(notices.wait("READY=1"))
        ended = asyncio.create_task(child.wait(READY_PATIENCE))
        try:
            await asyncio.wait((ready, ended), timeout=READY_PATIENCE, return_when=asyncio.FIRST_COMPLETED)
            assert ready.done(), f"the product did not become ready:\n{self.log()}"
        finally:
            for task in (ready, ended):
                task.cancel()
            await asyncio.gather(ready, ended, return_exceptions=True)
            notices.close()

    @property
    def child(self) -> Child:
        assert self._child is not None, "the product was never started"
        return self._child

    async def stop(self, how: signal.Signals = signal.SIGTERM, timeout: float = 15.0) -> int:
        """As systemd stops it; the exit code."""
        self.child.send(how)
        return await self.child.wait(timeout)

    async def kill(self) -> None:
        """``kill -9``; returns when it is dead."""
        assert self.child.alive, f"the product had ended by itself:\n{self.log()}"
        self.child.send(signal.SIGKILL)
        assert await self.child.wait() == -signal.SIGKILL

    async def close(self) -> None:
        if self._child is not None and self._child.alive:
            self._child.send(signal.SIGKILL)
            await self._child.wait()

    def log(self, lines: int = 200) -> str:
        """The end of what it logged and of what it wrote to its streams."""
        told = []
        for name in ("salesbot.log", "product.out"):
            path = self.folder / name
            if path.exists():
                told += [f"{name}:", *path.read_text(encoding="utf-8", errors="replace").splitlines()[-lines:]]
        return "\n".join(told)
