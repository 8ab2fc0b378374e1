"""After a restore: nobody is written to twice, an opt-out holds, and nothing is sent before every history was read.

The database of a town stands still while its Telegram goes on: what happens there is the gap, whoever did it.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta

import pytest

from salesbot.dialog.model import Mode, Outcome, Status
from salesbot.store import campaign_people, dialogs, drafts, installation, locks, parts
from salesbot.store.pool import transaction
from sandbox.world import Action, Role
from tests.engine.running import Town


async def restore(town: Town, *, told: bool = True, nobody_typed: bool = False) -> installation.Confirmed:
    """The database is one that was restored, and somebody confirmed it; what Telegram did since it was last written to
    is the gap. ``told``: its updates come as well, and before anybody reads a history; else there were too many."""
    async with transaction(town.pool) as connection:
        await installation.check(connection)
        since = await connection.fetchval("select max(created_at) from events")
        await connection.execute("update installation set system_identifier = 'restored'")
        await installation.restored(connection, since or town.clock.now(), town.clock.now())
        confirmed = await installation.confirm(connection, town.clock.now(), nobody_typed=nobody_typed)
        assert confirmed is not None
    if not told:
        town.world.rules.difference_too_long = 0
    return confirmed


@pytest.fixture(params=[True, False], ids=["told by updates", "only the history knows"])
def told(request: pytest.FixtureRequest) -> bool:
    return bool(request.param)


async def said_and_gone(town: Town, *texts: str) -> None:
    """A life of the engine that ends with a reply decided and not sent."""
    async with town.engine() as engine:
        await engine.begin()
        town.slower(typing_min_seconds=60, typing_max_seconds=60)
    async with town.engine() as engine:
        town.answers(*texts)
        town.says("Tell me more")
        await town.until_parts(("Hello", "sent"), *((text, "pending") for text in texts))
        await engine.kill()
    town.slower(typing_min_seconds=0, typing_max_seconds=0)


def sends(town: Town) -> int:
    return town.calls("messages.sendMessage")


async def all_read(town: Town) -> None:
    await town.until_value("select count(*) from events where kind = 'gap_read'", 1)


async def test_nothing_is_sent_before_every_history_was_read(town: Town, told: bool) -> None:
    async with town.engine() as engine:
        for name in ("anna", "boris"):
            await engine.begin(name)
    boris = town.who("boris")
    town.says("A-1")
    town.says("STOP writing to me", who=boris)
    confirmed = await restore(town, told=told)
    assert (confirmed.accounts, confirmed.dialogs) == (1, 2)
    said, marked = sends(town), town.calls("messages.readHistory")
    held = town.fault("messages.getHistory", Action.HOLD, user=town.account)
    async with town.engine(live=False):
        await town.fired(held)
        assert town.calls("messages.readHistory") == marked, "nor is anything marked as read"
        town.release(held)
        await town.until_heard("Hello", "A-1")
        await town.until_at_rest()
    log = [p for p in town.world.log.since(kind="rpc") if p.user == town.account]
    read = [p.peer for p in log if p.method == "messages.getHistory"]
    last = [p.method for p in log][::-1]
    assert set(read[-2:]) == {town.anna, boris}
    assert "messages.getHistory" not in last[: last.index("messages.sendMessage")]
    assert sends(town) == said + 1
    assert town.heard(boris) == ["Hello"], "not even a farewell, days later"
    assert (await town.dialog(2)).outcome is Outcome.OPTED_OUT


async def test_parts_that_were_sent_since_are_not_sent_again(town: Town, told: bool) -> None:
    """And Telegram has forgotten their random ids."""
    await said_and_gone(town, "First.", "Second.")
    town.colleague_types("First.")
    town.colleague_types("Second.")
    await restore(town, told=told)
    said = sends(town)
    async with town.engine():
        await all_read(town)
        await town.until_at_rest()
    assert await town.parts() == [("Hello", "sent"), ("First.", "sent"), ("Second.", "sent")]
    assert sends(town) == said
    assert (await town.dialog()).status is Status.ACTIVE, "they were our own"


async def test_a_part_whose_fate_was_unknown_is_not_sent_again(town: Town) -> None:
    async with town.engine() as engine:
        await engine.begin()
        fault = town.fault("messages.sendMessage", Action.DROP_ANSWER, user=town.account)
        town.says("A-1")
        await town.fired(fault)
        await engine.kill()
    town.world.faults.clear()
    town.world.forget_random_ids(town.account)
    await restore(town, told=False)
    said = sends(town)
    async with town.engine():
        await all_read(town)
        await town.until_at_rest()
    assert await town.parts() == [("Hello", "sent"), ("A-1", "sent")]
    assert town.heard() == ["Hello", "A-1"]
    assert sends(town) == said


async def test_what_was_not_sent_since_is_decided_anew(town: Town) -> None:
    await said_and_gone(town, "First.", "Second.")
    await restore(town)
    town.answers("Another day.")
    async with town.engine():
        await town.until_heard("Hello", "Another day.")
        await town.until_at_rest()
    states = [state for _, state in await town.parts()]
    assert states == ["sent", "cancelled", "cancelled", "sent"]


async def test_who_was_answered_since_is_not_answered_again(town: Town) -> None:
    """By whom, Telegram does not tell: it is a colleague's until somebody gives it back."""
    await said_and_gone(town, "First.")
    town.colleague_types("Something else.")
    await restore(town)
    async with town.engine():
        await all_read(town)
        await town.until_at_rest()
    assert town.heard() == ["Hello", "Something else."]
    assert (await town.dialog()).status is Status.TAKEN
    assert await town.value("select count(*) from events where kind = 'spoke_in_gap' and untold is not null") == 1


async def test_where_no_colleague_typed_the_model_goes_on(town: Town) -> None:
    await said_and_gone(town, "First.")
    town.colleague_types("Something else.")
    await restore(town, nobody_typed=True)
    async with town.engine():
        await all_read(town)
        await town.until_at_rest()
        assert town.heard() == ["Hello", "Something else."]
        town.says("B-2")
        await town.until_heard("Hello", "Something else.", "B-2")
    assert (await town.dialog()).status is Status.ACTIVE


async def test_a_follow_up_that_was_said_since_is_not_said_again(town: Town) -> None:
    async with town.engine() as engine:
        await engine.begin()
    assert (await town.dialog()).follow_up_at is not None
    await town.clock.turn(timedelta(hours=25))
    town.colleague_types("Are you still there?")
    await restore(town)
    async with town.engine():
        await all_read(town)
        await town.until_at_rest()
    assert town.heard() == ["Hello", "Are you still there?"]


async def test_a_name_that_was_being_looked_up_is_not_greeted_again(town: Town) -> None:
    """Its person was found and greeted after the backup."""
    async with town.engine() as engine:
        held = town.fault("contacts.resolveUsername", Action.HOLD, user=town.account)
        await engine.start()
        await town.fired(held)
        await engine.kill()
    town.world.faults.clear()
    town.colleague_types("Hello")
    await restore(town)
    async with town.engine():
        await town.until_status(Status.TAKEN)
    assert town.heard() == ["Hello"]


async def test_who_is_in_no_dialog_any_more_is_not_greeted_again(town: Town) -> None:
    """Their dialog was begun after the backup; a list, or a command that comes again, wants to begin it."""
    async with town.engine() as engine:
        await engine.begin("boris")
    town.world.clock = lambda: town.clock.now() - timedelta(minutes=1)
    town.colleague_types("Hello")
    town.says("Who are you?")
    town.world.clock = town.clock.now
    await restore(town)
    async with town.engine() as engine:
        found = await town.until_status(Status.TAKEN, 2)
        assert (found.target_username, found.mode) == ("anna", Mode.OFF)
        number = await engine.start()
        assert (await town.until_status(Status.FAILED, number)).outcome is Outcome.ALREADY_ACTIVE
    assert town.heard() == ["Hello"]
    assert await town.value("select opened_at is not null from dialogs where id = 2")
    assert await town.value("select array_agg(content order by id) from messages where dialog_id = 2") == [
        "Hello",
        "Who are you?",
    ]


async def test_whom_one_account_greeted_in_the_gap_is_not_greeted_by_another_one(town: Town) -> None:
    """Whose chat with them is empty: a list finds the account by their latest dialog."""
    town.colleague_types("Hello")
    await town.pool.execute(
        "insert into accounts (id, dc_id, server_address, server_port, auth_key, state) "
        "values (1, 2, '', 1, '', 'banned')"
    )
    await restore(town)
    async with town.engine():
        await all_read(town)
    await town.pool.execute(
        """
        update accounts set state = 'ready' where id = 1;
        insert into campaigns (id, name, created_by, state) values (1, 'a list', 1, 'running');
        insert into campaign_people (campaign_id, line, username, scenario) values (1, 1, 'anna', 'sales')
        """
    )
    async with town.pool.acquire() as connection:
        assert await campaign_people.next_person(connection, 1) is None
        assert (await campaign_people.next_person(connection, town.account)) is not None
        dialog = await dialogs.open_with(connection, town.anna)
    assert dialog is not None and dialog.account_id == town.account


async def test_where_no_colleague_typed_the_model_may_go_on_with_who_was_found(town: Town) -> None:
    town.colleague_types("Hello")
    await restore(town, nobody_typed=True)
    async with town.engine():
        await all_read(town)
    assert (await town.dialog()).mode is None


async def test_conversations_that_were_begun_since_count_among_those_of_the_day(town: Town) -> None:
    town.settings = town.settings.model_copy(update={"new_dialogs_per_day": 2, "warm_up": ()})
    async with town.engine() as engine:
        await engine.begin("boris")
    town.colleague_types("Hello")
    await restore(town)
    async with town.engine() as engine:
        await all_read(town)
        await engine.start("clara")
        await town.until_value("select count(*) from events where kind = 'openings_wait'", 1)
    assert town.heard(town.who("clara")) == []


async def test_a_conversation_that_nobody_but_the_program_began_counts_as_well(town: Town) -> None:
    """Its dialog stood in the backup, and was begun after it."""
    town.settings = town.settings.model_copy(update={"new_dialogs_per_day": 2, "warm_up": ()})
    async with town.engine() as engine:
        await engine.begin("boris")
        town.slower(typing_min_seconds=60, typing_max_seconds=60)
    async with town.engine() as engine:
        number = await engine.start()
        await town.until_parts(("ok", "pending"), dialog_id=number)
        await engine.kill()
    town.slower(typing_min_seconds=0, typing_max_seconds=0)
    await town.pool.execute("update dialogs set opened_at = null where id = $1", number)
    town.colleague_types("Good day")
    await restore(town, nobody_typed=True)
    async with town.engine() as engine:
        await all_read(town)
        await engine.start("clara")
        await town.until_value("select count(*) from events where kind = 'openings_wait'", 1)
    assert town.heard(town.who("clara")) == []


@pytest.mark.parametrize("known", ["a closed dialog", "no dialog", "nothing but what they wrote"])
async def test_an_opt_out_of_somebody_who_is_in_no_open_dialog_holds(town: Town, known: str) -> None:
    async with town.engine() as engine:
        await engine.begin("boris")
        if known == "a closed dialog":
            await engine.begin("anna")
            await town.pool.execute("update dialogs set status = 'closed', due_at = null where id = 2")
    if known == "no dialog":
        town.colleague_types("Hello")
    town.says("stop, do not write to me")
    await restore(town, told=False)
    heard = town.heard()
    async with town.engine() as engine:
        await all_read(town)
        number = await engine.start("anna")
        assert (await town.until_status(Status.FAILED, number)).outcome is Outcome.OPTED_OUT
    assert town.heard() == heard


async def test_all_chats_are_found_in_which_something_was_said_since(town: Town) -> None:
    """Telegram tells a hundred at once; bots and what is older are none of them."""
    people = [town.world.users.create(Role.TARGET, f"Person {n}").id for n in range(120)]
    with town.long_ago():
        for one in people[:5]:
            town.world.send(one, town.account, "Hello")
    for one in people[5:]:
        town.world.send(one, town.account, "Hello")
    bot = town.world.users.by_username("sales_desk_bot")
    assert bot is not None
    town.colleague_types("/start", to=bot.id)
    async with town.engine() as engine:
        found = await engine.gateways[-1].chats_since(town.clock.now() - timedelta(hours=1))
    assert {chat.peer_id for chat in found} == set(people[5:])
    assert town.calls("messages.getDialogs") == 2


async def test_a_draft_that_was_sent_since_is_not_sent_by_its_button(town: Town) -> None:
    async with town.engine() as engine:
        await engine.begin()
        await engine.set_mode(Mode.DRAFT)
        town.says("A-1")
        draft = await town.until_draft("A-1")
    town.colleague_types("A-1")
    await restore(town)
    async with town.engine() as engine:
        await all_read(town)
        assert await engine.act(lambda c, _: drafts.approve(c, draft.id, 1, town.clock.now())) is None
        await town.until_at_rest()
    assert town.heard() == ["Hello", "A-1"]


async def test_a_draft_that_was_not_sent_goes_on_waiting(town: Town) -> None:
    async with town.engine() as engine:
        await engine.begin()
        await engine.set_mode(Mode.DRAFT)
        town.says("A-1")
        draft = await town.until_draft("A-1")
    await restore(town)
    async with town.engine() as engine:
        await all_read(town)
        assert await engine.act(lambda c, _: drafts.approve(c, draft.id, 1, town.clock.now())) is not None
        await town.until_heard("Hello", "A-1")


async def test_a_colleagues_word_that_was_on_its_way_is_not_said_unasked(town: Town) -> None:
    """They hear that it did not go out."""
    async with town.engine() as engine:
        await engine.begin()
        town.slower(typing_min_seconds=60, typing_max_seconds=60)
    async with town.engine() as engine:
        await engine.act(lambda c, dialog: parts.say(c, dialog, 1, "From the desk", 77, town.clock.now()))
        await engine.kill()
    town.slower(typing_min_seconds=0, typing_max_seconds=0)
    await restore(town)
    async with town.engine():
        await all_read(town)
        await town.until_value("select data ->> 'reason' from events where kind = 'unsaid'", "restored")
    assert town.heard() == ["Hello"]


async def test_what_is_said_and_approved_after_the_start_goes_out(town: Town) -> None:
    """While the histories are being read: it is none of the backup's."""
    async with town.engine() as engine:
        for name in ("anna", "boris"):
            await engine.begin(name)
        await engine.set_mode(Mode.DRAFT)
        town.says("A-1")
        draft = await town.until_draft("A-1")
    await restore(town)
    held = town.fault("messages.getHistory", Action.HOLD, user=town.account)
    async with town.engine(live=False) as engine:
        await town.fired(held)
        await town.clock.turn(timedelta(seconds=1))
        now = town.clock.now()
        assert await engine.act(lambda c, _: drafts.approve(c, draft.id, 1, now)) is not None
        await engine.act(lambda c, dialog: parts.say(c, dialog, 1, "From the desk", 77, now), 2)
        town.release(held)
        await town.until_heard("Hello", "A-1")
        await town.until_heard("Hello", "From the desk", who=town.who("boris"))


async def test_a_promised_human_is_called_when_the_promise_was_sent_since(town: Town) -> None:
    async with town.engine() as engine:
        await engine.begin()
        town.slower(typing_min_seconds=60, typing_max_seconds=60)
    async with town.engine() as engine:
        town.answers("A colleague will write to you.", handoff="wants a human")
        town.says("A human, please")
        await town.until_parts(("Hello", "sent"), ("A colleague will write to you.", "pending"))
        await engine.kill()
    town.slower(typing_min_seconds=0, typing_max_seconds=0)
    town.colleague_types("A colleague will write to you.")
    await restore(town)
    async with town.engine():
        await town.until_status(Status.HANDOFF)


async def test_a_history_that_cannot_be_read_does_not_silence_the_others(town: Town) -> None:
    async with town.engine() as engine:
        for name in ("anna", "boris"):
            await engine.begin(name)
    town.says("B-1", who=town.who("boris"))
    await restore(town)
    town.fault("messages.getHistory", Action.ERROR, user=town.account, code=400, text="PEER_ID_INVALID")
    async with town.engine():
        await town.until_heard("Hello", "B-1", who=town.who("boris"))


async def test_a_chat_that_cannot_be_read_is_told_of(town: Town) -> None:
    """Whether somebody opted out in it, nobody knows."""
    town.colleague_types("Hello")
    await restore(town, told=False)
    town.fault("messages.getHistory", Action.ERROR, user=town.account, code=400, text="PEER_ID_INVALID")
    async with town.engine():
        await all_read(town)
    assert await town.value("select data ->> 'unreadable' from events where kind = 'gap_read'") == "1"


async def test_a_flood_wait_over_the_histories_is_waited_for(town: Town) -> None:
    async with town.engine() as engine:
        await engine.begin()
    town.says("A-1")
    await restore(town)
    said = sends(town)
    fault = town.fault("messages.getHistory", Action.FLOOD_WAIT, user=town.account, seconds=1)
    async with town.engine(live=False):
        await town.fired(fault)
        assert sends(town) == said
        await town.until_heard("Hello", "A-1")


async def test_what_was_not_read_before_a_death_is_read_by_the_next_process(town: Town) -> None:
    async with town.engine() as engine:
        for name in ("anna", "boris"):
            await engine.begin(name)
    town.says("A-1")
    town.says("stop it, no more messages please", who=town.who("boris"))
    await restore(town)
    said = sends(town)
    held = town.fault("messages.getHistory", Action.HOLD, user=town.account)
    async with town.engine(live=False) as engine:
        await town.fired(held)
        await engine.kill()
    town.world.faults.clear()
    assert sends(town) == said
    async with town.engine():
        await town.until_heard("Hello", "A-1")
    assert town.heard(town.who("boris")) == ["Hello"]


@asynccontextmanager
async def another_account(town: Town) -> AsyncIterator[None]:
    """Served by another process, and it has still to read."""
    await town.pool.execute(
        "insert into accounts (id, dc_id, server_address, server_port, auth_key, gap_unread) "
        "values (1, 2, '', 1, '', true)"
    )
    async with town.pool.acquire() as connection:
        assert await locks.try_lock(connection, 1)
        yield
        await locks.unlock(connection, 1)


async def test_a_gap_that_was_not_read_to_its_end_is_read_with_the_next_one(town: Town) -> None:
    async with town.engine() as engine:
        await engine.begin("boris")
    town.says("stop, do not write to me")
    await restore(town)
    await town.clock.turn(timedelta(days=1))
    await town.pool.execute("insert into events (kind, actor, created_at) values ('x', 'system', $1)", town.clock.now())
    await town.pool.execute("update accounts set state_date = $1", town.clock.now())
    await town.pool.execute("update model_calls set asked_at = $1", town.clock.now())
    await restore(town)
    async with town.engine() as engine:
        await all_read(town)
        number = await engine.start("anna")
        assert (await town.until_status(Status.FAILED, number)).outcome is Outcome.OPTED_OUT


async def test_no_part_is_claimed_while_another_account_has_still_to_read(town: Town) -> None:
    """An opt-out may stand in a chat of that one."""
    async with town.engine() as engine:
        await engine.begin()
        async with another_account(town):
            said = sends(town)
            town.says("A-1")
            await town.until_parts(("Hello", "sent"), ("A-1", "pending"))
            await engine.looks()
            assert sends(town) == said
            await town.pool.execute("update accounts set state = 'banned' where id = 1")
            await engine.turn_clock(timedelta(seconds=6))
            await town.until_heard("Hello", "A-1")


async def test_an_account_that_waits_for_another_one_is_not_live(town: Town) -> None:
    await restore(town)
    async with another_account(town), town.engine(live=False) as engine:
        await all_read(town)
        assert not engine.context.live
        await town.pool.execute("update accounts set gap_unread = false, state = 'banned' where id = 1")
        await engine.turn_clock(timedelta(seconds=2))
        await engine.until_live()


async def test_who_opted_out_on_one_account_is_left_alone_by_the_others(town: Town) -> None:
    """Their dialog is another account's; on this one they are in none."""
    await town.pool.execute(
        "insert into accounts (id, dc_id, server_address, server_port, auth_key, state) "
        "values (1, 2, '', 1, '', 'banned')"
    )
    await town.pool.execute("insert into contacts (id) values ($1)", town.anna)
    await town.pool.execute(
        "insert into dialogs (account_id, contact_id, target_username, scenario, status) "
        "values (1, $1, 'anna', 'sales', 'active')",
        town.anna,
    )
    town.colleague_types("Hello")
    town.says("stop writing to me")
    await restore(town)
    async with town.engine():
        await all_read(town)
    dialog = await town.dialog()
    assert (dialog.status, dialog.outcome) == (Status.CLOSED, Outcome.OPTED_OUT)
