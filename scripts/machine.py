"""A server in a folder: Debian 12 made by debootstrap, booted with systemd as a server boots, gone at the end.

    base = await machine.base(place)                 # made once, kept in the folder
    async with machine.Machine("first", place, base) as first:
        await first.boot()
        print((await first.run("systemctl", "is-system-running")).output)

It shares the network of this machine (a sandbox on the loopback is in its reach, and so are the mirrors of packages
that this machine uses) and nothing else. Needs root, debootstrap and systemd-container.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import re
import secrets
import shlex
import shutil
import signal
import socket
import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Self

from sandbox import process

SUITE = "bookworm"
PACKAGES = "systemd,systemd-sysv,dbus,ca-certificates"  # what every server has; the rest is the installer's business
IN_MEMORY = Path("/dev/shm")  # noqa: S108 - a folder of ours in it
ROOM = 8 << 30  # what two machines may need at most, and as much again
BOOT_PATIENCE = 90.0
OFF_PATIENCE = 30.0
COMMAND_PATIENCE = 600.0
LAST_WORDS = 40  # lines of a command that failed
ENVIRONMENT = {
    "PATH": "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
    "HOME": "/root",
    "LANG": "C.UTF-8",
}


class MachineError(Exception):
    """A command failed, or a machine does not boot; the message tells its last words."""


@dataclass(frozen=True)
class Done:
    """A command that ended."""

    code: int
    output: str
    seconds: float


@contextlib.contextmanager
def roots(place: Path) -> Iterator[Path]:
    """A folder for the roots of machines until the end of the block: in memory where there is room, else in ``place``.

    Where the block fails it is left until the next time.
    """
    folder = IN_MEMORY / ("salesbot" + str(place.absolute()).replace("/", "-"))
    shutil.rmtree(folder, ignore_errors=True)
    if not IN_MEMORY.is_dir() or shutil.disk_usage(IN_MEMORY).free < ROOM:
        folder = place / "roots"
        shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    yield folder
    shutil.rmtree(folder)


async def base(place: Path) -> Path:
    """A Debian in a folder below ``place``, made when it is missing or was made of other packages."""
    root = place / "base"
    made_of, recipe = root / "recipe", f"{SUITE} {PACKAGES}"
    if made_of.is_file() and made_of.read_text(encoding="ascii") == recipe:
        return root
    shutil.rmtree(root, ignore_errors=True)
    packages = place / "packages"
    packages.mkdir(parents=True, exist_ok=True)
    words = ["--variant=minbase", f"--include={PACKAGES}", f"--cache-dir={packages.absolute()}"]
    await _finish("debootstrap", *words, SUITE, str(root), *await _mirror())
    # A root that may be lost need not wait for the disk.
    (root / "etc/dpkg/dpkg.cfg.d/no-sync").write_text("force-unsafe-io\n", encoding="ascii")
    made_of.write_text(recipe, encoding="ascii")
    return root


async def _mirror() -> list[str]:
    """The mirror from which this machine gets the same Debian, if it does; else debootstrap knows one."""
    sites = await _finish("apt-get", "indextargets", "--format", "$(RELEASE) $(SITE)", "Created-By: Packages")
    found = [line.split()[1] for line in sites.output.splitlines() if line.split()[:1] == [SUITE]]
    return found[:1]


async def borrow_package_settings(root: Path) -> None:
    """What this machine's apt and pip need to reach their packages (proxies, mirrors, certificates)."""
    apt = await _finish("apt-config", "dump", "--no-empty", "Acquire")
    (root / "etc/apt/apt.conf.d/90borrowed").write_text(apt.output, encoding="utf-8")
    pip = await _pip_settings()
    if (certificates := pip.get("cert")) is not None:  # copied to where no package of the machine will touch it
        shutil.copyfile(certificates, root / "etc/borrowed.pem")
        pip["cert"] = "/etc/borrowed.pem"
    lines = ["[global]", *(f"{name} = {value}" for name, value in pip.items()), ""]
    (root / "etc/pip.conf").write_text("\n".join(lines), encoding="utf-8")


async def _pip_settings() -> dict[str, str]:
    """How pip finds packages here, from its files and the environment, the environment last."""
    told = await _finish(sys.executable, "-m", "pip", "config", "list")
    found = re.findall(r"(?m)^\S+?\.(cert|index-url|extra-index-url|find-links|no-index|proxy)='(.*)'$", told.output)
    return {name: value.replace("\\n", " ").strip() for name, value in found}


async def borrowed_folders() -> set[Path]:
    """Folders of this machine in which pip looks for packages; the files of an index lie beside it."""
    words = " ".join((await _pip_settings()).values()).split()
    paths = [Path(word.removeprefix("file://").rstrip("/")) for word in words if word.startswith(("/", "file:///"))]
    return {path.parent if path.name == "simple" else path for path in paths if path.is_dir()}


async def _finish(*command: str) -> Done:
    """Run a command of this machine to its end."""
    began = time.monotonic()
    child = await asyncio.create_subprocess_exec(
        *command, stdin=asyncio.subprocess.DEVNULL, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT
    )
    output = (await child.communicate())[0].decode(errors="replace")
    if child.returncode:
        raise MachineError(failed(command, child.returncode, output))
    return Done(0, output, time.monotonic() - began)


def failed(command: Sequence[str], code: int | None, output: str) -> str:
    end = "\n".join(f"    {line}" for line in output.splitlines()[-LAST_WORDS:])
    return f"{shlex.join(command)} ended with {code}:\n{end}"


class Machine:
    """One server: a copy of the base, thrown away at the end of the block."""

    def __init__(self, name: str, place: Path, base_root: Path, roots: Path | None = None) -> None:
        """``place`` keeps its logs and the packages that were fetched, ``roots`` (else ``place``) its root."""
        self.name = name
        self.root = (roots or place) / name
        self.console = place / f"{name}.console"
        self.log = place / f"{name}.log"
        self._pidfile = place.absolute() / f"{name}.pid"
        """Its first process outlives nspawn, should we be killed."""
        self._place = place
        self._base = base_root
        self._nspawn: asyncio.subprocess.Process | None = None
        self._leader = 0

    async def __aenter__(self) -> Self:
        process.end_left_over(self._pidfile, 0.0)  # by a run that was killed; with it all processes of that machine
        shutil.rmtree(self.root, ignore_errors=True)
        await _finish("cp", "--archive", "--reflink=auto", str(self._base), str(self.root))
        (self.root / "etc/machine-id").write_text(secrets.token_hex(16) + "\n", encoding="ascii")
        (self.root / "etc/hostname").write_text(self.name + "\n", encoding="ascii")
        await borrow_package_settings(self.root)
        self.log.write_text("", encoding="utf-8")
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None
    ) -> None:
        if self._nspawn is not None:
            process.end_left_over(self._pidfile, 0.0)
            if self._nspawn.returncode is None:
                self._nspawn.kill()
            await self._nspawn.wait()
        if error is None:
            shutil.rmtree(self.root)

    async def boot(self) -> float:
        """Switch it on; the seconds until its systemd said that all of it had started."""
        began = time.monotonic()
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_NONBLOCK) as notices:
            name = f"salesbot-machine-{secrets.token_hex(8)}"
            notices.bind("\0" + name)
            await self._switch_on(f"@{name}")
            try:
                async with asyncio.timeout(BOOT_PATIENCE):
                    await self._hear(notices)
            except TimeoutError:
                raise MachineError(f"{self.name} does not boot: {self.console} tells why") from None
        return time.monotonic() - began

    async def _switch_on(self, notices: str) -> None:
        binds = [f"--bind-ro={folder}" for folder in sorted(await borrowed_folders())]
        for kept, where in (("archives", "/var/cache/apt/archives"), ("pip", "/root/.cache/pip")):
            folder = self._place.absolute() / kept
            (folder / "partial").mkdir(parents=True, exist_ok=True)
            binds.append(f"--bind={folder}:{where}")
        words = ["-q", "-b", "--register=no", "--keep-unit", "--link-journal=no", "--notify-ready=yes"]
        names = [f"--machine={self.name}-{os.getpid()}", f"--hostname={self.name}"]
        with self.console.open("wb") as console:
            self._nspawn = await asyncio.create_subprocess_exec(
                "setpriv", "--pdeathsig", "KILL", "systemd-nspawn", *words, *names, *binds, "-D", str(self.root),
                stdin=asyncio.subprocess.DEVNULL, stdout=console, stderr=asyncio.subprocess.STDOUT,
                env={**os.environ, "NOTIFY_SOCKET": notices}, start_new_session=True,
            )  # fmt: skip

    async def _hear(self, notices: socket.socket) -> None:
        """Listen to what nspawn says of the machine until that is READY."""
        lines: list[str] = []
        while "READY=1" not in lines:
            lines = (await asyncio.get_running_loop().sock_recv(notices, 4096)).decode().splitlines()
            for line in lines:
                if line.startswith("X_NSPAWN_LEADER_PID="):
                    self._leader = int(line.partition("=")[2])
                    process.write_down(self._leader, self._pidfile)

    async def power_off(self) -> float:
        """Switch it off, as an operator would; the seconds it took."""
        began = time.monotonic()
        assert self._nspawn is not None
        await self.run("systemctl", "poweroff", check=False)
        async with asyncio.timeout(OFF_PATIENCE):
            await self._nspawn.wait()
        self._nspawn = None
        return time.monotonic() - began

    async def run(self, *command: str, check: bool = True, patience: float = COMMAND_PATIENCE) -> Done:
        """Run a command as root in the machine, in a clean environment; what it said is in the log as well.

        Raises MachineError with its last words unless it ends with 0, or ``check`` is False.
        """
        began = time.monotonic()
        inside = ["--target", str(self._leader), "--mount", "--uts", "--ipc", "--pid", "--root", "--wd"]
        child = await asyncio.create_subprocess_exec(
            "nsenter", *inside, "--", *command, env=ENVIRONMENT, start_new_session=True,
            stdin=asyncio.subprocess.DEVNULL, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT,
        )  # fmt: skip
        try:
            async with asyncio.timeout(patience):
                output = (await child.communicate())[0].decode(errors="replace")
        except TimeoutError:
            os.killpg(child.pid, signal.SIGKILL)
            raise MachineError(f"{shlex.join(command)} has not ended after {patience:.0f} s") from None
        code = await child.wait()
        with self.log.open("a", encoding="utf-8") as log:
            log.write(f"# {shlex.join(command)}\n{output}")
        if code and check:
            raise MachineError(failed(command, code, output))
        return Done(code, output, time.monotonic() - began)
