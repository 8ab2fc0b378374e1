"""/tasks: what the model promised, until somebody says that it is done."""

from __future__ import annotations

from datetime import datetime, timedelta

from salesbot.adminbot.desk import Desk
from salesbot.adminbot.keyboards import TaskDone
from tests.adminbot.people import BEGAN, Operator, buttons, open_with


async def promise(desk: Desk, dialog: int, what: str, due: datetime | None = None, **fields: datetime) -> int:
    return int(
        await desk.pool.fetchval(
            "insert into tasks (dialog_id, what, due_at, done_at, created_at) values ($1, $2, $3, $4, $5) returning id",
            dialog,
            what,
            due,
            fields.get("done_at"),
            BEGAN,
        )
    )


async def test_without_promises_there_is_nothing_to_do(desk: Desk, operator: Operator) -> None:
    assert (await operator.ask("/tasks"))["text"] == "Nothing is promised that is not done."
    assert (await operator.ask("/tasks now"))["text"] == "I do not understand now. Example: /tasks"


async def test_promises_stand_in_the_order_of_their_times_and_go_when_they_are_done(
    desk: Desk, operator: Operator
) -> None:
    await open_with(desk, 501, "anna", "Anna <b>")
    now = desk.clock.now()
    await promise(desk, 1, "send the <contract>")
    await promise(desk, 1, "call", now + timedelta(hours=1))
    late = await promise(desk, 1, "send a price", now - timedelta(hours=1))
    await promise(desk, 1, "done long ago", done_at=now)
    shown = await operator.ask("/tasks")
    lines = shown["text"].splitlines()
    assert lines[0] == "Promised and not done yet"
    assert lines[2] == "1. № 1 Anna <b> (@anna)"
    assert lines[3].startswith("send a price · ⚠ by ")
    assert lines[6].startswith("call · by ")
    assert lines[9] == "send the <contract> · no time was named"
    assert buttons(shown) == ["✓ 1", "✓ 2", "✓ 3", "refresh"]
    await operator.press(shown, "✓ 1")
    changed = await operator.next(shown["id"] - 1, "1. № 1 Anna <b> .@anna.\ncall")
    assert changed["id"] == shown["id"]
    assert await desk.pool.fetchval("select done_at is not null from tasks where id = $1", late)


async def test_an_old_button_says_no_more_than_what_is_true(desk: Desk, operator: Operator) -> None:
    """Two admins press the same one: it sets a state."""
    await open_with(desk, 501, "anna")
    task = await promise(desk, 1, "call")
    shown = await operator.ask("/tasks")
    await operator.press(shown, "✓ 1")
    await operator.next(shown["id"] - 1, "Nothing is promised")
    done_at = await desk.pool.fetchval("select done_at from tasks")
    again = await operator.ask("/tasks")
    assert TaskDone(task=task).pack() == f"d:{task}"
    assert buttons(again) == []
    assert await desk.pool.fetchval("select done_at from tasks") == done_at


async def test_more_promises_than_fit_come_up_as_others_are_done(desk: Desk, operator: Operator) -> None:
    await open_with(desk, 501, "anna")
    for number in range(12):
        await promise(desk, 1, f"task {number} " + "x" * 900)
    shown = await operator.ask("/tasks")
    assert shown["text"].endswith("There are more; they come up as these are done.")
    assert buttons(shown)[-2:] == ["✓ 10", "refresh"]
    for _round in range(2):
        await operator.press(shown, "✓ 1")
    await operator.next(shown["id"] - 1, "task 11")
