"""What happened is told to every admin at least once, in order; who cannot be told holds up nobody."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from salesbot.adminbot import grouping, news
from salesbot.adminbot.desk import Desk
from salesbot.adminbot.html import units
from salesbot.adminbot.logbook import phrases
from salesbot.dialog.model import Contact, Dialog, Outcome, Status
from salesbot.i18n import CODES, lang
from salesbot.store import events
from salesbot.store import pool as store_pool
from salesbot.store.admins import Admin
from salesbot.store.notices import Notice, Pending
from salesbot.store.pool import transaction
from sandbox.app import Sandbox
from sandbox.world import Role
from tests.adminbot.cable import Cable
from tests.adminbot.people import ACCOUNT, BEGAN, Hasty, Operator, buttons, open_with, sign_in, until, working

STRANGER_TO_BOT = 999_000_222


class Set(Hasty):
    """A clock that is set by hand."""

    def __init__(self, at: datetime) -> None:
        self.at = at

    def now(self) -> datetime:
        return self.at


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


async def test_who_is_written_to_after_a_preview_is_told_as_found(desk: Desk, operator: Operator) -> None:
    shown = await operator.ask("/help")
    await open_with(desk, 501, "anna", "Anna P.")
    await desk.pool.execute("update dialogs set preview = true where id = 1")
    await happen(desk, "resolved", 1, contact=501)
    told = await operator.next(shown["id"])
    assert told["text"] == "№ 1: Anna P. (@anna) is found. The first message is shown to you before it is sent."


async def test_a_tap_on_a_notice_opens_its_dialog_below(desk: Desk, operator: Operator) -> None:
    shown = await operator.ask("/help")
    await open_with(desk, 501, "anna", "Anna P.")
    await happen(desk, "human_spoke", 1)
    told = await operator.next(shown["id"])
    await operator.press(told, "Open № 1")
    opened = await operator.next(told["id"])
    assert "№ 1 Anna P. (@anna)\nwaiting for them" in opened["text"]


async def test_notices_come_in_the_order_of_what_happened(desk: Desk, operator: Operator) -> None:
    shown = await operator.ask("/help")
    for number in range(1, 7):
        await open_with(desk, 500 + number, f"user{number}")
        await happen(desk, ("stop_confirmed", "human_spoke", "returned")[number % 3], number)
    await operator.next(shown["id"], "№ 6: stopped")
    told = [message["text"].split(":")[0] for message in (await operator.heard())[1:]]
    assert told == [f"№ {number}" for number in range(1, 7)]


async def test_a_thousand_errors_are_one_message_with_a_count(quiet_desk: Desk, operator: Operator) -> None:
    await sign_in(quiet_desk.pool)
    await open_with(quiet_desk, 501, "anna", "Anna P.")
    await open_with(quiet_desk, 502, "boris")
    await quiet_desk.pool.execute(
        """
        insert into events (kind, actor, dialog_id, untold, data)
        select 'parked', 'system', 1 + n % 2, true, '{"reason": "failed"}' from generate_series(1, 1000) n
        """
    )
    shown = await operator.say("/help")
    async with working(quiet_desk):
        told = await operator.next(shown, "kept failing: 1000")
        await until(lambda: all_told(quiet_desk))
    assert "№ 1 Anna P. (@anna): its turns kept failing; the log says why ×30" in told["text"]
    assert "… and 940 more." in told["text"]
    assert len([message for message in await operator.heard() if "kept failing" in message["text"]]) == 1


async def test_a_message_about_many_is_said_again_by_the_next_process_when_one_died_while_it_was_said(
    quiet_desk: Desk, operator: Operator
) -> None:
    await sign_in(quiet_desk.pool)
    for number in range(1, 21):
        await open_with(quiet_desk, 500 + number, f"user{number}")
        await happen(quiet_desk, "parked", number, reason="failed")
    shown = await operator.say("/help")
    held = await operator.control.fault("bot.sendMessage", "hold", count=None)
    async with working(quiet_desk):
        await operator.control.fired(held)
    await operator.control.call("DELETE", "/faults")
    assert not await all_told(quiet_desk)
    async with working(quiet_desk):
        told = await operator.next(shown, "kept failing: 20")
        await until(lambda: all_told(quiet_desk))
    assert len(told["text"].splitlines()) == 21


async def test_what_happened_in_quiet_hours_comes_together_after_them_but_not_what_was_asked_for(
    quiet_desk: Desk, operator: Operator, admin: int
) -> None:
    clock = Set(datetime.now(UTC).replace(hour=23, minute=30))
    await quiet_desk.pool.execute(
        "insert into admins (id, timezone, quiet_from, quiet_to) values ($1, 'UTC', 22, 8)", admin
    )
    await sign_in(quiet_desk.pool)
    async with working(replace(quiet_desk, clock=clock)):
        shown = await operator.ask("/help")
        for number in (1, 2):
            await open_with(quiet_desk, 500 + number, f"user{number}")
            await happen(quiet_desk, "handoff", number, reason="asked")
        await happen(quiet_desk, "stop_confirmed", 1)
        asked_for = await operator.next(shown["id"])
        assert asked_for["text"].startswith("№ 1: stopped.")
        clock.at += timedelta(hours=9)
        quiet_desk.notices.wake()
        together = await operator.next(asked_for["id"])
    assert together["text"].startswith("A human is needed: 2 (since ")
    assert [line[:9] for line in together["text"].splitlines()[1:]] == ["№ 1 @user", "№ 2 @user"]


async def test_an_outage_of_the_database_is_told_without_it_and_its_end_as_well(
    quiet_desk: Desk, operator: Operator
) -> None:
    clock, cable = Set(datetime.now(UTC)), Cable(quiet_desk.settings.database_url.get_secret_value())
    pool = await store_pool.create(await cable.plug())
    await sign_in(quiet_desk.pool)
    await open_with(quiet_desk, 501, "anna")
    desk = replace(quiet_desk, pool=pool, clock=clock)

    async def told() -> bool:
        clock.at += timedelta(seconds=10)
        desk.notices.wake()
        return any("The database has not answered since" in one["text"] for one in await operator.heard())

    async with working(desk):
        shown = await operator.ask("/help")
        await happen(quiet_desk, "human_spoke", 1)
        await operator.next(shown["id"], "№ 1: somebody typed")
        await cable.pull()
        await until(told)
        await cable.plug()
        await operator.next(shown["id"], "The database answers again, after ")
    await cable.pull()
    pool.terminate()
    assert len([one for one in await operator.heard() if "has not answered" in one["text"]]) == 1


async def test_a_dialogs_notices_go_to_whoever_looks_after_it_and_the_rest_to_all(
    quiet_desk: Desk, operator: Operator, sandbox: Sandbox, admin: int
) -> None:
    olga = sandbox.world.users.create(Role.OPERATOR, "Olga", username="olga", lang_code="en")
    await quiet_desk.pool.execute("insert into admins (id, role, name) values ($1, 'viewer', 'Olga')", olga.id)
    await sign_in(quiet_desk.pool)
    hers = Operator(operator.control, "olga")
    async with working(quiet_desk):
        first = await operator.ask("/help")
        await hers.ask("/help")
        await open_with(quiet_desk, 501, "anna")
        await open_with(quiet_desk, 502, "boris")
        await quiet_desk.pool.execute("update dialogs set assignee = $1 where id = 1", olga.id)
        await happen(quiet_desk, "human_spoke", 1)
        await happen(quiet_desk, "returned", 2)
        await operator.next(first["id"], "№ 2")
        await hers.next(0, "№ 2")
        await until(lambda: all_told(quiet_desk))
    assert not [one for one in await operator.heard() if one["text"].startswith("№ 1")]
    assert [one["text"][:3] for one in await hers.heard()][1:] == ["№ 1", "№ 2"]


async def test_what_was_for_somebody_who_is_no_admin_any_more_is_told_to_the_others(
    quiet_desk: Desk, operator: Operator, admin: int
) -> None:
    await sign_in(quiet_desk.pool)
    await open_with(quiet_desk, 501, "anna")
    async with transaction(quiet_desk.pool) as connection:
        await events.record(connection, "human_spoke", actor="system", dialog_id=1)
        await events.fan_out(connection, [STRANGER_TO_BOT])
        await events.record(connection, "resolved", actor="system", dialog_id=1)
    shown = await operator.say("/help")
    async with working(quiet_desk):
        await operator.next(shown, "the first message is on its way")
        assert [one for one in await operator.heard() if one["text"].startswith("№ 1: somebody typed")]


NOW = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("kind", "count", "age", "lately", "quiet", "expected"),
    [
        ("parked", 1, 0, 0, False, [1]),
        ("parked", 10, 0, 0, False, [1] * 10),
        ("parked", 11, 0, 0, False, [11]),
        ("parked", 1, 0, 9, False, [1]),
        ("parked", 1, 0, 10, False, []),  # it waits for the minute to end
        ("parked", 1000, 0, 10, False, []),
        ("parked", 1, 60, 0, False, [1]),
        ("parked", 2, 60, 0, False, [2]),  # from the night
        ("parked", 1, 0, 0, True, []),
        ("stop_confirmed", 1, 0, 99, True, [1]),  # somebody waits for it
        ("stop_confirmed", 99, 0, 99, True, [99]),
    ],
)
def test_a_few_come_one_by_one_and_many_together(
    kind: str, count: int, age: int, lately: int, quiet: bool, expected: list[int]
) -> None:
    waiting = Pending(kind, range(count), NOW - timedelta(minutes=age))
    found = grouping.due([waiting], lambda _kind: lately, NOW, quiet=quiet)
    assert [len(events) for events in found] == expected


@pytest.mark.parametrize(
    ("begin", "end", "resting"),
    [
        (22, 8, {22, 23, 0, 1, 2, 3, 4, 5, 6, 7}),
        (0, 6, {0, 1, 2, 3, 4, 5}),
        (13, 15, {13, 14}),
        (None, None, set()),
    ],
)
def test_quiet_hours_are_those_of_the_admins_own_clock(begin: int | None, end: int | None, resting: set[int]) -> None:
    zone = ZoneInfo("Europe/Moscow")
    admin = Admin(1, None, quiet_from=begin, quiet_to=end)
    hours = {hour for hour in range(24) if grouping.rests(admin, zone, NOW.astimezone(zone).replace(hour=hour))}
    assert hours == resting


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


def style(code: str = "en", now: datetime = BEGAN) -> news.Style:
    return news.Style(lang(code), UTC, now)


@pytest.mark.parametrize("code", CODES)
def test_every_kind_that_is_told_has_words_of_its_own(code: str) -> None:
    for kind in events.TOLD | events.TOLD_OF_THE_SYSTEM:
        told = [notice(kind, about, **DATA.get(kind, {})) for about in (dialog(), None)]
        shown = [news.notice(style(code), one).text for one in told]
        assert kind in phrases(lang(code)), f"there are no words for {kind}"
        assert not any("{" in text for text in shown), kind
        assert not any("<Anna>" in text for text in shown), kind


@pytest.mark.parametrize("code", CODES)
def test_a_message_about_many_fits_and_counts_all_of_them(code: str) -> None:
    about = replace(dialog(), target_username="")
    many = [
        replace(
            notice("handoff", replace(about, id=10**9 + n), reason="opted_out_name"),
            contact=Contact(501, "anna" * 8, f"{n} " + "😀<&" * 20),
        )
        for n in range(60)
    ]
    shown = news.group(style(code), many, 1_000_000).text
    assert units(shown) <= 4096
    lines = shown.splitlines()
    assert lines[0].endswith("</b>") or "1000000" in lines[0]
    left = int("".join(filter(str.isdigit, lines[-1])))
    assert left + len(lines) - 2 == 1_000_000


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
        ("promised", {"task": "call", "task_due_at": BEGAN}, "promised to &lt;Anna&gt; (@anna), due 20.11 "),
        ("task_due", {"task": ""}, "the time has come for what &lt;Anna&gt; (@anna) was promised: (deleted)"),
        ("budget_day", {"until": "2026-11-22T00:00:00+00:00"}, "answered from"),
        (
            "handoff",
            {"reason": "model_down"},
            "no model has answered for long, and &lt;Anna&gt; (@anna) waits.",
        ),
        ("handoff", {"reason": "draft_expired"}, "waited too long for a button and was not sent. /give 1"),
        ("handoff", {"outcome": "won", "reason": "asked"}, "is won.\nphone: +7 900\nThe rest is yours: /view 1, /take"),
        ("close", {"outcome": "won"}, "🎉 № 1: &lt;Anna&gt; (@anna) is won.\nphone: +7 900\n/view 1 shows"),
        ("hot_lead", {}, "&lt;Anna&gt; (@anna) is close to a yes (next step). /view 1, /take 1"),
        (
            "assigned",
            {"actor_name": "Olga", "other_name": "Petr"},
            "Olga gave the dialog with &lt;Anna&gt; (@anna) to P",
        ),
        ("unresolvable", {"reason": "opted_out_name"}, "somebody with this username asked never to be written to"),
    ],
)
def test_what_is_told_says_what_to_do(kind: str, fields: dict[str, object], text: str) -> None:
    given = {key: fields[key] for key in ("actor", "task", "task_due_at", "actor_name", "other_name") if key in fields}
    data = {key: str(fields.get(key, "")) for key in ("reason", "outcome")}
    about = dialog(stage="next_step")
    told = replace(notice(kind, about, **data), learnt=[("phone", "+7 900")], **given)  # type: ignore[arg-type]
    assert text in news.notice(style(), told).text


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
    shown = news.notice(style(), told)
    assert shown.text == "№ 1: there is an open dialog with &lt;Anna&gt; (@anna) already: № 17. /view 17"
    assert shown.keyboard is not None
    assert [button.text for row in shown.keyboard.inline_keyboard for button in row] == ["Open № 17"]


def test_an_unknown_kind_is_told_by_its_name() -> None:
    assert news.notice(style(), notice("moon_phase", None)).text == "Note: moon phase."
