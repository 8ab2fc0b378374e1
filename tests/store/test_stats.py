"""What came of the dialogs, checked by hand: which are counted, since when, and what is not said of them."""

from __future__ import annotations

import itertools
import uuid
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import asyncpg
import pytest

from salesbot.dialog.model import Outcome
from salesbot.store import stats, turns
from salesbot.store.dialogs import Fence, from_row
from salesbot.store.stats import Begun, Group, Pace, Said, Step
from salesbot.store.turns import Turn

ACCOUNT = 7_001
FENCE = Fence(ACCOUNT, 1, str(uuid.uuid4()))
NOON = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
MONTH = NOON - timedelta(days=30)


class Book:
    """Writes dialogs as the engine leaves them. Minutes count from when the dialog was made."""

    def __init__(self, pool: asyncpg.Pool) -> None:
        self._pool = pool
        self._ids = itertools.count(100)

    async def insert(self, table: str, **values: object) -> int:
        names, places = ", ".join(values), ", ".join(f"${n}" for n in range(1, len(values) + 1))
        statement = f"insert into {table} ({names}) values ({places}) returning id"  # noqa: S608 - our own names
        return int(await self._pool.fetchval(statement, *values.values()))

    async def dialog(self, made: datetime = NOON, scenario: str = "sales", **fields: object) -> int:
        contact = await self.insert("contacts", id=next(self._ids))
        values = {"account_id": ACCOUNT, "contact_id": contact, "target_username": "", "status": "closed"} | fields
        return await self.insert("dialogs", created_at=made, scenario=scenario, **values)

    async def said(self, dialog: int, minutes: float, direction: str, made: datetime = NOON, **fields: object) -> int:
        author = {"in": "contact", "out": "model"}[direction]
        values = {"author": author, "telegram_message_id": next(self._ids)} | fields
        at = made + timedelta(minutes=minutes)
        return await self.insert(
            "messages", dialog_id=dialog, account_id=ACCOUNT, direction=direction, timestamp=at, content="…", **values
        )

    async def opened(self, dialog: int, minutes: float = 1, made: datetime = NOON, **fields: object) -> int:
        values = {"purpose": "opening", "send_state": "sent"} | fields
        return await self.said(dialog, minutes, "out", made, **values)

    async def call(self, dialog: int, cost: str | None) -> None:
        values = {"dialog_id": dialog, "revision": 1, "halts": 0, "purpose": "reply", "state": "used"}
        asked = {"model_asked": "m", "model_used": "m", "asked_at": NOON, "settled_at": NOON}
        await self.insert("model_calls", cost=Decimal(cost) if cost else None, **values, **asked)


@pytest.fixture
async def book(pool: asyncpg.Pool) -> Book:
    await pool.execute(
        "insert into accounts (id, dc_id, server_address, server_port, auth_key, epoch, owner) "
        "values ($1, 2, '', 443, '', $2, $3::uuid)",
        *(FENCE.account_id, FENCE.epoch, FENCE.owner),
    )
    return Book(pool)


def of(groups: object) -> Mapping[tuple[str, str, bool], Group]:
    assert isinstance(groups, list)
    return {(one.scenario, one.opening, one.wrote_first): one for one in groups}


async def test_what_came_of_the_dialogs_by_scenario_and_first_message(pool: asyncpg.Pool, book: Book) -> None:
    won = await book.dialog(opening="size", outcome="won")
    await book.opened(won)
    await book.opened(won, 1.1, first_part=False)
    await book.said(won, 30, "in")
    for cost in ("0.02", "0.03", None):
        await book.call(won, cost)
    silent = await book.dialog(opening="size", status="active")
    await book.opened(silent)
    await book.call(silent, "0.01")
    left = await book.dialog(opening="trial", outcome="opted_out")
    await book.opened(left)
    await book.said(left, 2, "in")
    lost = await book.dialog(opening="trial", outcome="lost", scenario="school")
    await book.opened(lost)
    await book.said(lost, 2, "in")
    gone = await book.dialog(opening="trial", outcome="blocked", scenario="school")
    await book.opened(gone)
    groups = of(await stats.groups(pool, MONTH))
    assert groups == {
        ("sales", "size", False): Group(
            *("sales", "size", False), begun=2, answered=1, won=1, cost=Decimal("0.06"), unpriced=1
        ),
        ("sales", "trial", False): Group("sales", "trial", False, begun=1, answered=1, opted_out=1),
        ("school", "trial", False): Group("school", "trial", False, begun=2, answered=1, lost=1, blocked=1),
    }
    assert of(await stats.groups(pool, MONTH, "school")).keys() == {("school", "trial", False)}
    assert await stats.groups(pool, NOON + timedelta(hours=1)) == []
    assert await stats.scenarios(pool) == ["sales", "school"]


async def test_a_dialog_counts_from_its_first_message_whenever_it_was_made(pool: asyncpg.Pool, book: Book) -> None:
    waited = await book.dialog(MONTH - timedelta(days=3), opening="size")
    await book.opened(waited, made=NOON)
    before = await book.dialog(MONTH - timedelta(days=3), opening="trial")
    await book.opened(before, made=MONTH - timedelta(days=2))
    assert [one.opening for one in await stats.groups(pool, MONTH)] == ["size"]
    assert {one.opening for one in await stats.groups(pool, None)} == {"size", "trial"}
    assert await stats.first(pool) == MONTH - timedelta(days=2) + timedelta(minutes=1)
    assert await stats.first(pool, "school") is None


async def test_what_was_never_begun_is_not_counted(pool: asyncpg.Pool, book: Book) -> None:
    await book.dialog(status="active")
    refused = await book.dialog(status="failed")
    await book.opened(refused, send_state="failed", telegram_message_id=None)
    cancelled = await book.dialog(status="stopped")
    await book.opened(cancelled, send_state="cancelled", telegram_message_id=None)
    assert await stats.groups(pool, None) == []
    assert await stats.said(pool, None) == Said(0, 0)
    assert await stats.pace(pool, None) == Pace(None, None)


async def test_who_wrote_first_and_whom_a_colleague_wrote_to_are_counted_by_themselves(
    pool: asyncpg.Pool, book: Book
) -> None:
    stranger = await book.dialog(basis="wrote first")
    await book.said(stranger, -120, "in")  # it had waited for us
    await book.said(stranger, 1, "out")
    ours = await book.dialog()
    await book.said(ours, 1, "out", author="human")
    assert of(await stats.groups(pool, MONTH)) == {
        ("sales", "", True): Group("sales", "", True, begun=1, answered=1),
        ("sales", "", False): Group("sales", "", False, begun=1, answered=0),
    }


async def test_what_was_said_before_the_dialog_is_no_answer_to_it(pool: asyncpg.Pool, book: Book) -> None:
    dialog = await book.dialog(opening="size")
    await book.said(dialog, -10_000, "in")
    await book.said(dialog, -9_000, "out", author="human")
    await book.opened(dialog)
    (group,) = await stats.groups(pool, None)
    assert (group.begun, group.answered) == (1, 0)
    assert await stats.said(pool, None) == Said(received=0, sent=1)
    assert await stats.pace(pool, None) == Pace(None, None)


async def test_times_to_answer_are_medians_from_the_last_line_of_the_other_side(pool: asyncpg.Pool, book: Book) -> None:
    anna, boris = await book.dialog(opening="size"), await book.dialog(opening="size")
    await book.opened(anna, 0)
    await book.opened(anna, 1, first_part=False)
    for minutes, direction in ((11, "in"), (12, "in"), (14, "out"), (20, "in"), (24, "out")):
        await book.said(anna, minutes, direction)
    await book.opened(boris, 0)
    await book.said(boris, 100, "in")
    await book.said(boris, 109, "out")
    cancelled = {"send_state": "cancelled", "telegram_message_id": None}
    await book.said(boris, 109.5, "out", **cancelled)
    # ours: 2, 4, 9; theirs: 10 (from the second part), 6, 100
    assert await stats.said(pool, None) == Said(received=4, sent=6)
    assert await stats.pace(pool, None) == Pace(ours=timedelta(minutes=4), theirs=timedelta(minutes=10))


async def test_stages_are_counted_that_a_dialog_was_ever_in(pool: asyncpg.Pool, book: Book) -> None:
    dialog = await book.dialog(opening="size", status="active")
    await book.opened(dialog)
    for stage in ("introduction", "needs", "introduction", "closing"):
        read = from_row(await pool.fetchrow("select * from dialogs where id = $1", dialog))
        assert await turns.end_turn(pool, Turn(read, stage=stage, outcome=Outcome.NONE), FENCE)
    other = await book.dialog(opening="size", stages=["introduction", "needs"], scenario="school")
    await book.opened(other)
    assert await pool.fetchval("select stages from dialogs where id = $1", dialog) == [
        *("introduction", "needs", "closing")
    ]
    assert await stats.steps(pool, None, "sales") == [
        *(Step("sales", stage, 1) for stage in ("closing", "introduction", "needs"))
    ]
    assert Step("school", "needs", 1) in await stats.steps(pool, None)


async def test_dialogs_are_counted_in_the_days_in_which_they_began(pool: asyncpg.Pool, book: Book) -> None:
    days = [NOON + timedelta(days=number) for number in range(-2, 1)]
    for made, answered in ((days[0], True), (days[0], False), (days[2], False), (days[0] - timedelta(days=1), True)):
        dialog = await book.dialog(made, opening="size")
        await book.opened(dialog, 1, made)
        if answered:
            await book.said(dialog, 2, "in", made)
    assert await stats.begun(pool, days) == [Begun(2, 1), Begun(), Begun(1, 0)]
    assert await stats.begun(pool, days, "school") == [Begun()] * 3


async def test_medians_are_those_of_the_newest_dialogs(
    pool: asyncpg.Pool, book: Book, monkeypatch: pytest.MonkeyPatch
) -> None:
    for made, minutes in ((NOON - timedelta(days=1), 50), (NOON, 5)):
        dialog = await book.dialog(made, opening="size")
        await book.opened(dialog, 0, made)
        await book.said(dialog, minutes, "in", made)
    monkeypatch.setattr(stats, "NEWEST", 1)
    assert await stats.pace(pool, None) == Pace(ours=None, theirs=timedelta(minutes=5))
    assert await stats.said(pool, None) == Said(received=2, sent=2)
