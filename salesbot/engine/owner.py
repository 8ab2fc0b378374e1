"""Which accounts are ours (law 3): the lock connection, the lease, the epoch.

One connection holds the advisory locks of all our accounts. A lock does not measure life (a frozen process keeps it for
as long as its kernel acknowledges), so the server ends that connection after four idle seconds, and we ask it something
every second: the lease runs three seconds from the *sending* of the last question that was answered, on a clock that
counts time spent suspended. Whoever holds a lease may write to Telegram; whoever takes over from an owner that did not
let go in order waits one lease first.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import socket
import uuid
from collections.abc import Callable
from pathlib import Path

import asyncpg
from loguru import logger

from salesbot.clock import Clock
from salesbot.lifecycle import beat, boottime, wait_any
from salesbot.store import accounts, installation, locks
from salesbot.store.dialogs import Fence
from salesbot.store.pool import ACQUIRE_TIMEOUT, UNAVAILABLE, transaction

LEASE = 3.0
PING_EVERY = 1.0
RETRY = 1.0


class Tenure:
    """One life of the lock connection. What was acquired under it is ours while ``holds()``."""

    def __init__(self, connection: asyncpg.Connection, asked: float) -> None:
        """``asked``: when the connection was asked for, on the lease's clock."""
        self.connection = connection
        self.lapsed = asyncio.Event()
        self.busy = asyncio.Lock()
        self.locked: set[int] = set()
        """The accounts whose locks this connection holds: asked for twice, a lock would have to be released twice."""
        self._until = asked + LEASE

    def holds(self) -> bool:
        """Whether the lease runs. Tested just before each call and before each write to the wire."""
        if boottime() < self._until and not self.lapsed.is_set():
            return True
        self.lapsed.set()
        return False

    async def renew(self) -> None:
        """Ask the server something; an answer in time prolongs the lease from when the question was sent."""
        async with self.busy:
            sent = boottime()
            async with asyncio.timeout(max(0.0, self._until - sent)):
                await locks.ping(self.connection)
        self._until = sent + LEASE

    def end(self) -> None:
        """Give the tenure up: nothing may be written from now on, and the locks go with the connection."""
        self.lapsed.set()
        if not self.connection.is_closed():
            self.connection.terminate()


class Owner:
    """This process as an owner of accounts."""

    def __init__(self, dsn: str, pool: asyncpg.Pool, clock: Clock, id: str | None = None) -> None:
        """``id`` is a uuid, and the name of the pool's sessions (``locks.session_name``)."""
        self.id = id or str(uuid.uuid4())
        self._dsn = dsn
        self._pool = pool
        self._clock = clock
        self._tenure: Tenure | None = None
        self._changed = asyncio.Event()

    async def run(self, stop: asyncio.Event) -> None:
        """Keep a lock connection and its lease alive until stop; make a new one whenever it breaks."""
        while not stop.is_set():
            asked = boottime()
            try:
                connection = await locks.connect(self._dsn, LEASE)
            except UNAVAILABLE as exc:
                logger.bind(error=type(exc).__name__).debug("no lock connection")
                await wait_any(stop, timeout=RETRY)
                continue
            tenure = self._tenure = Tenure(connection, asked)
            self._changed.set()
            try:
                await self._keep(tenure, stop)
            finally:
                if not stop.is_set():
                    tenure.end()

    def close(self) -> None:
        """End the tenure: the last step after everything that writes has ended."""
        if self._tenure is not None:
            self._tenure.end()

    def look(self) -> None:
        """After a SIGCONT: a lease that ran out while the process was frozen ends now."""
        if self._tenure is not None:
            self._tenure.holds()

    async def tenure(self, stop: asyncio.Event) -> Tenure | None:
        """The present tenure, waited for; None on stop."""
        while not stop.is_set():
            if self._tenure is not None and self._tenure.holds():
                return self._tenure
            self._changed.clear()
            await wait_any(self._changed, stop, timeout=RETRY)
        return None

    async def acquire(self, tenure: Tenure, account_id: int) -> Fence | None:
        """Try to become the owner; None while another process is. Waits one lease after a disorderly predecessor,
        whose transactions are ended: frozen, it would hold what they locked. The former connection of this process, if
        there was one, is over.

        Raises one of ``store.pool.UNAVAILABLE`` when the database is away.
        """
        if account_id not in tenure.locked:
            async with tenure.busy, asyncio.timeout(ACQUIRE_TIMEOUT):
                if not await locks.try_lock(tenure.connection, account_id):
                    return None
            tenure.locked.add(account_id)
        async with self._pool.acquire(timeout=ACQUIRE_TIMEOUT) as connection:
            before = await accounts.predecessor(connection, account_id)
            await locks.end_sessions_of_predecessor(connection, account_id, self.id)
        if before is None:
            return None
        if not (before.released or _is_over(before)):
            logger.bind(account=account_id).info("waiting one lease for the previous owner")
            await self._clock.sleep(LEASE)
            if not tenure.holds():
                return None
        # Only now: whoever takes the lock after a wait that was cut short has to wait as well.
        async with transaction(self._pool) as connection:
            fence = await accounts.take(connection, account_id, self.id, _host(), _process(os.getpid()))
            if fence is None:
                await installation.check(connection)
        return fence if tenure.holds() else None

    async def let_go(self, tenure: Tenure, fence: Fence) -> None:
        """Release one account in order, so that a successor need not wait."""
        with contextlib.suppress(*UNAVAILABLE):
            async with transaction(self._pool) as connection:
                await accounts.release(connection, fence)
            async with tenure.busy:
                await locks.unlock(tenure.connection, fence.account_id)
            tenure.locked.discard(fence.account_id)

    async def _keep(self, tenure: Tenure, stop: asyncio.Event) -> None:
        while not stop.is_set():
            try:
                await tenure.renew()
            except UNAVAILABLE as exc:
                logger.bind(error=type(exc).__name__).warning("the lease was lost")
                return
            if await wait_any(stop, tenure.lapsed, timeout=beat(PING_EVERY)) and tenure.lapsed.is_set():
                logger.warning("the lease ran out while the process stood still")
                return


def lease_watch(tenure: Tenure, reset: Callable[[], None]) -> asyncio.Task[None]:
    """Reset what writes to Telegram as soon as the lease is over."""

    async def watch() -> None:
        await tenure.lapsed.wait()
        reset()

    return asyncio.create_task(watch(), name="lease-watch")


def _host() -> str:
    """Where a pid means the same process: this boot of this machine, and no other container of it."""
    boot, pids = Path("/proc/sys/kernel/random/boot_id"), Path("/proc/self/ns/pid")
    return "/".join(
        (
            socket.gethostname(),
            boot.read_text().strip() if boot.exists() else "",
            str(pids.readlink()) if pids.is_symlink() else "",
        )
    )


def _process(pid: int) -> str:
    """A process that can be told from a later one with the same number: pid and start time; '' when there is none."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    except OSError:
        return ""
    return f"{pid}:{fields[19]}"


def _is_over(before: accounts.Predecessor) -> bool:
    """Whether the previous owner certainly writes no more: a process of this host that is dead, or this one, whose
    connection was reset before it asks anew."""
    if before.host != _host() or not before.process:
        return False
    pid = int(before.process.split(":")[0])
    return pid == os.getpid() or _process(pid) != before.process
