"""Ending another program at an exact moment of its talk with the sandbox: trouble for tests."""

from __future__ import annotations

import contextlib
import os
import signal
from pathlib import Path

_PROCESSES = Path("/proc")


class NotOurs(ValueError):
    """That process is none that may be ended from here."""


def check(pid: int) -> None:
    """Raises NotOurs: it does not run, belongs to somebody else, or is the sandbox itself."""
    if pid <= 1 or pid == os.getpid():
        raise NotOurs(f"process {pid} is none of yours to end")
    try:
        os.kill(pid, 0)
        theirs = _PROCESSES.joinpath(str(pid)).stat().st_uid if _PROCESSES.joinpath("self").exists() else os.getuid()
    except OSError as error:
        raise NotOurs(f"process {pid}: {error.strerror}") from error
    if theirs != os.getuid():  # the superuser may signal anybody, but should not
        raise NotOurs(f"process {pid} belongs to another user")


def kill(pid: int) -> None:
    """SIGKILL, unless it is gone already or its number has gone to somebody else."""
    with contextlib.suppress(NotOurs, ProcessLookupError):
        check(pid)
        os.kill(pid, signal.SIGKILL)
