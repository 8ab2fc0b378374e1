"""`salesbot configure` at a real terminal: what is typed is not shown, and Ctrl-C ends it at once."""

from __future__ import annotations

import os
import pty
import sys
import traceback
from pathlib import Path
from typing import NoReturn

import pytest

import salesbot.setup.command  # noqa: F401 - or the child would spend seconds on importing it
from salesbot.cli import app

ASKED = "Enter takes postgresql://localhost:5432/sales_bot.\r\nDATABASE_URL: "


def configure(folder: Path) -> NoReturn:
    """The command, in a process of its own whose standard input and output are the terminal."""
    try:
        sys.stdin, sys.stdout, sys.stderr = open(0), open(1, "w"), open(2, "w")  # noqa: SIM115 - to the end
        os.environ["CREDENTIALS_DIRECTORY"] = str(folder)
        app(["configure"])
    except SystemExit as end:
        os._exit(end.code if isinstance(end.code, int) else 1)
    except BaseException:  # noqa: BLE001 - a copy of pytest must not go on, whatever it was
        traceback.print_exc()
    finally:
        os._exit(99)


def read_until(terminal: int, words: str) -> str:
    """What is shown, up to some words of it or to the end."""
    shown = ""
    while words not in shown:
        try:
            shown += os.read(terminal, 4096).decode()
        except OSError:  # the program has ended
            break
    return shown


@pytest.mark.filterwarnings("ignore::DeprecationWarning")  # that pytest may have threads; the child uses none of them
def test_a_secret_is_not_shown_and_ctrl_c_ends_the_questions(tmp_path: Path) -> None:
    child, terminal = pty.fork()
    if not child:
        configure(tmp_path)
    try:
        assert ASKED in read_until(terminal, ASKED)
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
