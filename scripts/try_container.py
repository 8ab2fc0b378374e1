"""The story that scripts/try-container plays: the image is built, looked at and run, and asked for its health.

Without a daemon there is no `docker run`: what the image says of itself (entry point, user, health check) is read from
it and carried out by buildah, in the container's own root. It shares the network of this machine, where a PostgreSQL
and the sandbox listen on the loopback.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import asyncpg
import machine

from sandbox import postgres, process
from sandbox.control.client import Control, ControlRefused
from sandbox.scenarios import copy_without_quiet_hours

ROOT = Path(__file__).resolve().parents[1]
IN_MEMORY = Path("/dev/shm")  # noqa: S108 - a folder of ours in it
BASE, IMAGE = "localhost/debian", "localhost/salesbot"
PATIENCE = 60.0
STOP = 12.0  # seconds; it promises ten
ITS_OWN = ("/tmp", "/var/tmp", "/var/lib/sales_bot", "/run", "/dev", "/proc", "/sys")  # noqa: S108 - no file of ours
TOOLS = "gcc cc g++ c++ make ld pip pip3 uv git".split()


class ContainerError(Exception):
    """A step failed; the message says what it saw."""


@dataclass
class Shop:
    """buildah, with all that it keeps in a folder of ours, and what is tried."""

    place: Path
    began: float = field(default_factory=time.monotonic)

    def step(self, line: str) -> None:
        print(f"[{time.monotonic() - self.began:5.1f} s] {line}", flush=True)

    def saw(self, line: str) -> None:
        print("\n".join(f"          {part}" for part in line.splitlines()), flush=True)

    def words(self, *words: str) -> list[str]:
        kept = ["--root", f"{self.place}/images", "--runroot", f"{self.place}/run", "--storage-driver", "vfs"]
        return ["buildah", *kept, *words]

    def buildah(self, *words: str, check: bool = True) -> subprocess.CompletedProcess[str]:
        environment = {**os.environ, "TMPDIR": str(self.place)}
        done = subprocess.run(self.words(*words), env=environment, capture_output=True, text=True, check=False)
        if check and done.returncode:
            end = "\n".join((done.stdout + done.stderr).splitlines()[-40:])
            raise ContainerError(f"buildah {words[0]} ended with {done.returncode}:\n{end}")
        return done


@dataclass
class Container:
    """What `docker run` would make of the image."""

    shop: Shop
    name: str
    config: Mapping[str, Any]
    mounts: Sequence[str]

    def words(self, *command: str) -> list[str]:
        given = ["--env", "CREDENTIALS_DIRECTORY=/run/secrets", *(f"--volume={mount}" for mount in self.mounts)]
        return self.shop.words("run", "--isolation", "chroot", *given, self.name, "--", *command)

    def run(self, *command: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(self.words(*command), capture_output=True, text=True, check=False)

    def finish(self, *command: str) -> str:
        done = self.run(*command)
        if done.returncode:
            raise ContainerError(f"{' '.join(command)} ended with {done.returncode}: {done.stdout}{done.stderr}")
        return done.stdout.strip()

    def health(self) -> tuple[int, str]:
        """The image's own health check."""
        kind, *command = self.config["Healthcheck"]["Test"]
        if kind != "CMD":
            raise ContainerError(f"an unknown kind of health check: {kind}")
        done = self.run(*command)
        return done.returncode, "\n".join((done.stdout + done.stderr).strip().splitlines()[:1])


def main() -> int:
    parser = argparse.ArgumentParser(prog="scripts/try-container", add_help=False)
    parser.add_argument("--place", type=Path)
    parser.add_argument("--debian", type=Path, default=ROOT / "var" / "try-install")
    arguments = parser.parse_args()
    above = arguments.place or (IN_MEMORY if IN_MEMORY.is_dir() else ROOT / "var")
    above.mkdir(parents=True, exist_ok=True)
    place = Path(tempfile.mkdtemp(prefix="try-container-", dir=above))
    shop = Shop(place)
    try:
        build(shop, arguments.debian)
        with surroundings(shop) as (state, dsn):
            asyncio.run(live(shop, state, dsn))
    except (ContainerError, machine.MachineError, postgres.PostgresError, ControlRefused, TimeoutError) as error:
        print(f"FAILED: {type(error).__name__} {error}", file=sys.stderr)
        return 1
    finally:
        shutil.rmtree(place, ignore_errors=True)
    shop.step("The container does what it says.")
    return 0


# --- the image


def build(shop: Shop, debian: Path) -> None:
    """The image, from a Debian that needs no registry."""
    shop.step("A Debian 12 becomes the base")
    root = asyncio.run(machine.base(debian))
    made = shop.buildah("from", "scratch").stdout.strip()
    shop.buildah("copy", "--quiet", made, str(root), "/")
    shop.buildah("commit", "--quiet", "--rm", made, BASE)

    shop.step("scripts/container/Dockerfile is built on it")
    words = ["--isolation", "chroot", "--format", "docker", "--build-arg", f"BASE={BASE}"]
    volumes = [f"--volume={outside}:{inside}:ro" for outside, inside in asyncio.run(borrowed(shop.place / "borrowed"))]
    here = ROOT / "scripts" / "container"
    files = ["--file", str(here / "Dockerfile"), "--ignorefile", str(here / "Dockerfile.dockerignore")]
    shop.buildah("bud", "--quiet", *words, *volumes, *files, "--tag", IMAGE, str(ROOT))
    sizes = {name: size(shop, name) for name in (BASE, IMAGE)}
    shop.saw(f"{sizes[IMAGE]} MB, of which the Debian is {sizes[BASE]} MB")


async def borrowed(folder: Path) -> Sequence[tuple[Path, Path]]:
    """What apt and pip need here, mounted for the build and no part of the image."""
    (folder / "etc/apt/apt.conf.d").mkdir(parents=True)
    await machine.borrow_package_settings(folder)
    files = [(path, Path("/") / path.relative_to(folder)) for path in folder.rglob("*") if path.is_file()]
    return [*files, *((path, path) for path in await machine.borrowed_folders())]


def size(shop: Shop, image: str) -> int:
    """Megabytes of files."""
    listed = json.loads(shop.buildah("images", "--json", image).stdout)
    number, unit = re.fullmatch(r"([\d.]+) (MB|GB)", listed[0]["size"]).groups()  # type: ignore[union-attr]
    return round(float(number) * {"MB": 1, "GB": 1000}[unit])


def looks_well(shop: Shop, container: Container) -> None:
    """Not root, nothing to build with, nothing that its own user could change."""
    shop.step("What is in it, and as whom it runs")
    config = container.config
    user = container.finish("id", "-u")
    found = container.run("sh", "-c", f"command -v {' '.join(TOOLS)}; /opt/sales_bot/.venv/bin/python -m pip -V").stdout
    writable = container.run("find", "/", "-xdev", "-not", "-type", "l", "-writable").stdout.split()
    version = container.finish("salesbot", "version")
    shop.saw(f"user {user} ({config['User']}), {' '.join(config['Entrypoint'])} {' '.join(config['Cmd'])}, {version}")
    shop.saw(f"health check: {' '.join(config['Healthcheck']['Test'])}")
    if user == "0" or found.strip():
        raise ContainerError(f"it runs as {user}; tools to build with: {found.split() or 'none'}")
    other = [path for path in writable if not path.startswith(ITS_OWN)]
    if other:
        raise ContainerError(f"its user may change {', '.join(other[:10])}")


# --- what it needs around it


@contextlib.contextmanager
def surroundings(shop: Shop) -> Iterator[tuple[dict[str, Any], str]]:
    """A PostgreSQL and a sandbox on the loopback; the sandbox's state and the database's address."""
    shop.step("A PostgreSQL and the sandbox come up")
    state_file = shop.place / "sandbox.json"
    with contextlib.ExitStack() as parts:
        words = [sys.executable, "-m", "sandbox", "--state", str(state_file)]
        child = process.spawn(words, log=shop.place / "sandbox.log", cwd=ROOT)
        parts.callback(process.stop, child, 2.0)
        shop.place.chmod(0o711)  # PostgreSQL runs as nobody, who has to get there
        server = postgres.start(shop.place / "postgres", durable=False)
        parts.callback(server.stop, 1.0)
        asyncio.run(make_database(server))
        wait_for(state_file.exists, "the sandbox is up")
        yield json.loads(state_file.read_text(encoding="utf-8")), server.url("sales_bot")


async def make_database(server: postgres.Server) -> None:
    connection = await asyncpg.connect(server.dsn)
    await connection.execute("create database sales_bot")
    await connection.close()


def wait_for(done: Callable[[], bool], what: str, seconds: float = PATIENCE) -> None:
    deadline = time.monotonic() + seconds
    while not done():
        if time.monotonic() > deadline:
            raise ContainerError(f"not within {seconds:.0f} s: {what}")
        time.sleep(0.1)


def settings(shop: Shop, state: Mapping[str, Any], dsn: str) -> Sequence[str]:
    """The settings as a secret, as compose hands them over; what is mounted for the container."""
    outside = {name: shop.place / name for name in ("secrets", "state", "scenarios")}
    for folder in outside.values():
        folder.mkdir()
    copy_without_quiet_hours(ROOT / "salesbot" / "scenarios" / "sales", outside["scenarios"])
    mtproto = state["mtproto"]
    (outside["secrets"] / "server.pem").write_text(mtproto["public_key"], encoding="ascii")
    told = {
        "API_ID": "1",
        "API_HASH": "0" * 32,
        "BOT_TOKEN": state["bot"]["token"],
        "ADMIN_TELEGRAM_ID": str(next(user["id"] for user in state["users"] if user["role"] == "operator")),
        "OPENROUTER_API_KEY": "sandbox",
        "DATABASE_URL": dsn,
        "LLM_BASE_URL": state["model"],
        "LLM_MODELS": "sandbox/seller",
        "FIRST_CONTACT_PREVIEW": "false",
        "SCENARIOS_DIR": "/srv/scenarios",
        "BOT_API_URL": state["bot_api"],
        "TELEGRAM_SERVER": f"{mtproto['host']}:{mtproto['port']}",
        "TELEGRAM_SERVER_DC": str(mtproto["dc_id"]),
        "TELEGRAM_SERVER_KEY": "/run/secrets/server.pem",
    }
    env = outside["secrets"] / "env"
    env.write_text("".join(f"{name}={value}\n" for name, value in told.items()), encoding="utf-8")
    for path in (env, outside["state"]):
        os.chown(path, 10001, 10001)
    env.chmod(0o400)
    places = {"secrets": "/run/secrets:ro", "state": "/var/lib/sales_bot", "scenarios": "/srv/scenarios:ro"}
    return [f"{outside[name]}:{where}" for name, where in places.items()]


# --- its life


async def live(shop: Shop, state: dict[str, Any], dsn: str) -> None:
    inspected = json.loads(shop.buildah("inspect", "--type", "image", IMAGE).stdout)
    mounts = settings(shop, state, dsn)
    name = shop.buildah("from", IMAGE).stdout.strip()
    container = Container(shop, name, inspected["Docker"]["config"], mounts)
    looks_well(shop, container)

    shop.step("Nothing runs yet")
    expect(shop, container, 1)
    account = next(user for user in state["users"] if user["role"] == "account")
    shop.saw(container.finish("salesbot", "login", "--phone", account["phone"], "--code", account["code"]))

    shop.step("It is started")
    words = container.words(*container.config["Entrypoint"], *container.config["Cmd"])
    log = shop.place / "container.log"
    child = process.spawn(words, log=log, death_signal=signal.SIGKILL)
    try:
        wait_for(lambda: container.health()[0] == 0, "it is healthy")
        expect(shop, container, 0)
        pid = inside(child.pid)
        shop.saw(f"it runs as user {uid(pid)}")
        await talks(shop, state)

        shop.step("It stands still (SIGSTOP)")
        os.kill(pid, signal.SIGSTOP)
        try:
            expect(shop, container, 1)
        finally:
            os.kill(pid, signal.SIGCONT)
        wait_for(lambda: container.health()[0] == 0, "healthy again")
        expect(shop, container, 0)

        shop.step("It is stopped (SIGTERM)")
        began = time.monotonic()
        os.kill(pid, signal.SIGTERM)
        wait_for(lambda: child.poll() == 0, "it ends with 0", STOP)
        shop.saw(f"it ended with 0 after {time.monotonic() - began:.1f} s")
        expect(shop, container, 1)
    except (ContainerError, ControlRefused, TimeoutError):
        shop.saw(last_words(log))
        raise
    finally:
        process.stop(child, 1.0)


def expect(shop: Shop, container: Container, code: int) -> None:
    """What the health check says now."""
    found, said = container.health()
    shop.saw(f"health check: {found}, {said!r}")
    if found != code:
        raise ContainerError(f"the health check should have ended with {code}")


async def talks(shop: Shop, state: Mapping[str, Any]) -> None:
    async with Control(state["control"]) as control:
        await control.say("operator", "sales_desk_bot", "/start @anna")
        first = await control.wait_message("anna", "sales", timeout=PATIENCE)
        shop.saw(f"Anna reads: {str(first['text']).splitlines()[0]}")


def inside(parent: int) -> int:
    """The product's process below buildah's."""
    for folder in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):
            words = (folder / "cmdline").read_bytes().split(b"\0")
            if b"salesbot" in words and b"run" in words and b"-m" in words and descends(int(folder.name), parent):
                return int(folder.name)
    raise ContainerError("the product's process is not to be found")


def descends(pid: int, parent: int) -> bool:
    while pid > 1:
        if pid == parent:
            return True
        pid = int(re.search(r"^PPid:\s+(\d+)", Path(f"/proc/{pid}/status").read_text(), re.MULTILINE)[1])  # type: ignore[index]
    return False


def uid(pid: int) -> str:
    return Path(f"/proc/{pid}/status").read_text().partition("Uid:")[2].split()[0]


def last_words(log: Path) -> str:
    return "\n".join(log.read_text(encoding="utf-8", errors="replace").splitlines()[-30:])


if __name__ == "__main__":
    raise SystemExit(main())
