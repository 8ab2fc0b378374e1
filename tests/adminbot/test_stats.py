"""/stats at the desk: asked, turned and drawn by what a person would type and press."""

from __future__ import annotations

import sys
from datetime import timedelta
from typing import Any

import pytest

from salesbot.adminbot.desk import Desk
from sandbox.app import Sandbox
from tests.adminbot.people import Operator, buttons, open_with, said, until

WEEK = timedelta(days=7)


async def begin(
    desk: Desk, contact: int, opening: str, age: timedelta = timedelta(), *, answered: bool = False
) -> None:
    """A dialog that was begun so long ago."""
    at = desk.clock.now() - age
    dialog = await open_with(desk, contact, f"user{contact}")
    await desk.pool.execute("update dialogs set opening = $2, created_at = $3 where id = $1", dialog.id, opening, at)
    ours = {"direction": "out", "author": "model", "purpose": "opening", "send_state": "sent"}
    await said(desk, dialog, "Hello!", timestamp=at, **ours)
    if answered:
        await said(desk, dialog, "Hi", timestamp=at + timedelta(minutes=5))


async def test_before_anything_was_begun_it_says_so(desk: Desk, operator: Operator) -> None:
    shown = await operator.ask("/stats")
    assert shown["text"] == "Last 30 days\nNo dialog was begun in this time."
    assert buttons(shown) == ["7 days", "• 30 days", "all"]


async def test_the_period_is_turned_in_place(desk: Desk, operator: Operator) -> None:
    await begin(desk, 501, "size", answered=True)
    await begin(desk, 502, "trial", 2 * WEEK)
    shown = await operator.ask("/stats sales 7d")
    assert shown["text"].startswith("Last 7 days · sales\n")
    assert "\nbegun: 1\nanswered: 1\n" in shown["text"]
    await operator.press(shown, "30 days")
    turned = await changed(operator, shown)
    assert turned["text"].startswith("Last 30 days · sales\n")
    assert "begun: 2\nanswered: 1 (50\N{NO-BREAK SPACE}%)" in turned["text"]
    assert buttons(turned) == ["7 days", "• 30 days", "all", "☀ picture", "☾ picture"]


async def test_a_word_that_means_nothing_is_answered_with_what_could_be_asked(desk: Desk, operator: Operator) -> None:
    shown = await operator.ask("/stats yesterday")
    assert shown["text"] == (
        "I do not understand yesterday. Say 7d, 30d or all, and perhaps a scenario: sales. Example: /stats 7d"
    )


async def test_the_picture_is_sent_and_then_changes_in_its_place(
    desk: Desk, operator: Operator, sandbox: Sandbox
) -> None:
    await begin(desk, 501, "size", answered=True)
    shown = await operator.ask("/stats")
    await operator.press(shown, "☀ picture")
    photo = await operator.next(shown["id"])
    assert photo["media"]["kind"] == "photo"
    assert photo["media"]["width"] == 1080
    assert photo["text"].startswith("Last 30 days, ")
    assert buttons(photo) == ["7 days", "• 30 days", "all", "• ☀ picture", "☾ picture"]
    await operator.press(photo, "☾ picture")
    dark = await changed(operator, photo)
    assert dark["media"]["file_id"] != photo["media"]["file_id"]
    assert buttons(dark) == ["7 days", "• 30 days", "all", "☀ picture", "• ☾ picture"]
    await operator.press(dark, "all")
    assert (await changed(operator, dark))["text"].startswith("From the beginning, ")
    assert len(await operator.heard()) == 2


async def test_a_picture_that_cannot_be_drawn_leaves_the_text_and_says_so(
    desk: Desk, operator: Operator, monkeypatch: pytest.MonkeyPatch
) -> None:
    await begin(desk, 501, "size")
    shown = await operator.ask("/stats")
    monkeypatch.setattr(sys, "executable", "/there/is/no/python")
    await operator.press(shown, "☀ picture")
    said_so = await operator.next(shown["id"])
    assert said_so["text"].startswith("The picture could not be drawn")
    assert (await operator.ask("/stats"))["text"] == shown["text"]


async def changed(operator: Operator, before: dict[str, Any]) -> dict[str, Any]:
    """A message once it is not what it was."""
    now: dict[str, Any] = before

    async def holds() -> bool:
        nonlocal now
        now = next(message for message in await operator.heard() if message["id"] == before["id"])
        return now["edited"] != before["edited"] or now["text"] != before["text"] or now["media"] != before["media"]

    await until(holds)
    return now
