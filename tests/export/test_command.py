"""``salesbot export`` as the operator types it."""

from __future__ import annotations

import json
import os
import zipfile
from pathlib import Path

import asyncpg
import pytest
from typer.testing import CliRunner

from salesbot.cli import app
from tests.export.test_written import talk
from tests.support.forkserver import ForkServer

ROOT = Path(__file__).parents[2]


async def exported(forks: ForkServer, dsn: str, *words: str) -> tuple[int, str, str]:
    """The exit code, and what is printed and reported."""
    settings = {
        "PATH": os.environ["PATH"], "DATABASE_URL": dsn, "API_ID": "1", "API_HASH": "0" * 32, "BOT_TOKEN": "1:x",
        "ADMIN_TELEGRAM_ID": "1", "OPENROUTER_API_KEY": "x", "TZ": "Europe/Moscow",
    }  # fmt: skip
    return await forks.run(["-m", "salesbot", "export", *words], settings, ROOT)


async def test_a_dialog_goes_to_the_standard_output_or_into_a_file(
    forks: ForkServer, pool: asyncpg.Pool, database: str, tmp_path: Path
) -> None:
    await talk(pool, [["Здравствуйте"]])
    code, text, reported = await exported(forks, database, "1")
    assert (code, reported) == (0, "")
    assert text.startswith("Dialog № 1\n")
    assert text.endswith("\n[2026-11-20 12:00:00 +0300] =Eve\n    Здравствуйте\n")

    page = tmp_path / "anna.html"
    page.write_text("what stood there before", encoding="utf-8")
    told = await exported(forks, database, "1", "--format", "html", "--out", str(page))
    assert told == (0, "", f"{page}: 1 dialog\n")
    assert page.read_text(encoding="utf-8").startswith("<!doctype html>")
    assert oct(page.stat().st_mode & 0o777) == "0o600", "people's words are for the operator alone"
    assert os.listdir(tmp_path) == ["anna.html"], "nothing unfinished is left"

    rows = await pool.fetch("select actor, dialog_id, data from events where kind = 'exported' order by id")
    assert [tuple(row) for row in rows] == [
        ("operator", 1, {"what": "dialog", "format": kind, "count": 1, "since": None}) for kind in ("txt", "html")
    ]


async def test_everything_goes_into_an_archive_or_a_table(
    forks: ForkServer, pool: asyncpg.Pool, database: str, tmp_path: Path
) -> None:
    await talk(pool, [["a"], ["b"]])
    archive = tmp_path / "all.zip"
    code, _, reported = await exported(
        forks, database, "--all", "--format", "json", "--since", "2026-11-20", "--out", str(archive)
    )
    assert (code, reported) == (0, f"{archive}: 2 dialogs\n")
    with zipfile.ZipFile(archive) as opened:
        told = [json.loads(opened.read(name)) for name in opened.namelist()]
    assert [one["messages"][0]["text"] for one in told] == ["a", "b"]
    assert told[0]["since"] == "2026-11-19T21:00:00+00:00"
    code, table, _ = await exported(forks, database, "--all", "--format", "csv")
    assert code == 0
    assert [line.split(",")[0] for line in table.splitlines()] == ["dialog", "1", "2"]


async def test_what_cannot_be_exported_is_said_in_a_line(
    forks: ForkServer, pool: asyncpg.Pool, database: str, tmp_path: Path
) -> None:
    assert await exported(forks, database, "--all") == (1, "", "There is nothing to export.\n")
    await talk(pool, [["a"]])
    assert await exported(forks, database, "99") == (1, "", "There is no dialog 99.\n")
    nowhere = tmp_path / "nowhere" / "x.txt"
    assert await exported(forks, database, "1", "--out", str(nowhere)) == (
        1, "", f"{nowhere} cannot be written: No such file or directory\n",
    )  # fmt: skip
    assert os.listdir(tmp_path) == []
    code, _, reported = await exported(forks, "postgresql://nobody@127.0.0.1:1/none", "1")
    assert (code, reported.partition(":")[0]) == (1, "The database at DATABASE_URL cannot be reached")


@pytest.mark.parametrize(
    "words",
    ["", "1 --all", "1 --format csv", "--all --since yesterday", "--all --since 2999-01-01", "1 --format pdf", "0"],
)
def test_a_mistake_is_explained(words: str) -> None:
    done = CliRunner().invoke(app, ["export", *words.split()])
    assert done.exit_code == 2
    assert "Usage:" in done.output
