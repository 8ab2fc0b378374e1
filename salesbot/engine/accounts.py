"""One supervisor per signed-in account: own it, connect it, compare it, let the engine use it, and begin again.

Every connection is a fresh client started from the written state; a dead session is told to the operator and left.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from enum import StrEnum

from loguru import logger

from salesbot.engine import limits
from salesbot.engine.context import Context, Live
from salesbot.engine.owner import Owner, Tenure, lease_watch
from salesbot.engine.reconcile import Reconciler
from salesbot.engine.restored import Gap
from salesbot.errors import AccountUnusable, DataError, FloodWait, SalesbotError, SettingsError, Transient
from salesbot.lifecycle import beat, cancel_and_wait, end, sd_notify, wait_any
from salesbot.store import accounts, events, sessions
from salesbot.store.accounts import Account
from salesbot.store.dialogs import Fence
from salesbot.store.pool import ACQUIRE_TIMEOUT, UNAVAILABLE, transaction
from salesbot.store.sessions import StoredSession
from salesbot.userbot.client import TelethonGateway

LOOK_EVERY = 2.0
STANDBY_EVERY = 1.0
BACKOFF_FIRST = 0.5
BACKOFF_MOST = 15.0
HEALTHY = 3.0
"""Seconds after which a connection that ends counts as one that had worked: it was compared and people were answered on
it, so that the next one is not kept waiting for longer each time."""
CLOSE_BUDGET = 1.0


class Status(StrEnum):
    """How it goes, in the operator's words and in English: what `systemctl status` shows."""

    RUNNING = "Работает · running"
    STANDBY = "Ждёт: аккаунт у другого процесса · standby"
    NOBODY = "Ждёт аккаунта: salesbot login · no account is signed in"
    OUT = "Аккаунт не работает: salesbot accounts · no account can be used"


Connect = Callable[[StoredSession, Fence, Callable[[], bool]], Awaitable[TelethonGateway]]


class Supervisor:
    """Serves all accounts of the database that nobody else serves."""

    def __init__(self, context: Context, owner: Owner, reconciler: Reconciler, connect: Connect) -> None:
        self._context = context
        self._owner = owner
        self._reconciler = reconciler
        self._connect = connect
        self._gap = Gap(context, reconciler)
        self._served: dict[int, asyncio.Task[None]] = {}
        self._elsewhere: set[int] = set()
        """Accounts that another process owns: while these are all there are, this one is a standby."""
        self._found: Sequence[Account] = ()
        self._status = Status.RUNNING

    async def run(self, stop: asyncio.Event) -> None:
        """Until stop: see which accounts there are, and that each is served. Returns when all are let go."""
        try:
            while not stop.is_set():
                self._raise_failures()
                try:
                    async with self._context.pool.acquire(timeout=ACQUIRE_TIMEOUT) as connection:
                        self._found = await accounts.list_accounts(connection)
                except UNAVAILABLE:
                    pass  # those that are served go on, or wait for it
                else:
                    self._serve_all(stop)
                    self._tell()
                await wait_any(stop, timeout=beat(LOOK_EVERY))
            if self._served:
                await asyncio.wait(self._served.values(), timeout=2 * CLOSE_BUDGET)
        finally:
            await cancel_and_wait(set(self._served.values()), CLOSE_BUDGET)

    def _serve_all(self, stop: asyncio.Event) -> None:
        for account in self._found:
            if account.ready and account.id not in self._served:
                task = asyncio.create_task(self._serve(account.id, stop), name=f"account-{account.id}")
                self._served[account.id] = task

    def _raise_failures(self) -> None:
        for account_id, task in list(self._served.items()):
            if task.done():
                del self._served[account_id]
                task.result()

    async def _serve(self, account_id: int, stop: asyncio.Event) -> None:
        """Own the account whenever nobody else does; ends when it is out (signed in again, it is served again)."""
        while (tenure := await self._owner.tenure(stop)) is not None:
            try:
                fence = await self._owner.acquire(tenure, account_id)
            except UNAVAILABLE:
                fence = None
            else:
                self._saw(account_id, elsewhere=fence is None and tenure.holds())
            if fence is None:
                await wait_any(stop, timeout=STANDBY_EVERY)
                continue
            logger.bind(account=account_id, epoch=fence.epoch).info("account owned")
            try:
                if not await self._own(tenure, fence, stop):
                    return
            finally:
                if tenure.holds():
                    await self._owner.let_go(tenure, fence)

    def _saw(self, account_id: int, *, elsewhere: bool) -> None:
        """Whose the account turned out to be: said when it changes."""
        if elsewhere == (account_id in self._elsewhere):
            return
        if elsewhere:
            self._elsewhere.add(account_id)
            logger.bind(account=account_id).info("standing by: another process owns the account")
        else:
            self._elsewhere.remove(account_id)
        self._tell()

    def _tell(self) -> None:
        """Tell systemd how it goes, when that has changed."""
        status = Status.RUNNING
        if not self._found:
            status = Status.NOBODY
        elif not any(account.ready for account in self._found):
            status = Status.OUT
        elif self._served and self._elsewhere >= self._served.keys():
            status = Status.STANDBY
        if status is not self._status:
            self._status = status
            sd_notify(f"STATUS={status}")

    async def _own(self, tenure: Tenure, fence: Fence, stop: asyncio.Event) -> bool:
        """Connection after connection while the lease runs. False when the account is out."""
        pause = BACKOFF_FIRST
        while tenure.holds() and not stop.is_set():
            begun = self._context.clock.monotonic()
            try:
                if not await self._live_through(tenure, fence, stop):
                    return False
            except AccountUnusable as exc:
                if await self._retired(fence, exc):
                    return False
            except (SettingsError, DataError):
                raise  # no connection will ever do: the process ends and says what to mend
            except (SalesbotError, *UNAVAILABLE) as exc:
                wanted = exc.retry_after if isinstance(exc, Transient) else None
                logger.bind(account=fence.account_id, reason=str(exc)).warning("connection ended")
                if self._context.clock.monotonic() - begun > HEALTHY:
                    pause = BACKOFF_FIRST
                pause = max(pause, wanted or 0.0)
            await wait_any(stop, tenure.lapsed, timeout=pause)
            pause = min(BACKOFF_MOST, pause * 2)
        return True

    async def _live_through(self, tenure: Tenure, fence: Fence, stop: asyncio.Event) -> bool:
        """One connection from its opening to its end. False when the account is no longer to be served."""
        context = self._context
        async with context.pool.acquire(timeout=ACQUIRE_TIMEOUT) as connection:
            session = await sessions.load(connection, fence.account_id)
        if session is None or session.state != "ready":
            return False
        gateway = await self._connect(session, fence, tenure.holds)
        watch = lease_watch(tenure, lambda: gateway.condemn("the lease is over"))
        running = asyncio.create_task(gateway.run(), name=f"gateway-{fence.account_id}")
        ready = asyncio.create_task(self._prepare(gateway, fence), name=f"prepare-{fence.account_id}")
        stopping = asyncio.create_task(stop.wait(), name=f"stopping-{fence.account_id}")
        try:
            await asyncio.wait((ready, running, stopping), return_when=asyncio.FIRST_COMPLETED)
            if ready.done() and not running.done():
                await ready
                await asyncio.wait((running, stopping), return_when=asyncio.FIRST_COMPLETED)
        finally:
            context.live.pop(fence.account_id, None)
            ready.cancel()  # before the end, which may take long; the lease is watched until the sockets are closed
            await gateway.close(CLOSE_BUDGET)
            await end(watch, ready, stopping)
            results = await asyncio.gather(running, return_exceptions=True)
        if isinstance(results[0], BaseException):
            raise results[0]
        return True

    async def _prepare(self, gateway: TelethonGateway, fence: Fence) -> None:
        """Nothing is said before what happened meanwhile is stored and its dialog is compared; the due ones first."""
        live = Live(gateway, fence)
        await gateway.caught_up()
        await self._gap.read(live)
        try:
            await self._reconciler.compare_due(live)
        except FloodWait as wait:
            async with transaction(self._context.pool) as connection:
                await limits.account_waits(self._context, connection, fence, wait)
            raise
        self._context.live[fence.account_id] = live
        self._context.work.wake()
        logger.bind(account=fence.account_id, compared=len(live.compared)).info("account live")
        await self._reconciler.compare_rest(live)
        logger.bind(account=fence.account_id, compared=len(live.compared)).info("all dialogs are compared")

    async def _retired(self, fence: Fence, exc: AccountUnusable) -> bool:
        """Write down that the account is out; False when that was not possible now, or is not ours to say."""
        logger.bind(account=fence.account_id, reason=str(exc)).error("the account is out")
        try:
            async with transaction(self._context.pool) as connection:
                if not await accounts.set_state(connection, fence, exc.code):
                    return False
                await events.record(
                    connection, "account_dead", actor="system", account_id=fence.account_id, data={"reason": exc.code}
                )
        except UNAVAILABLE:
            return False
        self._context.news.wake()
        return True
