"""Where words come in and where they are written down: Telegram's messages, an admin's arguments, the log."""

from __future__ import annotations

import contextlib
import json
import logging
import tempfile
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from loguru import logger
from telethon.tl import types

from salesbot import log
from salesbot.adminbot import parse
from salesbot.adminbot.parse import WrongInput
from salesbot.dialog.model import Kind
from salesbot.store.messages import clean
from salesbot.userbot import convert
from tests.nasty.corpus import BREAKS, TEXTS, TURNS, nasty, stored, unkind

WHEN = datetime(2026, 11, 21, 9, 0, tzinfo=UTC)
PEER = types.PeerUser(7)


# --- from Telegram


@unkind
@given(nasty(), nasty(), nasty())
def test_words_come_in_as_they_are(said: str, name: str, quote: str) -> None:
    attributes = [types.DocumentAttributeFilename(name)]
    file = types.MessageMediaDocument(
        document=types.Document(1, 2, b"", WHEN, "a/b", 3, 2, attributes)  # type: ignore[arg-type]
    )
    card = types.MessageMediaContact("1", name, quote, "", 0)
    poll = types.MessageMediaPoll(
        types.Poll(1, types.TextWithEntities(name, []), [], hash=1), types.PollResults(), types.MessageMediaEmpty()
    )
    header = types.MessageReplyHeader(reply_to_msg_id=4, quote_text=quote)
    for media, kind in ((file, Kind.DOCUMENT), (card, Kind.CONTACT), (poll, Kind.POLL)):
        message = types.Message(id=5, peer_id=PEER, date=WHEN, message=said, media=media, reply_to=header)
        seen = convert.seen(message, 7)
        assert (seen.kind, seen.text, seen.quote) == (kind, said, quote)
        assert seen.media.startswith(name)
    user = types.User(id=7, access_hash=11, first_name=name, last_name=quote, username=said or None, lang_code=name)
    assert convert.person(user).name == " ".join(part for part in (name, quote) if part)


@unkind
@given(nasty())
def test_what_is_stored_is_what_was_said_but_for_nul(text: str) -> None:
    assert clean(text) == stored(text)
    assert clean(clean(text)) == clean(text)


# --- from an admin


@unkind
@given(nasty(), st.sampled_from(["", "@anna ", "@anna basis=", '@anna basis="', "@anna scenario=", "https://t.me/"]))
def test_arguments_are_understood_or_refused(text: str, before: str) -> None:
    typed = before + text + ('"' if before.endswith('"') else "")
    if not typed.split():
        return  # aiogram gives no such arguments
    try:
        wanted = parse.start(typed)
    except WrongInput:
        return
    assert wanted.target.isascii()
    for value in (wanted.scenario, wanted.basis, wanted.account):
        assert value == stored(value)
        assert not set(value) & set(BREAKS)
        json.dumps(value).encode()


@unkind
@given(nasty())
def test_a_number_is_a_number_or_refused(text: str) -> None:
    for typed in (text, f"7 {text}", f"№{text}", f"{text}7"):
        with contextlib.suppress(WrongInput):
            assert 0 < parse.number(typed) < 2**63


# --- into the log


@pytest.fixture
def log_file(tmp_path: Path) -> Iterator[Path]:
    log.setup("INFO", tmp_path / "app.log", ["a secret of ours"])
    yield tmp_path / "app.log"
    logger.remove()
    logger.configure(patcher=lambda record: None)
    logging.basicConfig(handlers=[logging.NullHandler()], force=True)


async def entries(file: Path) -> list[str]:
    await logger.complete()
    logger.remove()
    return file.read_text(encoding="utf-8").splitlines()


async def test_the_whole_corpus_is_logged_on_one_line_each(log_file: Path) -> None:
    for text in TEXTS:
        logger.bind(name=text, dialog=7).info("said: {}", text)
        valid = text.encode("utf-8", "replace").decode()  # pytest hands on what libraries log, and knows no others
        logging.getLogger("some.library").warning("heard %s", valid)
        logging.getLogger("some.library").warning("literally " + valid)
    told = await entries(log_file)
    assert len(told) == 3 * len(TEXTS)
    for line in told:
        assert line.startswith("20") and (" INFO " in line or " WARNING " in line)
        assert line.isprintable() and not set(line) & set(TURNS)
    assert sum(line.endswith(" dialog=7") for line in told) == len(TEXTS)


async def test_an_exception_forges_no_entry(log_file: Path) -> None:
    for text in TEXTS:
        logger.opt(exception=OSError(text)).error("it failed")
    told = await entries(log_file)
    assert sum(line.startswith("20") for line in told) == len(TEXTS)
    assert all(line.isprintable() for line in told)
    assert all(line.startswith(("20", " ")) for line in told)


@unkind
@given(st.lists(nasty(), min_size=1, max_size=5))
def test_any_text_is_logged_on_one_line(texts: list[str]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        log.setup("INFO", None, [])
        written = Path(folder) / "lines"
        logger.remove()
        logger.add(written, format=log._FORMAT, diagnose=False, encoding="utf-8")
        for text in texts:
            logger.bind(name=text).info("said: {}", text)
        logger.remove()
        assert len(written.read_text(encoding="utf-8").splitlines()) == len(texts)
    logger.configure(patcher=lambda record: None)
    logging.basicConfig(handlers=[logging.NullHandler()], force=True)
