"""The checks of accounts and processes, each made to fail; and that no look ever uses a session that is in use."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import asyncpg
import pytest

from salesbot.doctor import bot as bot_checks
from salesbot.finding import State
from salesbot.i18n import lang
from salesbot.store import locks, polls
from salesbot.store import pool as store_pool
from salesbot.store.polls import Polls
from sandbox.app import Sandbox
from sandbox.world import Action, Rule
from tests.doctor.conftest import Look
from tests.doctor.fakes import Fake

EN = lang("en")
NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)


def calls(sandbox: Sandbox, account: int) -> int:
    """How often a session of this account has asked anything."""
    return sum(packet.user == account for packet in sandbox.world.log.since())


async def test_a_session_that_nobody_uses_is_asked_over_the_wire(look: Look, account: int, sandbox: Sandbox) -> None:
    (found,) = await look("sessions")
    assert (found.state, found.said) == (State.PASS, "@sales is signed in; Telegram knows its session.")
    assert calls(sandbox, account) > 0


async def test_a_session_that_a_process_uses_is_never_asked(
    look: Look, account: int, sandbox: Sandbox, pool: asyncpg.Pool
) -> None:
    async with pool.acquire() as owner:
        assert await locks.try_lock(owner, account)
        (found,) = await look("sessions")
        assert (found.state, "a process has it" in found.said) == (State.PASS, True)
        await pool.execute("update accounts set state = 'frozen'")
        (found,) = await look("sessions")
        assert (found.state, found.said) == (State.FAIL, "@sales is out: frozen by Telegram.")
        await locks.unlock(owner, account)
    assert calls(sandbox, account) == 0


async def test_a_session_of_a_database_that_is_not_confirmed_is_never_asked(
    look: Look, account: int, sandbox: Sandbox, pool: asyncpg.Pool
) -> None:
    await pool.execute("update installation set system_identifier = 'restored'")
    (found,) = await look("sessions")
    assert (found.state, "the database is not confirmed" in found.said) == (State.SKIPPED, True)
    assert calls(sandbox, account) == 0


@pytest.mark.parametrize("state", ["logged_out", "banned", "key_lost"])
async def test_an_account_that_is_out(look: Look, account: int, pool: asyncpg.Pool, state: str) -> None:
    await pool.execute("update accounts set state = $1", state)
    (found,) = await look("sessions")
    assert (found.state, "sudo salesbot login" in found.mend) == (State.FAIL, True)


async def test_a_session_that_telegram_ended(look: Look, account: int, sandbox: Sandbox) -> None:
    sandbox.mtproto.revoke(account)
    (found,) = await look("sessions")
    assert (found.state, found.said, found.mend) == (State.FAIL, "@sales is out: signed out.", "sudo salesbot login")


async def test_nobody_is_signed_in(look: Look) -> None:
    (found,) = await look("sessions")
    assert (found.state, found.mend) == (State.FAIL, "sudo salesbot login")
    assert [one.state for one in await look("limits")] == [State.SKIPPED]


async def test_what_telegram_limits(look: Look, account: int, pool: asyncpg.Pool) -> None:
    assert [one.state for one in await look("limits")] == [State.PASS]
    await pool.execute("update accounts set openings_blocked = true, flood_until = now() + interval '1 hour'")
    spam, flood = await look("limits")
    assert (spam.state, "@SpamBot" in spam.mend) == (State.WARN, True)
    assert (flood.state, "@sales waits until" in flood.said) == (State.WARN, True)


@pytest.mark.parametrize(
    ("rule", "state", "said"),
    [
        (Rule("auth.exportLoginToken", Action.ERROR, code=400, text="API_ID_INVALID"), State.FAIL, "API_ID"),
        (Rule("auth.exportLoginToken", Action.FLOOD_WAIT, seconds=3900), State.WARN, "1 h 5 min"),
        (Rule("connect", Action.CUT_BEFORE, count=None), State.FAIL, "cannot be reached"),
    ],
)
async def test_telegram_that_refuses_or_is_away(
    look: Look, sandbox: Sandbox, rule: Rule, state: State, said: str
) -> None:
    sandbox.world.faults.add(rule)
    (found,) = await look("telegram")
    assert (found.state, said in found.said, bool(found.mend)) == (state, True, True)


async def test_how_many_processes_work_with_the_database(look: Look, values: dict[str, str]) -> None:
    (found,) = await look("process")
    assert (found.state, found.mend) == (State.WARN, "sudo systemctl start sales_bot")
    running = [await store_pool.create(values["DATABASE_URL"], name=locks.session_name(str(n))) for n in range(2)]
    (found,) = await look("process")
    assert (found.state, found.said.startswith("2 processes")) == (State.WARN, True)
    await store_pool.close(running.pop())
    assert [one.state for one in await look("process")] == [State.PASS]
    await store_pool.close(running.pop())


async def test_a_token_that_is_wrong_and_a_bot_api_that_is_away(look: Look, values: dict[str, str]) -> None:
    assert [one.state for one in await look("bot")] == [State.PASS]
    for wrong in ({"BOT_TOKEN": "1:wrong"}, {"BOT_API_URL": "http://127.0.0.1:9"}):
        (found,) = await look("bot", **wrong)
        assert (found.state, bool(found.mend)) == (State.FAIL, True)
        assert values["BOT_TOKEN"] not in found.said
        for other in ("webhook", "admins"):
            assert [one.state for one in await look(other, **wrong)] == [State.SKIPPED]


async def test_a_webhook_that_takes_the_updates_away(look: Look, fake: Fake) -> None:
    assert [one.state for one in await look("webhook")] == [State.PASS]
    me = {"id": 1, "is_bot": True, "first_name": "Desk", "username": "desk_bot"}
    hook = {"url": "https://elsewhere.example/a-secret-path", "has_custom_certificate": False}
    fake.answers = {
        "/getMe": {"ok": True, "result": me},
        "/getWebhookInfo": {"ok": True, "result": {**hook, "pending_update_count": 7}},
    }
    (found,) = await look("webhook", BOT_API_URL=fake.url)
    assert (found.state, "elsewhere.example" in found.said) == (State.FAIL, True)
    assert "a-secret-path" not in found.said
    assert not any("getUpdates" in path for path in fake.asked)


async def test_another_program_that_polls(look: Look, pool: asyncpg.Pool, values: dict[str, str]) -> None:
    assert [one.state for one in await look("poller")] == [State.SKIPPED]
    me, now = int(values["BOT_TOKEN"].partition(":")[0]), datetime.now(UTC)
    await polls.heard(pool, me, now)  # type: ignore[arg-type] # a pool asks like a connection
    assert [one.state for one in await look("poller")] == [State.PASS]
    await polls.disturbed(pool, me, now)  # type: ignore[arg-type] # as above
    (found,) = await look("poller")
    assert (found.state, "Another program polls" in found.said) == (State.FAIL, True)


@pytest.mark.parametrize(
    ("known", "running", "state"),
    [
        (Polls(NOW - timedelta(minutes=1), None), True, State.PASS),
        (Polls(NOW - timedelta(minutes=6), None), True, State.FAIL),
        (Polls(NOW - timedelta(minutes=6), None), False, State.PASS),
        (Polls(NOW, NOW - timedelta(minutes=11)), True, State.PASS),
        (Polls(NOW, NOW - timedelta(minutes=9)), False, State.FAIL),
    ],
)
def test_what_the_polls_tell(known: Polls, running: bool, state: State) -> None:
    found = bot_checks.polled(EN, known, running=running, now=NOW)
    assert (found.state, bool(found.mend)) == (state, state is State.FAIL)
    assert replace(found, state=state) == found


async def test_an_admin_whom_the_bot_cannot_write_to(look: Look, sandbox: Sandbox, operator: int) -> None:
    (found,) = await look("admins")
    assert (found.state, str(operator) in found.said) == (State.WARN, True)
    sandbox.world.send(operator, sandbox.state()["bot"]["id"], "/start")
    assert [one.state for one in await look("admins")] == [State.PASS]
