"""What a command says and ends with when the operator has to mend something: a line or two, no traceback."""

from __future__ import annotations

from typing import NoReturn

import asyncpg
import pytest

from salesbot.cli.common import guarded
from salesbot.errors import DataError, ExitCode, SettingsError, Transient


@pytest.mark.parametrize(
    ("error", "code", "words"),
    [
        (SettingsError("API_ID is missing"), ExitCode.CONFIG, "API_ID is missing"),
        (DataError("the database is newer"), ExitCode.CONFIG, "the database is newer"),
        (Transient("Telegram cannot be reached"), ExitCode.FAILED, "Telegram cannot be reached"),
        (ConnectionRefusedError("refused"), ExitCode.FAILED, "The database at DATABASE_URL cannot be reached: refused"),
        (asyncpg.InvalidPasswordError("wrong password"), ExitCode.CONFIG, "PostgreSQL refuses DATABASE_URL: wrong"),
        (asyncpg.InvalidCatalogNameError("no database"), ExitCode.CONFIG, "PostgreSQL refuses DATABASE_URL: no data"),
    ],
)
def test_a_command_says_what_is_to_be_mended(
    error: Exception, code: ExitCode, words: str, capsys: pytest.CaptureFixture[str]
) -> None:
    def action() -> NoReturn:
        raise error

    with pytest.raises(SystemExit) as raised:
        guarded(action)
    assert raised.value.code == code
    assert capsys.readouterr().err.startswith(words)
