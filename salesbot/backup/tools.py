"""PostgreSQL's own programs, and age. No secret stands in a command line: every user of the machine reads those."""

from __future__ import annotations

import contextlib
import re
import shutil
import subprocess
import tempfile
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import IO
from urllib.parse import parse_qsl, quote, unquote, urlencode, urlsplit

from salesbot.errors import Refused

DISTRIBUTION = Path("/usr/lib/postgresql")
"""Where Debian keeps the programs of each version."""


def program(name: str, server: int) -> str:
    """A program of PostgreSQL that is not older than the server. Raises ``Refused`` with the package that has it."""
    there = [path for path in [shutil.which(name), *_of_the_distribution(name)] if path]
    for path in there:
        if _major(path) >= server:
            return path
    found = f"{name} is older than the server (PostgreSQL {server})" if there else f"{name} is missing"
    raise Refused("tools", f"{found}. Install it: apt-get install postgresql-client-{server}")


def _of_the_distribution(name: str) -> Sequence[str]:
    return [str(path) for path in sorted(DISTRIBUTION.glob(f"*/bin/{name}"), reverse=True)]


def _major(path: str) -> int:
    told = subprocess.run([path, "--version"], capture_output=True, text=True, check=False).stdout  # noqa: S603
    match = re.search(r"\) (\d+)", told)
    return int(match[1]) if match else 0


def age() -> str:
    """Raises ``Refused``."""
    if path := shutil.which("age"):
        return path
    raise Refused("tools", "age is missing, which encrypts backups. Install it: apt-get install age")


@contextmanager
def address(dsn: str) -> Iterator[str]:
    """The database for a program of PostgreSQL: its password stands in a file of our own while this is open."""
    url = urlsplit(dsn)
    query = dict(parse_qsl(url.query))
    user, _, host = url.netloc.rpartition("@")
    name = user.partition(":")[0]
    secret = password_in(dsn)
    query.pop("password", None)
    with tempfile.NamedTemporaryFile("w", prefix="salesbot-", encoding="utf-8") as file:
        if secret:
            escaped = secret.replace("\\", "\\\\").replace(":", "\\:")
            file.write(f"*:*:*:*:{escaped}\n")
            file.flush()
            query["passfile"] = file.name
        netloc = f"{name}@{host}" if name else host
        words = f"?{urlencode(query, quote_via=quote)}" if query else ""
        yield f"{url.scheme}://{netloc}{url.path}{words}"


def password_in(dsn: str) -> str:
    """The password that an address holds, '' when it holds none."""
    url = urlsplit(dsn)
    user = url.netloc.rpartition("@")[0]
    return dict(parse_qsl(url.query)).get("password") or unquote(user.partition(":")[2])


def database_of(dsn: str) -> str:
    """The name of a database."""
    return unquote(urlsplit(dsn).path.removeprefix("/"))


def beside(dsn: str, database: str) -> str:
    """Another database of the same server."""
    url = urlsplit(dsn)
    return f"{url.scheme}://{url.netloc}/{quote(database, safe='')}" + (f"?{url.query}" if url.query else "")


def dump(dsn: str, snapshot: str, server: int, file: Path) -> None:
    """The database as it was in that snapshot. Raises ``Refused``."""
    with address(dsn) as url, tempfile.TemporaryFile() as errors:
        command = [program("pg_dump", server), "--format=custom", "--no-owner", "--no-privileges"]
        command += [f"--snapshot={snapshot}", f"--file={file}", f"--dbname={url}"]
        done = subprocess.run(command, stdin=subprocess.DEVNULL, stderr=errors, check=False)  # noqa: S603
        if done.returncode:
            raise Refused("dump", f"pg_dump failed: {last_words(errors)}")


def load(
    dump: IO[bytes],
    dsn: str,
    server: int,
    *,
    before: str = "",
    after: str = "",
    whole: Callable[[], None] | None = None,
) -> None:
    """The data of a dump, and the SQL around them, into a database: all of it in one transaction, or nothing at all.

    ``whole`` raises when the dump turned out not to be. Raises ``Refused``.
    """
    pipe = subprocess.PIPE
    with address(dsn) as url, tempfile.TemporaryFile() as errors, tempfile.TemporaryFile() as told:
        reader = [program("pg_restore", server), "--no-owner", "--no-privileges", "--exit-on-error", "--file=-"]
        writer = [program("psql", server), "--no-psqlrc", "--quiet", "--set=ON_ERROR_STOP=1", f"--dbname={url}"]
        with (
            subprocess.Popen(writer, stdin=pipe, stdout=subprocess.DEVNULL, stderr=told) as sql,  # noqa: S603
            subprocess.Popen(reader, stdin=pipe, stdout=pipe, stderr=errors) as restore,  # noqa: S603
        ):
            assert sql.stdin and restore.stdout
            try:
                sql.stdin.write(f"begin;\n{before}\n".encode())
                with _fed(dump, restore):
                    shutil.copyfileobj(restore.stdout, sql.stdin)
                if restore.wait() == 0:
                    if whole is not None:
                        whole()
                    sql.stdin.write(f"\n{after}\ncommit;\n".encode())
                sql.stdin.close()  # without the commit nothing of it happened
            except BrokenPipeError:
                pass  # psql has given up, and says why
            except BaseException:  # whatever ended it: without the commit nothing of it happened
                sql.kill()
                with contextlib.suppress(BrokenPipeError):
                    sql.stdin.close()
                raise
        if sql.returncode or restore.returncode:
            why = last_words(told) if sql.returncode else last_words(errors)
            raise Refused("restore", f"The backup was not restored, nothing was changed: {why}")


@contextmanager
def _fed(source: IO[bytes], process: subprocess.Popen[bytes]) -> Iterator[None]:
    """A process that is given everything of a source while this is open. Raises what reading the source raised."""
    failures: list[Exception] = []

    def feed() -> None:
        assert process.stdin
        try:
            shutil.copyfileobj(source, process.stdin)
        except BrokenPipeError:
            pass  # it wants no more, and says why
        except Exception as exc:  # noqa: BLE001 - raised again in the thread that waits for this one
            failures.append(exc)
        with contextlib.suppress(BrokenPipeError):
            process.stdin.close()

    thread = threading.Thread(target=feed, name="feed", daemon=True)
    thread.start()
    try:
        yield
    except BaseException:  # whatever ended it: the thread that feeds it must not wait for ever
        process.kill()
        raise
    finally:
        thread.join()
    if failures:
        raise failures[0]


def last_words(file: IO[bytes], lines: int = 3) -> str:
    """What a program said in the end."""
    file.seek(0)
    return " ".join(file.read().decode("utf-8", "replace").split("\n")[-lines - 1 :]).strip()
