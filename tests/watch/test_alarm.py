"""``salesbot alert UNIT``: what the admins read when a unit of systemd has failed."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from salesbot import i18n
from salesbot.adminbot import alarm
from salesbot.cli import app
from salesbot.cli.alerting import CALM
from salesbot.units import Failed
from sandbox.app import Sandbox
from sandbox.control.client import Control
from tests.adminbot.people import BOT, Operator

UNIT = "sales_bot.service"
PASSWORD = "hunter2-hunter2"
Run = Callable[..., Awaitable[Result]]


@pytest.fixture
def operator(control: Control) -> Operator:
    return Operator(control)


@pytest.fixture
def alert(sandbox: Sandbox, tmp_path: Path) -> Run:
    """The command as systemd starts it, with other settings that are wrong and no database anywhere."""
    state = sandbox.state()
    admin = next(user["id"] for user in state["users"] if user["role"] == "operator")
    given = {
        "BOT_TOKEN": state["bot"]["token"],
        "BOT_API_URL": state["bot_api"],
        "ADMIN_TELEGRAM_ID": str(admin),
        "API_ID": "not a number",
        "DATABASE_URL": f"postgresql://me:{PASSWORD}@127.0.0.1:1/none",
        "STATE_DIRECTORY": str(tmp_path),
        "MONITOR_UNIT": UNIT,
        "MONITOR_SERVICE_RESULT": "exit-code",
        "MONITOR_EXIT_STATUS": "78",
    }

    async def run(unit: str = UNIT, **also: str) -> Result:
        return await asyncio.to_thread(CliRunner().invoke, app, ["alert", unit], env={**given, **also})

    return run


async def heard(operator: Operator) -> Sequence[str]:
    return [message["text"] for message in await operator.heard()]


async def test_the_admins_read_which_unit_failed_why_and_what_to_do(alert: Run, operator: Operator) -> None:
    await operator.control.say(operator.name, BOT, "/start")
    ended = await alert()
    assert (ended.exit_code, ended.stdout) == (0, "Told: 1 of 1 admins.\n")
    (text,) = await heard(operator)
    assert text.startswith(f"🚨 {UNIT} on ")
    assert "Settings, keys or data do not fit" in text
    assert "Настройки, ключи или данные не подходят" in text  # nobody knows which language they read
    assert f"journalctl -u {UNIT} -n 50" in text
    assert PASSWORD not in text


async def test_admin_lang_is_the_only_language(alert: Run, operator: Operator) -> None:
    await operator.control.say(operator.name, BOT, "/start")
    await alert(ADMIN_LANG="ru", MONITOR_SERVICE_RESULT="watchdog", MONITOR_EXIT_STATUS="ABRT")
    (text,) = await heard(operator)
    assert "Программа зависла" in text
    assert "It hung" not in text


async def test_the_same_failure_is_told_once_an_hour_and_another_one_at_once(
    alert: Run, operator: Operator, tmp_path: Path
) -> None:
    await operator.control.say(operator.name, BOT, "/start")
    await alert()
    assert "told of this a while ago" in (await alert()).stdout
    assert len(await heard(operator)) == 1
    await alert(MONITOR_SERVICE_RESULT="oom-kill", MONITOR_EXIT_STATUS="KILL")
    assert len(await heard(operator)) == 2
    note = tmp_path / f"alert-{UNIT}"
    os.utime(note, (0, note.stat().st_mtime - CALM - 1))
    await alert(MONITOR_SERVICE_RESULT="oom-kill", MONITOR_EXIT_STATUS="KILL")
    assert len(await heard(operator)) == 3


async def test_who_can_be_told_is_told_although_others_cannot(alert: Run, operator: Operator, sandbox: Sandbox) -> None:
    await operator.control.say(operator.name, BOT, "/start")
    admin = next(user["id"] for user in sandbox.state()["users"] if user["role"] == "operator")
    ended = await alert(ADMIN_TELEGRAM_ID=f"999999,{admin}")
    assert (ended.exit_code, ended.stdout) == (0, "Told: 1 of 2 admins.\n")


async def test_when_nobody_can_be_told_that_is_said_and_told_anew_the_next_time(
    alert: Run, operator: Operator, sandbox: Sandbox
) -> None:
    ended = await alert(BOT_API_URL="http://127.0.0.1:1")
    assert ended.exit_code == 1
    assert "No admin could be told" in ended.stderr
    assert sandbox.state()["bot"]["token"] not in ended.output
    await operator.control.say(operator.name, BOT, "/start")
    assert (await alert()).exit_code == 0


async def test_what_is_no_unit_is_refused(alert: Run) -> None:
    ended = await alert("sales bot; rm")
    assert ended.exit_code == 78
    assert "not the name of a unit" in ended.stderr


@pytest.mark.parametrize(
    ("result", "status", "said"),
    [
        ("exit-code", "1", "Its program ended with an error."),
        ("exit-code", "78", "Settings, keys or data do not fit"),
        ("watchdog", "6", "It hung"),
        ("oom-kill", "9", "more memory"),
        ("signal", "11", "A signal"),
        ("timeout", "", "in time"),
        ("start-limit-hit", "1", "again and again"),
        ("", "", "Its program ended with an error."),
    ],
)
def test_why_it_failed_is_said_in_words(result: str, status: str, said: str) -> None:
    text = alarm.text(i18n.lang("en"), Failed(UNIT, "host", "failed", result, status, "3"))
    assert said in text
    assert "State: failed; result: " in text


def test_nothing_that_systemd_says_becomes_markup() -> None:
    text = alarm.text(i18n.lang("en"), Failed("a<b", "<host>", "<i>", "<b>", "&", "<"))
    assert "a&lt;b" in text and "&lt;host&gt;" in text and "<i>" not in text
