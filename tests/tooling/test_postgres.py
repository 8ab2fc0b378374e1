"""The embedded PostgreSQL: its own folder, nothing beside it, and nothing left behind."""

import json
import os
import signal
import stat
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import asyncpg
import pytest

from sandbox import postgres, process

ROOT = Path(__file__).parents[2]


def wait_until(condition: Callable[[], object], seconds: float = 10.0) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "it did not happen"
        time.sleep(0.01)


def is_running(data: Path) -> bool:
    return (data / "postmaster.pid").exists()


async def test_it_keeps_what_was_committed(tmp_path: Path) -> None:
    data = tmp_path / "data"
    for expected in (1, 2):
        server = postgres.start(data)
        try:
            connection = await asyncpg.connect(server.dsn)
            await connection.execute("create table if not exists lines (id serial)")
            assert await connection.fetchval("insert into lines default values returning id") == expected
            assert await connection.fetchval("select lower('ПРИВЕТ')") == "привет"
            await connection.close()
        finally:
            server.stop()
        assert not is_running(data)


def test_its_folder_is_closed_and_the_ones_above_are_left_as_they_were(tmp_path: Path) -> None:
    above = tmp_path / "closed"
    above.mkdir(mode=0o700)
    server = postgres.start(above / "data", durable=False)
    server.stop()
    modes = {path: stat.S_IMODE(path.stat().st_mode) for path in (above, above / "data")}
    assert modes == {above: 0o700, above / "data": 0o700}
    assert {path.name for path in above.iterdir()} == {"data"}


async def test_nobody_comes_in_without_the_password(tmp_path: Path) -> None:
    server = postgres.start(tmp_path / "data", durable=False)
    try:
        with pytest.raises(asyncpg.InvalidPasswordError):
            await asyncpg.connect(server.dsn, password="guessed")
    finally:
        server.stop()


def test_a_start_ends_the_server_an_earlier_one_left(tmp_path: Path) -> None:
    first = postgres.start(tmp_path / "data", durable=False)
    second = postgres.start(tmp_path / "data", durable=False)
    try:
        assert first.child.wait(5) == 0
        assert second.child.poll() is None
    finally:
        second.stop()


def test_a_start_after_a_kill_leaves_the_stranger_alone_who_has_the_pid_now(tmp_path: Path) -> None:
    server = postgres.start(tmp_path / "data", durable=False)
    lock = (tmp_path / "data" / "postmaster.pid").read_text(encoding="utf-8").splitlines()
    server.stop()
    with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as stranger:
        (tmp_path / "data" / "postmaster.pid").write_text("\n".join([str(stranger.pid), *lock[1:]]) + "\n")
        postgres.start(tmp_path / "data", durable=False).stop()
        assert stranger.poll() is None
        stranger.communicate(b"\n")


def test_an_unfinished_folder_is_made_anew(tmp_path: Path) -> None:
    (tmp_path / "data.unfinished" / "base").mkdir(parents=True)
    postgres.start(tmp_path / "data", durable=False).stop()
    assert not (tmp_path / "data.unfinished").exists()


@pytest.mark.skipif(not process.LINUX, reason="only Linux tells a child that its parent died")
@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGTERM, signal.SIGHUP, signal.SIGINT])
def test_it_ends_with_its_parent_however_that_ends(tmp_path: Path, how: signal.Signals) -> None:
    command = [sys.executable, "-m", "sandbox.postgres", str(tmp_path / "data"), "--unsafe"]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE) as parent:
        assert parent.stdout is not None
        assert parent.stdout.readline().startswith(b"postgresql://")
        assert is_running(tmp_path / "data")
        parent.send_signal(how)
    wait_until(lambda: not is_running(tmp_path / "data"))


def test_what_a_killed_parent_recorded_is_ended(tmp_path: Path) -> None:
    pidfile = tmp_path / "child.pid"
    child = process.spawn(["sleep", "60"], log=tmp_path / "log", pidfile=pidfile)
    child.send_signal(signal.SIGSTOP)  # it will not go when asked
    assert process.end_left_over(pidfile, patience=0.2) == child.pid
    assert child.wait(5) < 0  # by a signal
    assert not pidfile.exists()


def test_a_pid_that_was_given_away_again_is_not_ended(tmp_path: Path) -> None:
    pidfile = tmp_path / "child.pid"
    pidfile.write_text(json.dumps({"pid": os.getpid(), "began": "long ago"}), encoding="utf-8")
    assert process.end_left_over(pidfile) is None
    assert not pidfile.exists()
