"""The story that scripts/try-install plays: every step is a function below, and says what it saw.

The servers are as bare as debootstrap leaves them and are only touched as an operator would: by scripts/install.sh, by
`salesbot …` and by systemctl. The customers and the admins live in the sandbox, on this machine's loopback.
"""

import argparse
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

import machine
from machine import Machine, MachineError

from sandbox import process
from sandbox.control.client import Control, ControlRefused
from sandbox.scenarios import copy_without_quiet_hours

ROOT = Path(__file__).resolve().parents[1]
UNIT = "sales_bot.service"
ACCOUNT, OPERATOR, DESK = "sales", "operator", "sales_desk_bot"
FIRST, SECOND, BROKEN = "1.0.0", "1.1.0", "1.2.0"  # releases of this checkout
ENV = "/etc/sales_bot/env"
SECRET_KEY, KEY_FILE = "/var/lib/sales_bot/secret.key", "/srv/salesbot-backup.key"
CLOSED = (ENV, "/var/lib/sales_bot", SECRET_KEY, "/var/log/sales_bot", "/var/backups/sales_bot")
UNITS = (UNIT, "salesbot-backup.service", f"salesbot-alert@{UNIT}")
HEAR = 30.0  # seconds for an answer, a restart of the service included
QUICK = {
    "DEBOUNCE_SECONDS": "0.3",
    "DEBOUNCE_CAP_SECONDS": "2",
    "READ_DELAY_SECONDS": "0",
    "TYPING_SECONDS_PER_CHAR": "0",
    "TYPING_MIN_SECONDS": "0",
    "TYPING_MAX_SECONDS": "0",
    "PART_PAUSE_SECONDS": "0",
}
"""Timings of a seller who need not look like a person."""


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


# --- what the steps are made of


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


# --- the steps


async def boots(story: Story) -> None:
    """A bare Debian 12 is switched on."""
    seconds = await story.server.boot()
    running = await story.server.run("systemctl", "is-system-running", check=False)
    systemd = await story.server.run("systemctl", "--version")
    story.saw(f"{running.output.strip()} after {seconds:.1f} s, {systemd.output.splitlines()[0]}")


async def installs(story: Story) -> None:
    """scripts/install.sh puts everything there and signs the account in, unattended."""
    await install(story, sign_in=True)
    signed_in = await story.server.run("salesbot", "accounts")
    story.saw(signed_in.output)
    expect("ready" in signed_in.output, "the account is signed in")


async def install(story: Story, *, sign_in: bool) -> None:
    server = story.server
    source = release(server, FIRST)
    file = answers(story, server, sign_in=sign_in)
    done = await server.run(f"{source}/scripts/install.sh", "--source", source, "--answers", file, "--yes")
    story.saw(done.output)
    story.saw(words(await until_active(server)))


async def installs_again(story: Story) -> None:
    """The same command a second time finds its work done, and the service goes on as it was."""
    before = await show(story.server, "MainPID")
    await install(story, sign_in=False)
    expect(await show(story.server, "MainPID") == before, "the same process runs")


async def is_hardened(story: Story) -> None:
    """Secrets are for their user alone, and systemd finds the units in order and hardly exposed."""
    modes = await story.server.run("stat", "--format=%A %U %n", *CLOSED)
    story.saw(modes.output)
    for line in modes.output.splitlines():
        expect(re.match(r".[rwx-]{3}------ (sales_bot|root) ", line) is not None, f"closed to others: {line}")
    await story.server.run("systemd-analyze", "verify", "--man=no", *UNITS)
    for unit in UNITS:
        done = await story.server.run("systemd-analyze", "security", "--no-pager", "--threshold=15", unit)
        story.saw(done.output.strip().splitlines()[-1])


async def talks(story: Story) -> None:
    """The operator begins a dialogue with /start, and the customer is answered."""
    story.saw("the desk: " + await desk(story, "/start @anna", "looking up @anna"))
    opening = await story.control.wait_message("anna", ACCOUNT, timeout=HEAR)
    story.saw("to anna:  " + opening["text"])
    story.saw("to anna:  " + await talk(story, "anna", "We are 25 people"))
    story.saw("the desk: " + await desk(story, "/start @boris", "looking up @boris"))
    opening = await story.control.wait_message("boris", ACCOUNT, timeout=HEAR)
    story.saw("to boris: " + opening["text"])


async def is_well(story: Story) -> None:
    """salesbot doctor finds nothing that failed."""
    story.saw((await story.server.run("salesbot", "doctor")).output)


async def survives_a_kill(story: Story) -> None:
    """The process is killed with -9 while the customer writes: systemd starts it again and she is answered once."""
    before = await show(story.server, "MainPID", "NRestarts")
    await story.server.run("systemctl", "kill", "--signal=KILL", "--kill-whom=main", UNIT)
    story.saw("to anna:  " + await talk(story, "anna", "How much is it for a month?"))
    now = await until_active(story.server)
    story.saw(words(now))
    expect(now["MainPID"] != before["MainPID"], "another process runs")
    expect(int(now["NRestarts"]) == int(before["NRestarts"]) + 1, "systemd started it again once")
    await nothing_twice(story)


async def is_final(story: Story) -> None:
    """A mistake in the settings ends it for good, without a loop; the admins are told through the bot."""
    server = story.server
    last = (await story.control.chat(OPERATOR, DESK))["messages"][-1]["id"]
    await server.run("cp", "--preserve", ENV, "/root/env")
    await server.run("sh", "-c", f"echo SCENARIO=nonsense >>{ENV}")
    await server.run("systemctl", "restart", UNIT, check=False)
    now = await show(server, "ActiveState", "Result", "ExecMainStatus", "NRestarts")
    story.saw(words(now))
    expect(
        (now["ActiveState"], now["ExecMainStatus"]) == ("failed", "78"), "it failed with 78 and was not started again"
    )
    told = await story.control.wait_message(OPERATOR, DESK, "sales_bot", above=last, timeout=HEAR)
    story.saw("the desk: " + told["text"])
    await server.run("sh", "-c", f"cat /root/env >{ENV}")
    await server.run("systemctl", "restart", UNIT)
    story.saw(words(await until_active(server)))


async def upgrades(story: Story) -> None:
    """A new release takes over, after a backup; the dialogue goes on."""
    source = release(story.server, SECOND)
    done = await story.server.run(f"{source}/scripts/install.sh", "upgrade", "--source", source, "--yes")
    story.saw(done.output)
    expect(await version(story.server) == SECOND, "the new release runs")
    story.saw("to anna:  " + await talk(story, "anna", "Do you deliver?"))
    await nothing_twice(story)


async def rolls_back(story: Story) -> None:
    """A release that does not start is taken back: the upgrade fails, the service does not."""
    source = release(story.server, BROKEN, broken=True)
    done = await story.server.run(f"{source}/scripts/install.sh", "upgrade", "--source", source, "--yes", check=False)
    story.saw(done.output)
    expect(done.code != 0, "the upgrade says that it failed")
    expect(await version(story.server) == SECOND, "the release before it runs again")
    story.saw(words(await until_active(story.server)))
    story.saw("to anna:  " + await talk(story, "anna", "And is there a guarantee?"))
    await nothing_twice(story)


async def lives_in_a_home(story: Story) -> None:
    """The layout of the original design, /home/sales_bot/sales_bot, works under ProtectHome=tmpfs."""
    server, home = story.server, "/home/sales_bot/sales_bot"
    drop_in = "/etc/systemd/system/sales_bot.service.d/layout.conf"
    await server.run("mkdir", "-p", "/home/sales_bot")
    await server.run("cp", "--archive", "/opt/sales_bot/current/.", home)
    await server.run("install", "--mode=0600", "--owner=sales_bot", ENV, f"{home}/.env")
    await server.run("install", "-D", "--mode=0644", f"{home}/systemd/original-layout.conf", drop_in)
    await server.run("systemctl", "daemon-reload")
    await server.run("systemctl", "restart", UNIT)
    story.saw(words(await until_active(server)) + " in " + (await show(server, "WorkingDirectory"))["WorkingDirectory"])
    story.saw("to anna:  " + await talk(story, "anna", "Who else buys from you?"))
    await server.run("rm", "--recursive", drop_in, "/home/sales_bot")
    await server.run("systemctl", "daemon-reload")
    await server.run("systemctl", "restart", UNIT)


async def backs_up(story: Story) -> None:
    """The nightly backup is made at once, encrypted for a key that is kept elsewhere."""
    server = story.server
    await server.run("age-keygen", "-o", KEY_FILE)
    public = (await server.run("age-keygen", "-y", KEY_FILE)).output.strip()
    await server.run("sh", "-c", f"echo BACKUP_RECIPIENT={public} >>{ENV}")
    await server.run("systemctl", "start", "salesbot-backup.service")
    story.saw((await server.run("systemctl", "list-timers", "--no-pager", "salesbot-backup.timer")).output)
    listed = (await server.run("salesbot", "backup", "list")).output
    story.saw(listed)
    story.backup = f"/var/backups/sales_bot/{listed.split()[0]}"
    for kept in (SECRET_KEY, KEY_FILE, story.backup):  # what an operator keeps in another place
        shutil.copy2(server.root / kept.lstrip("/"), story.place)


async def is_lost(story: Story) -> None:
    """After the backup one customer is answered, another does not want to hear more; then the server is gone."""
    story.saw("to anna:  " + await talk(story, "anna", "What is the smallest plan?"))
    story.saw("to boris: " + await talk(story, "boris", "Do not write to me again"))
    story.saw(f"off after {await story.server.power_off():.1f} s")


async def moves(story: Story) -> None:
    """On another server: installed, without signing in; the backup, its key and the secret key are brought there."""
    await install(story, sign_in=False)
    server = story.server
    await server.run("systemctl", "stop", UNIT)
    for kept in (SECRET_KEY, KEY_FILE, story.backup):
        shutil.copy2(story.place / kept.rpartition("/")[2], server.root / kept.lstrip("/"))
    await server.run("chown", "sales_bot:sales_bot", SECRET_KEY, KEY_FILE, story.backup)
    done = await server.run("salesbot", "restore", story.backup, "--identity", KEY_FILE, "--move", "--replace")
    story.saw(done.output)


async def waits_for_a_word(story: Story) -> None:
    """Started before somebody said that no other server uses the accounts, it ends without touching one."""
    await story.server.run("systemctl", "start", UNIT, check=False)
    now = await show(story.server, "ActiveState", "ExecMainStatus")
    story.saw(words(now))
    expect(now == {"ActiveState": "failed", "ExecMainStatus": "78"}, "it does not run")
    story.saw((await story.server.run("salesbot", "confirm-database")).output)


async def catches_up(story: Story) -> None:
    """It reads what was said since the backup: nothing is said anew, and who wants no more stays left alone."""
    before = {who: await told(story, who) for who in ("anna", "boris")}
    await story.server.run("systemctl", "start", UNIT)
    story.saw(words(await until_active(story.server)))
    story.saw("the desk: " + await desk(story, "/start @boris", "boris"))
    story.saw("to anna:  " + await talk(story, "anna", "Where are you?"))
    await nothing_twice(story)
    expect(await told(story, "boris") == before["boris"], "nothing more is said to boris")
    expect((await told(story, "anna"))[: len(before["anna"])] == before["anna"], "what anna heard stands")


async def uninstalls(story: Story) -> None:
    """uninstall takes the program and leaves the data; --purge leaves nothing."""
    server, script = story.server, f"/root/salesbot-{FIRST}/scripts/install.sh"
    story.saw((await server.run(script, "uninstall", "--yes")).output)
    for path in (ENV, "/var/lib/sales_bot/secret.key", "/var/backups/sales_bot"):
        await server.run("test", "-e", path)
    gone = await show(server, "LoadState", "ActiveState")
    story.saw(words(gone))
    expect(gone == {"LoadState": "not-found", "ActiveState": "inactive"}, "the service is gone")
    story.saw((await server.run(script, "uninstall", "--purge", "--yes")).output)
    left = await server.run(
        "sh", "-c", "ls -d /opt/sales_bot /etc/sales_bot /var/*/sales_bot; id sales_bot", check=False
    )
    expect("No such file" in left.output and "no such user" in left.output, f"nothing is left: {left.output}")


ON_THE_FIRST = (
    boots,
    installs,
    installs_again,
    is_hardened,
    talks,
    is_well,
    survives_a_kill,
    is_final,
    upgrades,
    rolls_back,
    lives_in_a_home,
    backs_up,
    is_lost,
)
ON_THE_SECOND = (boots, moves, waits_for_a_word, catches_up, uninstalls)


# --- the run


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


async def play(place: Path) -> None:
    """The whole story; raises at the first step that does not hold."""
    began = time.monotonic()
    base = await machine.base(place)
    print(f"The Debian of all servers is at hand ({time.monotonic() - began:.1f} s)", flush=True)
    async with telegram(place) as (state, control), Machine("first", place, base) as first:
        story = Story(place, state, control, first, began=began)
        for tell in ON_THE_FIRST:
            await story.step(tell)
        async with Machine("second", place, base) as second:
            story.server = second
            for tell in ON_THE_SECOND:
                await story.step(tell)
    print(f"All of it holds, after {time.monotonic() - began:.0f} s", flush=True)


def main() -> int:
    parser = argparse.ArgumentParser(prog="scripts/try-install", add_help=False)  # scripts/try-install shows the help
    parser.add_argument("--place", type=Path, default=ROOT / "var" / "try-install")
    parser.add_argument("--fresh", action="store_true")
    arguments = parser.parse_args()
    place = arguments.place.absolute()
    place.mkdir(parents=True, exist_ok=True, mode=0o700)
    if arguments.fresh:
        shutil.rmtree(place / "base", ignore_errors=True)
    try:
        asyncio.run(play(place))
    except (MachineError, ControlRefused, TimeoutError) as error:
        print(f"FAILED: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
