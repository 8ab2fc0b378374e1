"""/forget: whom it means is shown first; what is asked for happens once, wholly, and when nothing is on its way."""

from __future__ import annotations

import asyncio

import pytest

from salesbot.adminbot import forgetting
from salesbot.adminbot.actions import Origin, Said
from salesbot.adminbot.desk import Desk
from salesbot.dialog.remembered import remembered
from salesbot.store import dialogs, model_calls, suppressions
from salesbot.store.pool import transaction
from tests.adminbot.conftest import KEYS
from tests.adminbot.people import ACCOUNT, BEGAN, Operator, buttons, meet, open_with, said, sign_in, until, working

ANNA = 7_000_000_501


async def left_of_anna(desk: Desk) -> list[str]:
    """What is kept of her, wherever it is."""
    tables = await desk.pool.fetch("select tablename as name from pg_tables where schemaname = 'public'")
    rows = [
        f"{table['name']}: {row['line']}"
        for table in tables
        for row in await desk.pool.fetch(f'select t::text as line from "{table["name"]}" t')  # noqa: S608
    ]
    return [row for row in rows if str(ANNA) in row or "anna" in row.lower()]


async def may_be_written_to(desk: Desk, username: str = "anna") -> bool:
    async with transaction(desk.pool) as connection:
        return not await suppressions.holds(connection, KEYS.marks(ANNA), KEYS.name_marks(username))


async def test_it_shows_whom_it_means_and_what_would_go_before_anything_goes(desk: Desk, operator: Operator) -> None:
    dialog = await open_with(desk, ANNA, "anna", "Anna <P>")
    await said(desk, dialog, "hello")
    await said(desk, dialog, "how much?")
    await desk.pool.execute("insert into dialog_facts values (1, 'office', 'x', null, now())")
    shown = await operator.ask("/forget @Anna")
    assert shown["text"].startswith(
        f"Anna <P> (@anna), id {ANNA}\n№ 1: 2 messages, 1 thing learnt, 0 promises\n\nErasing takes their words"
    )
    assert buttons(shown) == ["Erase", "Erase and never write again", "Keep"]
    await operator.press(shown, "Keep")
    await operator.next(shown["id"] - 1, "Kept: nothing was changed.")
    assert await desk.pool.fetchval("select count(*) from messages") == 2


async def test_erased_is_erased_and_a_name_of_nobody_may_be_written_to(desk: Desk, operator: Operator) -> None:
    await operator.ask('/start @anna basis="Anna asked"')
    dialog = await open_with(desk, ANNA, "anna", "Anna")
    await said(desk, dialog, "I am Anna")
    found_out: list[str] = []
    look = remembered(10)(found_out.append)
    look("I am Anna")
    await operator.press(await operator.ask("/forget anna"), "Erase")
    await operator.next(1, "Erased: 1 message in 2 dialogs, and who it was. Out of my reach")
    look("I am Anna")
    assert len(found_out) == 2, "what was found in her words is not kept in memory either"
    assert await left_of_anna(desk) == []
    assert [tuple(row) for row in await desk.pool.fetch("select id, status from dialogs order by id")] == [
        (1, "failed"),
        (2, "closed"),
    ]
    assert await may_be_written_to(desk)


async def test_never_again_marks_the_id_and_the_name_and_nothing_else_stays(desk: Desk, operator: Operator) -> None:
    await open_with(desk, ANNA, "anna", "Anna")
    shown = await operator.ask("/forget №1")
    await operator.press(shown, "Erase and never write again")
    await operator.next(shown["id"] - 1, "They will never be written to again")
    assert await left_of_anna(desk) == []
    assert await desk.pool.fetchval("select count(*) from suppressions") == 2
    assert not await may_be_written_to(desk)
    assert await desk.pool.fetchval("select outcome from dialogs") == "opted_out"
    again = await operator.ask("/forget @anna")
    assert again["text"] == (
        "Nothing is kept of @anna. They may never be written to: that stays, as a mark that names nobody."
    )
    assert buttons(again) == []


async def test_an_opt_out_given_before_stays_and_gets_the_name_as_well(desk: Desk, operator: Operator) -> None:
    await open_with(desk, ANNA, "anna", "Anna", status="closed")
    async with transaction(desk.pool) as connection:
        await suppressions.add(connection, KEYS.marks(ANNA))
    shown = await operator.ask("/forget @anna")
    assert "They may never be written to" in shown["text"]
    assert buttons(shown) == ["Erase", "Keep"]
    await operator.press(shown, "Erase")
    await operator.next(shown["id"] - 1, "Erased")
    async with transaction(desk.pool) as connection:
        assert await suppressions.holds(connection, KEYS.name_marks("Anna"))


async def test_somebody_unknown_can_be_marked_for_ever(desk: Desk, operator: Operator) -> None:
    """They called, say, and asked never to be written to."""
    shown = await operator.ask("/forget @Anna")
    assert (shown["text"], buttons(shown)) == ("Nothing is kept of @anna.", ["Never write to them", "Keep"])
    await operator.press(shown, "Never write to them")
    await operator.next(shown["id"] - 1, "They will never be written to.")
    assert not await may_be_written_to(desk)


async def test_old_buttons_and_erased_dialogs_answer(desk: Desk, operator: Operator) -> None:
    await open_with(desk, ANNA, "anna", status="stopped")
    first, second = await operator.ask("/forget 1"), await operator.ask("/forget @anna")
    await operator.press(first, "Erase")
    await operator.next(first["id"] - 1, "Erased")
    await operator.press(second, "Erase")
    await operator.next(second["id"] - 1, "Nothing is kept of that person.")
    for command in ("/forget 1", "/data №1", "/basis 1 none"):
        assert (await operator.ask(command))["text"] == "That was about somebody whose data are erased."
    for command in ("/resume 1", "/stop 1", "/take 1", "/give 1"):
        assert (await operator.ask(command))["text"] == (
            "№ 1: the data of that person are erased. Nothing can come of it any more."
        )
    assert "№ 1 (erased)\nclosed" in (await operator.ask("/list all"))["text"]
    assert "№ 1 (erased)" in (await operator.ask("/view 1"))["text"]
    assert (await operator.ask("/export 1"))["media"]["name"] == "dialog-000001-unnamed.txt"


async def test_what_is_asked_twice_happens_once_and_is_answered_the_same(quiet_desk: Desk) -> None:
    await sign_in(quiet_desk.pool)
    await open_with(quiet_desk, ANNA, "anna")
    origin = Origin(7, 1, "mark", "en")
    answers = await asyncio.gather(*(forgetting.forget(quiet_desk, origin, str(ANNA), never=False) for _ in range(4)))
    assert [answer.said for answer in answers] == [Said.ERASED] * 4
    assert await quiet_desk.pool.fetchval("select count(*) from events where kind = 'erase'") == 1


async def test_a_message_on_its_way_is_waited_for_and_the_end_is_told(desk: Desk, operator: Operator) -> None:
    dialog = await open_with(desk, ANNA, "anna", "Anna")
    part = await said(
        desk, dialog, "half said", direction="out", author="model", send_state="sending", telegram_message_id=None
    )
    await said(desk, dialog, "unsaid", direction="out", author="model", send_state="pending", telegram_message_id=None)
    shown = await operator.ask("/forget @anna")
    await operator.press(shown, "Erase and never write again")
    waits = await operator.next(shown["id"] - 1, "already on its way")
    assert await desk.pool.fetchval("select status from dialogs") == "closed"
    assert not await may_be_written_to(desk), "what is wished holds at once"
    assert await desk.pool.fetchval("select count(*) from messages where send_state = 'cancelled'") == 1
    await desk.pool.execute("update messages set send_state = 'sent', telegram_message_id = 9 where id = $1", part)
    await operator.next(waits["id"], "Erased: 2 messages in 1 dialog")
    assert await left_of_anna(desk) == []
    await until(lambda: told(desk))


async def told(desk: Desk) -> bool:
    return bool(await desk.pool.fetchval("select count(*) from admin_updates where answer ? 'done'"))


async def test_the_promise_outlives_the_process(quiet_desk: Desk, operator: Operator) -> None:
    await sign_in(quiet_desk.pool)
    dialog = await open_with(quiet_desk, ANNA, "anna", "Anna")
    await said(quiet_desk, dialog, "x", direction="out", author="model", send_state="sending", telegram_message_id=None)
    async with working(quiet_desk):
        shown = await operator.ask("/forget @anna")
        await operator.press(shown, "Erase")
        await operator.next(shown["id"] - 1, "already on its way")
    await quiet_desk.pool.execute("update messages set send_state = 'sent', telegram_message_id = 9")
    async with working(quiet_desk):
        await operator.next(shown["id"], "Erased: 1 message in 1 dialog")
        await until(lambda: told(quiet_desk))
    assert await left_of_anna(quiet_desk) == []


async def test_what_a_dead_account_had_on_its_way_holds_up_nothing(desk: Desk, operator: Operator) -> None:
    dialog = await open_with(desk, ANNA, "anna")
    await said(desk, dialog, "x", direction="out", author="model", send_state="sending", telegram_message_id=None)
    await desk.pool.execute("update accounts set state = 'banned'")
    shown = await operator.ask("/forget @anna")
    await operator.press(shown, "Erase")
    await operator.next(shown["id"] - 1, "Erased: 1 message in 1 dialog")


async def test_of_two_who_had_a_name_the_one_who_has_it_is_meant_and_the_other_stays(
    desk: Desk, operator: Operator
) -> None:
    await open_with(desk, 502, "anna", "Boris, who was reached as anna", status="closed")
    await desk.pool.execute("update contacts set username = 'boris' where id = 502")
    await open_with(desk, ANNA, "anna", "Anna", status="closed")
    shown = await operator.ask("/forget @anna")
    assert shown["text"].startswith(f"Anna (@anna), id {ANNA}\n№ 2:")
    await operator.press(shown, "Erase")
    await operator.next(shown["id"] - 1, "Erased")
    assert await desk.pool.fetchval("select contact_id from dialogs where id = 1") == 502


async def test_an_answer_that_comes_after_the_erasure_is_paid_for_and_not_kept(quiet_desk: Desk) -> None:
    """The model was asked, the person erased, then the answer came: in both orders of the two commits."""
    await sign_in(quiet_desk.pool)
    dialog = await open_with(quiet_desk, ANNA, "anna")
    async with transaction(quiet_desk.pool) as connection:
        calls = [await asked(connection, dialog.id) for _ in range(2)]
    async with quiet_desk.pool.acquire() as connection, quiet_desk.pool.acquire() as watcher:
        erasing = connection.transaction()
        await erasing.start()
        await forgetting.forget_now(quiet_desk, connection, str(ANNA), never=False, actor="admin:1")
        settling = asyncio.create_task(settle(quiet_desk, calls[0]))
        waiting = "select true from pg_locks where not granted limit 1"
        await until(lambda: watcher.fetchval(waiting))
        await erasing.commit()
        await settling
    await settle(quiet_desk, calls[1])
    rows = await quiet_desk.pool.fetch("select state, answer, completion_tokens from model_calls")
    assert [tuple(row) for row in rows] == [("answered", None, 7)] * 2


async def test_notes_on_somebody_erased_meanwhile_are_not_kept(quiet_desk: Desk) -> None:
    await sign_in(quiet_desk.pool)
    dialog = await open_with(quiet_desk, ANNA, "anna")
    await forgetting.forget(quiet_desk, Origin(7, 1, "mark", "en"), str(ANNA), never=False)
    async with transaction(quiet_desk.pool) as connection:
        await dialogs.sum_up(connection, dialog.id, "Anna wants a machine", 1)
    assert await left_of_anna(quiet_desk) == []


async def asked(connection: object, dialog_id: int) -> int:
    row = await connection.fetchval(  # type: ignore[attr-defined]
        "insert into model_calls (dialog_id, revision, halts, purpose, model_asked, asked_at) "
        "values ($1, 1, 0, 'reply', 'm', $2) returning id",
        dialog_id,
        BEGAN,
    )
    return int(row)


async def settle(desk: Desk, call_id: int) -> None:
    async with desk.pool.acquire() as connection:
        await model_calls.settle(
            connection,
            call_id,
            answer="Dear Anna",
            model_used="m",
            prompt_tokens=1,
            completion_tokens=7,
            cost=None,
            latency_ms=1,
            now=BEGAN,
        )


@pytest.mark.parametrize("command", ["/forget", "/data"])
async def test_somebody_must_be_named(desk: Desk, operator: Operator, command: str) -> None:
    assert "Who is it about?" in (await operator.ask(command))["text"]
    assert f"Example: {command} @anna" in (await operator.ask(f"{command} @a"))["text"]
    assert (await operator.ask(f"{command} #77"))["text"].startswith("There is no dialog № 77")


async def test_a_person_without_a_username_is_found_by_id(desk: Desk, operator: Operator) -> None:
    await meet(desk.pool, ANNA, None, "Anna")
    assert (await operator.ask(f"/forget {ANNA}"))["text"].startswith(f"Anna, id {ANNA}\n0 messages")
    assert ACCOUNT != ANNA
