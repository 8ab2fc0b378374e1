"""What a failed call means, and what is left of it for whoever looks for a defect."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from loguru import logger

from salesbot import log
from salesbot.errors import Transient, Unknown
from salesbot.userbot import client
from salesbot.userbot.rpc_errors import translate

WORDS = "what a person said"


@pytest.fixture
def told(capsys: pytest.CaptureFixture[str]) -> Iterator[pytest.CaptureFixture[str]]:
    """stderr, where the product's log goes; as before afterwards."""
    log.setup("INFO", None, [])
    yield capsys
    logger.remove()
    logger.configure(patcher=lambda record: None)


def stumble(error: Exception) -> Exception:
    with pytest.raises(type(error)) as caught:
        raise error
    return caught.value  # with a place in the code


def test_a_defect_inside_a_call_leaves_its_place_in_the_log_and_nobodys_words(
    told: pytest.CaptureFixture[str],
) -> None:
    meaning = translate(stumble(KeyError(WORDS)), effect=True)
    assert isinstance(meaning, Unknown)
    assert str(meaning) == "no answer (unexpected KeyError)"
    written = told.readouterr().err
    assert "in stumble" in written and "builtins.KeyError" in written
    assert WORDS not in written


def test_a_lost_connection_is_no_defect(told: pytest.CaptureFixture[str]) -> None:
    translate(stumble(ConnectionResetError("gone")), effect=False)
    assert told.readouterr().err == ""


def test_an_update_that_cannot_be_stored_ends_the_connection_without_anybodys_words(
    told: pytest.CaptureFixture[str],
) -> None:
    ending = client._ending(stumble(ValueError(WORDS)))
    assert isinstance(ending, Transient)
    assert str(ending) == "an update could not be stored: builtins.ValueError"
    written = told.readouterr().err
    assert "in stumble" in written
    assert WORDS not in written
