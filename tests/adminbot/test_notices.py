"""What happened is told to every admin at least once, in order; who cannot be told holds up nobody."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import pytest

from salesbot.adminbot import news
from salesbot.adminbot.desk import Desk
from salesbot.dialog.model import Contact, Dialog, Outcome, Status
from salesbot.i18n import CODES, lang
from salesbot.store import events
from salesbot.store.notices import Notice
from salesbot.store.pool import transaction
from sandbox.app import Sandbox
from sandbox.world import Role
from tests.adminbot.people import ACCOUNT, BEGAN, Operator, buttons, open_with, sign_in, until, working

STRANGER_TO_BOT = 999_000_222


async def happen(desk: Desk, kind: str, dialog_id: int | None = None, **data: str | int) -> None:
    async with transaction(desk.pool) as connection:
        await events.record(
            connection, kind, actor="system", dialog_id=dialog_id, account_id=None if dialog_id else ACCOUNT, data=data
        )
    desk.notices.wake()


async def all_told(desk: Desk) -> bool:
    return not await desk.pool.fetchval("select exists (select from notices where told_at is null)")


async def test_a_dialog_that_was_resolved_is_told_with_the_persons_name(desk: Desk, operator: Operator) -> None:
    shown = await operator.ask("/help")
    await open_with(desk, 501, "anna", "Anna P.")
    await happen(desk, "resolved", 1, contact=501)
    told = await operator.next(shown["id"])
    assert told["text"] == "№ 1: Anna P. (@anna): the first message is on its way."


async def test_notices_come_in_the_order_of_what_happened(desk: Desk, operator: Operator) -> None:
    shown = await operator.ask("/help")
    for number in range(1, 31):
        await open_with(desk, 500 + number, f"user{number}")
        await happen(desk, "stop_confirmed", number)
    await operator.next(shown["id"], "№ 30: stopped")
    told = [message["text"].split(":")[0] for message in (await operator.heard())[1:]]
    assert told == [f"№ {number}" for number in range(1, 31)]


async def test_what_happened_while_the_bot_was_down_is_told_after_the_start(
    quiet_desk: Desk, operator: Operator
) -> None:
    await sign_in(quiet_desk.pool)
    await open_with(quiet_desk, 501, "anna")
    async with working(quiet_desk):
        shown = await operator.ask("/help")
    await happen(quiet_desk, "human_spoke", 1)
    async with working(quiet_desk):
        assert "somebody typed to @anna from the account" in (await operator.next(shown["id"]))["text"]


async def test_a_notice_is_told_after_429_and_lost_connections(desk: Desk, operator: Operator) -> None:
    shown = await operator.ask("/help")
    await open_with(desk, 501, "anna")
    await operator.control.fault("bot.sendMessage", "flood_wait", seconds=1)
    await operator.control.fault("bot.sendMessage", "cut_before", count=9)
    await operator.control.fault("bot.sendMessage", "error", code=500, text="Internal Server Error")
    await happen(desk, "stop_confirmed", 1)
    await operator.next(shown["id"], "№ 1: stopped", timeout=20)
    await until(lambda: all_told(desk))
    assert len(await operator.heard()) == 2


async def test_a_notice_counts_as_told_only_once_telegram_took_it(desk: Desk, operator: Operator) -> None:
    """A process that dies in between tells it again."""
    shown = await operator.ask("/help")
    await open_with(desk, 501, "anna")
    held = await operator.control.fault("bot.sendMessage", "hold")
    await happen(desk, "stop_confirmed", 1)
    await operator.control.fired(held)
    assert not await all_told(desk)
    await operator.control.call("POST", f"/faults/{held}/release")
    await operator.next(shown["id"], "№ 1: stopped")
    await until(lambda: all_told(desk))


async def test_an_admin_who_never_started_the_bot_holds_up_nobody_and_hears_later(
    quiet_desk: Desk, operator: Operator, sandbox: Sandbox, admin: int
) -> None:
    late = sandbox.world.users.create(Role.OPERATOR, "Late", username="late_admin", lang_code="ru")
    both = quiet_desk.settings.model_copy(update={"admin_telegram_id": (late.id, admin)})
    await sign_in(quiet_desk.pool)
    await open_with(quiet_desk, 501, "anna")
    async with working(replace(quiet_desk, settings=both)):
        shown = await operator.ask("/help")
        await happen(quiet_desk, "stop_confirmed", 1)
        await operator.next(shown["id"], "№ 1: stopped")
        theirs = Operator(operator.control, "late_admin")
        number = await theirs.say("/help")
        await theirs.next(number, "№ 1: остановлен")


async def test_an_admin_who_blocked_the_bot_is_told_once_they_write_again(
    desk: Desk, operator: Operator, sandbox: Sandbox, admin: int
) -> None:
    await operator.ask("/help")
    await open_with(desk, 501, "anna")
    bot = next(user.id for user in sandbox.world.users if user.role is Role.BOT)
    sandbox.world.block(admin, bot)
    await happen(desk, "stop_confirmed", 1)
    await until(lambda: refused(desk, admin))
    sandbox.world.block(admin, bot, blocked=False)
    number = await operator.say("/list")
    await operator.next(number, "№ 1: stopped")


async def refused(desk: Desk, admin: int) -> bool:
    return not desk.admins.reachable(admin)


async def test_what_is_older_than_a_day_is_summed_up_in_one_line(quiet_desk: Desk, operator: Operator) -> None:
    await sign_in(quiet_desk.pool)
    for number in range(1, 6):
        await open_with(quiet_desk, 500 + number, f"user{number}")
        await happen(quiet_desk, "stop_confirmed", number)
    await quiet_desk.pool.execute("update events set created_at = now() - interval '2 days' where dialog_id < 4")
    await operator.say("/help")
    async with working(quiet_desk):
        await operator.next(1, "№ 5: stopped")
        await until(lambda: all_told(quiet_desk))
    told = [message["text"] for message in await operator.heard() if "salesbot" not in message["text"]]
    notices = [text for text in told if "notices" in text or "stopped." in text]
    assert [text[:9] for text in notices] == ["3 notices", "№ 4: stop", "№ 5: stop"]


async def test_the_limit_of_an_account_is_lifted_by_its_button(desk: Desk, operator: Operator) -> None:
    shown = await operator.ask("/help")
    await desk.pool.execute("update accounts set openings_blocked = true")
    await happen(desk, "account_limited")
    told = await operator.next(shown["id"])
    assert "Telegram limits @sales" in told["text"]
    assert buttons(told) == ["Allow new conversations"]
    await operator.press(told, "Allow new conversations")
    await operator.next(told["id"] - 1, "may open new conversations again")
    assert await desk.pool.fetchval("select openings_blocked from accounts") is False


DATA: Mapping[str, Mapping[str, str | int]] = {
    "flood_wait": {"until": "2026-11-21T10:00:00+00:00", "seconds": 60},
    "unresolvable": {"reason": "unknown_username", "outcome": "no_such_person"},
    "handoff": {"reason": "asked"},
    "account_dead": {"reason": "banned"},
}


def dialog(**fields: object) -> Dialog:
    row = {"id": 1, "account_id": ACCOUNT, "contact_id": 501, "target_username": "anna", "scenario": "sales",
           "status": Status.ACTIVE, "stage": "", "outcome": Outcome.NONE, "revision": 1, "answered_revision": 0,
           "halts": 0, "dropped_drafts": 0, "failures": 0, "follow_ups": 0, "created_at": BEGAN}  # fmt: skip
    return Dialog(**(row | fields))  # type: ignore[arg-type]


def notice(kind: str, about: Dialog | None, **data: str | int) -> Notice:
    contact = Contact(501, "anna", "<Anna>") if about else None
    return Notice(1, kind, "system", ACCOUNT, data, BEGAN, about, contact, "@sales")


@pytest.mark.parametrize("code", CODES)
def test_every_kind_that_is_told_has_words_of_its_own(code: str) -> None:
    for kind in events.TOLD | events.TOLD_OF_THE_SYSTEM:
        told = [notice(kind, about, **DATA.get(kind, {})) for about in (dialog(), None)]
        shown = [news.notice(lang(code), one).text for one in told]
        assert shown != [news.plain(lang(code), one).text for one in told], f"there are no words for {kind}"
        assert not any("<Anna>" in text for text in shown), kind


@pytest.mark.parametrize(
    ("kind", "fields", "text"),
    [
        ("handoff", {"reason": "asked"}, "№ 1: &lt;Anna&gt; (@anna) needs a human: the model asks for one."),
        ("handoff", {"reason": "erase"}, "wants their data deleted. /forget 1 does that; /data 1 exports"),
        ("handoff", {"reason": "two_bots"}, "seems to be a program as well"),
        ("handoff", {"reason": "budget"}, "has cost as much as one may (BUDGET_PER_DIALOG)"),
        ("opt_out", {"actor": "model"}, "the model understood that"),
        ("opt_out", {"actor": "contact"}, "asked not to be written to"),
        ("opt_out", {"actor": "contact", "reason": "erase"}, "ever.\n№ 1: &lt;Anna&gt; (@anna) wants their data"),
        ("opt_out", {"actor": "model", "reason": "erase"}, "/view 1\n№ 1: &lt;Anna&gt; (@anna) wants their data"),
        ("wrote_while_quiet", {"reason": "erase"}, "wants their data deleted. /forget 1 does that"),
        ("promised", {"task": "send <it>"}, "was promised: send &lt;it&gt;. When it is done: /tasks"),
        ("promised", {"task": "call", "task_due_at": BEGAN}, "was promised by 20.11 "),
        ("task_due", {"task": ""}, "the time has come for what &lt;Anna&gt; (@anna) was promised: (deleted)"),
        ("budget_day", {"until": "2026-11-22T00:00:00+00:00"}, "answered from"),
        ("unresolvable", {"reason": "opted_out_name"}, "somebody with this username asked never to be written to"),
    ],
)
def test_what_is_told_says_what_to_do(kind: str, fields: dict[str, object], text: str) -> None:
    given = {key: fields[key] for key in ("actor", "task", "task_due_at") if key in fields}
    told = replace(notice(kind, dialog(), reason=str(fields.get("reason", ""))), **given)  # type: ignore[arg-type]
    assert text in news.notice(lang("en"), told).text


async def test_a_promise_and_the_models_note_are_read_when_they_are_told(desk: Desk, operator: Operator) -> None:
    """Events hold codes and ids; what was erased meanwhile is told without words."""
    shown = await operator.ask("/help")
    await open_with(desk, 501, "anna", "Anna", status="handoff")
    await desk.pool.execute("update dialogs set handoff_note = 'wants <a> boss'")
    task = await desk.pool.fetchval(
        "insert into tasks (dialog_id, what, created_at) values (1, 'call <back>', $1) returning id", BEGAN
    )
    await happen(desk, "promised", 1, task=task)
    await operator.next(shown["id"], "Anna .@anna. was promised: call <back>. When it is done: /tasks")
    await happen(desk, "handoff", 1, reason="asked")
    await operator.next(shown["id"], "needs a human: the model asks for one.*\nIn the model's words: wants <a> boss")
    await happen(desk, "task_due", 1, task=task + 1)
    await operator.next(shown["id"], "was promised: .deleted.")


async def test_a_takeover_that_ends_by_itself_is_told_and_one_that_an_admin_ends_is_not(
    desk: Desk, operator: Operator
) -> None:
    shown = await operator.ask("/help")
    await open_with(desk, 501, "anna", status="taken")
    await operator.ask("/give 1")
    await happen(desk, "give", 1)
    await operator.next(shown["id"], "the takeover came to its end")
    await until(lambda: all_told(desk))
    assert len([message for message in await operator.heard() if "takeover" in message["text"]]) == 1


def test_a_name_that_is_in_a_dialog_already_is_told_with_its_number() -> None:
    failed = dialog(status=Status.FAILED, outcome=Outcome.ALREADY_ACTIVE)
    told = notice("unresolvable", failed, reason="17", outcome="already_active")
    shown = news.notice(lang("en"), told).text
    assert shown == "№ 1: there is an open dialog with &lt;Anna&gt; (@anna) already: № 17. /view 17"


def test_an_unknown_kind_is_told_by_its_name() -> None:
    assert news.notice(lang("en"), notice("moon_phase", None)).text == "Note: moon phase."
