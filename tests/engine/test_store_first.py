"""Law 1: what Telegram tells is stored, once, in its dialog, whatever was missed on the way."""

from __future__ import annotations

from datetime import timedelta

from salesbot.dialog.model import DialogEvent, Seen, Status
from salesbot.store.pool import transaction
from tests.engine.patience import until
from tests.engine.running import Engine, Town


async def test_a_replay_changes_nothing(town: Town, engine: Engine) -> None:
    await engine.begin()
    at = town.says("A-1")
    await town.until_heard("Hello", "A-1")
    await town.until_at_rest()
    before = await town.dialog()
    await engine.inbox.arrived(town.account, [Seen(at, town.anna, False, "A-1", town.world.now())])
    assert await town.dialog() == before
    assert await town.value("select count(*) from messages where content = 'A-1' and direction = 'in'") == 1


async def test_strangers_are_neither_stored_nor_answered(town: Town, engine: Engine) -> None:
    await engine.begin()
    town.says("A-1", who=town.who("boris"))
    town.says("B-2")
    await town.until_heard("Hello", "B-2")
    assert await town.value("select count(*) from messages where content = 'A-1'") == 0


async def test_a_stranger_gets_a_dialog_where_that_is_wanted(town: Town) -> None:
    town.settings = town.settings.model_copy(update={"answer_strangers": True})
    boris = town.who("boris")
    async with town.engine():
        town.says("A-1", who=boris)
        await town.until_heard("A-1", who=boris)
        await town.until_at_rest()
    assert (await town.dialog()).contact_id == boris


async def test_what_came_while_the_process_was_down_is_answered_once(town: Town) -> None:
    async with town.engine() as engine:
        await engine.begin()
    town.says("A-1")
    town.says("B-2")
    async with town.engine():
        await town.until_heard("Hello", "A-1 B-2")
        await town.until_at_rest()


async def test_what_telegram_would_not_tell_is_read_from_the_history(town: Town) -> None:
    async with town.engine() as engine:
        await engine.begin()
    town.world.rules.difference_too_long = 1
    for token in ("A-1", "B-2", "C-3"):
        town.says(token)
    async with town.engine():
        await town.until_heard("Hello", "A-1 B-2 C-3")
        await town.until_at_rest()
    assert await town.value("select count(*) from messages where direction = 'in'") == 3


async def test_what_was_missed_in_a_stopped_dialog_is_stored_and_not_answered(town: Town) -> None:
    async with town.engine() as engine:
        await engine.begin()
        await engine.lead(DialogEvent.STOP)
    town.world.rules.difference_too_long = 1
    town.says("A-1")
    town.says("B-2")
    async with town.engine():
        await town.until_stored("B-2")
        await town.until_at_rest()
    assert town.heard() == ["Hello"]
    dialog = await town.dialog()
    assert (dialog.status, dialog.compare) == (Status.STOPPED, False)


async def test_who_comes_back_in_a_gap_is_answered(town: Town) -> None:
    async with town.engine() as engine:
        await engine.begin()
        town.answers("Agreed", outcome="won")
        town.says("A-1")
        await town.until_status(Status.CLOSED)
    town.world.rules.difference_too_long = 1
    town.says("B-2")
    town.says("C-3")
    async with town.engine():
        await town.until_heard("Hello", "Agreed", "A-1 B-2 C-3")


async def test_a_gap_in_the_middle_is_looked_for_on_a_fresh_connection(town: Town, engine: Engine) -> None:
    await engine.begin()
    before = len(engine.gateways)
    await engine.inbox.gap(town.account)
    await until(lambda: len(engine.gateways) > before and engine.is_live(), "a fresh connection")
    town.says("A-1")
    await town.until_heard("Hello", "A-1")


async def test_edits_and_deletions_that_were_missed_are_read_before_the_next_turn(town: Town) -> None:
    async with town.engine() as engine:
        await engine.begin()
        first = town.world.send(town.anna, town.account, "A-1").id
        await town.until_heard("Hello", "A-1")
        second = town.world.send(town.anna, town.account, "B-2").id
        await town.until_heard("Hello", "A-1", "B-2")
        await town.until_at_rest()
    town.world.edit(town.anna, first, "A-9")
    town.world.delete(town.anna, [second])
    town.world.rules.difference_too_long = 1
    town.says("C-3")
    async with town.engine():
        await town.until_heard("Hello", "A-1", "B-2", "A-9 C-3")
        await town.until_at_rest()
    assert await town.value("select deleted_at is not null from messages where content = 'B-2' and direction = 'in'")


async def test_old_lines_that_come_to_light_are_not_new_ones(town: Town, engine: Engine) -> None:
    """More was said long ago than was read; after deletions the newest page reaches back to it."""
    with town.long_ago():
        town.colleague_types("an old line of ours")
        town.says("an old question")
        for number in range(110):
            town.says(f"line {number}")
    await engine.begin()
    newest = [m.id for m in town.world.history(town.anna, town.account, limit=60) if m.out]
    town.world.delete(town.anna, newest)
    await town.until_value("select count(*) from messages where deleted_at is not null", len(newest))
    async with transaction(town.pool) as connection:
        await connection.execute("update dialogs set compare = true, due_at = $1", town.clock.now())
    engine.context.work.wake()
    await town.until_stored("an old question")
    await town.until_at_rest()
    dialog = await town.dialog()
    assert (dialog.status, town.asked, dialog.compare) == (Status.ACTIVE, 1, False)


async def test_a_person_of_two_dialogs_is_compared_once(town: Town) -> None:
    async with town.engine() as engine:
        await engine.begin()
        await engine.lead(DialogEvent.STOP)
        await engine.start()
        await town.until_status(Status.ACTIVE, 2)
        await town.until_at_rest(2)
        town.says("A-1")
        await until(lambda: "A-1" in town.heard())
        await town.until_at_rest(2)
    read = town.calls("messages.getHistory")
    async with town.engine():
        assert not (await town.dialog(1)).compare
    assert town.calls("messages.getHistory") == read


async def test_a_reaction_is_stored_and_asks_for_nothing(town: Town, engine: Engine) -> None:
    await engine.begin()
    hello = town.world.history(town.anna, town.account, limit=1)[0]
    before = (await town.dialog()).revision
    town.world.react(town.anna, hello.id, "👍")
    await town.until_value("select count(*) from messages where reaction = '👍'", 1)
    assert (await town.dialog()).revision == before


async def test_the_debounce_of_a_burst_is_capped(town: Town) -> None:
    async with town.engine() as engine:
        await engine.begin()
    town.slower(debounce_seconds=4, debounce_cap_seconds=20)
    async with town.engine() as engine:
        town.says("A-1")
        await town.until_stored("A-1")
        begun = await town.value("select due_since from dialogs")
        await engine.turn_clock(timedelta(seconds=3.5))
        town.says("B-2")
        await town.until_stored("B-2")
        dialog = await town.dialog()
        assert dialog.due_since == begun
        assert dialog.due_at is not None and dialog.due_at > begun + timedelta(seconds=7)
        assert dialog.due_at <= begun + timedelta(seconds=20)
        await engine.turn_clock(timedelta(seconds=5))
        await town.until_heard("Hello", "A-1 B-2")
