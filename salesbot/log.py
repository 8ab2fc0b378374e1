"""Where the log goes: stderr (systemd's journal keeps it) or a file; libraries included. As lines or as JSON.

Secrets are masked, and people's words never get here: of what an exception says, only that is shown which quotes no
value (``_QUOTES_NOTHING``); its kind and its place in the code are always shown. What is said while a dialog is worked
at carries its number and the ``turn``: the revision that turn read, by which ``model_calls`` and ``messages`` know it.
"""

from __future__ import annotations

import json
import logging
import os
import re
import stat
import sys
import traceback
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, TextIO

import asyncpg
from loguru import logger

from salesbot.errors import SalesbotError

if TYPE_CHECKING:
    from loguru import Message, Record

_TOKEN = r"\d{5,}:[\w-]{30,}"
_QUOTES_NOTHING = (SalesbotError, OSError, TypeError, AttributeError, NameError)
"""Exceptions that speak of names and places. Others quote what they stumbled over: "invalid literal …: 'I am ill'"."""

_TASK = re.compile(r"^(?:task|future): <Task \w+ (name='[^'\n]*')", re.MULTILINE)
"""Which task asyncio speaks of; behind that stands what its exception says."""

STDERR = Path("-")
"""A LOG_FILE that is none: for a container, or who reads the journal."""

_FORMAT = "{time:YYYY-MM-DD HH:mm:ss.SSS} {level: <7} {name}: {message}"

LARGEST = 20_000_000
"""Bytes of a file after which the next one is begun."""
KEEP = timedelta(days=30)
MOST_FILES = 50
"""However short the days are: a gigabyte at most."""

Shape = Callable[["Record", Mapping[str, object], Sequence[str]], str]
"""From an entry, the fields bound to it and what led to it, line by line, to how it is written."""


class _Intercept(logging.Handler):
    """Standard logging (telethon, aiogram, openai) into loguru."""

    def emit(self, record: logging.LogRecord) -> None:
        level: str | int = record.levelno
        if record.levelname in ("DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL"):
            level = record.levelname
        logger.bind(library=record.name).opt(exception=record.exc_info).log(level, "{}", _message(record))


def _message(record: logging.LogRecord) -> str:
    """What a library says; of asyncio the headline and the task, because what follows repeats the exception's words."""
    said = record.getMessage()
    if record.name != "asyncio":
        return said
    task = _TASK.search(said)
    return f"{said.splitlines()[0]} {task[1]}" if task else said.splitlines()[0]


def setup(
    level: str, file: Path | None, secrets: Iterable[str], *, as_json: bool = False, keep: timedelta = KEEP
) -> None:
    """Configure the log once. When ``file`` cannot be written it says so and goes to stderr."""
    file = None if file == STDERR else file
    hidden = _pattern(secrets)
    shape = _as_json if as_json else _as_text

    def compose(record: Record) -> None:
        fields = {key: _plain(value, hidden) for key, value in record["extra"].items()}
        record["extra"].clear()  # a sink that fails shows the whole record
        record["name"] = str(fields.pop("library", record["name"]))
        record["message"] = _masked(record["message"], hidden)
        error = record["exception"].value if record["exception"] is not None else None
        record["exception"] = None  # told here, in our own words
        led_to = [_masked(line, hidden) for line in _traceback(error)] if error is not None else []
        record["message"] = shape(record, fields, led_to)

    logger.remove()
    logger.configure(patcher=compose)
    form = "{message}" if as_json else _FORMAT
    failure = _to_file(level, file, form, keep) if file else None
    aloud = level if file is None or failure else "CRITICAL"  # what ends the process is for the journal as well
    logger.add(sys.stderr, level=aloud, format=form, diagnose=False, backtrace=False, enqueue=False)
    if failure:
        logger.bind(file=str(file), reason=failure).warning("the log file cannot be written; logging to stderr")
    logging.basicConfig(handlers=[_Intercept()], level=logging.INFO, force=True)
    for noisy in ("httpx2", "httpcore2", "openai", "aiogram.event", "telethon"):
        logging.getLogger(noisy).setLevel(logging.WARNING)
    logging.getLogger("asyncpg").setLevel(logging.CRITICAL)  # our own loops say when the database is away
    logging.getLogger("telethon.network").setLevel(logging.INFO)
    sys.excepthook = _last_words


def _as_text(record: Record, fields: Mapping[str, object], led_to: Sequence[str]) -> str:
    told = " ".join([record["message"], *(f"{key}={value}" for key, value in fields.items())])
    return "\n  ".join([told.rstrip(), *led_to])


def _as_json(record: Record, fields: Mapping[str, object], led_to: Sequence[str]) -> str:
    """The whole line. The first four keys are in every entry, and no field takes their place."""
    always = {
        "time": record["time"].isoformat(timespec="milliseconds"),
        "level": record["level"].name,
        "logger": record["name"],
        "message": record["message"],
    }
    entry = {**always, **fields, **always, **({"traceback": led_to} if led_to else {})}
    return json.dumps(entry, ensure_ascii=False)


def _plain(value: object, hidden: re.Pattern[str]) -> object:
    """A field as JSON takes it: numbers and truths as they are, all else as masked text."""
    return value if value is None or isinstance(value, int | float) else _masked(str(value), hidden)


def _masked(text: str, hidden: re.Pattern[str]) -> str:
    return _one_line(hidden.sub("•••", text))


def _to_file(level: str, file: Path, form: str, keep: timedelta) -> str | None:
    try:
        file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        logger.add(
            file,
            level=level,
            format=form,
            diagnose=False,
            backtrace=False,
            enqueue=True,
            opener=_for_its_owner,
            rotation=_is_over,
            retention=_forgets_after(keep),
        )
    except OSError as exc:
        return exc.strerror or type(exc).__name__
    return None


def _is_over(message: Message, file: TextIO) -> bool:
    """Whether the next file begins: at a size, and each day, so that what is too old stands in files of its own."""
    written, at = os.fstat(file.fileno()), message.record["time"]
    day = datetime.fromtimestamp(written.st_mtime, at.tzinfo).date()
    return written.st_size > 0 and (written.st_size + len(message) > LARGEST or day != at.date())


def _forgets_after(keep: timedelta) -> Callable[[list[str]], None]:
    """Deletes the files that are too old, and the oldest of too many; asked whenever a new one begins."""

    def forget(files: list[str]) -> None:
        written = sorted(((os.stat(file).st_mtime, file) for file in files), reverse=True)
        oldest = datetime.now().astimezone().timestamp() - keep.total_seconds()
        for place, (at, file) in enumerate(written):
            if place >= MOST_FILES or at < oldest:
                os.remove(file)

    return forget


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
