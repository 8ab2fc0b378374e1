"""The story that scripts/try-install plays: every step is a function below, and says what it saw.

The servers are as bare as debootstrap leaves them and are only touched as an operator would: by scripts/install.sh, by
`salesbot …` and by systemctl. The customers and the admins live in the sandbox, on this machine's loopback.
"""

import argparse
import asyncio
import re
import shutil
import signal
import sys
import time
from pathlib import Path

import machine
from machine import Machine, MachineError
from story import (
    ACCOUNT,
    DESK,
    HEAR,
    OPERATOR,
    ROOT,
    UNIT,
    Story,
    answers,
    desk,
    expect,
    nothing_twice,
    release,
    show,
    talk,
    telegram,
    told,
    until_active,
    version,
    words,
)  # fmt: skip

from sandbox.control.client import ControlRefused

FIRST, SECOND, BROKEN = "1.0.0", "1.1.0", "1.2.0"  # releases of this checkout
ENV = "/etc/sales_bot/env"
SECRET_KEY, KEY_FILE = "/var/lib/sales_bot/secret.key", "/srv/salesbot-backup.key"
CLOSED = (ENV, "/var/lib/sales_bot", SECRET_KEY, "/var/log/sales_bot", "/var/backups/sales_bot")
UNITS = (UNIT, "salesbot-backup.service", f"salesbot-alert@{UNIT}")


async def boots(story: Story) -> None:
    """A bare Debian 12 is switched on."""
    seconds = await story.server.boot()
    running = await story.server.run("systemctl", "is-system-running", check=False)
    systemd = await story.server.run("systemctl", "--version")
    story.saw(f"{running.output.strip()} after {seconds:.1f} s, {systemd.output.splitlines()[0]}")


async def installs(story: Story) -> None:
    """scripts/install.sh puts everything there and signs the account in, unattended."""
    await install(story, FIRST, sign_in=True)
    signed_in = await story.server.run("salesbot", "accounts")
    story.saw(signed_in.output)
    expect("ready" in signed_in.output, "the account is signed in")


async def install(story: Story, number: str, *, sign_in: bool) -> None:
    server = story.server
    source = release(server, number)
    file = answers(story, server, sign_in=sign_in)
    done = await server.run(f"{source}/scripts/install.sh", "--source", source, "--answers", file, "--yes")
    story.saw(done.output)
    story.saw(words(await until_active(server)))


async def installs_again(story: Story) -> None:
    """The same command a second time finds its work done, and the service goes on as it was."""
    before = await show(story.server, "MainPID")
    await install(story, FIRST, sign_in=False)
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
    alert = await story.control.wait_message(OPERATOR, DESK, "sales_bot", above=last, timeout=HEAR)
    story.saw("the desk: " + alert["text"])
    await server.run("systemctl", "start", "salesbot-again.service")  # as its timer would, eleven minutes later
    expect((await show(server, "ActiveState"))["ActiveState"] == "failed", "the next round of starts leaves it alone")
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
    await install(story, SECOND, sign_in=False)
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
    story.saw((await story.server.run("salesbot", "confirm-database", "--nobody-typed")).output)


async def catches_up(story: Story) -> None:
    """It reads what was said since the backup: nothing is said anew, and who wants no more stays left alone."""
    before = {who: await told(story, who) for who in ("anna", "boris")}
    await story.server.run("systemctl", "start", UNIT)
    story.saw(words(await until_active(story.server)))
    story.saw("the desk: " + await desk(story, "/start @boris", "never to be written to"))
    story.saw("to anna:  " + await talk(story, "anna", "Where are you?"))
    await nothing_twice(story)
    expect(await told(story, "boris") == before["boris"], "nothing more is said to boris")
    expect((await told(story, "anna"))[: len(before["anna"])] == before["anna"], "what anna heard stands")


async def uninstalls(story: Story) -> None:
    """uninstall takes the program and leaves the data; --purge leaves nothing."""
    server, script = story.server, f"/root/salesbot-{SECOND}/scripts/install.sh"
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


async def play(place: Path) -> None:
    """The whole story; raises at the first step that does not hold."""
    began = time.monotonic()
    base = await machine.base(place)
    print(f"The Debian of all servers is at hand ({time.monotonic() - began:.1f} s)", flush=True)
    with machine.roots(place) as roots:
        async with telegram(place) as (state, control), Machine("first", place, base, roots) as first:
            story = Story(place, state, control, first, began=began)
            for tell in ON_THE_FIRST:
                await story.step(tell)
            async with Machine("second", place, base, roots) as second:
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
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # so that the servers are switched off
    try:
        asyncio.run(play(place))
    except KeyboardInterrupt:
        return 130
    except (MachineError, ControlRefused, TimeoutError) as error:
        print(f"FAILED: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
