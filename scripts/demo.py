"""Starts PostgreSQL, the sandbox and the product, each a process of its own, and stops them together.

The product runs exactly as it would against Telegram: pointed at the sandbox by its settings, told ready as systemd
would be told. What this file promises: Ctrl-C, SIGTERM and a closed terminal end all of it within five seconds; after a
kill -9 the children end by themselves (Linux) or at the next start; a child that dies is named, with its last words.
"""

import argparse
import asyncio
import contextlib
import fcntl
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
import webbrowser
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any, NoReturn
from urllib.parse import urlsplit

import asyncpg

from salesbot.scenarios import load
from sandbox import postgres, process
from sandbox.scenarios import copy_without_quiet_hours

ROOT = Path(__file__).resolve().parents[1]
SHIPPED = ROOT / "salesbot" / "scenarios" / "sales"
DATABASE = "sales_bot"
NOTIFY_SOCKET = "notify.socket"
LOCK = "demo.lock"
START_PATIENCE = 60.0  # seconds for each part to come up
MOST_NAMED = 6  # customers on the screen; the page shows all

# What the folder of a demo may hold: --fresh deletes these and nothing else.
KEPT = ("postgres", "sandbox", "sandbox.json", "scenarios", "server.pem", "secret.key", "salesbot.log")

# People on a page do not want to wait as long as people on a phone would.
TIMINGS = {
    "DEBOUNCE_SECONDS": "1.5",
    "DEBOUNCE_CAP_SECONDS": "6",
    "READ_DELAY_SECONDS": "0.3",
    "TYPING_SECONDS_PER_CHAR": "0.015",
    "TYPING_MIN_SECONDS": "0.5",
    "TYPING_MAX_SECONDS": "2.5",
    "PART_PAUSE_SECONDS": "0.4",
}
INHERITED = ("PATH", "HOME", "LANG", "LC_ALL", "TZ", "TERM")


class DemoError(Exception):
    """The demo cannot go on; the message says why."""


class Stopped(BaseException):
    """Ctrl-C, SIGTERM or a closed terminal."""


@dataclass
class Demo:
    """One run: its folder, and the children that must live as long as it does."""

    data: Path
    scenario: Path = SHIPPED
    began: float = field(default_factory=time.monotonic)
    children: dict[str, subprocess.Popen[bytes]] = field(default_factory=dict)

    def say(self, line: str) -> None:
        with contextlib.suppress(OSError):  # the terminal may be gone
            print(f"[{time.monotonic() - self.began:4.1f} s] {line}", flush=True)

    @contextlib.contextmanager
    def running(self, name: str, *command: str | Path, env: Mapping[str, str], patience: float) -> Iterator[None]:
        """A child until the end of the block; it then has `patience` seconds to end by itself."""
        self.log(name).unlink(missing_ok=True)
        child = process.spawn(command, log=self.log(name), pidfile=self.pidfile(name), env=env, cwd=self.data)
        self.children[name] = child
        try:
            yield
        finally:
            process.stop(child, patience)
            self.pidfile(name).unlink(missing_ok=True)

    def finish(self, name: str, *command: str | Path, env: Mapping[str, str]) -> None:
        """Runs a command to its end."""
        with self.running(name, *command, env=env, patience=1.0):
            child = self.children.pop(name)
            self.wait_until(name, lambda: child.poll() is not None)
        if child.returncode != 0:
            raise DemoError(f"{name} failed with code {child.returncode}. {self.last_words(name)}")

    def wait_until(self, name: str, is_done: Callable[[], bool]) -> None:
        deadline = time.monotonic() + START_PATIENCE
        while not is_done():
            self.check()
            if time.monotonic() > deadline:
                raise DemoError(f"{name} is not ready after {START_PATIENCE:.0f} s. {self.last_words(name)}")
            time.sleep(0.02)

    def check(self) -> None:
        """Raises DemoError when a child has ended by itself."""
        for name, child in self.children.items():
            if child.poll() is not None:
                raise DemoError(f"The {name} ended with code {child.returncode}. {self.last_words(name)}")

    def last_words(self, name: str, lines: int = 20) -> str:
        """What the child wrote last, to its streams and, the product, to its log file."""
        told = []
        for log in (self.data / "salesbot.log", self.log(name)) if name == "product" else (self.log(name),):
            with contextlib.suppress(FileNotFoundError):
                end = log.read_text(encoding="utf-8", errors="replace").splitlines()[-lines:]
                told += [f"The end of {log}:", *(f"    {line}" for line in end)] if end else []
        return "\n".join(told or ["It left no log."])

    def log(self, name: str) -> Path:
        return self.data / "postgres" / postgres.LOG if name == "postgres" else self.data / f"{name}.log"

    def pidfile(self, name: str) -> Path:
        return self.data / f"{name}.pid"


def main() -> int:
    parser = argparse.ArgumentParser(prog="scripts/demo", add_help=False)  # scripts/demo itself shows the help
    parser.add_argument("--no-browser", dest="browser", action="store_false")
    parser.add_argument("--data", type=Path, default=ROOT / "var" / "demo")
    parser.add_argument("--fresh", action="store_true")
    parser.add_argument("--scenario", type=Path, default=SHIPPED)
    arguments = parser.parse_args()
    catch_signals()
    demo = Demo(arguments.data.absolute(), arguments.scenario.resolve())
    try:
        refuse_broken(demo.scenario)
        with only_one_on(demo.data):
            end_left_over(demo)
            if arguments.fresh:
                forget(demo)
            run(demo, open_page=arguments.browser)
    except Stopped:
        demo.say("Stopped.")
        return 0
    except (DemoError, postgres.PostgresError) as error:
        print(error, file=sys.stderr)
        return 1


def run(demo: Demo, *, open_page: bool) -> NoReturn:
    """Brings everything up, then watches over it until a signal or a death; the stack stops it in reverse order."""
    with contextlib.ExitStack() as parts:
        demo.say("Starting the sandbox, a Telegram on this machine")
        state_file = demo.data / "sandbox.json"
        ports = ports_of_last_time(state_file)
        state_file.unlink(missing_ok=True)
        words = ["-m", "sandbox", "--state", str(state_file), "--data", str(demo.data / "sandbox"), *ports]
        parts.enter_context(demo.running("sandbox", sys.executable, *words, env=environment(), patience=0.7))

        demo.say("Starting PostgreSQL")
        server = postgres.start(demo.data / "postgres")
        parts.callback(server.stop, 1.0)
        demo.children["postgres"] = server.child
        signed_in = asyncio.run(prepare_database(server))
        demo.wait_until("sandbox", state_file.exists)
        state = json.loads(state_file.read_text(encoding="utf-8"))

        env = product_environment(demo, state, server.url(DATABASE))
        if not signed_in:
            account = next(user for user in state["users"] if user["role"] == "account")
            demo.say(f"Signing in {account['name']}, the account that sells")
            words = ["-m", "salesbot", "login", "--phone", account["phone"], "--code", account["code"]]
            demo.finish("login", sys.executable, *words, env=env)

        demo.say("Starting the product")
        with notifications(demo) as ready:
            parts.enter_context(demo.running("product", sys.executable, ROOT / "main.py", env=env, patience=3.0))
            demo.wait_until("product", ready)
        welcome(demo, state)
        if open_page and has_screen():
            webbrowser.open(state["web"])
        while True:
            demo.check()
            time.sleep(0.2)


def welcome(demo: Demo, state: Mapping[str, Any]) -> None:
    targets = [user["name"].split()[0] for user in state["users"] if user["role"] == "target"]
    people = ", ".join([*targets[:MOST_NAMED], *(["…"] if len(targets) > MOST_NAMED else [])])
    demo.say(f"Everything is up. What is sold: the scenario {demo.scenario.name}.")
    with contextlib.suppress(OSError):
        print(
            f"""
    Open {state["web"]}
    On the left you are the operator. Type first:    /start @anna
    On the right you are the customer ({people}): answer, and watch it sell.
    Or press the robot next to the name, and they answer by themselves. Backstage, below, has troubles to try.
    Then try:    /list    /view 1    /take 1    /give 1    /stop 1    /export 1

    The logs and all data lie in {demo.data}. Ctrl-C stops everything; the next start goes on where it was.

Ready: {state["web"]}""",
            flush=True,
        )


def environment() -> dict[str, str]:
    """Of the caller's environment our children see only this: a setting in somebody's shell is not meant for them."""
    kept = {name: value for name, value in os.environ.items() if name in INHERITED}
    return {**kept, "PYTHONPATH": str(ROOT), "PYTHONUNBUFFERED": "1"}


def product_environment(demo: Demo, state: Mapping[str, Any], database: str) -> dict[str, str]:
    """The settings of the product, as an operator would write them into .env."""
    mtproto, bot = state["mtproto"], state["bot"]
    key = demo.data / "server.pem"
    key.write_text(mtproto["public_key"], encoding="ascii")
    admins = [str(user["id"]) for user in state["users"] if user["role"] == "operator"]
    return {
        **environment(),
        **TIMINGS,
        "API_ID": "1",
        "API_HASH": "0" * 32,
        "BOT_TOKEN": bot["token"],
        "ADMIN_TELEGRAM_ID": ",".join(admins),
        "OPENROUTER_API_KEY": "sandbox",
        "DATABASE_URL": database,
        "LOG_FILE": str(demo.data / "salesbot.log"),
        "SECRET_KEY_FILE": str(demo.data / "secret.key"),
        "LLM_BASE_URL": state["model"],
        "LLM_MODELS": "sandbox/seller",
        "NEW_DIALOGS_PER_DAY": "0",
        "FIRST_CONTACT_PREVIEW": "false",
        "SCENARIO": demo.scenario.name,
        "SCENARIOS_DIR": str(copy_without_quiet_hours(demo.scenario, demo.data / "scenarios")),
        "BOT_API_URL": state["bot_api"],
        "TELEGRAM_SERVER": f"{mtproto['host']}:{mtproto['port']}",
        "TELEGRAM_SERVER_DC": str(mtproto["dc_id"]),
        "TELEGRAM_SERVER_KEY": str(key),
        "NOTIFY_SOCKET": NOTIFY_SOCKET,
    }


def refuse_broken(scenario: Path) -> None:
    """Says what is wrong with the scenario before anything is started; the product would only say it of our copy."""
    if wrong := load.check(scenario).problems:
        raise DemoError("\n".join(map(str, wrong)))


async def prepare_database(server: postgres.Server) -> bool:
    """Makes the product's database when it is missing. Returns whether an account is signed in there."""
    connection = await asyncpg.connect(server.dsn)
    try:
        if not await connection.fetchval("select true from pg_database where datname = $1", DATABASE):
            await connection.execute(f"create database {DATABASE}")
    finally:
        await connection.close()
    connection = await asyncpg.connect(server.url(DATABASE))
    try:
        if await connection.fetchval("select to_regclass('accounts')") is None:
            return False
        return bool(await connection.fetchval("select exists (select from accounts where state = 'ready')"))
    finally:
        await connection.close()


def ports_of_last_time(state_file: Path) -> list[str]:
    """The options that keep the page's address, so that a page left open goes on; nothing when a port is taken."""
    try:
        state = json.loads(state_file.read_text(encoding="utf-8"))
        ports = {"--http-port": urlsplit(state["web"]).port, "--mtproto-port": state["mtproto"]["port"]}
        for port in ports.values():
            with socket.socket() as probe:
                probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
                probe.bind(("127.0.0.1", port))
    except (OSError, ValueError, KeyError, TypeError):
        return []
    return [str(word) for option in ports.items() for word in option]


@contextlib.contextmanager
def notifications(demo: Demo) -> Iterator[Callable[[], bool]]:
    """A socket like systemd's, for the product to say READY=1. Yields a look that waits a moment for it.

    The name is relative to the folder, in which the product runs too: a socket's path may have 107 bytes only.
    """
    os.chdir(demo.data)
    Path(NOTIFY_SOCKET).unlink(missing_ok=True)
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as listener:
        listener.bind(NOTIFY_SOCKET)
        listener.settimeout(0.1)

        def is_ready() -> bool:
            try:
                return "READY=1" in listener.recv(4096).decode().splitlines()
            except TimeoutError:
                return False

        try:
            yield is_ready
        finally:
            Path(NOTIFY_SOCKET).unlink(missing_ok=True)


def lock_of(data: Path) -> IO[str]:
    """The lock file of a folder that is new, empty or a demo's already: no other is written to, or made fresh."""
    data.mkdir(parents=True, exist_ok=True, mode=0o700)
    if not (data / LOCK).exists() and any(data.iterdir()):
        raise DemoError(f"{data} holds other things: name a folder that is new or empty")
    return (data / LOCK).open("a+")


@contextlib.contextmanager
def only_one_on(data: Path) -> Iterator[None]:
    """Holds the folder's lock; the kernel lets go of it whatever becomes of us."""
    try:
        lock = lock_of(data)
    except OSError as error:
        raise DemoError(f"{data} cannot hold a demo: {error.strerror}") from error
    with lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            lock.seek(0)
            raise DemoError(
                f"A demo runs on {data} already (process {lock.read().strip()}). "
                "Stop it with Ctrl-C there, or use another folder: scripts/demo --data DIR"
            ) from None
        lock.truncate(0)
        lock.write(str(os.getpid()))
        lock.flush()
        yield


def end_left_over(demo: Demo) -> None:
    """Ends what a killed demo left on this folder, the product first."""
    for name in ("product", "login", "sandbox"):
        if pid := process.end_left_over(demo.pidfile(name)):
            demo.say(f"Ended the {name} (process {pid}) that a killed demo had left")
    if pid := postgres.end_left_over(demo.data / "postgres"):
        demo.say(f"Ended the PostgreSQL (process {pid}) that a killed demo had left")


def forget(demo: Demo) -> None:
    for name in KEPT:
        path = demo.data / name
        if path.is_dir():
            shutil.rmtree(path)
        else:
            path.unlink(missing_ok=True)


def catch_signals() -> None:
    """The first signal stops us; the ones after it find us stopping already."""
    signals = [signal.SIGINT, signal.SIGTERM]
    if signal.getsignal(signal.SIGHUP) is not signal.SIG_IGN:  # nohup
        signals.append(signal.SIGHUP)

    def stop(_number: int, _frame: object) -> NoReturn:
        for each in signals:
            signal.signal(each, signal.SIG_IGN)
        raise Stopped

    for each in signals:
        signal.signal(each, stop)


def has_screen() -> bool:
    """Where there is none, webbrowser may start a text browser in our terminal."""
    return not process.LINUX or bool(os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"))


if __name__ == "__main__":
    sys.exit(main())
