"""`salesbot doctor` as a whole: its order, its exit code, its JSON, its limits of time; and no secret anywhere."""

from __future__ import annotations

import asyncio
import json
import re
from dataclasses import replace
from io import StringIO
from pathlib import Path

import asyncpg
import pytest
from rich.console import Console

from salesbot import settings as reading
from salesbot.cli import app
from salesbot.doctor import run, show
from salesbot.doctor.checks import CHECKS, Check
from salesbot.doctor.house import House, opened
from salesbot.errors import SettingsError
from salesbot.finding import Finding, State, failure, good, skipped, warning
from salesbot.i18n import lang
from salesbot.settings import Settings
from sandbox.app import Sandbox
from tests.doctor.conftest import SECRET

EN = lang("en")


async def everything(settings: Settings, code: str = "en") -> list[Finding]:
    async with opened(settings, lang(code), env_files=[Path("no.env")]) as house:
        return [finding async for finding in run.examine(house)]


async def test_every_check_tells_in_its_place_and_each_fault_has_its_mend(settings: Settings, account: int) -> None:
    found = await everything(settings, "ru")
    assert [one.name for one in found] == [check.name for check in CHECKS]
    assert all(bool(one.mend) is one.wrong for one in found)
    assert all("\n" not in one.said + one.mend for one in found)
    assert all(re.search("[а-я]", one.said) for one in found)


async def test_no_secret_is_shown_whatever_is_wrong(values: dict[str, str]) -> None:
    """Each of them quoted by what fails."""
    wrong = {
        "BOT_API_URL": f"http://user:{SECRET[:12]}@127.0.0.1:9/",
        "LLM_BASE_URL": "http://somebody:hidden-word@127.0.0.1:9/v1",
        "TELEGRAM_PROXY": "socks5://somebody:hidden-proxy@127.0.0.1:9",
        "DATABASE_URL": "postgresql://sales_bot:hidden-data@127.0.0.1:9/sales_bot",
        "SECRET_KEY": SECRET,
    }
    settings = reading.checked({**values, **{name: value.replace(" ", "-") for name, value in wrong.items()}})
    shown = show.as_json(await everything(settings))
    hidden = [*settings.secrets, "hidden-word", "hidden-proxy", "hidden-data"]
    assert [one for one in hidden if len(one) > 5 and one in shown] == []


async def test_the_desk_asks_nobody_outside(
    values: dict[str, str], account: int, pool: asyncpg.Pool, sandbox: Sandbox
) -> None:
    asked = sandbox.world.log.last
    away = {"BOT_API_URL": "http://127.0.0.1:9", "LLM_BASE_URL": "http://127.0.0.1:9/v1"}
    found = await run.at_the_desk(reading.checked({**values, **away}), pool, EN)
    assert {"backup", "disk", "key", "poller"} <= {one.name for one in found}
    assert {"sessions", "telegram", "bot", "answer"}.isdisjoint(one.name for one in found)
    assert sandbox.world.log.last == asked
    assert pool.get_size() <= 3, "the others are for the product"


async def hang(house: House) -> Finding:
    await asyncio.Event().wait()
    return good("never")


async def break_down(house: House) -> Finding:
    raise ZeroDivisionError("a secret of somebody")


async def quote(house: House) -> Finding:
    return failure(f"it said {house.settings.bot_token.get_secret_value()}", "mend it")


async def test_a_check_that_hangs_or_breaks_down_is_told_and_the_others_are_asked(settings: Settings) -> None:
    odd = [Check("hangs", hang, 0.01), Check("breaks", break_down), Check("quotes", quote)]
    async with opened(settings, EN) as house:
        hangs, breaks, quotes = [finding async for finding in run.examine(house, odd)]
    assert (hangs.state, "did not answer" in hangs.said) == (State.FAIL, True)
    assert (breaks.state, breaks.said) == (State.FAIL, "The check itself failed (ZeroDivisionError).")
    assert quotes == replace(failure(f"it said {run.HIDDEN}", "mend it"), name="quotes")


def test_settings_that_cannot_be_read_are_told_one_by_one_and_nothing_else_is_asked() -> None:
    with pytest.raises(SettingsError) as raised:
        reading.load({"API_ID": "abc"}, Path("no.env"))
    found = run.without_settings(raised.value, EN)
    wrong = [one for one in found if one.state is State.FAIL]
    assert {"API_ID is not valid.", "BOT_TOKEN is missing."} <= {one.said for one in wrong}
    assert all(one.mend and one.name == "settings" for one in wrong)
    assert [one.name for one in found if one.state is State.SKIPPED] == ["others"]


def test_a_terminal_shows_columns_and_each_mend_in_a_line_of_its_own() -> None:
    out = StringIO()
    console = Console(file=out, width=40, highlight=False)
    for finding in (replace(good("All is well."), name="disk"), replace(failure("No.", "x" * 60), name="pg_dump")):
        show.line(console, finding)
    show.total(console, EN, [good(""), failure("", "")])
    first, second, mend, *_, total = out.getvalue().splitlines()
    assert first.index("All") == second.index("No.")
    assert mend == f"  → {'x' * 60}"
    assert total == "1 pass, 0 warn, 1 fail, 0 skipped"


async def test_the_command_ends_with_1_when_anything_failed(
    values: dict[str, str],
    account: int,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    program = tmp_path / "pg_dump"
    program.write_text("#!/bin/sh\necho 'pg_dump (PostgreSQL) 99.1'\n")
    program.chmod(0o700)
    monkeypatch.chdir(tmp_path)
    for name, value in {**values, "PATH": str(tmp_path), "SCENARIO": "nowhere"}.items():
        monkeypatch.setenv(name, value)
    with pytest.raises(SystemExit) as ended:
        await asyncio.to_thread(app, ["doctor", "--json", "--free"])
    told = json.loads(capsys.readouterr().out)
    assert (ended.value.code, told["ok"], told["counts"]["fail"]) == (1, False, 1)
    assert [one["name"] for one in told["findings"] if one["state"] == "fail"] == ["scenario"]


def test_a_warning_alone_is_no_failure() -> None:
    assert not show.failed([good(""), warning("", ""), skipped("")])
    assert json.loads(show.as_json([warning("a", "b")]))["ok"]


def test_the_page_about_the_doctor_tells_of_every_check_in_its_order() -> None:
    page = (Path(__file__).parents[2] / "docs" / "doctor.md").read_text("utf-8")
    rows = re.findall(r"^\| `([\w-]+)`( \*)? \|", page, re.MULTILINE)
    assert rows == [(check.name, " *" if check.at_the_desk else "") for check in CHECKS]
