"""What the steps of scripts/try-install are made of: the sandbox and its people, releases, answers, looks at a unit."""

import asyncio
import contextlib
import json
import os
import re
import shutil
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from machine import Machine, MachineError

from sandbox import process
from sandbox.control.client import Control
from sandbox.scenarios import QUICK, copy_without_quiet_hours

ROOT = Path(__file__).resolve().parents[1]
UNIT = "sales_bot.service"
ACCOUNT, OPERATOR, DESK = "sales", "operator", "sales_desk_bot"
HEAR = 60.0  # seconds for an answer, a restart of the service included


@dataclass
class Story:
    """What the steps share."""

    place: Path
    state: dict[str, Any]
    control: Control
    server: Machine
    backup: str = ""
    """The file on its server."""
    began: float = field(default_factory=time.monotonic)
    took: dict[str, float] = field(default_factory=dict)

    def saw(self, line: str) -> None:
        print("\n".join(f"          {part}" for part in line.splitlines()), flush=True)

    async def step(self, tell: Callable[["Story"], Awaitable[None]]) -> None:
        began = time.monotonic()
        assert tell.__doc__ is not None
        print(f"[{began - self.began:5.1f} s] {tell.__doc__.splitlines()[0]}", flush=True)
        await tell(self)
        self.took[tell.__name__] = time.monotonic() - began

    def person(self, username: str) -> dict[str, Any]:
        found: dict[str, Any] = next(user for user in self.state["users"] if user["username"] == username)
        return found


def expect(holds: bool, what: str) -> None:
    if not holds:
        raise MachineError(f"It does not hold that {what}")


def words(properties: dict[str, str]) -> str:
    return ", ".join(f"{name}={value}" for name, value in properties.items())


async def show(server: Machine, *names: str, unit: str = UNIT) -> dict[str, str]:
    """Properties of a unit, in this order."""
    told = await server.run("systemctl", "show", *(f"--property={name}" for name in names), unit)
    found = dict(line.split("=", 1) for line in told.output.splitlines())
    return {name: found[name] for name in names}


async def until_active(server: Machine) -> dict[str, str]:
    """Wait until the service is up; how it is."""
    deadline = time.monotonic() + HEAR
    while True:
        now = await show(server, "ActiveState", "MainPID", "NRestarts", "StatusText")
        if now["ActiveState"] == "active":
            return now
        expect(time.monotonic() < deadline, f"the service is up: {words(now)}")
        await asyncio.sleep(0.2)


async def version(server: Machine) -> str:
    """Of the release that runs."""
    folder = (await show(server, "MainPID"))["MainPID"]
    where = await server.run("readlink", f"/proc/{folder}/cwd")
    return where.output.strip().rpartition("/")[2].partition("-")[0]


async def talk(story: Story, who: str, text: str) -> str:
    """Somebody says something; what the account answers."""
    said = await story.control.say(who, ACCOUNT, text)
    answer = await story.control.wait_message(who, ACCOUNT, above=said["id"], timeout=HEAR)
    return str(answer["text"])


async def desk(story: Story, command: str, matching: str) -> str:
    """The operator tells the bot something; what it answers."""
    said = await story.control.say(OPERATOR, DESK, command)
    answer = await story.control.wait_message(OPERATOR, DESK, matching, above=said["id"], timeout=HEAR)
    return str(answer["text"])


async def told(story: Story, who: str) -> list[str]:
    """Everything that the account has said to somebody."""
    chat = await story.control.chat(who, ACCOUNT, limit=100)
    return [one["text"] for one in chat["messages"] if not one["out"]]


async def nothing_twice(story: Story, who: str = "anna") -> None:
    """Nothing of what the account has said to somebody stands in their chat a second time."""
    heard = await told(story, who)
    twice = sorted({text for text in heard if heard.count(text) > 1})
    expect(not twice, f"nothing is said twice: {twice}")
    story.saw(f"{len(heard)} messages to {who}, none of them twice")


# --- releases and answers: what an operator would have at hand


def release(server: Machine, version: str, *, broken: bool = False) -> str:
    """This checkout as a release of that version in the server; where it lies there.

    ``broken``: it brings a migration and never starts.
    """
    inside = f"/root/salesbot-{version}"
    folder = server.root / inside.lstrip("/")
    if folder.exists():
        return inside
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z"],
        cwd=ROOT,
        capture_output=True,
        check=True,
    ).stdout.decode()
    for name in filter(None, listed.split("\0")):
        if (ROOT / name).is_file():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(ROOT / name, folder / name, follow_symlinks=False)
    for file in ("pyproject.toml", "salesbot/__init__.py"):
        written = (folder / file).read_text(encoding="utf-8")
        (folder / file).write_text(re.sub(r'(?m)^(__version__|version) = ".*"', rf'\1 = "{version}"', written))
    if broken:
        last = max(path.name[:4] for path in (folder / "sql").glob("*.sql"))
        (folder / f"sql/{int(last) + 1:04}_a_step_ahead.sql").write_text(
            f"-- Oldest release tolerated while this runs: {last}'s.\n\nalter table accounts add column ahead text;\n",
            encoding="ascii",
        )
        (folder / "main.py").write_text('raise SystemExit("this release was made not to start")\n', encoding="ascii")
    return inside


def answers(story: Story, server: Machine, *, sign_in: bool) -> str:
    """The file of answers for an unattended installation; where it lies in the server."""
    mtproto, account = story.state["mtproto"], story.person(ACCOUNT)
    (server.root / "srv/server.pem").write_text(mtproto["public_key"], encoding="ascii")
    copy_without_quiet_hours(ROOT / "salesbot/scenarios/sales", server.root / "srv/scenarios")
    told = {
        **QUICK,
        "API_ID": "1",
        "API_HASH": "0" * 32,
        "BOT_TOKEN": story.state["bot"]["token"],
        "ADMIN_TELEGRAM_ID": str(story.person(OPERATOR)["id"]),
        "OPENROUTER_API_KEY": "sandbox",
        "LLM_BASE_URL": story.state["model"],
        "LLM_MODELS": "sandbox/seller",
        "NEW_DIALOGS_PER_DAY": "0",
        "FIRST_CONTACT_PREVIEW": "false",
        "SCENARIOS_DIR": "/srv/scenarios",
        "BOT_API_URL": story.state["bot_api"],
        "TELEGRAM_SERVER": f"{mtproto['host']}:{mtproto['port']}",
        "TELEGRAM_SERVER_DC": str(mtproto["dc_id"]),
        "TELEGRAM_SERVER_KEY": "/srv/server.pem",
    }
    if sign_in:
        told |= {"LOGIN_PHONE": account["phone"], "LOGIN_CODE": account["code"]}
    file = server.root / "root/answers"
    file.write_text("".join(f"{name}={value}\n" for name, value in told.items()), encoding="utf-8")
    file.chmod(0o600)
    return "/root/answers"


@contextlib.asynccontextmanager
async def telegram(place: Path) -> AsyncIterator[tuple[dict[str, Any], Control]]:
    """The sandbox, until the end of the block: what it says of itself, and the hands of all its people."""
    state_file, log = place / "sandbox.json", place / "sandbox.log"
    state_file.unlink(missing_ok=True)
    log.unlink(missing_ok=True)
    command = [sys.executable, "-m", "sandbox", "--state", str(state_file)]
    child = process.spawn(command, log=log, env={"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT)})
    try:
        while not state_file.exists():
            if child.poll() is not None:
                raise MachineError(f"The sandbox ended: {log.read_text(encoding='utf-8')}")
            await asyncio.sleep(0.05)
        state = json.loads(state_file.read_text(encoding="utf-8"))
        async with Control(state["control"]) as control:
            yield state, control
    finally:
        process.stop(child, 2.0)
