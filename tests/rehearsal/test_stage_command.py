"""``salesbot rehearse`` as an operator runs it: with nothing set, a PostgreSQL and an endpoint of its own."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil
import pytest

from salesbot.errors import ExitCode
from tests.support.forkserver import ForkServer

ROOT = Path(__file__).parents[2]
TOLD = "rehearsing sales: "


def environment(folder: Path) -> dict[str, str]:
    """Empty, but for what every program needs."""
    return {"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT), "TMPDIR": str(folder), "COLUMNS": "100"}


@contextmanager
def rehearsing(folder: Path, *words: str) -> Iterator[subprocess.Popen[str]]:
    """The program, in an empty folder and with an empty environment."""
    command = [sys.executable, "-m", "salesbot", "rehearse", *words]
    with subprocess.Popen(
        command,
        cwd=folder,
        env=environment(folder),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        preexec_fn=_hears_ctrl_c,  # noqa: PLW1509 (one call, nothing that takes a lock)
    ) as program:
        try:
            yield program
        finally:
            program.kill()


def _hears_ctrl_c() -> None:
    """What runs in a shell's background was started to ignore it, and so would its children."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)


def started_by(program: subprocess.Popen[str]) -> list[psutil.Process]:
    return list(psutil.Process(program.pid).children(recursive=True))


def test_nothing_has_to_be_set_and_both_reports_are_written(tmp_path: Path) -> None:
    with rehearsing(tmp_path, "sales", "--customers", "1", "--html", "page.html", "--json", "report.json") as program:
        said, told = program.communicate()
    assert program.returncode in (ExitCode.OK, ExitCode.FAILED), told
    assert "Rehearsal of sales" in said and "DATABASE_URL is not set" in said
    assert f"{TOLD}9 of 9 dialogs" in told
    report = json.loads((tmp_path / "report.json").read_text(encoding="utf-8"))
    violations = [one for verdict in report["rehearsal"]["verdicts"] for one in verdict["violations"]]
    assert program.returncode == (ExitCode.FAILED if violations else ExitCode.OK)
    assert (tmp_path / "page.html").read_text(encoding="utf-8").startswith("<!doctype html>")
    assert sorted(file.name for file in tmp_path.iterdir()) == ["page.html", "report.json"]


def test_whoever_reads_the_report_may_stop_reading(tmp_path: Path) -> None:
    with rehearsing(tmp_path, "sales", "--customers", "1", "--json", "report.json") as program:
        assert program.stdout is not None and program.stderr is not None
        program.stdout.close()
        told = program.stderr.read()
        program.wait()
    assert program.returncode in (ExitCode.OK, ExitCode.FAILED), told
    assert "DATABASE_URL" not in told and "Traceback" not in told
    assert (tmp_path / "report.json").exists()


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGTERM])
def test_told_to_end_it_leaves_nothing_behind(tmp_path: Path, how: signal.Signals) -> None:
    with rehearsing(tmp_path, "sales", "--customers", "60") as program:
        assert program.stderr is not None
        assert program.stderr.readline().startswith(TOLD)
        children = started_by(program)
        program.send_signal(how)
        _, told = program.communicate()
    assert len(children) > 2
    assert program.returncode in (ExitCode.FAILED, 130)
    assert "Traceback" not in told
    assert [child for child in children if child.is_running()] == []
    assert list(tmp_path.iterdir()) == []


def test_killed_it_takes_its_programs_with_it(tmp_path: Path) -> None:
    with rehearsing(tmp_path, "sales", "--customers", "60") as program:
        assert program.stderr is not None
        assert program.stderr.readline().startswith(TOLD)
        children = started_by(program)
        program.kill()
    _, left = psutil.wait_procs(children, timeout=10)
    assert left == []


@pytest.mark.parametrize(
    ("words", "code", "says"),
    [
        (["nothing"], ExitCode.CONFIG, "There is no scenario 'nothing'"),
        (["sales", "--html", "no/where.html"], ExitCode.CONFIG, "no/where.html cannot be written"),
        (["sales", "--html", "."], ExitCode.CONFIG, ". cannot be written: it is a folder"),
        (["sales", "--model", "some/model"], ExitCode.CONFIG, "The models are scripts: LLM_BASE_URL is not set."),
        (["sales", "--customers", "0"], 2, "--customers"),
    ],
)
async def test_what_cannot_be_rehearsed_is_said_before_anybody_plays(
    forks: ForkServer, tmp_path: Path, words: list[str], code: int, says: str
) -> None:
    ended, _, told = await forks.run(["-m", "salesbot", "rehearse", *words], environment(tmp_path), tmp_path)
    assert ended == code
    assert says in told
