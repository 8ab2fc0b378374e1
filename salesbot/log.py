"""Where the log goes: stderr (systemd's journal keeps it) or a file; libraries included, secrets masked."""

from __future__ import annotations

import logging
import re
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

from loguru import logger

if TYPE_CHECKING:
    from loguru import Record

_TOKEN = re.compile(r"\d{5,}:[\w-]{30,}")
_FORMAT = "{time:YYYY-MM-DD HH:mm:ss.SSS} {level: <7} {name}: {extra[line]}"


class _Intercept(logging.Handler):
    """Standard logging (telethon, aiogram, openai) into loguru."""

    def emit(self, record: logging.LogRecord) -> None:
        level: str | int = record.levelno
        if record.levelname in ("DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL"):
            level = record.levelname
        logger.patch(lambda entry: entry.__setitem__("name", record.name)).opt(exception=record.exc_info).log(
            level, "{}", record.getMessage()
        )


def setup(level: str, file: Path | None, secrets: Iterable[str]) -> None:
    """Configure the log once. When ``file`` cannot be written it says so and goes to stderr."""
    hidden = sorted({secret for secret in secrets if len(secret) > 5}, key=len, reverse=True)

    def compose(record: Record) -> None:
        fields = " ".join(f"{key}={value}" for key, value in record["extra"].items() if key != "line")
        record["extra"]["line"] = _one_line(_mask(f"{record['message']} {fields}".rstrip(), hidden))

    logger.remove()
    logger.configure(patcher=compose)
    failure = _to_file(level, file) if file else None
    if file is None or failure:
        logger.add(sys.stderr, level=level, format=_FORMAT, diagnose=False, backtrace=False, enqueue=False)
    if failure:
        logger.bind(file=str(file), reason=failure).warning("the log file cannot be written; logging to stderr")
    logging.basicConfig(handlers=[_Intercept()], level=logging.INFO, force=True)
    for noisy in ("httpx2", "httpcore2", "openai", "aiogram.event", "telethon"):
        logging.getLogger(noisy).setLevel(logging.WARNING)
    logging.getLogger("asyncpg").setLevel(logging.CRITICAL)  # our own loops say when the database is away
    logging.getLogger("telethon.network").setLevel(logging.INFO)


def _to_file(level: str, file: Path) -> str | None:
    try:
        file.parent.mkdir(parents=True, exist_ok=True, mode=0o750)
        logger.add(
            file,
            level=level,
            format=_FORMAT,
            diagnose=False,
            backtrace=False,
            enqueue=True,
            rotation="20 MB",
            retention=10,
        )
    except OSError as exc:
        return exc.strerror or type(exc).__name__
    return None


def _mask(text: str, hidden: list[str]) -> str:
    for secret in hidden:
        text = text.replace(secret, "•••")
    return _TOKEN.sub("•••", text)


def _one_line(text: str) -> str:
    return "".join(char if char.isprintable() else " " for char in text)
