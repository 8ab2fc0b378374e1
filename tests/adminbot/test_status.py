"""/status: what works, what does not, and what to do about it; also without a database."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import asyncpg
import pytest

from salesbot.adminbot import status
from salesbot.adminbot.desk import Desk
from salesbot.adminbot.html import units
from salesbot.finding import Finding, failure, good, warning
from salesbot.i18n import CODES, Lang, lang
from salesbot.store import pool as store_pool
from tests.adminbot.cable import Cable
from tests.adminbot.people import ACCOUNT, Operator, buttons, open_with, sign_in, working

SERVED: Callable[[], tuple[int, ...]] = lambda: (ACCOUNT,)  # noqa: E731 - what the engine would say


@pytest.fixture
async def desk(quiet_desk: Desk) -> Desk:
    """A desk in whose process the account is connected; nobody works at it."""
    await sign_in(quiet_desk.pool)
    return replace(quiet_desk, connected=SERVED)


async def text(desk: Desk, code: str = "en") -> str:
    return (await status.page(desk, lang(code), 1)).text


async def test_all_is_well(desk: Desk) -> None:
    shown = await text(desk)
    assert shown.startswith("<b>✓ Everything works.</b>")
    assert "🟢 @sales, connected, new conversations today: 0 of 5, no spam limit" in shown
    assert "<b>Queue</b>: 0 due, 0 to be sent, 0 on the way, 0 drafts waiting" in shown
    assert "<b>Model</b>: not asked yet; 0 questions in the last hour, 0 without an answer" in shown
    assert "<b>Budget</b>: $0.00 of $20.00 today (UTC)" in shown
    assert "<b>Database</b>: PostgreSQL 1" in shown and "up for 0 min" in shown


CALL = """
    insert into model_calls (dialog_id, revision, halts, purpose, model_asked, model_used, state, error, asked_at,
        settled_at, cost)
    values (1, 1, 1, 'reply', 'm', {used}, '{state}', '{error}', now(), now(), {cost})
"""
FAILED = "; ".join([CALL.format(used="null", state="failed", error="{error}", cost="null")] * 3)

TROUBLE = {
    "update accounts set state = 'banned'": "@sales is out: banned by Telegram. On the server: <code>python -m s",
    "update accounts set openings_blocked = true": "Telegram limits new conversations of @sales. @SpamBot says",
    "delete from dialogs; delete from accounts": "No account is signed in. On the server",
    "update switches set paused_at = now()": "Everything is paused since",
    "update switches set mode = 'off'": "The model is off: nobody is answered. <code>/mode all auto</code>",
    "update dialogs set due_at = now() - interval '1 hour'": "A dialog has waited for its turn since",
    "update dialogs set status = 'handoff'": "1 dialog needs a human: /list needs",
    "insert into budget_stops (day) values (current_date)": "The money for today is spent. Raise BUDGET_PER_DAY",
    FAILED.format(error="no_credit"): "No model answers: there is no credit at the provider; top it up",
    FAILED.format(error="key"): "mend OPENROUTER_API_KEY and restart",
    FAILED.format(error="unavailable"): "the provider has an outage",
}


@pytest.mark.parametrize("statement", TROUBLE)
async def test_what_is_wrong_stands_first_and_says_what_to_do(desk: Desk, statement: str) -> None:
    await open_with(desk, 501, "anna")
    for one in statement.split("; "):
        await desk.pool.execute(one)
    for code in CODES:
        shown = await text(desk, code)
        assert shown.startswith("<b>⚠ ")
        assert shown.splitlines()[1].startswith("• ")
    assert TROUBLE[statement] in await text(desk)


async def test_an_account_that_this_process_does_not_serve_is_not_connected(desk: Desk) -> None:
    shown = await text(replace(desk, connected=tuple))
    assert "• @sales is not connected to Telegram; it is tried again all the time." in shown
    assert "🔴 @sales, not connected" in shown


async def test_what_waits_is_counted_and_costs_are_added(desk: Desk) -> None:
    await open_with(desk, 501, "anna")
    await desk.pool.execute("update dialogs set due_at = now() - interval '1 minute'")
    await desk.pool.execute(CALL.format(used="'gpt'", state="used", error="", cost="1.25"))
    await desk.pool.execute(CALL.format(used="null", state="failed", error="no_answer", cost="null"))
    await desk.pool.execute("update accounts set flood_until = now() + interval '1 hour'")
    shown = await text(desk)
    assert shown.startswith("<b>✓")
    assert "<b>Model</b>: gpt answered just now; 2 questions in the last hour, 1 without an answer" in shown
    assert "$1.25 of $20.00" in shown
    assert "waits until" in shown and "<b>Queue</b>: 0 due" in shown  # a flood wait is nobody's fault
    await desk.pool.execute("update accounts set flood_until = null")
    assert "<b>Queue</b>: 1 due (since " in await text(desk)


async def test_the_page_is_renewed_and_a_limit_lifted_by_their_buttons(quiet_desk: Desk, operator: Operator) -> None:
    await sign_in(quiet_desk.pool, openings_blocked=True)
    async with working(replace(quiet_desk, connected=SERVED)):
        page = await operator.ask("/status")
        assert buttons(page) == ["Allow new conversations: @sales", "refresh"]
        await quiet_desk.pool.execute("update accounts set openings_blocked = false")
        await operator.press(page, "refresh")
        renewed = await operator.next(page["id"] - 1, "✓ Everything works.")
    assert buttons(renewed) == ["refresh"]


async def test_it_answers_without_a_database(quiet_desk: Desk, operator: Operator) -> None:
    cable = Cable(quiet_desk.settings.database_url.get_secret_value())
    pool: asyncpg.Pool = await store_pool.create(await cable.plug())
    await sign_in(quiet_desk.pool)
    async with working(replace(quiet_desk, pool=pool, connected=SERVED)):
        await operator.ask("/status")
        await cable.pull()
        answer = await operator.ask("/status")
        await cable.plug()
    await cable.pull()
    pool.terminate()
    assert answer["text"].startswith("⚠ The database does not answer.")
    assert "1 account is connected." in answer["text"] and "systemctl status postgresql" in answer["text"]


async def test_many_accounts_in_trouble_fit_on_the_page(desk: Desk) -> None:
    for number in range(50):
        await sign_in(desk.pool, 8_000 + number, "", phone=f"{number}", openings_blocked=True, state="banned")
    await desk.pool.execute("update accounts set name = repeat('😀', 64)")
    for code in CODES:
        shown = await status.page(desk, lang(code), 1)
        assert units(shown.text) <= 4096
        left = [line for line in shown.text.splitlines() if line.startswith("… ")]
        assert len(left) == 2, "what is left out is counted"


async def test_what_the_doctor_finds_is_counted_and_what_is_wrong_is_told_with_its_mend(desk: Desk) -> None:
    async def checkup(_: Lang) -> list[Finding]:
        return [good("fine"), failure("The disk <full>.", "Make room."), warning("No backup.", "Make one.")]

    for code in CODES:
        shown = await text(replace(desk, checkup=checkup), code)
        assert "• The disk &lt;full&gt;. Make room.\n• No backup. Make one.\n" in shown
    shown = await text(replace(desk, checkup=checkup))
    assert shown.startswith("<b>⚠ 2 things need a look</b>")
    assert "<b>Doctor</b>: 1 pass, 1 warn, 1 fail, 0 skipped; on the server <code>sudo salesbot doctor</code>" in shown
