"""PostgreSQL for the tests: one server a run, one migrated template, a fresh database for every test that asks.

With xdist the controlling process runs the server, and the server of forks, and the workers share them.

A run keeps all its files in a folder of its own, in memory or below var/test, and removes it at the end unless a test
failed; the next run removes it then.
TEST_DATABASE_URL names an existing server instead (any database of it, as a role that may create others).
"""

import asyncio
import contextlib
import fcntl
import gc
import itertools
import os
import secrets
import shutil
from collections.abc import AsyncIterator
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import asyncpg
import pytest

from salesbot.store import pool as store_pool
from salesbot.store.migrate import migrate
from sandbox import postgres
from tests.support.forkserver import HOUSE, ForkServer

pytest_plugins = [f"tests.support.{name}" for name in ("sandbox", "browser", "stories", "limits", "schedule")]

RUN = pytest.StashKey["Run"]()
ROOM = 4 * 1024**3
"""Bytes that must be free in memory for a run to live there."""


def runs() -> Path:
    """Where the folders of runs are. In memory where there is room: a run makes and drops a database for every other
    test, and a file system on a disk searches long for places that it has not given back a moment ago."""
    memory = Path("/dev/shm")  # noqa: S108 - the folder in it is closed to others
    with contextlib.suppress(OSError):
        found = os.statvfs(memory)
        if found.f_bavail * found.f_frsize >= ROOM and not found.f_flag & os.ST_NOEXEC and os.access(memory, os.W_OK):
            return memory / f"salesbot-test-{os.getuid()}"
    return Path(__file__).parents[1] / "var" / "test"


class Run:
    """One run of pytest: its folder, and its servers, started when they are first asked for."""

    def __init__(self, folder: Path, dsn: str | None, forks: str = "") -> None:
        """``dsn`` and ``forks`` tell where the servers of others are."""
        self.folder = folder
        self._dsn = dsn
        self._forks_at = forks
        self._embedded: postgres.Server | None = None
        self._forks: ForkServer | None = None
        self._lock: int | None = None

    @property
    def name(self) -> str:
        return self.folder.name

    def begin(self) -> None:
        """Makes the folder, locked while the run lives: one whose lock is free belongs to a run that has ended."""
        beside = self.folder.parent
        beside.mkdir(mode=0o700, parents=True, exist_ok=True)
        one_at_a_time = _lock(beside, wait=True)
        for left_over in beside.glob("*/"):
            with contextlib.suppress(BlockingIOError):
                lock = _lock(left_over)
                postgres.end_left_over(left_over / "postgres")
                shutil.rmtree(left_over, ignore_errors=True)
                os.close(lock)
        self.folder.mkdir()
        self._lock = _lock(self.folder)
        os.close(one_at_a_time)

    @property
    def dsn(self) -> str:
        """The server's maintenance database."""
        if self._dsn is None:
            self._embedded = postgres.start(self.folder / "postgres", durable=False)
            self._dsn = self._embedded.dsn
        return self._dsn

    def url(self, database: str) -> str:
        return urlunsplit(urlsplit(self.dsn)._replace(path=f"/{database}"))

    def forks_at(self) -> str:
        """The address of a server of forks for all workers; it imports nothing before one of them asks for it."""
        if self._forks is None:
            self._forks_at = f"salesbot-forks-{self.name}"
            self._forks = self._begin_forks()
        return self._forks_at

    def forks(self) -> ForkServer:
        """The server of forks of the run, or of this process when it is the run."""
        return ForkServer.joined(self.folder, self._forks_at) if self._forks_at else self._begin_forks()

    def _begin_forks(self) -> ForkServer:
        return ForkServer.begun(self.folder / "forks.out", HOUSE, self._forks_at)

    def end(self, *, keep_files: bool) -> None:
        if self._forks is not None:
            self._forks.close()
        if self._embedded is not None:
            self._embedded.stop()
        elif self._dsn is not None:
            asyncio.run(self._drop_databases())
        if not keep_files:
            shutil.rmtree(self.folder, ignore_errors=True)

    async def _drop_databases(self) -> None:
        connection = await asyncpg.connect(self.dsn)
        for row in await connection.fetch("select datname from pg_database where datname like $1", f"{self.name}_%"):
            await connection.execute(f'drop database "{row["datname"]}" with (force)')
        await connection.close()


def _lock(folder: Path, *, wait: bool = False) -> int:
    """An open file that holds the folder's lock. Raises BlockingIOError when somebody else holds it."""
    file = os.open(folder / "lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(file, fcntl.LOCK_EX | (0 if wait else fcntl.LOCK_NB))
    except BlockingIOError:
        os.close(file)
        raise
    return file


@pytest.hookimpl(tryfirst=True)  # before pytest settles where temporary files go
def pytest_configure(config: pytest.Config) -> None:
    given = getattr(config, "workerinput", None)  # of a worker, from the controlling process
    if given is not None:
        config.stash[RUN] = Run(Path(given["folder"]), given["postgres"], given["forks"])
        return
    run = config.stash[RUN] = Run(runs() / f"r{secrets.token_hex(3)}", os.environ.get("TEST_DATABASE_URL"))
    run.begin()
    config.option.basetemp = config.option.basetemp or run.folder / "tmp"


@pytest.hookimpl(optionalhook=True)
def pytest_configure_node(node: object) -> None:
    """In the controlling process, before a worker starts: tell it where the servers are."""
    run = node.config.stash[RUN]  # type: ignore[attr-defined]
    node.workerinput.update(folder=str(run.folder), postgres=run.dsn, forks=run.forks_at())  # type: ignore[attr-defined]


def pytest_collection_finish() -> None:
    """What was imported and collected lives as long as the run: a million objects that no collection looks at again."""
    gc.collect()
    gc.freeze()


FAILED = pytest.StashKey[bool]()


def pytest_sessionfinish(session: pytest.Session) -> None:
    session.config.stash[FAILED] = bool(session.testsfailed)


def pytest_unconfigure(config: pytest.Config) -> None:
    if not hasattr(config, "workerinput") and RUN in config.stash:
        config.stash[RUN].end(keep_files=config.stash.get(FAILED, False))


@pytest.fixture(scope="session")
def this_run(request: pytest.FixtureRequest) -> Run:
    """This run; `dsn` is its server's maintenance database, `url(name)` another one."""
    return request.config.stash[RUN]


@pytest.fixture(scope="session")
async def template(this_run: Run) -> str:
    """The name of the migrated database that every test's own one is copied from; the first worker makes it."""
    name = f"{this_run.name}_template"
    connection = await asyncpg.connect(this_run.dsn)
    try:
        await connection.execute("select pg_advisory_lock(hashtext($1))", name)
        if not await connection.fetchval("select true from pg_database where datname = $1", name):
            await connection.execute(f'create database "{name}_unfinished"')
            unfinished = await asyncpg.connect(this_run.url(f"{name}_unfinished"))
            await migrate(unfinished)
            await unfinished.close()
            await connection.execute(f'alter database "{name}_unfinished" rename to "{name}"')
    finally:
        await connection.close()
    return name


_numbers = itertools.count(1)


@pytest.fixture
async def database(this_run: Run, template: str) -> AsyncIterator[str]:
    """The DSN of a migrated database of this test's own; dropped afterwards, whoever is still connected."""
    name = f"{this_run.name}_{os.environ.get('PYTEST_XDIST_WORKER', 'gw')}_{next(_numbers)}"
    connection = await asyncpg.connect(this_run.dsn)
    try:
        how = "strategy file_copy" if connection.get_server_version() >= (15,) else ""  # the only one before
        await connection.execute(f'create database "{name}" template "{template}" {how}')
        try:
            yield this_run.url(name)
        finally:
            await connection.execute(f'drop database "{name}" with (force)')
    finally:
        await connection.close()


@pytest.fixture
async def pool(database: str) -> AsyncIterator[asyncpg.Pool]:
    """The product's pool on the test's own database."""
    opened = await store_pool.create(database)
    try:
        yield opened
    finally:
        await store_pool.close(opened)
