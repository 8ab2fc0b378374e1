"""What the other tests rely on: a fork is a process like any other, and it does not outlive whoever asked for it."""

from __future__ import annotations

import json
import os
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.forkserver import HOUSE, Child, ForkServer, Program, start_plainly
from tests.support.waiting import until

SCRIPT = """
import json, os, sys
imported = [name for name in sys.modules if name.split(".")[0] in ("salesbot", "sandbox")]
facts = {"argv": sys.argv[1:], "env": dict(os.environ), "cwd": os.getcwd(), "imported": imported, "name": __name__}
facts["umask"] = os.umask(0)
print(json.dumps(facts | {"leads": os.getsid(0) == os.getpid()}), flush=True)
sys.stdin.read()
if sys.argv[1] == "wait":
    import signal
    signal.pause()
sys.exit(int(sys.argv[1]))
"""


@pytest.fixture
def program(tmp_path: Path) -> Program:
    script = tmp_path / "script.py"
    script.write_text(SCRIPT, encoding="utf-8")
    return Program([str(script), "7"], {"ONLY": "this"}, str(tmp_path), str(tmp_path / "log"))


@pytest.fixture
def umask() -> Iterator[int]:
    before = os.umask(0o027)
    yield 0o027
    os.umask(before)


async def facts(program: Program) -> dict[str, object]:
    async def told() -> str:
        log = Path(program.log)
        return log.read_text(encoding="utf-8") if log.exists() else ""

    return dict(json.loads(await until(told, "the program speaks")))


async def test_a_fork_is_what_a_fresh_interpreter_would_be(
    forks: ForkServer, program: Program, tmp_path: Path, umask: int
) -> None:
    """But for the modules that were imported before, for all forks at once."""
    forked = await forks.start(program)
    assert await forked.wait() == 7
    as_fork = await facts(program)
    ours = as_fork.pop("imported")
    assert isinstance(ours, list) and set(HOUSE) <= set(ours)
    Path(program.log).unlink()
    assert await (await start_plainly(program)).wait() == 7
    as_usual = await facts(program)
    assert as_usual.pop("imported") == []
    as_usual["env"].pop("LC_CTYPE", None)  # type: ignore[attr-defined]  # the interpreter's own, where no locale is set
    assert as_fork == as_usual
    assert as_fork["env"] == {"ONLY": "this"}
    assert (as_fork["cwd"], as_fork["leads"], as_fork["umask"]) == (str(tmp_path), True, umask)


async def test_whoever_goes_away_takes_the_program_along(forks: ForkServer, program: Program) -> None:
    waiting = Program([program.words[0], "wait"], program.env, program.cwd, program.log)
    child: Child = await forks.start(waiting)
    await facts(waiting)
    child.abandon()

    async def gone() -> bool:
        try:
            os.kill(child.pid, 0)
        except ProcessLookupError:
            return True
        return False

    await until(gone, "the program is dead")


async def test_a_signal_is_told_as_the_exit_code(forks: ForkServer, program: Program) -> None:
    waiting = Program([program.words[0], "wait"], program.env, program.cwd, program.log)
    child = await forks.start(waiting)
    await facts(waiting)
    child.send(signal.SIGKILL)
    assert await child.wait() == -signal.SIGKILL
