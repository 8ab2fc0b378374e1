"""Money: a ceiling that is reached pauses what it concerns, is told, and is never a silent stop."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import asyncpg
import pytest

from salesbot.dialog.model import Dialog, DialogEvent, Status
from salesbot.errors import BudgetReached
from salesbot.store import dialogs, model_calls
from salesbot.store.model_calls import USUAL_COST, Ceilings
from sandbox.world import Action
from tests.engine.patience import until
from tests.engine.running import Engine, Town

NOON = datetime(2026, 11, 21, 12, tzinfo=UTC)


async def later(engine: Engine, by: timedelta = timedelta()) -> None:
    """So much time passes, and then a whole round of chores."""
    await engine.turn_clock(by)
    await engine.chores.look()


def ceilings(*, dialog: str | None = None, day: str | None = None) -> Ceilings:
    return Ceilings(None if dialog is None else Decimal(dialog), None if day is None else Decimal(day))


async def dialog_of(pool: asyncpg.Pool, number: int) -> Dialog:
    await pool.execute("insert into accounts (id, dc_id, server_address, server_port, auth_key) "
                       "values (1, 2, '', 1, '') on conflict do nothing")  # fmt: skip
    row = await pool.fetchrow(
        "insert into dialogs (account_id, target_username, scenario, status) values (1, $1, 'sales', 'resolving') "
        "returning *",
        f"person{number}",
    )
    assert row is not None
    return dialogs.from_row(row)


async def ask(pool: asyncpg.Pool, dialog: Dialog, limits: Ceilings, *, at: datetime = NOON, model: str = "m") -> int:
    async with pool.acquire() as connection:
        return await model_calls.ask(connection, dialog, purpose="reply", model=model, now=at, ceilings=limits)


async def settle(pool: asyncpg.Pool, call_id: int, cost: str | None) -> None:
    async with pool.acquire() as connection:
        await model_calls.settle(
            connection,
            call_id,
            answer="",
            model_used="m",
            prompt_tokens=1,
            completion_tokens=1,
            cost=Decimal(cost) if cost is not None else None,
            latency_ms=1,
            now=NOON,
        )


async def waiting(pool: asyncpg.Pool, number: int) -> bool:
    """Whether so many stand before somebody's lock."""
    found = await pool.fetchval(
        "select count(*) from pg_stat_activity where wait_event_type = 'Lock' and datname = current_database()"
    )
    return bool(found == number)


async def agree(pool: asyncpg.Pool) -> bool:
    """Whether the books say what the calls say."""
    return bool(
        await pool.fetchval(
            """
            with called as (
                select dialog_id, (asked_at at time zone 'UTC')::date as day, coalesce(cost, budget) as spent
                from model_calls)
            select not exists (select from (select dialog_id, sum(spent) as spent from called group by 1) calls
                    full join dialog_books book using (dialog_id)
                    where coalesce(calls.spent, 0) <> coalesce(book.spent, 0))
                and not exists (select from (select day, sum(spent) as spent from called group by 1) calls
                    full join day_books book using (day) where coalesce(calls.spent, 0) <> coalesce(book.spent, 0))
            """
        )
    )


@pytest.fixture
async def guard(database: str) -> AsyncIterator[asyncpg.Connection]:
    """Somebody who is just reserving money."""
    connection = await asyncpg.connect(database)
    yield connection
    await connection.close()


async def test_no_two_calls_pass_the_last_cent(pool: asyncpg.Pool, guard: asyncpg.Connection) -> None:
    """Eight at once, all of them begun while somebody else's is not written down yet; there is money for three more."""
    people = [await dialog_of(pool, number) for number in range(9)]
    limit = ceilings(day=str(5 * USUAL_COST))
    await settle(pool, await ask(pool, people[8], limit), str(USUAL_COST))
    for one in people:
        await model_calls._open_books(guard, one, NOON)
    async with guard.transaction():
        await model_calls.ask(guard, people[8], purpose="reply", model="m", now=NOON, ceilings=limit)
        asking = [asyncio.create_task(ask(pool, one, limit)) for one in people[:8]]
        await until(lambda: waiting(pool, len(asking)))
    results = await asyncio.gather(*asking, return_exceptions=True)
    assert len([one for one in results if isinstance(one, int)]) == 3
    assert {one.scope for one in results if isinstance(one, BudgetReached)} == {"day"}
    assert await pool.fetchval("select sum(budget) from model_calls") == 5 * USUAL_COST
    assert await agree(pool)


async def test_no_two_calls_of_one_dialog_pass_its_last_cent(pool: asyncpg.Pool, guard: asyncpg.Connection) -> None:
    """A reply and the notes of what was said before are asked for at the same time."""
    dialog = await dialog_of(pool, 1)
    limit = ceilings(dialog=str(3 * USUAL_COST))
    await settle(pool, await ask(pool, dialog, limit), str(USUAL_COST))
    async with guard.transaction():
        await model_calls.ask(guard, dialog, purpose="summary", model="m", now=NOON, ceilings=limit)
        asking = [asyncio.create_task(ask(pool, dialog, limit)) for _ in range(4)]
        await until(lambda: waiting(pool, len(asking)))
    results = await asyncio.gather(*asking, return_exceptions=True)
    assert len([one for one in results if isinstance(one, int)]) == 1
    assert {one.scope for one in results if isinstance(one, BudgetReached)} == {"dialog"}


async def test_what_is_just_being_given_back_is_missing_for_a_moment_only(
    pool: asyncpg.Pool, guard: asyncpg.Connection
) -> None:
    first, second = await dialog_of(pool, 1), await dialog_of(pool, 2)
    limit = ceilings(day=str(USUAL_COST))
    call = await ask(pool, first, limit)
    await model_calls._open_books(guard, second, NOON)
    async with guard.transaction():
        await model_calls.fail(guard, call, "unavailable", NOON)
        with pytest.raises(BudgetReached) as caught:
            await ask(pool, second, limit)
        assert caught.value.passing
    assert await ask(pool, second, limit)


async def test_a_call_that_is_not_committed_reserves_nothing(pool: asyncpg.Pool, guard: asyncpg.Connection) -> None:
    """Whoever dies in the midst of it takes nobody's money along."""
    first, second = await dialog_of(pool, 1), await dialog_of(pool, 2)
    limit = ceilings(day=str(USUAL_COST), dialog="1")
    await settle(pool, await ask(pool, first, limit), "0")
    await model_calls._open_books(guard, second, NOON)
    begun = guard.transaction()
    await begun.start()
    await model_calls.ask(guard, first, purpose="reply", model="m", now=NOON, ceilings=limit)
    asking = asyncio.create_task(ask(pool, second, limit))
    await until(lambda: waiting(pool, 1))
    await begun.rollback()
    assert await asking
    assert await agree(pool)


async def test_a_dialog_that_somebody_holds_keeps_nobody_elses_money(
    pool: asyncpg.Pool, guard: asyncpg.Connection
) -> None:
    held, other = await dialog_of(pool, 1), await dialog_of(pool, 2)
    await ask(pool, held, ceilings(day="5"))
    async with guard.transaction():
        await guard.execute("select from dialogs where id = $1 for update", held.id)
        asking = asyncio.create_task(ask(pool, held, ceilings(day="5")))
        await until(lambda: waiting(pool, 1))
        assert await ask(pool, other, ceilings(day="5"))
    assert await asking


async def test_what_calls_under_way_reserve_is_missing_for_a_moment_only(pool: asyncpg.Pool) -> None:
    """A process that died under way tells nothing any more: after a while its reservation is money that was spent."""
    first, second = await dialog_of(pool, 1), await dialog_of(pool, 2)
    limit = ceilings(day="0.015")
    call = await ask(pool, first, limit)
    for at, passing in ((NOON, True), (NOON + timedelta(minutes=3), False)):
        with pytest.raises(BudgetReached) as caught:
            await ask(pool, second, limit, at=at)
        assert caught.value.passing is passing
    await settle(pool, call, "0.014")
    with pytest.raises(BudgetReached) as caught:
        await ask(pool, second, limit)
    assert not caught.value.passing


async def test_without_ceilings_nobody_is_refused(pool: asyncpg.Pool) -> None:
    dialog = await dialog_of(pool, 1)
    await settle(pool, await ask(pool, dialog, Ceilings()), "1000")
    assert await ask(pool, dialog, Ceilings())


async def test_the_books_agree_with_the_calls_whoever_writes_them(pool: asyncpg.Pool) -> None:
    """The release before this one, that still runs; an operator with psql; the end of a call in another day."""
    dialog = await dialog_of(pool, 1)
    await pool.execute(
        "insert into model_calls (dialog_id, revision, halts, purpose, model_asked, asked_at, budget) "
        "select $1, 0, 0, 'reply', 'm', $2::timestamptz + n * interval '3 hours', n from generate_series(1, 15) n",
        dialog.id,
        NOON,
    )
    assert await agree(pool)
    assert await pool.fetchval("select count(*) from day_books") == 3
    await pool.execute("update model_calls set cost = budget * 2, settled_at = now() where id % 2 = 0")
    await pool.execute("update model_calls set asked_at = asked_at - interval '1 day' where id % 3 = 0")
    await pool.execute("update model_calls set budget = 0 where cost is null")
    assert await agree(pool)
    await pool.execute("delete from model_calls")
    assert await pool.fetchval("select coalesce(sum(spent), 0) from day_books") == 0
    assert await agree(pool)


async def test_a_call_reserves_what_the_dearest_of_late_cost(pool: asyncpg.Pool) -> None:
    dialog = await dialog_of(pool, 1)
    free = Ceilings()
    await settle(pool, await ask(pool, dialog, free, model="m"), "0.5")
    for cost in ("0.03", *["0.02"] * 19):
        await settle(pool, await ask(pool, dialog, free, model="m"), cost)
    await settle(pool, await ask(pool, dialog, free, model="another"), "0.7")
    call = await ask(pool, dialog, free, model="m")
    assert await pool.fetchval("select budget from model_calls where id = $1", call) == Decimal("0.03")
    call = await ask(pool, dialog, free, model="never asked")
    assert await pool.fetchval("select budget from model_calls where id = $1", call) == USUAL_COST


async def test_the_providers_usage_takes_the_place_of_what_was_reserved(pool: asyncpg.Pool) -> None:
    dialog = await dialog_of(pool, 1)
    limit = ceilings(dialog="0.015")
    call = await ask(pool, dialog, limit)
    with pytest.raises(BudgetReached):
        await ask(pool, dialog, limit)
    await settle(pool, call, "0.001")
    assert await ask(pool, dialog, limit)


@pytest.mark.parametrize(("error", "left"), [("unavailable", True), ("no_answer", False)])
async def test_an_error_costs_nothing_and_an_answer_not_waited_for_may_have(
    pool: asyncpg.Pool, error: str, left: bool
) -> None:
    dialog = await dialog_of(pool, 1)
    call = await ask(pool, dialog, ceilings(day="0.01"))
    async with pool.acquire() as connection:
        await model_calls.fail(connection, call, error, NOON)
    if left:
        assert await ask(pool, dialog, ceilings(day="0.01"))
        return
    with pytest.raises(BudgetReached):
        await ask(pool, dialog, ceilings(day="0.01"))


async def test_what_the_provider_does_not_price_counts_as_reserved(pool: asyncpg.Pool) -> None:
    dialog = await dialog_of(pool, 1)
    await settle(pool, await ask(pool, dialog, Ceilings()), None)
    with pytest.raises(BudgetReached):
        await ask(pool, dialog, ceilings(dialog="0.015"))


async def test_a_call_that_costs_more_than_a_ceiling_stops_nothing_for_ever(pool: asyncpg.Pool) -> None:
    """Its cost is what the next one would reserve; with nothing spent, the next one is made and tells better."""
    first, second = await dialog_of(pool, 1), await dialog_of(pool, 2)
    limit = ceilings(dialog="0.5", day="0.5")
    await settle(pool, await ask(pool, first, limit), "0.6")
    with pytest.raises(BudgetReached):
        await ask(pool, second, limit)
    tomorrow = NOON + timedelta(days=1)
    call = await ask(pool, second, limit, at=tomorrow)
    with pytest.raises(BudgetReached):
        await ask(pool, first, limit, at=tomorrow)
    await settle(pool, call, "0.01")


async def test_the_day_is_utcs_and_the_next_one_begins_anew(pool: asyncpg.Pool) -> None:
    dialog = await dialog_of(pool, 1)
    limit = ceilings(day="0.01")
    await ask(pool, dialog, limit, at=datetime(2026, 11, 21, 23, 59, 59, tzinfo=UTC))
    assert await ask(pool, dialog, limit, at=datetime(2026, 11, 22, tzinfo=UTC))
    with pytest.raises(BudgetReached):
        await ask(pool, dialog, limit, at=datetime(2026, 11, 22, 23, 59, tzinfo=UTC))


async def test_when_the_days_money_is_spent_replies_wait_unread_and_the_operator_hears_once(town: Town) -> None:
    town.settings = town.settings.model_copy(update={"budget_per_day": Decimal("0.5"), "budget_per_dialog": Decimal()})
    async with town.engine() as engine:
        await engine.begin()
        town.answers("Hello")
        second = await engine.start("boris")
        await town.until_status(Status.ACTIVE, second)
        await town.until_at_rest(second)
        await town.pool.execute("update model_calls set cost = 1, model_asked = 'dear' where id = 1")
        read = town.calls("messages.readHistory")
        town.says("A-1")
        await town.until_value("select due_reason from dialogs where id = 1", "budget_day")
        assert await town.value("select count(*) from events where kind = 'budget_day'") == 1, "told with the first"
        assert (await town.dialog()).due_since is None
        town.says("B-1", who=town.who("boris"))
        await town.until_value("select due_reason from dialogs where id = $1", "budget_day", second)
        town.says("A-2")
        await town.until_value("select count(*) from messages where content = 'A-2'", 1)
        await later(engine)
        assert (town.asked, town.calls("messages.readHistory")) == (2, read)
        rows = await town.rows("select data, untold from events where kind = 'budget_day'")
        midnight = model_calls.day_of(town.clock.now()) + timedelta(days=1)
        assert [(row["data"], row["untold"]) for row in rows] == [({"until": midnight.isoformat()}, True)]
        assert (await town.dialog()).status is Status.ACTIVE
        assert await town.value("select count(*) from events where kind = 'budget_back'") == 0
        await later(engine, midnight - town.clock.now())
        await town.until_heard("Hello", "A-1 A-2")
        await town.until_heard("Hello", "B-1", who=town.who("boris"))
        await later(engine)
        assert await town.value("select count(*) from events where kind = 'budget_back'") == 1
        assert await town.value("select count(*) from events where kind = 'budget_day'") == 1


async def test_a_greater_ceiling_ends_the_wait_on_the_same_day(town: Town) -> None:
    town.settings = town.settings.model_copy(update={"budget_per_day": Decimal("0.5"), "budget_per_dialog": Decimal()})
    async with town.engine() as engine:
        await engine.begin()
        await town.pool.execute("update model_calls set cost = 1, model_asked = 'dear'")
        town.says("A-1")
        await town.until_value("select due_reason from dialogs", "budget_day")
    town.settings = town.settings.model_copy(update={"budget_per_day": Decimal(5), "budget_per_dialog": Decimal()})
    async with town.engine() as engine:
        await later(engine)
        await town.until_heard("Hello", "A-1")
    assert await town.value("select count(*) from events where kind = 'budget_back'") == 1


async def test_who_comes_while_the_rest_is_reserved_waits_a_moment_and_nobody_is_told(town: Town) -> None:
    town.settings = town.settings.model_copy(update={"budget_per_day": Decimal("0.5"), "budget_per_dialog": Decimal()})
    async with town.engine() as engine:
        await engine.begin()
        second = await engine.begin("boris")
        await town.pool.execute("update model_calls set cost = 0.3 where id = 1")
        await town.pool.execute("update model_calls set cost = 0, model_asked = 'another' where id = 2")
        await town.pool.execute("update model_calls set asked_at = asked_at - interval '1 day'")
        held = town.fault("model.chat", Action.HOLD)
        town.says("A-1")
        await town.fired(held)
        town.says("B-1", who=town.who("boris"))
        await town.until_value("select not_before is not null from dialogs where id = $1", True, second)
        town.release(held)
        await town.until_heard("Hello", "A-1")
        await town.pool.execute("update model_calls set cost = 0.1 where cost is null or cost < 0.1")
        await engine.turn_clock(timedelta(seconds=3))
        await town.until_heard("Hello", "B-1", who=town.who("boris"))
    assert await town.value("select count(*) from events where kind like 'budget%'") == 0


async def test_near_the_ceiling_the_wait_ends_once_and_not_at_each_look(town: Town) -> None:
    """There is room for the first model, which fails, and none for the second, of which nothing is known."""
    town.settings = town.settings.model_copy(update={"budget_per_day": Decimal("0.5"), "budget_per_dialog": Decimal()})
    async with town.engine() as engine:
        await engine.begin()
        await town.pool.execute("update model_calls set cost = 0.495")
        await town.pool.execute(
            "insert into model_calls (dialog_id, revision, halts, purpose, model_asked, asked_at, cost, state) "
            "select 1, 0, 0, 'reply', model_asked, $1, 0.001, 'used' from model_calls, generate_series(1, 20)",
            town.clock.now() - timedelta(days=2),
        )
        town.fault("model.chat", Action.ERROR_BODY, count=None)
        town.says("A-1")
        await town.until_value("select due_reason from dialogs", "budget_day")
        await later(engine)
        await later(engine, timedelta(seconds=15))
        assert await town.value("select count(*) from events where kind = 'budget_back'") == 0


async def test_an_answer_that_is_paid_for_is_used_although_no_money_is_left(town: Town) -> None:
    town.settings = town.settings.model_copy(update={"budget_per_day": Decimal("0.5"), "budget_per_dialog": Decimal()})
    async with town.engine() as engine:
        await engine.begin()
        await town.pool.execute(
            """
            create function away() returns trigger language plpgsql as $$ begin raise exception 'not now'; end $$;
            create trigger away before insert on messages for each row
            when (new.purpose = 'reply') execute function away()
            """
        )
        town.answers("Paid for")
        town.says("A-1")
        await town.until_value("select failures from dialogs", 1)
    await town.pool.execute("drop trigger away on messages")
    await town.pool.execute("update model_calls set cost = 1")
    await town.clock.turn(timedelta(seconds=6))
    async with town.engine():
        await town.until_heard("Hello", "Paid for")
        await town.until_at_rest()
    assert town.asked == 2


async def test_a_dialog_that_became_too_dear_gets_a_human_and_handed_back_as_much_again(town: Town) -> None:
    town.settings = town.settings.model_copy(update={"budget_per_dialog": Decimal("0.5")})
    async with town.engine() as engine:
        await engine.begin()
        await town.pool.execute("update model_calls set cost = 0.495")
        await town.pool.execute("update dialogs set handoff_note = 'what an earlier call was for'")
        town.says("A-1")
        assert (await town.until_status(Status.HANDOFF)).handoff_note == ""
        assert town.asked == 1
        rows = await town.rows("select kind, data, untold from events where kind in ('handoff', 'budget_dialog')")
        assert [(row["kind"], row["data"], row["untold"]) for row in rows] == [
            ("budget_dialog", {"reason": "budget"}, True)
        ]
        town.answers("Hello")
        second = await engine.start("boris")
        await town.until_status(Status.ACTIVE, second)
        await town.until_heard("Hello", who=town.who("boris"))
        await engine.lead(DialogEvent.GIVE)
        await town.until_heard("Hello", "A-1")
        await town.until_at_rest()
        await town.pool.execute("update model_calls set cost = 0.6 where dialog_id = 1")
        town.says("A-2")
        await town.until_status(Status.HANDOFF)
        assert await town.value("select count(*) from events where kind = 'budget_dialog'") == 2


async def test_a_repair_that_cannot_be_paid_for_is_not_asked_for(town: Town) -> None:
    """The ceiling is reached between two calls of one turn."""
    town.settings = town.settings.model_copy(update={"budget_per_dialog": Decimal("0.07")})
    await town.pool.execute(
        """
        create function dear() returns trigger language plpgsql as $$ begin new.cost = 0.03; return new; end $$;
        create trigger dear before update on model_calls for each row
        when (new.state = 'answered') execute function dear()
        """
    )
    async with town.engine() as engine:
        await engine.begin()
        town.fault("model.chat", Action.BROKEN_JSON)
        town.says("A-1")
        await town.until_status(Status.HANDOFF)
    assert town.asked == 2
    assert town.heard() == ["Hello"]
