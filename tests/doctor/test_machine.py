"""The checks of this machine, each made to fail: names, modes, the key, the log, the clock, the disk, backups."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import asyncpg
import pytest

from salesbot.backup.manifest import Manifest
from salesbot.backup.shelf import Kept
from salesbot.doctor import machine
from salesbot.finding import State
from salesbot.i18n import lang
from tests.doctor.conftest import SECRET, Look

EN = lang("en")
NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)


async def test_a_name_that_is_no_setting_is_told(look: Look, tmp_path: Path) -> None:
    (tmp_path / ".env").write_text("LLM_MODEL=gpt\nAPI_ID=1\n")
    (found,) = await look("settings")
    assert (found.state, "LLM_MODEL (LLM_MODELS?)" in found.said) == (State.WARN, True)
    assert "API_ID" not in found.said
    (tmp_path / ".env").unlink()
    assert [one.state for one in await look("settings")] == [State.PASS]


async def test_a_file_of_settings_that_everybody_can_read(look: Look, tmp_path: Path) -> None:
    assert [one.state for one in await look("env-file")] == [State.SKIPPED]
    file = tmp_path / ".env"
    file.write_text("API_ID=1\n")
    file.chmod(0o644)
    (found,) = await look("env-file")
    assert (found.state, found.mend) == (State.FAIL, f"sudo chmod 640 {file}")
    file.chmod(0o640)
    assert [one.state for one in await look("env-file")] == [State.PASS]


async def test_the_key_is_there_for_its_owner_alone_and_fits_the_data(
    look: Look, values: dict[str, str], account: int, pool: asyncpg.Pool
) -> None:
    file = Path(values["SECRET_KEY_FILE"])
    assert [one.state for one in await look("key")] == [State.PASS]

    file.chmod(0o644)
    (found,) = await look("key")
    assert (found.state, found.mend) == (State.FAIL, f"sudo chmod 600 {file}")

    file.chmod(0o600)
    file.write_text("another secret which is certainly long enough\n")
    (found,) = await look("key")
    assert found.state is State.FAIL
    assert "lacks one that was used before" in found.said

    await pool.execute("delete from secret_keys")
    (found,) = await look("key")
    assert found.said == f"The session of account {account} was sealed with another key."

    file.write_text("short\n")
    assert [one.state for one in await look("key")] == [State.FAIL]

    file.unlink()
    (found,) = await look("key")
    assert (found.state, "is not there" in found.said) == (State.FAIL, True)
    assert [one.state for one in await look("key", SECRET_KEY=SECRET)] == [State.PASS]


async def test_a_log_that_cannot_be_written_or_that_everybody_can_read(look: Look, tmp_path: Path) -> None:
    for good in ({}, {"LOG_FILE": "-"}):
        assert [one.state for one in await look("log", **good)] == [State.PASS]
    (tmp_path / "file").write_text("")
    (found,) = await look("log", LOG_FILE=str(tmp_path / "file" / "app.log"))
    assert (found.state, "cannot be written" in found.said) == (State.WARN, True)
    log = tmp_path / "app.log"
    log.write_text("")
    log.chmod(0o644)
    (found,) = await look("log")
    assert (found.state, found.mend) == (State.WARN, f"sudo chmod 640 {log}")


async def test_the_clock_is_compared_with_the_database_and_with_telegram(look: Look) -> None:
    (found,) = await look("clock")
    assert found.state is State.PASS
    assert found.said == "The clock is right, compared with: the database, Bot API, Telegram."
    (found,) = await look("clock", outside=False)
    assert found.said == "The clock is right, compared with: the database."


@pytest.mark.parametrize(
    ("off", "state", "said"),
    [
        ({"Bot API": 2.0, "Telegram": -1.0}, State.PASS, "compared with: Bot API, Telegram"),
        ({"Bot API": 2.0, "Telegram": -9.0}, State.WARN, "The clock is 9 s behind: Telegram."),
        ({"the database": 120.0}, State.FAIL, "The clock is 120 s ahead of: the database."),
    ],
)
def test_a_clock_that_is_off(off: dict[str, float], state: State, said: str) -> None:
    found = machine.compared(EN, off)
    assert (found.state, said in found.said) == (state, True)
    assert ("timedatectl" in found.mend) is found.wrong


@pytest.mark.parametrize(("free", "state"), [(9e9, State.PASS), (1e9, State.WARN), (1e8, State.FAIL)])
def test_a_disk_that_is_filling(free: float, state: State) -> None:
    found = machine.roomy(EN, {Path("/"): int(1e12), Path("/var"): int(free)})
    assert (found.state, "/var" in found.said) == (state, True)
    assert bool(found.mend) is found.wrong


async def test_the_disks_are_looked_at(look: Look, tmp_path: Path) -> None:
    (found,) = await look("disk")
    assert "GB are free at" in found.said


async def test_a_pg_dump_that_is_missing_or_older_than_the_server(
    look: Look, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    program = tmp_path / "pg_dump"
    for release, state in (("9.6.1", State.FAIL), ("99.1", State.PASS)):
        program.write_text(f"#!/bin/sh\necho 'pg_dump (PostgreSQL) {release}'\n")
        program.chmod(0o700)
        (found,) = await look("pg_dump")
        assert (found.state, bool(found.mend), str(program) in found.said) == (state, found.wrong, not found.wrong)
    (found,) = await look("pg_dump", BACKUP_RECIPIENT="age1canary")
    assert (found.state, found.mend) == (State.FAIL, "sudo apt-get install age")


async def test_a_scenario_that_is_not_there_or_not_sound(look: Look, tmp_path: Path) -> None:
    assert [one.state for one in await look("scenario")] == [State.PASS]
    (found,) = await look("scenario", SCENARIO="nowhere")
    assert (found.state, "SCENARIO names nowhere" in found.said) == (State.FAIL, True)
    mine = tmp_path / "scenarios" / "mine"
    mine.mkdir(parents=True)
    (mine / "scenario.toml").write_text("persona = 1\n")
    found, *others = await look("scenario", SCENARIOS_DIR=str(mine.parent))
    assert (found.state, "scenario.toml:" in found.said) == (State.FAIL, True)
    assert all(one.mend for one in others)


async def test_no_backup_at_all(look: Look, tmp_path: Path) -> None:
    (found,) = await look("backup")
    assert (found.state, "BACKUP_RECIPIENT" in found.mend) == (State.WARN, True)
    (found,) = await look("backup", BACKUP_RECIPIENT="age1canary")
    assert (found.state, "There is no backup in" in found.said) == (State.WARN, True)
    (tmp_path / "backups").write_text("no folder")
    (found,) = await look("backup")
    assert (found.state, "cannot be read" in found.said) == (State.WARN, True)


@pytest.mark.parametrize(("hours", "state"), [(5, State.WARN), (31, State.WARN), (97, State.FAIL)])
def test_a_backup_that_is_old_or_was_not_verified(hours: int, state: State) -> None:
    last = Kept(Path("salesbot-20261122T000000Z.tar"), NOW - timedelta(hours=hours), 1, None)
    found = machine.recent(EN, Path("/backups"), last, NOW)
    assert (found.state, bool(found.mend)) == (state, True)
    assert ("not verified" in found.said) is (hours == 5)


def test_a_backup_of_last_night_that_was_verified() -> None:
    told = Manifest(NOW, "1", 4, "sales_bot", 16, "1", "", False, (), {}, verified=True)
    last = Kept(Path("salesbot-20261122T000000Z.tar"), NOW - timedelta(hours=12), 1, told)
    assert machine.recent(EN, Path("/backups"), last, NOW).state is State.PASS
