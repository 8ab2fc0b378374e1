"""Texts of dialogs that ended long ago are erased; what is counted stays, and no history read brings them back."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import asyncpg
import pytest

from salesbot.dialog.fields import Proven
from salesbot.dialog.model import DialogEvent, Outcome, Promise, Status
from salesbot.store import dialogs, facts, retention, tasks
from sandbox.world import Action
from sandbox.world.model import Media, MediaKind
from tests.engine.patience import until
from tests.engine.running import Engine, Town

DAYS = 30
WORDS = """
    select array_remove(array_agg(distinct word), '') from (
        select content as word from messages union all select quote from messages union all select media from messages
        union all select edits::text from messages where edits <> '[]' union all select reaction from messages
        union all select summary from dialogs union all select handoff_note from dialogs
        union all select coalesce(answer, '') from model_calls union all select value from dialog_facts
        union all select what from tasks) words
"""


@pytest.fixture
async def keeper(town: Town) -> Town:
    """Keeps texts for thirty days."""
    town.settings = town.settings.model_copy(update={"retention_days": DAYS})
    return town


async def talked(town: Town, engine: Engine) -> None:
    """A dialog with words at every place, that is stopped now."""
    await engine.begin()
    first = town.says("A-1")
    await town.until_heard("Hello", "A-1")
    await town.until_at_rest()
    town.world.edit(town.anna, town.world.message(town.account, first).twin_id, "A-1, I mean")
    await town.until_stored("A-1, I mean")
    now = town.clock.now()
    async with town.pool.acquire() as connection:
        message_id = await connection.fetchval("select id from messages where content = 'A-1, I mean'")
        await facts.learn(connection, 1, [Proven("team", "12 people", message_id)], now)
        await tasks.add(connection, 1, Promise("send the offer"), message_id, now)
        await dialogs.sum_up(connection, 1, "They have an office.", message_id)
    await town.pool.execute("update dialogs set handoff_note = 'wants a person'")
    await town.pool.execute("update messages set quote = 'quoted', media = 'name.pdf' where content like 'A-1%'")
    await engine.lead(DialogEvent.STOP)


async def later(engine: Engine, by: timedelta) -> None:
    await engine.turn_clock(by)
    await engine.chores.look()


async def counts(town: Town) -> list[asyncpg.Record]:
    return await town.rows(
        "select (select count(*) from messages) as messages, (select count(*) from model_calls) as calls, "
        "(select count(*) from events) as events, (select sum(cost) from model_calls) as cost"
    )


async def test_the_texts_go_and_what_is_counted_stays(keeper: Town) -> None:
    async with keeper.engine() as engine:
        await talked(keeper, engine)
        before = await counts(keeper)
        await later(engine, timedelta(days=DAYS) - timedelta(minutes=1))
        assert len(await keeper.value(WORDS)) > 8
        await later(engine, timedelta(minutes=2))
        await keeper.until_value(WORDS, [])
    assert await counts(keeper) == before
    assert await keeper.value("select erased_at is not null from dialogs")
    assert (await keeper.dialog()).status is Status.STOPPED


async def test_what_goes_on_is_kept(keeper: Town) -> None:
    async with keeper.engine() as engine:
        await engine.begin()
        await engine.lead(DialogEvent.HANDOFF)
        await later(engine, timedelta(days=10 * DAYS))
        assert await keeper.value("select count(*) from messages where content <> ''") > 0


async def test_without_the_setting_all_is_kept(town: Town, engine: Engine) -> None:
    await talked(town, engine)
    await later(engine, timedelta(days=10 * DAYS))
    assert len(await town.value(WORDS)) > 8


async def test_a_history_that_is_read_again_brings_no_words_back(keeper: Town) -> None:
    keeper.world.rules = replace(keeper.world.rules, edit_window=timedelta(days=365))
    async with keeper.engine() as engine:
        await talked(keeper, engine)
        await later(engine, timedelta(days=DAYS, minutes=1))
        await keeper.until_value(WORDS, [])
        first = await keeper.value("select min(telegram_message_id) from messages where direction = 'in'")
        keeper.world.edit(keeper.anna, keeper.world.message(keeper.account, first).twin_id, "A-1, I insist")
    await keeper.pool.execute("update dialogs set compare = true, due_at = now()")
    async with keeper.engine():
        await keeper.until_value("select compare from dialogs", False)
    assert await keeper.value(WORDS) == []


async def test_who_writes_again_begins_anew_and_that_is_erased_in_its_time(keeper: Town) -> None:
    async with keeper.engine() as engine:
        await talked(keeper, engine)
        await later(engine, timedelta(days=DAYS, minutes=1))
        await keeper.until_value(WORDS, [])
        keeper.says("A-2")
        await keeper.until_stored("A-2")
        assert not await keeper.value("select erased_at is not null from dialogs")
        await later(engine, timedelta(days=DAYS) - timedelta(minutes=1))
        assert await keeper.value(WORDS) == ["A-2"]
        await later(engine, timedelta(minutes=2))
        await keeper.until_value(WORDS, [])


async def test_a_dialog_that_is_gone_on_with_is_kept_again(keeper: Town) -> None:
    async with keeper.engine() as engine:
        await engine.begin()
        keeper.answers("Agreed", outcome="won")
        keeper.says("A-1")
        await keeper.until_status(Status.CLOSED)
        await later(engine, timedelta(days=DAYS, minutes=1))
        await keeper.until_value(WORDS, [])
        keeper.says("A-2")
        await until(lambda: keeper.heard()[-1] == "A-2", "the dialog goes on")
        await keeper.until_at_rest()
        await later(engine, timedelta(days=DAYS, minutes=1))
        kept = set(await keeper.value("select array_agg(content) from messages where content <> ''"))
        assert kept - {"ok"} == {"A-2"}, "a follow-up may have been said meanwhile"


async def test_what_is_still_on_its_way_is_not_erased(keeper: Town) -> None:
    async with keeper.engine() as engine:
        await engine.begin()
        held = keeper.fault("messages.sendMessage", Action.BLACK_HOLE, user=keeper.account)
        keeper.says("A-1")
        await keeper.fired(held)
        await engine.kill()
    await keeper.lead(DialogEvent.STOP)
    later = keeper.clock.now() + timedelta(days=DAYS, minutes=1)
    async with keeper.pool.acquire() as connection:
        assert await retention.erasable(connection, later, 10) == []
        assert not await retention.erase(connection, 1, later, later)


@pytest.mark.parametrize("state", ["pending", "sending"])
async def test_what_an_account_that_is_out_had_on_its_way_keeps_nothing(keeper: Town, state: str) -> None:
    async with keeper.engine() as engine:
        await talked(keeper, engine)
    await keeper.pool.execute("update messages set send_state = $1 where content like '%Hello%'", state)
    await keeper.pool.execute("update accounts set state = 'banned'")
    async with keeper.engine(live=False) as engine:
        await later(engine, timedelta(days=DAYS, minutes=1))
        await keeper.until_value(WORDS, [])
    assert await keeper.value("select failure from messages where send_state = 'cancelled'") == "erased"


async def test_two_processes_erase_a_dialog_once(keeper: Town) -> None:
    async with keeper.engine() as engine:
        await talked(keeper, engine)
        now = keeper.clock.now()
        later = now + timedelta(minutes=1)
        async with keeper.pool.acquire() as connection:
            assert await retention.erasable(connection, later, 10) == [1]
            assert await retention.erase(connection, 1, later, now)
            assert await retention.erasable(connection, later, 10) == []
            assert not await retention.erase(connection, 1, later, now)


async def test_a_message_of_a_colleague_is_not_taken_for_an_erased_part(keeper: Town) -> None:
    """A part that was given up, of which nobody knows whether it stands, has no words any more: a photo has none."""
    async with keeper.engine() as engine:
        await talked(keeper, engine)
        await keeper.pool.execute(
            "insert into messages (dialog_id, account_id, direction, author, content, timestamp, send_state, "
            "random_id, anchor_id) select 1, $1, 'out', 'model', 'lost', now(), 'cancelled', 4711, 1",
            keeper.account,
        )
        await later(engine, timedelta(days=DAYS, minutes=1))
        await keeper.until_value(WORDS, [])
        keeper.world.send(keeper.account, keeper.anna, "", media=Media(MediaKind.PHOTO, width=10, height=10))
        await keeper.until_value("select author from messages order by id desc limit 1", "human")
    assert await keeper.value("select send_state from messages where random_id = 4711") == "cancelled"


async def test_a_name_that_led_nowhere_has_nothing_to_erase_and_is_done_once(keeper: Town) -> None:
    async with keeper.engine() as engine:
        await engine.start("nobody_here")
        assert (await keeper.until_status(Status.FAILED)).outcome is Outcome.NO_SUCH_PERSON
        await later(engine, timedelta(days=DAYS, minutes=1))
        await keeper.until_value("select erased_at is not null from dialogs", True)


async def test_who_is_resumed_after_their_words_were_erased_hears_nothing_about_nothing(keeper: Town) -> None:
    async with keeper.engine() as engine:
        await engine.begin()
        held = keeper.fault("model.chat", Action.HOLD)
        keeper.says("A-1")
        await keeper.fired(held)
        await engine.lead(DialogEvent.STOP)
        keeper.release(held)
        await keeper.until_at_rest()
        await later(engine, timedelta(days=DAYS, minutes=1))
        await keeper.until_value(WORDS, [])
        asked = keeper.asked
        await engine.lead(DialogEvent.RESUME)
        await keeper.until_at_rest()
        assert (keeper.asked, keeper.heard()) == (asked, ["Hello"])
        keeper.says("B-2")
        await keeper.until_heard("Hello", "B-2")
