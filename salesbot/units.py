"""What systemd knows of a unit that has failed."""

from __future__ import annotations

import re
import shutil
import socket
import subprocess
from dataclasses import dataclass

from salesbot import lifecycle
from salesbot.errors import SettingsError

SECONDS = 10
_PROPERTIES = ("ActiveState", "SubState", "Result", "ExecMainStatus", "NRestarts")


@dataclass(frozen=True, slots=True)
class Failed:
    """In systemd's own words; '' where nobody knows."""

    unit: str
    host: str
    state: str = ""
    """``failed``, ``active (running)`` …: now, which may be another one already."""
    result: str = ""
    """Why it failed: ``exit-code``, ``watchdog``, ``oom-kill`` …"""
    status: str = ""
    """Its last exit code, or the signal that ended it."""
    restarts: str = ""


def failed(unit: str) -> Failed:
    """What systemd told when it started us, by OnFailure=, and what it answers when asked.

    Raises ``SettingsError`` for what cannot be the name of a unit.
    """
    if not re.fullmatch(r"[\w@.:-]{1,255}", unit):
        raise SettingsError("That is not the name of a unit, like sales_bot.service")
    shown, told = _shown(unit), lifecycle.monitored(unit)
    state, sub = shown.get("ActiveState", ""), shown.get("SubState", "")
    return Failed(
        unit,
        socket.gethostname(),
        state if sub in ("", state) else f"{state} ({sub})",
        told.get("SERVICE_RESULT") or shown.get("Result", ""),
        told.get("EXIT_STATUS") or shown.get("ExecMainStatus", ""),
        shown.get("NRestarts", ""),
    )


def _shown(unit: str) -> dict[str, str]:
    """What ``systemctl show`` says; nothing where it cannot be asked, in a container, say."""
    program = shutil.which("systemctl")
    if program is None:
        return {}
    command = [program, "show", f"--property={','.join(_PROPERTIES)}", "--", unit]
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=SECONDS, check=True)  # noqa: S603
    except (OSError, subprocess.SubprocessError):
        return {}
    return dict(line.split("=", 1) for line in done.stdout.splitlines() if "=" in line)
