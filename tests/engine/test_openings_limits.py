"""New conversations: so many an account and day, fewer while it is new; the others wait in their order."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from salesbot.dialog.model import Status
from salesbot.dialog.openings import allowance
from salesbot.store import model_calls
from sandbox.world import Action
from tests.engine.patience import until
from tests.engine.running import Engine, Town

FIRST = datetime(2026, 11, 21, 23, 30, tzinfo=UTC)
PEOPLE = ("anna", "boris", "clara", "emma")


@pytest.mark.parametrize(
    ("per_day", "warm_up", "after", "expected"),
    [
        (30, (5, 10), timedelta(), 5),
        (30, (5, 10), timedelta(minutes=29), 5),
        (30, (5, 10), timedelta(minutes=30), 10),  # the next day, by UTC
        (30, (5, 10), timedelta(days=1), 10),
        (30, (5, 10), timedelta(days=2), 30),
        (7, (5, 10), timedelta(days=1), 7),
        (30, (), timedelta(), 30),
        (0, (5, 10), timedelta(), None),
        (30, (0,), timedelta(), 0),
    ],
)
def test_the_warm_up(per_day: int, warm_up: tuple[int, ...], after: timedelta, expected: int | None) -> None:
    assert allowance(per_day, warm_up, FIRST, FIRST + after) == expected


def test_an_account_that_has_begun_nothing_is_on_its_first_day() -> None:
    assert allowance(30, (5, 10), None, FIRST) == 5


def next_day(town: Town) -> timedelta:
    """Until a little after the next midnight (UTC)."""
    return model_calls.day_of(town.clock.now()) + timedelta(days=1, seconds=5) - town.clock.now()


async def until_rest(town: Town, dialog_id: int) -> None:
    """Until a dialog has begun, or waits for its place."""
    await town.until_value(
        "select due_reason = 'openings_wait' or opened_at is not null and due_at is null from dialogs where id = $1",
        True,
        dialog_id,
    )


async def begun(town: Town) -> list[int]:
    rows = await town.rows("select id from dialogs where opened_at is not null order by id")
    return [row["id"] for row in rows]


@pytest.fixture
async def crowd(town: Town) -> Town:
    """Two conversations a day, then three."""
    town.settings = town.settings.model_copy(update={"new_dialogs_per_day": 3, "warm_up": (2,)})
    return town


async def test_more_than_a_days_openings_wait_for_the_next_in_their_order(crowd: Town) -> None:
    async with crowd.engine() as engine:
        for name in PEOPLE:
            await engine.start(name)
        for number in range(1, 5):
            await until_rest(crowd, number)
        assert await begun(crowd) == [1, 2]
        await engine.turn_clock(timedelta(seconds=61))  # who came while a place was still free looked again
        await crowd.until_value("select count(*) from events where kind = 'openings_wait'", 1)
        assert await begun(crowd) == [1, 2]
        assert crowd.asked == 2
        rows = await crowd.rows("select data, untold from events where kind = 'openings_wait'")
        midnight = model_calls.day_of(crowd.clock.now()) + timedelta(days=1)
        assert [(row["data"], row["untold"]) for row in rows] == [({"until": midnight.isoformat(), "limit": 2}, True)]
        await engine.turn_clock(next_day(crowd))
        await until(lambda: [len(crowd.heard(crowd.who(name))) for name in PEOPLE] == [1, 1, 1, 1])
    assert await begun(crowd) == [1, 2, 3, 4]
    assert await crowd.value("select count(*) from events where kind = 'openings_wait'") == 1


async def test_the_lower_number_goes_first_though_it_asks_later(crowd: Town) -> None:
    """One place is left; the second dialog asks for it while the first one is being looked up."""
    await crowd.pool.execute("update accounts set first_opening_at = now() - interval '1 day'")
    crowd.settings = crowd.settings.model_copy(update={"new_dialogs_per_day": 1, "warm_up": ()})
    async with crowd.engine() as engine:
        looking = crowd.fault("contacts.resolveUsername", Action.HOLD)
        first = await engine.start("anna")
        await crowd.fired(looking)
        second = await engine.start("boris")
        await crowd.until_value("select due_reason from dialogs where id = $1", "openings_wait", second)
        crowd.release(looking)
        await until_rest(crowd, first)
        await engine.turn_clock(timedelta(seconds=61))
        await crowd.until_value(
            "select due_at > $2 from dialogs where id = $1", True, second, crowd.clock.now() + timedelta(minutes=2)
        )
        assert await begun(crowd) == [first]


async def test_what_runs_is_not_held_up_and_strangers_take_no_place(crowd: Town) -> None:
    crowd.settings = crowd.settings.model_copy(update={"warm_up": (1,), "answer_strangers": True})
    async with crowd.engine() as engine:
        await engine.begin()
        crowd.says("C-1", who=crowd.who("clara"))
        await crowd.until_heard("C-1", who=crowd.who("clara"))
        waiting = await engine.start("boris")
        await crowd.until_value("select due_reason from dialogs where id = $1", "openings_wait", waiting)
        crowd.says("A-1")
        await crowd.until_heard("Hello", "A-1")
        crowd.says("B-1", who=crowd.who("boris"))
        await crowd.until_heard("B-1", who=crowd.who("boris"))
        await crowd.until_at_rest(waiting)
    assert await begun(crowd) == [1], "who writes first is answered, and no conversation was begun with them"


async def test_a_place_is_taken_once_whoever_dies(crowd: Town) -> None:
    crowd.settings = crowd.settings.model_copy(update={"warm_up": (1,)})
    async with crowd.engine() as engine:
        held = crowd.fault("model.chat", Action.HOLD)
        await engine.start("anna")
        await crowd.fired(held)
        await engine.kill()
    crowd.world.faults.clear()
    async with crowd.engine() as engine:
        await until(lambda: len(crowd.heard()) == 1)
        await crowd.until_at_rest()
    assert (await crowd.dialog()).status is Status.ACTIVE
    assert await begun(crowd) == [1]


async def test_an_opening_that_was_not_said_today_needs_a_place_tomorrow(crowd: Town) -> None:
    crowd.settings = crowd.settings.model_copy(update={"new_dialogs_per_day": 1, "warm_up": ()})
    async with crowd.engine() as engine:
        fault = crowd.fault("messages.sendMessage", Action.FLOOD_WAIT, user=crowd.account, seconds=100_000)
        await engine.start("anna")
        await crowd.fired(fault)
        await crowd.until_value("select flood_until is not null from accounts", True)
        taken = await crowd.value("select opened_at from dialogs")
        await engine.turn_clock(timedelta(seconds=100_001))
        await until(lambda: len(crowd.heard()) == 1)
    assert await crowd.value("select opened_at from dialogs") > taken


async def test_peer_flood_holds_openings_whatever_place_is_left(crowd: Town, engine: Engine) -> None:
    await crowd.pool.execute("update accounts set openings_blocked = true")
    waiting = await engine.start("anna")
    await crowd.until_value("select due_reason from dialogs where id = $1", "account_limited", waiting)
    assert (await begun(crowd), crowd.asked) == ([], 0)


async def test_the_first_opening_begins_the_warm_up_also_where_nothing_is_limited(town: Town, engine: Engine) -> None:
    await engine.begin()
    assert await town.value("select first_opening_at from accounts") == await town.value(
        "select opened_at from dialogs"
    )
