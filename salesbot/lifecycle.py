"""How the process lives and ends: stop is an event, every wait is also a wait for stop, tasks have names.

Any death of a task ends the process (law 10); systemd starts it again.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import socket
import time
from collections.abc import Awaitable, Callable, Mapping
from pathlib import Path

from loguru import logger

from salesbot import metrics

CANCEL_AGAIN = 0.5


async def wait_any(*events: asyncio.Event, timeout: float | None = None) -> bool:
    """Return when one of the events is set (True) or the time is over (False)."""
    if any(event.is_set() for event in events):
        return True
    loop = asyncio.get_running_loop()
    woken: asyncio.Future[bool] = loop.create_future()
    late = loop.call_later(timeout, _late, woken) if timeout is not None else None
    for event in events:
        event._waiters.append(woken)  # as Event.wait does; one future in all of them needs no task for each
    try:
        return await woken
    finally:
        if late is not None:
            late.cancel()
        for event in events:
            event._waiters.remove(woken)


def _late(woken: asyncio.Future[bool]) -> None:
    if not woken.done():
        woken.set_result(False)


EARLY = 0.002
"""A loop may ring a millisecond before the time that was set."""


def beat(seconds: float) -> float:
    """How long a loop waits that looks every so many seconds: until the next multiple of them on the clock of asyncio.

    So all ring at the same moment. To wake a processor costs more than what is done then: a process at rest does so
    once a second, and not once for each of its loops.
    """
    left = seconds - asyncio.get_running_loop().time() % seconds
    return left if left > EARLY else left + seconds


async def every(seconds: float, stop: asyncio.Event, action: Callable[[], Awaitable[None]]) -> None:
    """Do something at once and then every so many seconds, until stop."""
    while not stop.is_set():
        await action()
        await wait_any(stop, timeout=seconds)


def boottime() -> float:
    """Seconds since the machine started, time spent suspended included: what a lease is measured by."""
    return time.clock_gettime(time.CLOCK_BOOTTIME)


def sd_notify(message: str) -> None:
    """Tell systemd (``READY=1``, ``STATUS=…`` in any language, ``WATCHDOG=1``); nothing without NOTIFY_SOCKET."""
    address = os.environ.get("NOTIFY_SOCKET")
    if not address:
        return
    if address.startswith("@"):
        address = "\0" + address[1:]
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_CLOEXEC) as sock, contextlib.suppress(OSError):
        sock.sendto(message.encode(), address)


def monitored(unit: str) -> Mapping[str, str]:
    """What systemd (251 and newer) told of the unit whose failure started this process, as ``SERVICE_RESULT``,
    ``EXIT_CODE``, ``EXIT_STATUS``; nothing when it was another one."""
    told = {name.removeprefix("MONITOR_"): value for name, value in os.environ.items() if name.startswith("MONITOR_")}
    return told if told.get("UNIT") in (unit, f"{unit}.service") else {}


def state_directory() -> Path | None:
    """Where systemd lets this process keep something (StateDirectory=); None without it."""
    folder = os.environ.get("STATE_DIRECTORY")
    return Path(folder.split(":")[0]) if folder else None


async def watchdog(stop: asyncio.Event) -> None:
    """Prove twice per WATCHDOG_USEC that the event loop runs; it says nothing of Telegram or the model."""
    usec = int(os.environ.get("WATCHDOG_USEC", "0"))
    if not usec:
        await stop.wait()
        return

    async def beat() -> None:
        sd_notify("WATCHDOG=1")

    await every(usec / 2_000_000, stop, beat)


LATE = 1.0
"""Seconds of lag that are worth a warning: the lease of an account runs three."""


async def heartbeat(stop: asyncio.Event, seconds: float = 1.0, looks: int = 10) -> None:
    """Look every so many ``seconds`` how late the event loop wakes its tasks; after so many ``looks`` log at DEBUG the
    fewest tasks that there were, and the mean and the worst lag. Tasks come and go with the work, and a leak lifts the
    fewest; lag is why a process that has little to do answers late."""
    lags: list[float] = []
    tasks: list[int] = []
    while not stop.is_set():
        begun, pause = time.monotonic(), beat(seconds)
        if await wait_any(stop, timeout=pause):
            return
        lags.append(time.monotonic() - begun - pause)
        metrics.LOOP_LAG.observe(lags[-1])
        tasks.append(len(asyncio.all_tasks()))
        if lags[-1] >= LATE:
            logger.bind(lag_ms=round(lags[-1] * 1000)).warning("the event loop was held up")
        if len(lags) == looks:
            mean, worst = 1000 * sum(lags) / looks, 1000 * max(lags)
            logger.bind(tasks=min(tasks), lag_ms=f"{mean:.1f}", worst_ms=f"{worst:.1f}").debug("alive")
            lags.clear()
            tasks.clear()


class Pulse:
    """A wake-up that is never lost: set by a commit, taken by the loop that looks into the database."""

    def __init__(self) -> None:
        self._event = asyncio.Event()

    def wake(self) -> None:
        self._event.set()

    async def wait(self, stop: asyncio.Event, timeout: float) -> None:
        """Until woken, stopped, or the look each ``timeout`` seconds is due."""
        await wait_any(self._event, stop, timeout=timeout)
        self._event.clear()


async def end(*tasks: asyncio.Task[object]) -> None:
    """Cancel tasks until they have ended; what they raised is nobody's business.

    Once is not enough: a time limit that runs out in the same moment, of a database that fell silent, takes the
    cancellation for its own.
    """
    left = set(tasks)
    while left:
        for task in left:
            task.cancel()
        ended, left = await asyncio.wait(left, timeout=CANCEL_AGAIN)
        for task in ended:
            if not task.cancelled():
                task.exception()


async def cancel_and_wait(tasks: set[asyncio.Task[None]], budget: float) -> None:
    """``end`` within ``budget`` seconds; who has not ended by then is named and left."""
    try:
        async with asyncio.timeout(budget):
            await end(*tasks)
    except TimeoutError:
        for late in (task for task in tasks if not task.done()):
            logger.bind(task=late.get_name()).warning("task did not end in time")
