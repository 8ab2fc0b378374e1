"""Starts Python programs as processes of their own without importing the libraries anew each time.

Importing them takes four seconds of a core; here that is done once, by a server that then forks a child for each
program. Only third-party code is in it when it forks: the program's own modules are imported in the child, from the
source as it is then. Where the source stays as it is, they can be imported once as well (``HOUSE``). A child has a
session of its own, exactly the given environment, its own working directory, umask and log.

As a program (``python -m tests.support.forkserver FD FD MODULE…``) it is the server; ``ForkServer`` is the test's end
of it. One serves all workers of a run. Every child belongs to a socket: when whoever asked for it goes away, however
that happens, the child is killed.
"""

from __future__ import annotations

import asyncio
import contextlib
import gc
import importlib
import json
import os
import runpy
import select
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]

LIBRARIES = """
    asyncio concurrent.futures gettext zoneinfo aiohttp.web aiogram aiogram.client.session.aiohttp
    aiogram.client.telegram aiogram.methods asyncpg cryptg cryptography.hazmat.primitives.asymmetric.rsa
    cryptography.hazmat.primitives.ciphers.aead cryptography.hazmat.primitives.kdf.hkdf
    cryptography.hazmat.primitives.serialization dotenv loguru openai openai.types.chat
    openai.resources.chat.completions prometheus_client pydantic pydantic_settings python_socks.async_.asyncio segno
    telethon telethon.tl telethon.sessions telethon._updates typer uvloop
"""
OURS = ("salesbot", "sandbox")
HOUSE = ("salesbot.cli", "salesbot.app", "sandbox.app")
"""What is imported by the programs of a house: half a second of a core for each."""


@dataclass(frozen=True, slots=True)
class Program:
    """What a child becomes: a script's path or, with ``-m`` before it, a module, and what comes after."""

    words: Sequence[str]
    env: Mapping[str, str]
    cwd: str
    log: str
    """A file that gets both streams, behind what is in it already."""
    errors: str = ""
    """Another one for what it reports."""


# --- the test's end


class Child:
    """A running program. ``pid`` is its own; ``wait`` tells how it ended."""

    def __init__(self, pid: int, ended: asyncio.Task[int], keeper: asyncio.StreamWriter | None = None) -> None:
        self.pid = pid
        self._ended = ended
        self._keeper = keeper

    @property
    def alive(self) -> bool:
        return not self._ended.done()

    def send(self, number: signal.Signals) -> None:
        if self.alive:
            with contextlib.suppress(ProcessLookupError):
                os.kill(self.pid, number)

    async def wait(self, timeout: float = 20.0) -> int:
        """The exit code; minus the signal's number when one ended it. Raises ``TimeoutError``."""
        code = await asyncio.wait_for(asyncio.shield(self._ended), timeout)
        self.abandon()
        return code

    def abandon(self) -> None:
        """Go away, as the test's process does when it dies: the fork server kills the child."""
        if self._keeper is not None:
            self._keeper.close()


class ForkServer:
    """The test's end. ``start`` takes a few milliseconds; what it starts then imports its own modules, but ``ours``."""

    def __init__(self, folder: Path, control: socket.socket, end: Callable[[], object]) -> None:
        self.folder = folder
        """Where what its programs share may lie."""
        self._control = control
        self._end = end

    @classmethod
    def begun(cls, log: Path, ours: Sequence[str] = (), address: str = "") -> ForkServer:
        """A server that ends when it is closed here. At ``address``, a name in no folder, others may join it."""
        control, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        with theirs, _socket() as listener, log.open("ab") as output:
            listener.bind("\0" + address if address else "")
            listener.listen()
            process = subprocess.Popen(
                [sys.executable, "-m", "tests.support.forkserver", str(theirs.fileno()), str(listener.fileno()), *ours],
                cwd=ROOT,
                pass_fds=[theirs.fileno(), listener.fileno()],
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                start_new_session=True,
            )
        return cls(log.parent, control, lambda: process.wait(10))

    @classmethod
    def joined(cls, folder: Path, address: str) -> ForkServer:
        """The server that another process has begun at this address."""
        control = _socket()
        control.connect("\0" + address)
        return cls(folder, control, lambda: None)

    async def start(self, program: Program) -> Child:
        ours, theirs = socket.socketpair()
        with theirs:
            order = {"program": asdict(program), "umask": _umask()}
            socket.send_fds(self._control, [json.dumps(order).encode()], [theirs.fileno()])
        reader, writer = await asyncio.open_unix_connection(sock=ours)
        pid = int(await reader.readline())

        async def ended() -> int:
            return int(await reader.readline() or -signal.SIGKILL)

        return Child(pid, asyncio.create_task(ended(), name=f"child {pid}"), writer)

    async def run(self, words: Sequence[str], env: Mapping[str, str], cwd: Path) -> tuple[int, str, str]:
        """A program to its end: the exit code, what it printed, what it reported."""
        with tempfile.TemporaryDirectory(dir=self.folder) as folder:
            out, errors = Path(folder, "out"), Path(folder, "errors")
            child = await self.start(Program(words, env, str(cwd), str(out), str(errors)))
            code = await child.wait(60)
            return code, out.read_text(encoding="utf-8-sig"), errors.read_text(encoding="utf-8")

    def close(self) -> None:
        """Whoever began the server ends it with every child that is left."""
        self._control.close()
        self._end()


def _socket() -> socket.socket:
    return socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)


def _umask() -> int:
    """This process's, which can be read only by setting it."""
    mask = os.umask(0)
    os.umask(mask)
    return mask


async def start_plainly(program: Program) -> Child:
    """The same without the server: a fresh interpreter that imports everything itself."""
    output = os.open(program.log, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    try:
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            *program.words,
            env=dict(program.env),
            cwd=program.cwd,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            start_new_session=True,
        )
    finally:
        os.close(output)
    return Child(process.pid, asyncio.create_task(process.wait()))


# --- the server


@dataclass(slots=True)
class _Forked:
    pid: int
    death: int
    """A descriptor that becomes readable when the child has ended."""
    owner: socket.socket


def serve(control: socket.socket, listener: socket.socket) -> Program | None:
    """Fork until whoever began this is gone. Returns twice and more: the program to run in every child, None in the
    end."""
    children: list[_Forked] = []
    asking = [control]
    while True:
        waiting: list[Any] = [listener, *asking, *(one.death for one in children), *(one.owner for one in children)]
        ready = set(select.select(waiting, [], [])[0])
        if listener in ready:
            asking.append(listener.accept()[0])
        for who in [one for one in asking if one in ready]:
            told, descriptors, _, _ = socket.recv_fds(who, 1 << 20, 1)
            if not told and who is control:
                _kill(children)
                return None
            if not told:
                asking.remove(who)
                who.close()
                continue
            owner, order = socket.socket(fileno=descriptors[0]), json.loads(told)
            if (pid := os.fork()) == 0:
                os.umask(order["umask"])
                return Program(**order["program"])
            children.append(_Forked(pid, os.pidfd_open(pid), owner))
            with contextlib.suppress(OSError):  # it is gone already
                owner.sendall(b"%d\n" % pid)
        for one in children[:]:
            if one.death in ready:
                children.remove(one)
                _bury(one)
            elif one.owner in ready:  # whoever asked for it is gone: nothing else is ever sent to us
                children.remove(one)
                _kill([one])


def _bury(one: _Forked) -> None:
    code = os.waitstatus_to_exitcode(os.waitpid(one.pid, 0)[1])
    with contextlib.suppress(OSError):
        one.owner.sendall(b"%d\n" % code)
    one.owner.close()
    os.close(one.death)


def _kill(children: Sequence[_Forked]) -> None:
    for one in children:
        os.kill(one.pid, signal.SIGKILL)
        _bury(one)


def become(program: Program) -> None:
    """Turn this fork into the program."""
    os.setsid()
    os.chdir(program.cwd)
    os.environ.clear()
    os.environ.update(program.env)
    time.tzset()
    for descriptor, file in ((1, program.log), (2, program.errors or program.log)):
        os.dup2(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600), descriptor)
    os.closerange(3, os.sysconf("SC_OPEN_MAX") if os.sysconf("SC_OPEN_MAX") < 1 << 16 else 1 << 16)
    if program.words[0] == "-m":
        sys.argv = list(program.words[1:])
        runpy.run_module(program.words[1], run_name="__main__", alter_sys=True)
    else:
        sys.argv = list(program.words)
        sys.path[0] = str(Path(program.words[0]).parent)
        runpy.run_path(program.words[0], run_name="__main__")


def main() -> None:
    control, listener = (socket.socket(fileno=int(descriptor)) for descriptor in sys.argv[1:3])
    select.select([control, listener], [], [])  # many a run of tests starts no program at all
    for library in LIBRARIES.split():
        importlib.import_module(library)
    early = [name for name in sys.modules if name.partition(".")[0] in OURS]
    assert not early, f"what is tested must be imported in the child: {early}"
    for module in sys.argv[3:]:
        importlib.import_module(module)
    gc.collect()
    gc.freeze()
    program = serve(control, listener)
    if program is not None:
        become(program)


if __name__ == "__main__":
    main()
