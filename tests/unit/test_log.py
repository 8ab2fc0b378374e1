"""The log: one line an entry, secrets masked, and a place to go even when the file cannot be written."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from pathlib import Path

import pytest
from loguru import logger

from salesbot import log


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

    def fail(words: str) -> None:
        raise ValueError(len(words))

    try:
        fail("what a person said")
    except ValueError:
        logger.exception("it failed")
    told = "\n".join(await written(file))
    assert "ValueError: 18" in told
    assert "what a person said" not in told.replace('fail("what a person said")', "")


def test_a_file_that_cannot_be_written_is_said_once_and_stderr_is_used(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "file").touch()
    log.setup("INFO", tmp_path / "file" / "app.log", [])
    logger.info("on we go")
    told = capsys.readouterr().err.splitlines()
    assert ["cannot be written" in line for line in told] == [True, False]
    assert "on we go" in told[1]
