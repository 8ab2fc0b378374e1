"""Stop is an event, every wait is also a wait for stop, and systemd hears words in any language."""

from __future__ import annotations

import asyncio
import contextlib
import re
import socket
from pathlib import Path

import pytest
from loguru import logger

from salesbot import lifecycle
from salesbot.lifecycle import Pulse, beat, end, every, heartbeat, sd_notify, wait_any


async def test_a_wait_ends_with_the_first_event() -> None:
    one, other = asyncio.Event(), asyncio.Event()
    waiting = asyncio.create_task(wait_any(one, other))
    other.set()
    assert await waiting is True


async def test_a_task_that_takes_a_cancellation_for_its_time_limit_is_ended_all_the_same() -> None:
    """As the writing of the update state did when the database had fallen silent: it went on for ever, and with it the
    connection that had been given up."""

    async def stubborn() -> None:
        with contextlib.suppress(asyncio.CancelledError):
            await asyncio.Event().wait()
        await asyncio.Event().wait()

    async def failing() -> None:
        raise OSError

    tasks = [asyncio.create_task(stubborn()), asyncio.create_task(failing())]
    await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    async with asyncio.timeout(30):
        await end(*tasks)
    assert tasks[0].cancelled() and tasks[1].done()


async def test_a_wait_that_nobody_ends_ends_by_itself() -> None:
    assert await wait_any(asyncio.Event(), timeout=0.001) is False


async def test_an_action_is_done_at_once_and_again_until_stop() -> None:
    stop, times = asyncio.Event(), 0

    async def act() -> None:
        nonlocal times
        times += 1
        if times == 3:
            stop.set()

    await every(0.001, stop, act)
    assert times == 3


@pytest.mark.parametrize(
    ("now", "every_so_often", "pause"),
    [
        (17.25, 1.0, 0.75),
        (17.25, 2.0, 0.75),
        (16.25, 2.0, 1.75),
        (17.0, 1.0, 1.0),
        (16.999, 1.0, 1.001),  # it rang a millisecond early
    ],
)
async def test_loops_that_look_each_second_ring_together(
    monkeypatch: pytest.MonkeyPatch, now: float, every_so_often: float, pause: float
) -> None:
    with monkeypatch.context() as patched:
        patched.setattr(asyncio.get_running_loop(), "time", lambda: now)
        found = beat(every_so_often)
    assert found == pytest.approx(pause)


async def test_a_wake_up_before_the_wait_is_not_lost() -> None:
    pulse = Pulse()
    pulse.wake()
    async with asyncio.timeout(5):
        await pulse.wait(asyncio.Event(), timeout=60)


async def test_the_log_tells_how_many_tasks_there_are_and_how_late_they_wake(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lifecycle, "LATE", 0.0)
    stop, told = asyncio.Event(), list[str]()

    def note(line: str) -> None:
        told.append(line.strip())
        if line.startswith("DEBUG"):
            stop.set()

    sink = logger.add(note, level="DEBUG", format="{level} {message} {extra}")
    async with asyncio.timeout(5):
        await heartbeat(stop, seconds=0.001, looks=3)
    logger.remove(sink)
    *late, alive = told
    assert re.fullmatch(r"DEBUG alive \{'tasks': \d+, 'lag_ms': '\d+\.\d', 'worst_ms': '\d+\.\d'\}", alive), alive
    assert [line[:41] for line in late] == ["WARNING the event loop was held up {'lag_"] * 3


def test_systemd_hears_russian(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as systemd:
        systemd.bind("notify")
        monkeypatch.setenv("NOTIFY_SOCKET", "notify")
        sd_notify("STATUS=Работает")
        assert systemd.recv(100).decode() == "STATUS=Работает"


def test_without_systemd_nothing_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("NOTIFY_SOCKET", raising=False)
    sd_notify("READY=1")
