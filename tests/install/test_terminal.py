"""`salesbot configure` at a real terminal: what is typed is not shown, and Ctrl-C ends it at once."""

from __future__ import annotations

import os
import pty
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
ASKED = "Enter takes postgresql://localhost:5432/sales_bot.\r\nDATABASE_URL: "


def read_until(terminal: int, words: str) -> str:
    """What is shown, up to some words of it or to the end."""
    shown = ""
    while words not in shown:
        try:
            shown += os.read(terminal, 4096).decode()
        except OSError:  # the program has ended
            break
    return shown


@pytest.mark.filterwarnings("ignore::DeprecationWarning")  # forkpty in a process with threads: the child only execs
def test_a_secret_is_not_shown_and_ctrl_c_ends_the_questions(tmp_path: Path) -> None:
    child, terminal = pty.fork()
    if not child:
        os.chdir(tmp_path)
        environment = {"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT), "CREDENTIALS_DIRECTORY": str(tmp_path)}
        os.execve(  # noqa: S606 - our own interpreter
            sys.executable, [sys.executable, "-P", "-m", "salesbot", "configure"], environment
        )
    try:
        read_until(terminal, ASKED)
        os.write(terminal, b"mysql://canary\n")
        shown = read_until(terminal, ASKED)
        assert "is not valid" in shown
        assert "canary" not in shown
        os.write(terminal, b"\x03")
        read_until(terminal, "no such words")
    finally:
        os.close(terminal)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 1
    assert list(tmp_path.iterdir()) == []
