"""Child processes that do not outlive us: they die with their parent; what a kill -9 left, the next start ends.

A pid alone proves nothing, for the kernel gives it away again: a process is known by its pid and the moment it began.
"""

import ctypes
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

LINUX = sys.platform.startswith("linux")
PR_SET_PDEATHSIG = 1  # from <linux/prctl.h>


def spawn(
    command: Sequence[str | Path],
    *,
    log: Path,
    pidfile: Path | None = None,
    env: Mapping[str, str] | None = None,
    cwd: Path | None = None,
    death_signal: signal.Signals = signal.SIGTERM,
) -> subprocess.Popen[bytes]:
    """Starts a command in a session of its own (a Ctrl-C reaches us alone), its output in the file `log`.

    Call it from the main thread: on Linux the child gets `death_signal` when the thread that started it ends.
    """
    with log.open("ab") as output:
        child = subprocess.Popen(
            [str(word) for word in command],
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            env=env,
            cwd=cwd,
            start_new_session=True,
            preexec_fn=_die_with(os.getpid(), death_signal),  # noqa: PLW1509 (one prctl, nothing that takes a lock)
        )
    if pidfile is not None:
        write_down(child.pid, pidfile)
    return child


def write_down(pid: int, pidfile: Path) -> None:
    """Writes down which process this is, for `end_left_over`."""
    pidfile.write_text(json.dumps({"pid": pid, "began": began(pid)}), encoding="utf-8")


def end_with_parent(death_signal: signal.Signals = signal.SIGTERM) -> None:
    """From now on this process gets `death_signal` when the thread that started it ends; nothing outside of Linux."""
    if (tie := _die_with(os.getppid(), death_signal)) is not None:
        tie()


def stop(child: subprocess.Popen[bytes], patience: float, how: signal.Signals = signal.SIGTERM) -> None:
    """Asks the child to end, and after `patience` seconds makes it."""
    if child.poll() is not None:
        return
    child.send_signal(how)
    try:
        child.wait(patience)
    except subprocess.TimeoutExpired:
        child.kill()
        child.wait()


def end_left_over(pidfile: Path, patience: float = 3.0) -> int | None:
    """Ends the process an earlier, killed parent recorded in `pidfile`, if it still runs. Returns its pid if it did."""
    try:
        record = json.loads(pidfile.read_text(encoding="utf-8"))
        pid, since = int(record["pid"]), str(record["began"])
    except (OSError, ValueError, KeyError, TypeError):
        return None
    found = began(pid) == since
    if found:
        end(pid, lambda: began(pid) == since, patience)
    pidfile.unlink(missing_ok=True)
    return pid if found else None


def end(pid: int, alive: Callable[[], bool], patience: float, how: signal.Signals = signal.SIGTERM) -> None:
    """Ends a process that is not our child: asks, waits, kills. `alive` tells whether the pid is still that process."""
    for attempt in (how, signal.SIGKILL):
        try:
            os.kill(pid, attempt)
        except ProcessLookupError:
            return
        deadline = time.monotonic() + patience
        while time.monotonic() < deadline:
            if not alive():
                return
            time.sleep(0.02)


def began(pid: int) -> str | None:
    """When the process began, in a form only good for comparing; None when there is none (or it is a zombie)."""
    if not LINUX:
        answer = subprocess.run(["ps", "-o", "lstart=", "-p", str(pid)], capture_output=True, text=True, check=False)
        return answer.stdout.strip() or None
    try:
        # The name, in parentheses, may itself hold blanks: count from behind it. State is field 3, start time field 22.
        fields = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()
        boot = Path("/proc/sys/kernel/random/boot_id").read_text(encoding="utf-8").strip()
    except OSError:
        return None
    return None if fields[0] in "ZX" else f"{boot} {fields[19]}"


def _die_with(parent: int, death_signal: signal.Signals) -> Callable[[], None] | None:
    if not LINUX:
        return None
    prctl = ctypes.CDLL(None).prctl  # looked up before the fork

    def set_death_signal() -> None:
        prctl(PR_SET_PDEATHSIG, int(death_signal))
        if os.getppid() != parent:  # it died in between
            os._exit(1)

    return set_death_signal
