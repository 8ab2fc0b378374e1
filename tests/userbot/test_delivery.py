"""Law 1: what Telegram tells is stored, in order, and the written update state is never ahead of it."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Sequence

import pytest
from telethon.tl import types

from salesbot.dialog.model import Kind, Seen
from salesbot.errors import NotOwner, Transient
from salesbot.lifecycle import end
from salesbot.store.dialogs import Fence
from salesbot.userbot.client import PROBE_EVERY, STATE_EVERY
from salesbot.userbot.delivery import Batch, Delivery
from salesbot.userbot.peers import PeerBook
from sandbox.world import Action, Role, Rule
from sandbox.world.model import Media, MediaKind, Quote
from tests.support.waiting import until
from tests.userbot.conftest import Notes, QuickClock, Town

AWAY_ONCE = """
create sequence attempts;
create function away_once() returns trigger language plpgsql as $$
begin
    if nextval('attempts') = 1 then
        raise 'the database is about to end' using errcode = 'admin_shutdown';
    end if;
    return new;
end $$;
create trigger away_once before update of pts on accounts for each row execute function away_once();
"""


async def test_what_people_write_arrives_in_order_with_who_they_are(town: Town) -> None:
    notes = Notes()
    async with town.connected(notes):
        for number in range(5):
            town.world.send(town.anna, town.account, f"line {number}")
        await notes.until(lambda: len(notes.messages) == 5)
    assert notes.texts == [f"line {number}" for number in range(5)]
    person = notes.messages[0].person
    assert person is not None
    assert (person.id, person.username, person.name) == (town.anna, "anna", "Anna")
    assert all(seen.peer_id == town.anna and not seen.outgoing for seen in notes.messages)


async def test_what_came_while_nobody_was_there_is_delivered_exactly_once(town: Town) -> None:
    for number in range(250):
        town.world.send(town.anna if number % 2 else town.boris, town.account, f"line {number}")
    notes = Notes()
    async with town.connected(notes):
        await notes.until(lambda: len(notes.messages) >= 250)
        await town.until_stored(town.pts)
    assert notes.texts == [f"line {number}" for number in range(250)]
    again = Notes()
    async with town.connected(again):
        town.world.send(town.anna, town.account, "new")
        await again.until(lambda: bool(again.messages))
    assert again.texts == ["new"]


async def test_a_message_that_could_not_be_stored_ends_the_connection_and_comes_again(town: Town) -> None:
    notes = Notes(refuses=lambda seen: seen.text == "second")
    gateway = await town.connect(notes)
    ending = asyncio.create_task(town.ending(gateway))
    town.world.send(town.anna, town.account, "first")
    await notes.until(lambda: notes.texts == ["first"])
    await town.until_stored(town.pts)
    written = await town.stored_pts()
    town.world.send(town.anna, town.account, "second")
    town.world.send(town.anna, town.account, "third")
    assert isinstance(await ending, Transient)
    assert await town.stored_pts() == written, "the state went past a message that was not stored"
    again = Notes()
    async with town.connected(again):
        await again.until(lambda: len(again.messages) == 2)
    assert again.texts == ["second", "third"]


@pytest.mark.parametrize("seed", range(3))
async def test_nothing_is_lost_however_connections_end(town: Town, seed: int) -> None:
    dice, written = random.Random(seed), 0
    refused: set[str] = set()

    def refuses_once(seen: Seen) -> bool:
        first = seen.text.endswith("3") and seen.text not in refused
        refused.add(seen.text)
        return first

    notes = Notes(refuses=refuses_once)
    for _ in range(12):
        gateway = await town.connect(notes)
        running = asyncio.create_task(gateway.run())
        for _ in range(dice.randrange(1, 25)):
            town.world.send(dice.choice((town.anna, town.boris)), town.account, f"line {written}")
            written += 1
            if dice.random() < 0.3:
                await town.stored_pts()  # lets the connection have a turn
        match dice.randrange(4):
            case 0:
                gateway.condemn("a roll of the dice")
            case 1:
                town.server.drop(town.account)
            case 2:
                running.cancel()
            case 3:
                await gateway.close()
        await asyncio.gather(running, return_exceptions=True)
        await gateway.close()  # a run that was cancelled before its first step could not end the connection itself
    notes.refuses = lambda seen: False
    async with town.connected(notes) as gateway:
        await gateway.caught_up()
    stored = {seen.telegram_message_id: seen.text for seen in notes.messages}
    assert sorted(stored) == [message.id for message in town.world.box(town.account).messages.values()]
    assert sorted(stored.values()) == sorted(f"line {number}" for number in range(written))
    assert await town.stored_pts() == town.pts


async def test_the_state_waits_for_a_message_that_is_being_stored(town: Town) -> None:
    before, stored = town.pts, asyncio.Event()

    class Slow(Notes):
        async def arrived(self, account_id: int, seen: Sequence[Seen]) -> None:
            await super().arrived(account_id, seen)
            await stored.wait()

    notes = Slow()
    gateway = await town.connect(notes)
    running = asyncio.create_task(gateway.run())
    town.world.send(town.anna, town.account, "slow")
    await notes.until(lambda: bool(notes.messages))
    await gateway.close(budget=0.05)
    await running
    assert await town.stored_pts() == before


async def test_an_orderly_end_writes_the_state_of_what_was_stored(town: Town) -> None:
    notes = Notes()
    async with town.connected(notes):
        town.world.send(town.anna, town.account, "last words")
        await notes.until(lambda: bool(notes.messages))
    assert await town.stored_pts() == town.pts


async def test_a_state_that_could_not_be_written_is_written_later_though_nothing_else_comes(town: Town) -> None:
    class NoProbes(QuickClock):
        async def sleep(self, seconds: float) -> None:
            await (asyncio.Event().wait() if seconds == PROBE_EVERY else super().sleep(seconds))

    await town.pool.execute(AWAY_ONCE)
    notes, town.clock = Notes(), NoProbes()
    async with town.connected(notes):
        town.world.send(town.anna, town.account, "hello")
        await notes.until(lambda: bool(notes.messages))
        await town.until_stored(town.pts)
    assert await town.pool.fetchval("select last_value from attempts") > 1


async def test_nothing_wakes_to_write_a_state_that_did_not_change(town: Town) -> None:
    notes, naps = Notes(), town.clock.naps
    async with town.connected(notes):
        town.world.send(town.anna, town.account, "hello")
        await notes.until(lambda: bool(notes.messages))
        await town.until_stored(town.pts)
        before = naps.copy()

        async def probed() -> bool:
            return naps[PROBE_EVERY] > before[PROBE_EVERY]

        await until(probed, "the connection is probed, a minute later")
        assert naps[STATE_EVERY] - before[STATE_EVERY] <= 1


async def test_who_lost_the_account_writes_no_state(town: Town) -> None:
    notes, before = Notes(), town.pts
    gateway = await town.connect(notes, fence=Fence(town.account, town.fence.epoch - 1, town.fence.owner))
    ending = asyncio.create_task(town.ending(gateway))
    town.world.send(town.anna, town.account, "hello")
    assert isinstance(await ending, NotOwner)
    assert await town.stored_pts() == before


async def test_edits_deletions_and_read_marks_of_a_difference_are_not_dropped(town: Town) -> None:
    kept = town.world.send(town.anna, town.account, "teh price?")
    gone = town.world.send(town.anna, town.account, "never mind")
    ours = town.world.send(town.account, town.anna, "hello")
    ids = [town.world.box(town.account).messages[m.twin_id].id for m in (kept, gone)]
    notes = Notes()
    async with town.connected(notes):
        await notes.until(lambda: len(notes.messages) == 3)
        await town.until_stored(town.pts)
    town.world.edit(town.anna, kept.id, "the price?")
    town.world.delete(town.anna, [gone.id])
    town.world.read(town.anna, town.account)
    late = Notes()
    async with town.connected(late):
        await late.until(lambda: bool(late.edits and late.deletions and late.reads))
    assert [(seen.telegram_message_id, seen.text) for seen in late.edits] == [(ids[0], "the price?")]
    assert late.edits[0].edited_at is not None
    assert late.deletions == [ids[1]]
    assert late.reads == [(town.anna, ours.id)]


async def test_edits_deletions_reads_and_reactions_arrive_live(town: Town) -> None:
    notes = Notes()
    async with town.connected(notes) as gateway:
        said = town.world.send(town.anna, town.account, "one")
        await notes.until(lambda: bool(notes.messages))
        town.world.edit(town.anna, said.id, "two")
        town.world.react(town.anna, said.id, "👍")
        await notes.until(lambda: len(notes.edits) == 2)
        sent = await gateway.send(town.anna, "hello", 77)
        town.world.read(town.anna, town.account)
        town.world.delete(town.anna, [said.id])
        await notes.until(lambda: bool(notes.reads and notes.deletions))
    assert [(seen.text, seen.reaction) for seen in notes.edits] == [("two", ""), ("two", "👍")]
    assert notes.edits[0].edited_at is not None
    assert notes.reads == [(town.anna, sent.telegram_message_id)]
    assert notes.deletions == [notes.messages[0].telegram_message_id]


async def test_what_is_typed_on_another_device_arrives_as_outgoing_and_our_own_sends_do_not(town: Town) -> None:
    notes = Notes()
    async with town.connected(notes) as gateway:
        town.world.send(town.anna, town.account, "hi")
        await notes.until(lambda: bool(notes.messages))
        await gateway.send(town.anna, "from here", 1)
        town.world.send(town.account, town.anna, "from the phone")
        await notes.until(lambda: len(notes.messages) == 2)
    assert [(seen.text, seen.outgoing) for seen in notes.messages] == [("hi", False), ("from the phone", True)]


async def test_only_private_chats_with_people_are_delivered(town: Town) -> None:
    notifications = town.world.users.create(Role.TARGET, "Telegram", id=777000)
    town.world.send(town.account, town.bot, "/start")
    town.world.send(town.bot, town.account, "I am a bot")
    town.world.send(town.account, town.account, "a note to self")
    town.world.send(notifications.id, town.account, "Login code: 1")
    town.world.send(town.anna, town.account, "a person")
    notes = Notes()
    async with town.connected(notes):
        town.world.send(town.account, town.account, "another note")
        town.world.send(town.boris, town.account, "another person")
        await notes.until(lambda: len(notes.messages) == 2)
    assert notes.texts == ["a person", "another person"]


async def test_media_arrive_with_their_kind(town: Town) -> None:
    notes = Notes()
    async with town.connected(notes):
        voice = Media(MediaKind.VOICE, file_id=town.world.files.add(b"sound"), mime="audio/ogg", duration=12)
        town.world.send(town.anna, town.account, media=voice)
        town.world.send(town.anna, town.account, media=Media(MediaKind.CONTACT, phone="12025550123", first_name="Ann"))
        await notes.until(lambda: len(notes.messages) == 2)
    assert [(seen.kind, seen.media) for seen in notes.messages] == [
        (Kind.VOICE, "0:12"),
        (Kind.CONTACT, "Ann 12025550123"),
    ]


async def test_quotes_and_replies_name_the_message_in_our_numbering(town: Town) -> None:
    notes = Notes()
    async with town.connected(notes) as gateway:
        await gateway.resolve("anna")
        sent = await gateway.send(town.anna, "which of the two?", 5)
        assert sent.telegram_message_id is not None
        theirs = town.world.box(town.account).messages[sent.telegram_message_id].twin_id
        town.world.send(town.anna, town.account, "that one", reply_to=Quote(theirs, "the two"))
        await notes.until(lambda: bool(notes.messages))
    assert (notes.messages[0].reply_to, notes.messages[0].quote) == (sent.telegram_message_id, "the two")


async def test_a_short_update_from_somebody_unknown_here_still_tells_who_it_is(town: Town) -> None:
    first = Notes()
    async with town.connected(first):
        town.world.send(town.anna, town.account, "now Telegram thinks that we know Anna")
        await first.until(lambda: bool(first.messages))
    assert await town.pool.fetchval("select count(*) from account_peers") == 0
    notes = Notes()
    async with town.connected(notes) as gateway:
        await gateway.caught_up()
        town.world.send(town.anna, town.account, "in the short form")
        await notes.until(lambda: bool(notes.messages))
        await gateway.send(town.anna, "so she can be answered", 1)
    pushed = [p.outcome for p in town.world.log.since(kind="push", method="MessageNew")]
    assert "UpdateShortMessage" in pushed
    assert notes.texts == ["in the short form"]
    assert notes.messages[0].person is not None


async def test_a_difference_that_is_too_long_is_told(town: Town) -> None:
    for number in range(5):
        town.world.send(town.anna, town.account, f"line {number}")
    town.server.rules.difference_too_long = 3
    notes = Notes()
    async with town.connected(notes):
        await notes.until(lambda: notes.gaps == 1)
        await town.until_stored(town.pts)
        town.world.send(town.anna, town.account, "after the gap")
        await notes.until(lambda: bool(notes.messages))
    assert notes.texts == ["after the gap"]


async def test_a_push_that_was_lost_is_noticed_by_the_probe(town: Town) -> None:
    notes = Notes()
    async with town.connected(notes):
        town.world.faults.add(Rule("push.MessageNew", Action.LOSE, user=town.account))
        town.world.send(town.anna, town.account, "lost")
        await notes.until(lambda: bool(notes.messages))
    assert notes.texts == ["lost"]


async def test_an_answer_that_was_lost_is_explained_by_the_next_difference(town: Town) -> None:
    town.world.send(town.anna, town.account, "hi")
    town.world.faults.add(Rule("messages.sendMessage", Action.CUT_AFTER))
    notes = Notes()
    gateway = await town.connect(notes)
    ending = asyncio.create_task(town.ending(gateway))
    await notes.until(lambda: bool(notes.messages))
    with pytest.raises(Exception, match="no answer"):
        await gateway.send(town.anna, "hello", 4242)
    assert isinstance(await ending, Transient)
    later = Notes()
    async with town.connected(later):
        await later.until(lambda: bool(later.ids and later.messages))
    assert [random_id for random_id, _ in later.ids] == [4242]
    assert [(seen.telegram_message_id, seen.text, seen.outgoing) for seen in later.messages][-1] == (
        later.ids[0][1],
        "hello",
        True,
    )


async def test_what_waits_is_handed_on_together_up_to_what_happened_in_between(town: Town) -> None:
    told: list[object] = []

    class Told(Notes):
        async def arrived(self, account_id: int, seen: Sequence[Seen]) -> None:
            told.append([one.text for one in seen])
            await super().arrived(account_id, seen)

        async def deleted(self, account_id: int, telegram_message_ids: Sequence[int]) -> None:
            told.append(list(telegram_message_ids))
            await super().deleted(account_id, telegram_message_ids)

        async def gap(self, account_id: int) -> None:
            told.append("gap")

    async def nobody(message_id: int) -> None:
        raise AssertionError("every message is shown here")

    def line(number: int) -> Batch:
        return Batch([types.UpdateShortMessage(number, town.anna, f"line {number}", 1, 1, town.world.now())])

    notes = Told()
    delivery = Delivery(town.account, notes, PeerBook(town.account, town.pool), nobody)
    for batch in (line(1), line(2), Batch([types.UpdateUserTyping(town.anna, types.SendMessageTypingAction())])):
        delivery.put(batch)
    for batch in (line(3), Batch([types.UpdateDeleteMessages([2], 1, 1)]), line(4), Batch(gap=True), line(5)):
        delivery.put(batch)
    for number in range(6, 300):
        delivery.put(line(number))
    running = asyncio.create_task(delivery.run())
    await delivery.drained()
    await end(running)
    assert told[:4] == [["line 1", "line 2", "line 3"], [2], ["line 4"], "gap"]
    assert notes.texts == [f"line {number}" for number in range(1, 300)]
    assert max(len(texts) for texts in told if isinstance(texts, list)) <= 100
