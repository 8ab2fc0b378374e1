"""Where the log goes: stderr (systemd's journal keeps it) or a file; libraries included.

Secrets are masked, and people's words never get here: of what an exception says, only that is shown which quotes no
value (``_QUOTES_NOTHING``); its kind and its place in the code are always shown.
"""

from __future__ import annotations

import logging
import os
import re
import stat
import sys
import traceback
from collections.abc import Iterable, Iterator
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING

import asyncpg
from loguru import logger

from salesbot.errors import SalesbotError

if TYPE_CHECKING:
    from loguru import Record

_TOKEN = r"\d{5,}:[\w-]{30,}"
_QUOTES_NOTHING = (SalesbotError, OSError, TypeError, AttributeError, NameError)
"""Exceptions that speak of names and places. Others quote what they stumbled over: "invalid literal …: 'I am ill'"."""

_TASK = re.compile(r"^(?:task|future): <Task \w+ (name='[^'\n]*')", re.MULTILINE)
"""Which task asyncio speaks of; behind that stands what its exception says."""

_FORMAT = "{time:YYYY-MM-DD HH:mm:ss.SSS} {level: <7} {name}: {message}"


class _Intercept(logging.Handler):
    """Standard logging (telethon, aiogram, openai) into loguru."""

    def emit(self, record: logging.LogRecord) -> None:
        level: str | int = record.levelno
        if record.levelname in ("DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL"):
            level = record.levelname
        logger.patch(lambda entry: entry.__setitem__("name", record.name)).opt(exception=record.exc_info).log(
            level, "{}", _message(record)
        )


def _message(record: logging.LogRecord) -> str:
    """What a library says; of asyncio the headline and the task, because what follows repeats the exception's words."""
    said = record.getMessage()
    if record.name != "asyncio":
        return said
    task = _TASK.search(said)
    return f"{said.splitlines()[0]} {task[1]}" if task else said.splitlines()[0]


def setup(level: str, file: Path | None, secrets: Iterable[str]) -> None:
    """Configure the log once. When ``file`` cannot be written it says so and goes to stderr."""
    hidden = _pattern(secrets)

    def compose(record: Record) -> None:
        fields = " ".join(f"{key}={value}" for key, value in record["extra"].items())
        told = [f"{record['message']} {fields}".rstrip()]
        if record["exception"] is not None and (error := record["exception"].value) is not None:
            told += _traceback(error)
            record["exception"] = None  # told here, in our own words
        record["message"] = "\n  ".join(_one_line(hidden.sub("•••", line)) for line in told)
        record["extra"].clear()  # a sink that fails shows the whole record

    logger.remove()
    logger.configure(patcher=compose)
    failure = _to_file(level, file) if file else None
    aloud = level if file is None or failure else "CRITICAL"  # what ends the process is for the journal as well
    logger.add(sys.stderr, level=aloud, format=_FORMAT, diagnose=False, backtrace=False, enqueue=False)
    if failure:
        logger.bind(file=str(file), reason=failure).warning("the log file cannot be written; logging to stderr")
    logging.basicConfig(handlers=[_Intercept()], level=logging.INFO, force=True)
    for noisy in ("httpx2", "httpcore2", "openai", "aiogram.event", "telethon"):
        logging.getLogger(noisy).setLevel(logging.WARNING)
    logging.getLogger("asyncpg").setLevel(logging.CRITICAL)  # our own loops say when the database is away
    logging.getLogger("telethon.network").setLevel(logging.INFO)
    sys.excepthook = _last_words


def _to_file(level: str, file: Path) -> str | None:
    try:
        file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        logger.add(
            file,
            level=level,
            format=_FORMAT,
            diagnose=False,
            backtrace=False,
            enqueue=True,
            opener=_for_its_owner,
            rotation="20 MB",
            retention=10,
        )
    except OSError as exc:
        return exc.strerror or type(exc).__name__
    return None


def _for_its_owner(path: str, flags: int) -> int:
    """Open a log file that nobody else may read, also one that an earlier release left readable."""
    descriptor = os.open(path, flags, 0o600)
    found = os.fstat(descriptor)
    if stat.S_ISREG(found.st_mode) and found.st_uid == os.geteuid():
        os.fchmod(descriptor, 0o600)
    return descriptor


def _pattern(secrets: Iterable[str]) -> re.Pattern[str]:
    """What is masked: the secrets, the longest first, and whatever looks like a bot's token."""
    hidden = sorted({secret for secret in secrets if len(secret) > 5}, key=len, reverse=True)
    return re.compile("|".join([*map(re.escape, hidden), _TOKEN]))


def summary(error: BaseException) -> str:
    """An exception in a few words: its kind and, where that quotes no value, what it says."""
    return f"{type(error).__module__}.{type(error).__qualname__}{_says(error)}"


def _traceback(error: BaseException, told: frozenset[int] = frozenset()) -> Iterator[str]:
    """Line by line what led to an exception, the first cause first; the parts of a group as its causes.

    ``told``: the exceptions this one led to, because a part of a group may be raised anew from that group.
    """
    told |= {id(error)}
    before = [error.__cause__ or (None if error.__suppress_context__ else error.__context__)]
    before += error.exceptions if isinstance(error, BaseExceptionGroup) else []
    for one in before:
        if one is not None and id(one) not in told:
            yield from _traceback(one, told)
            yield "which led to:"
    for frame in traceback.extract_tb(error.__traceback__):
        yield f'File "{frame.filename}", line {frame.lineno}, in {frame.name}: {frame.line}'
    yield summary(error)


def _says(error: BaseException) -> str:
    """What the exception says, if it may be repeated."""
    match error:
        case asyncpg.DataError():  # quotes the value
            return ""
        case asyncpg.InterfaceError() if isinstance(error, ValueError):  # quotes the argument, or the address
            return ""
        case asyncpg.PostgresError() | asyncpg.InterfaceError():  # without the detail, which quotes the row
            return f": {error.args[0]}"
        case Exception() if type(error).__module__ == "aiogram.exceptions" and "can't parse entities" not in str(error):
            return f": {str(error).splitlines()[0]}"
    return f": {error}" if isinstance(error, _QUOTES_NOTHING) else ""


def _last_words(_kind: type[BaseException], error: BaseException, _place: TracebackType | None) -> None:
    """What ends the process is logged like everything else: Python's own report would mask nothing."""
    if not isinstance(error, KeyboardInterrupt):
        logger.opt(exception=error).critical("the process ends")


def _one_line(text: str) -> str:
    return "".join(char if char.isprintable() else " " for char in text)
