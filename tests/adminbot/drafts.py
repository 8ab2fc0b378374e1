"""Drafts as the engine leaves them, and cards as an operator reads them."""

from __future__ import annotations

import itertools
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

from salesbot.adminbot.desk import Desk
from salesbot.dialog.model import Dialog, DraftState, Purpose
from salesbot.store import dialogs, drafts, parts
from salesbot.store.parts import Lines
from salesbot.store.pool import transaction
from tests.adminbot.people import Operator, until

_random_ids = itertools.count(1)


async def drafted(desk: Desk, dialog: Dialog, *texts: str, purpose: Purpose = Purpose.REPLY) -> int:
    """A reply that waits for a button."""
    now = datetime.now(UTC)
    async with transaction(desk.pool) as connection:
        locked = await dialogs.lock(connection, dialog.id)
        assert locked is not None
        draft_id = await drafts.begin(connection, locked, now=now, expires_at=now + timedelta(hours=24))
        random_ids = [next(_random_ids) for _ in texts]
        lines = Lines(texts, random_ids, purpose, now=now, not_before=now, not_after=now + timedelta(hours=25))
        await parts.add(connection, locked, lines, stands=False, draft_id=draft_id)
    desk.drafts.wake()
    return draft_id


async def overtaken(desk: Desk, dialog: Dialog) -> None:
    """A newer message of the person came."""
    async with transaction(desk.pool) as connection:
        locked = await dialogs.lock(connection, dialog.id)
        assert locked is not None
        await dialogs.touch(connection, locked, due_at=datetime.now(UTC), reason="message")
    desk.drafts.wake()


async def state(desk: Desk, draft_id: int) -> tuple[DraftState, tuple[str, ...]]:
    async with transaction(desk.pool) as connection:
        draft = await drafts.get(connection, draft_id)
    assert draft is not None
    return draft.state, draft.parts


async def message(operator: Operator, number: int) -> dict[str, Any] | None:
    """A message of the bot as it reads now; None when it was taken away."""
    return next((one for one in await operator.heard() if one["id"] == number), None)


async def reads(operator: Operator, number: int, text: str) -> dict[str, Any]:
    """Wait until a message of the bot holds this text."""

    async def holds() -> bool:
        found = await message(operator, number)
        return found is not None and text in found["text"]

    await until(holds)
    found = await message(operator, number)
    assert found is not None
    return found


@asynccontextmanager
async def unedited(operator: Operator) -> AsyncIterator[None]:
    """The edit of a card is held up: who presses a button sees what was there before."""
    fault = await operator.control.fault("bot.editMessageText", "hold")
    yield
    await operator.control.fired(fault)
    await operator.control.call("POST", f"/faults/{fault}/release")


async def events_of(desk: Desk, dialog_id: int) -> list[tuple[str, str]]:
    """What the log holds: kinds and who did it."""
    rows = await desk.pool.fetch("select kind, actor from events where dialog_id = $1 order by id", dialog_id)
    return [(row["kind"], row["actor"]) for row in rows]
