"""The log: one line an entry, secrets masked, and a place to go even when the file cannot be written."""

from __future__ import annotations

import asyncio
import json
import logging
import os
import sys
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

import asyncpg
import pytest
from aiogram.exceptions import TelegramBadRequest, TelegramNetworkError
from aiogram.methods import GetMe
from loguru import logger

from salesbot import log
from salesbot.errors import DataError

BOTS = GetMe()
ARGUMENT = next(kind for kind in asyncpg.InterfaceError.__subclasses__() if kind.__name__ == "DataError")
"""What asyncpg raises before it asks the server."""


@pytest.fixture(autouse=True)
def quiet_again() -> Iterator[None]:
    yield
    logger.remove()
    logger.configure(patcher=lambda record: None)
    logging.basicConfig(handlers=[logging.NullHandler()], force=True)


async def written(file: Path) -> list[str]:
    await logger.complete()
    logger.remove()
    return file.read_text(encoding="utf-8").splitlines()


async def test_an_entry_is_one_line_whatever_is_in_it(tmp_path: Path) -> None:
    file = tmp_path / "logs" / "app.log"
    log.setup("INFO", file, [])
    logger.bind(dialog=7).info("said: {}", "two\nlines \x1b[31m{braces}")
    (line,) = await written(file)
    assert line.endswith("said: two lines  [31m{braces} dialog=7")


async def test_secrets_and_tokens_are_masked_also_in_what_libraries_say(tmp_path: Path) -> None:
    file = tmp_path / "app.log"
    log.setup("INFO", file, ["hunter2-hunter2"])
    logger.bind(key="hunter2-hunter2").info("password hunter2-hunter2")
    logging.getLogger("some.library").warning("GET /file/bot%s/x", "123456:" + "A" * 35)
    first, second = await written(file)
    assert "hunter2" not in first
    assert "some.library" in second
    assert "AAAA" not in second


async def test_an_exception_shows_its_place_and_no_values(tmp_path: Path) -> None:
    file = tmp_path / "app.log"
    log.setup("INFO", file, [])
    try:
        int("what a person said")
    except ValueError:
        logger.exception("it failed")
    told = await written(file)
    assert told[0].endswith("it failed")
    assert "test_an_exception_shows_its_place_and_no_values" in told[1]
    assert told[-1].strip() == "builtins.ValueError"
    assert "what a person said" not in "\n".join(told).replace('int("what a person said")', "")


def raised(words: str) -> Exception:
    """An error with a cause, in a group, as they come from the database."""
    row = asyncpg.UniqueViolationError("duplicate key value violates a constraint")
    row.detail = f"Key (content)=({words}) already exists."
    argument = asyncpg.DataError(f"invalid input for query argument $1: {words!r}")
    argument.__cause__ = DataError("The key is hunter2-hunter2")
    return ExceptionGroup(f"while storing {words}", [row, argument, KeyError(words)])


async def test_of_an_exception_only_what_quotes_no_value_is_said_and_that_masked(tmp_path: Path) -> None:
    file = tmp_path / "app.log"
    log.setup("INFO", file, ["hunter2-hunter2"])
    logger.opt(exception=raised("my\nwords")).error("it failed")
    assert [line.strip() for line in (await written(file))[1:]] == [
        "asyncpg.exceptions.UniqueViolationError: duplicate key value violates a constraint",
        "which led to:",
        "salesbot.errors.DataError: The key is •••",
        "which led to:",
        "asyncpg.exceptions.DataError",
        "which led to:",
        "builtins.KeyError",
        "which led to:",
        "builtins.ExceptionGroup",
    ]


async def test_what_asyncio_says_of_a_lost_failure_repeats_nothing_of_it(tmp_path: Path) -> None:
    file = tmp_path / "app.log"
    log.setup("INFO", file, [])
    told = {"message": "Task exception was never retrieved", "exception": KeyError("words"), "task": "words"}
    asyncio.get_running_loop().default_exception_handler(told)
    first, *rest = await written(file)
    assert first.endswith("asyncio: Task exception was never retrieved")
    assert "words" not in "".join(rest)


async def test_a_lost_task_is_named_and_what_it_was_about_is_not(tmp_path: Path) -> None:
    file = tmp_path / "app.log"
    log.setup("INFO", file, [])

    async def fail() -> None:
        raise KeyError("words")

    task = asyncio.create_task(fail(), name="dialog 7")
    await asyncio.wait({task})
    told = {"message": "Task exception was never retrieved", "exception": task.exception(), "future": task}
    asyncio.get_running_loop().default_exception_handler(told)
    first, *rest = await written(file)
    assert first.endswith("asyncio: Task exception was never retrieved name='dialog 7'")
    assert "KeyError('words')" not in "".join(rest)


WORDS = "what a person said"


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (asyncpg.InterfaceError("another operation is in progress"), "another operation is in progress"),
        (TelegramBadRequest(BOTS, "MESSAGE_TOO_LONG"), "Telegram server says - MESSAGE_TOO_LONG"),
        (TelegramNetworkError(BOTS, f"Timeout\n{WORDS}"), "HTTP Client says - Timeout"),
        (DataError("the database is newer"), "the database is newer"),
    ],
)
def test_a_message_that_quotes_nothing_is_said(error: Exception, said: str) -> None:
    kind = type(error)
    assert log.summary(error) == f"{kind.__module__}.{kind.__qualname__}: {said}"


@pytest.mark.parametrize(
    "error",
    [
        ARGUMENT(f"invalid input for query argument $1: {WORDS!r}"),
        asyncpg.DataError(f"invalid input syntax for type integer: {WORDS!r}"),
        TelegramBadRequest(BOTS, f"Bad Request: can't parse entities: unsupported start tag {WORDS!r}"),
        ValueError(WORDS),
        UnicodeEncodeError("utf-8", WORDS, 0, 1, "surrogates not allowed"),
    ],
)
def test_a_message_that_quotes_a_value_is_not_said(error: Exception) -> None:
    assert log.summary(error) == f"{type(error).__module__}.{type(error).__qualname__}"


async def test_a_part_of_a_group_that_is_raised_anew_from_that_group_is_told_and_comes_to_an_end(
    tmp_path: Path,
) -> None:
    file = tmp_path / "app.log"
    log.setup("INFO", file, [])
    first = DataError("first")
    first.__cause__ = ExceptionGroup("several", [first, DataError("second")])
    logger.opt(exception=first).error("it failed")
    told = [line.strip() for line in await written(file)]
    assert "salesbot.errors.DataError: second" in told
    assert told[-1] == "salesbot.errors.DataError: first"


async def test_what_ends_the_process_is_masked_too_and_stands_on_stderr_as_well(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "excepthook", sys.__excepthook__)
    file = tmp_path / "app.log"
    log.setup("INFO", file, ["hunter2-hunter2"])
    error = OSError("no way to hunter2-hunter2")
    sys.excepthook(OSError, error, None)
    told = await written(file)
    assert told[0].endswith("the process ends")
    assert told[-1].strip() == "builtins.OSError: no way to •••"
    assert capsys.readouterr().err.splitlines() == told


def test_a_file_that_cannot_be_written_is_said_once_and_stderr_is_used(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "file").touch()
    log.setup("INFO", tmp_path / "file" / "app.log", [])
    logger.info("on we go")
    told = capsys.readouterr().err.splitlines()
    assert ["cannot be written" in line for line in told] == [True, False]
    assert "on we go" in told[1]


def test_a_dash_for_a_file_means_stderr_and_nothing_is_said_of_it(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    log.setup("INFO", Path("-"), [])
    logger.info("on we go")
    (line,) = capsys.readouterr().err.splitlines()
    assert "on we go" in line
    assert list(tmp_path.iterdir()) == []


# -- JSON, files and their end, whose line it is


async def entries(file: Path) -> list[dict[str, object]]:
    return [json.loads(line) for line in await written(file)]


async def test_json_is_an_object_a_line_with_its_fields_beside_it(tmp_path: Path) -> None:
    file = tmp_path / "app.log"
    log.setup("INFO", file, [], as_json=True)
    logger.bind(dialog=7, share=0.5, ok=True, reason='a "word"').info("said: {}", "two\nlines {braces}")
    (entry,) = await entries(file)
    assert datetime.fromisoformat(str(entry.pop("time"))).tzinfo is not None
    assert entry == {
        "level": "INFO",
        "logger": __name__,
        "message": "said: two lines {braces}",
        "dialog": 7,
        "share": 0.5,
        "ok": True,
        "reason": 'a "word"',
    }


async def test_in_json_secrets_are_masked_also_in_fields_and_tracebacks_and_libraries_are_named(tmp_path: Path) -> None:
    file, secret = tmp_path / "app.log", 'hun"ter2\\'  # JSON would write it otherwise
    log.setup("INFO", file, [secret], as_json=True)
    logger.bind(key=secret, path=Path(f"/{secret}")).info("password {}", secret)
    logging.getLogger("some.library").warning("with %s", secret)
    logger.opt(exception=raised("my words")).error("it failed")
    said, library, failed = await entries(file)
    assert (said["key"], said["path"], said["message"]) == ("•••", "/•••", "password •••")
    assert (library["logger"], library["message"]) == ("some.library", "with •••")
    assert isinstance(failed["traceback"], list)
    assert failed["traceback"][-1] == "builtins.ExceptionGroup"
    assert "my words" not in file.read_text(encoding="utf-8")


async def test_no_field_takes_the_place_of_what_every_entry_has(tmp_path: Path) -> None:
    file = tmp_path / "app.log"
    log.setup("INFO", file, [], as_json=True)
    logger.bind(level="none", message="none").info("on we go")
    (entry,) = await entries(file)
    assert (entry["level"], entry["message"]) == ("INFO", "on we go")


async def test_what_is_said_within_a_task_carries_its_dialog_also_in_what_it_begins_and_in_libraries(
    tmp_path: Path,
) -> None:
    file = tmp_path / "app.log"
    log.setup("INFO", file, [])

    async def below() -> None:
        logging.getLogger("some.library").warning("hm")

    async def work() -> None:
        with logger.contextualize(turn=3):
            await asyncio.create_task(below())

    with logger.contextualize(dialog=7):
        task = asyncio.create_task(work())
    await task
    logger.info("elsewhere")
    first, second = await written(file)
    assert first.endswith("some.library: hm dialog=7 turn=3")
    assert second.endswith("elsewhere")


async def test_a_day_has_its_own_file(tmp_path: Path) -> None:
    file = tmp_path / "app.log"
    file.write_text("of yesterday\n", encoding="utf-8")
    yesterday = datetime.now().astimezone().timestamp() - 86_400
    os.utime(file, (yesterday, yesterday))
    log.setup("INFO", file, [])
    logger.info("of today")
    logger.info("of today as well")
    assert len(await written(file)) == 2
    assert [old.read_text(encoding="utf-8") for old in tmp_path.glob("app.2*.log")] == ["of yesterday\n"]


async def test_a_file_that_is_large_is_followed_by_the_next(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(log, "LARGEST", 200)
    file = tmp_path / "app.log"
    log.setup("INFO", file, [])
    for number in range(6):
        logger.info("line {} {}", number, "x" * 50)
    rest = await written(file)
    older = sorted(tmp_path.glob("app.2*.log"))
    assert 0 < len(rest) < 6
    assert len(older) > 1
    assert {oct(one.stat().st_mode & 0o777) for one in (file, *older)} == {"0o600"}


async def test_files_that_are_too_old_and_the_oldest_of_too_many_are_deleted(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(log, "MOST_FILES", 4)
    now = datetime.now().astimezone().timestamp()
    for days in (1, 2, 3, 4, 9, 11):
        old = tmp_path / f"app.2026-01-{days:02}_00-00-00_000000.log"
        old.write_text("old\n", encoding="utf-8")
        os.utime(old, (now - 86_400 * days, now - 86_400 * days))
    (tmp_path / "other.log").write_text("of somebody else\n", encoding="utf-8")
    os.utime(tmp_path / "other.log", (0, 0))
    file = tmp_path / "app.log"
    file.write_text("of ten days ago\n", encoding="utf-8")
    os.utime(file, (now - 86_400 * 10, now - 86_400 * 10))
    log.setup("INFO", file, [], keep=timedelta(days=4, hours=12))
    logger.info("of today")
    await written(file)
    left = sorted(one.name for one in tmp_path.iterdir())
    assert left == [
        "app.2026-01-01_00-00-00_000000.log",
        "app.2026-01-02_00-00-00_000000.log",
        "app.2026-01-03_00-00-00_000000.log",
        "app.2026-01-04_00-00-00_000000.log",
        "app.log",
        "other.log",
    ]
