"""Where a benchmark happens: a scratch PostgreSQL, the sandbox in this process, a program under test on an account."""

from __future__ import annotations

import asyncio
import contextlib
import os
import secrets
import signal
import socket
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Coroutine, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import asyncpg
import psutil
from telethon.sessions import StringSession

from salesbot.keys import KeyRing
from salesbot.scenarios.load import SHIPPED
from salesbot.store import sessions
from salesbot.store.migrate import migrate
from salesbot.store.sessions import StoredSession, UpdateState
from sandbox import postgres
from sandbox.app import Options, Sandbox
from sandbox.mtproto.address import DC_ID, HOST
from sandbox.scenarios import copy_without_quiet_hours
from sandbox.world import Role
from sandbox.world.events import Event, MessageNew

ROOT = Path(__file__).resolve().parents[1]
PATIENCE = 120.0
NO_LIMIT = 1_000_000
TICK = os.sysconf("SC_CLK_TCK")
PRODUCT = (sys.executable, "main.py")
FLOOR = (sys.executable, "-m", "bench.floor")

NO_DELAYS = {
    f"{name}_SECONDS": "0"
    for name in ("DEBOUNCE", "DEBOUNCE_CAP", "READ_DELAY", "TYPING_MIN", "TYPING_MAX", "PART_PAUSE")
} | {"TYPING_SECONDS_PER_CHAR": "0"}


@dataclass
class Program:
    """A program under test: what it has used so far."""

    process: asyncio.subprocess.Process
    started: float
    """Seconds from its first instruction to its READY=1."""
    database: str

    def cpu(self) -> float:
        """Seconds of processor time, its threads included."""
        return _cpu(self.process.pid)

    def resident(self) -> float:
        """Resident memory in MB."""
        pages = int(Path(f"/proc/{self.process.pid}/statm").read_text().split()[1])
        return pages * os.sysconf("SC_PAGE_SIZE") / 1e6


@dataclass
class House:
    """An account of the sandbox and the guests who write to it; every program gets a database of its own."""

    folder: Path
    server: postgres.Server
    sandbox: Sandbox
    account: int
    targets: list[int] = field(default_factory=list)
    answers: dict[str, asyncio.Future[float]] = field(default_factory=dict)

    def beside(self) -> House:
        """Another account on the same sandbox and server: a second program may run at the same time."""
        users = self.sandbox.world.users
        account = users.create(Role.ACCOUNT, "Another", username=f"sales{len(list(users))}").id
        folder = self.folder / str(account)
        folder.mkdir()
        return _opened(House(folder, self.server, self.sandbox, account))

    def invite(self, people: int) -> None:
        """New guests, with whom the account never spoke: no run finds the history of the one before."""
        users = self.sandbox.world.users
        first = max(user.id for user in users) + 1
        made = [
            users.create(Role.TARGET, f"Guest {n}", id=n, username=f"guest{n}") for n in range(first, first + people)
        ]
        self.targets = [user.id for user in made]

    def hear(self, event: Event) -> None:
        """Note when a token comes back to whoever sent it."""
        if isinstance(event, MessageNew) and not event.message.out and event.owner != self.account:
            for word in event.message.text.split():
                if (answer := self.answers.get(word)) and not answer.done():
                    answer.set_result(time.perf_counter())

    async def turn(self, target: int, token: str) -> float:
        """Say a token as a target; the seconds until it came back."""
        answer = self.answers[token] = asyncio.get_running_loop().create_future()
        began = time.perf_counter()
        self.sandbox.world.send(target, self.account, token)
        try:
            async with asyncio.timeout(PATIENCE):
                return await answer - began
        except TimeoutError:
            raise RuntimeError(f"{token} of {target} was not answered within {PATIENCE:g} s") from None

    def database_cpu(self) -> float:
        """Seconds of processor time of PostgreSQL: all its processes, those that ended included."""
        postmaster = psutil.Process(self.server.child.pid)
        seconds = _cpu(postmaster.pid) + _of_ended_children(postmaster.pid)
        for child in postmaster.children(recursive=True):
            with contextlib.suppress(OSError):  # it ended meanwhile
                seconds += _cpu(child.pid)
        return seconds

    @contextlib.asynccontextmanager
    async def running(
        self, command: tuple[str, ...], *, template: str = "template1", connects: bool = True
    ) -> AsyncIterator[Program]:
        """A program from its readiness to its end, on a copy of the database ``template``, with a fresh session of the
        account and, unless it never ``connects``, connected."""
        name = f"bench_{secrets.token_hex(4)}"
        await self.create(name, template)
        secret, session = secrets.token_hex(32), self.sandbox.mtproto.string_session(self.account)
        await self._sign_in(name, KeyRing(secret), session)
        async with _notify_socket(self.folder / "notify") as ready:
            told = self.folder / f"{name}.log"
            with told.open("wb") as log:
                settings = {**self._settings(name), "SECRET_KEY": secret, "FLOOR_SESSION": session}
                began = time.perf_counter()
                process = await asyncio.create_subprocess_exec(*command, cwd=ROOT, env=settings, stdout=log, stderr=log)
                try:
                    async with asyncio.timeout(PATIENCE):
                        if not await _before_its_end(process, ready.wait()):
                            raise RuntimeError(f"{command} ended:\n{told.read_text(encoding='utf-8')[-2000:]}")
                        started = time.perf_counter() - began
                        while connects and not self.sandbox.mtproto.sessions_of(self.account):  # noqa: ASYNC110 - unsaid
                            await asyncio.sleep(0.05)
                    yield Program(process, started, name)
                finally:
                    with contextlib.suppress(ProcessLookupError):
                        process.send_signal(signal.SIGTERM)
                    await process.wait()
        await self._drop(name)

    async def analyze(self, program: Program) -> None:
        """Have PostgreSQL count the program's rows now, as autovacuum does within the first minute: until then it goes
        by plans for tables that are empty."""
        connection = await asyncpg.connect(self.server.url(program.database))
        await connection.execute("analyze")
        await connection.close()

    async def create(self, database: str, template: str = "template1") -> None:
        await self._tell_server(f'create database "{database}" template "{template}"')

    async def _drop(self, database: str) -> None:
        """What is over costs whoever comes next nothing: autovacuum visits each database of a server once a minute."""
        await self._tell_server(f'drop database "{database}" with (force)')

    async def _tell_server(self, statement: str) -> None:
        admin = await asyncpg.connect(self.server.dsn)
        await admin.execute(statement)
        await admin.close()

    async def _sign_in(self, database: str, ring: KeyRing, session: str) -> None:
        connection = await asyncpg.connect(self.server.url(database))
        await migrate(connection)
        key = StringSession(session).auth_key.key
        state = UpdateState(self.sandbox.world.box(self.account).pts, 0, self.sandbox.world.now(), 0)
        account = StoredSession(self.account, DC_ID, HOST, self.sandbox.mtproto.port, ring.encrypt(key), state)
        await sessions.save_signed_in(connection, account)
        await connection.close()

    def _settings(self, database: str) -> Mapping[str, str]:
        """The product's settings, pointed at the sandbox, with every delay off."""
        state = self.sandbox.state()
        key = self.folder / "server.pem"
        key.write_text(state["mtproto"]["public_key"], encoding="ascii")
        operator = next(user["id"] for user in state["users"] if user["role"] == "operator")
        return {
            **{name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ},
            **NO_DELAYS,
            "API_ID": "1",
            "API_HASH": "0" * 32,
            "BOT_TOKEN": state["bot"]["token"],
            "ADMIN_TELEGRAM_ID": str(operator),
            "OPENROUTER_API_KEY": "sandbox",
            "DATABASE_URL": self.server.url(database),
            "LLM_BASE_URL": state["model"],
            "LLM_MODELS": "sandbox/echo",
            "LLM_CONCURRENCY": "1000",
            "NEW_DIALOGS_PER_DAY": "0",
            "FIRST_CONTACT_PREVIEW": "false",
            "BUDGET_PER_DAY": "0",
            "BOT_API_URL": state["bot_api"],
            "TELEGRAM_SERVER": f"{HOST}:{self.sandbox.mtproto.port}",
            "TELEGRAM_SERVER_DC": str(DC_ID),
            "TELEGRAM_SERVER_KEY": str(key),
            "ANSWER_STRANGERS": "true",
            "SCENARIOS_DIR": str(copy_without_quiet_hours(SHIPPED / "sales", self.folder / "scenarios")),
            "LOG_FILE": str(self.folder / f"{database}.app.log"),
            "NOTIFY_SOCKET": str(self.folder / "notify"),
        }


@contextlib.asynccontextmanager
async def open_house() -> AsyncIterator[House]:
    """The scratch server and the sandbox; everything is gone afterwards."""
    with tempfile.TemporaryDirectory(dir=scratch()) as name:
        folder = Path(name)
        server = postgres.start(folder / "postgres")
        try:
            async with Sandbox.running(Options(seed=1)) as sandbox:
                sandbox.world.rules.history_per_minute = NO_LIMIT  # many new people come at once
                account = next(user.id for user in sandbox.world.users if user.role is Role.ACCOUNT)
                yield _opened(House(folder, server, sandbox, account))
        finally:
            server.stop()


def _opened(house: House) -> House:
    house.sandbox.world.subscribe(house.hear)
    return house


async def _before_its_end(process: asyncio.subprocess.Process, what: Coroutine[None, None, object]) -> bool:
    """Whether something came before the process ended."""
    waits = [asyncio.create_task(what), asyncio.create_task(process.wait())]
    try:
        await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
        return waits[0].done()
    finally:
        for wait in waits:
            wait.cancel()


def _cpu(pid: int) -> float:
    """Seconds of processor time of a process, its threads included, to the nanosecond: what /proc tells is rounded to
    hundredths of a second, as much as a process at rest uses in ten seconds."""
    return time.clock_gettime(~pid << 3 | 2)  # its clock, as clock_getcpuclockid(3) names it


def _of_ended_children(pid: int) -> float:
    """Seconds of processor time of a process's children that ended."""
    fields = Path(f"/proc/{pid}/stat").read_text(encoding="ascii").rsplit(")", 1)[1].split()
    return sum(int(word) / TICK for word in fields[13:15])


def scratch() -> Path:
    place = ROOT / "var" / "bench"
    place.mkdir(parents=True, exist_ok=True)
    return place


@contextlib.asynccontextmanager
async def _notify_socket(place: Path) -> AsyncIterator[asyncio.Event]:
    """Set once a program says READY=1, as it would to systemd."""
    ready = asyncio.Event()
    loop = asyncio.get_running_loop()
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as listening:
        listening.bind(str(place))
        listening.setblocking(False)

        def read() -> None:
            if b"READY=1" in listening.recv(4096):
                ready.set()

        loop.add_reader(listening, read)
        try:
            yield ready
        finally:
            loop.remove_reader(listening)
            place.unlink()
