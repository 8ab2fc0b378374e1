"""States and differences: nothing that happened while a client was away is lost."""

import asyncio

from telethon import TelegramClient, events
from telethon.tl import functions, types

from sandbox.world import Action, Rule
from tests.sandbox.mtproto.playground import Heard, Telegram


async def difference(client: TelegramClient, pts: int) -> types.updates.Difference:
    return await client(functions.updates.GetDifferenceRequest(pts=pts, date=None, qts=0))


async def test_the_difference_tells_each_kind_of_change(telegram: Telegram) -> None:
    world, maria, anna = telegram.world, telegram.maria.id, telegram.anna.id
    client = await telegram.client(telegram.maria)
    start = (await client(functions.updates.GetStateRequest())).pts
    kept = world.send(anna, maria, "how much")
    gone = world.send(anna, maria, "nonsense")
    world.edit(anna, kept.id, "how much?")
    world.delete(anna, [gone.id])
    mine = world.send(maria, anna, "ten", random_id=4711)
    world.read(anna, maria)
    world.read(maria, anna)
    got = await difference(client, start)
    assert [m.message for m in got.new_messages] == ["how much?", "ten"]
    assert [type(u) for u in got.other_updates] == [
        types.UpdateEditMessage,
        types.UpdateDeleteMessages,
        types.UpdateMessageID,
        types.UpdateReadHistoryOutbox,
        types.UpdateReadHistoryInbox,
    ]
    named = got.other_updates[2]
    assert (named.id, named.random_id) == (mine.id, 4711)
    assert got.state.pts == start + 7 == world.box(maria).pts
    assert isinstance(await difference(client, got.state.pts), types.updates.DifferenceEmpty)


async def test_a_long_difference_comes_in_slices(telegram: Telegram) -> None:
    telegram.world.rules.difference_slice = 10
    for number in range(25):
        telegram.world.send(telegram.anna.id, telegram.maria.id, str(number))
    client = await telegram.client(telegram.maria)
    texts, pts, slices = [], 1, 0
    while not isinstance(got := await difference(client, pts), types.updates.DifferenceEmpty):
        texts += [m.message for m in got.new_messages]
        sliced = isinstance(got, types.updates.DifferenceSlice)
        pts = got.intermediate_state.pts if sliced else got.state.pts
        slices += 1
    assert (texts, slices) == ([str(n) for n in range(25)], 3)


async def test_too_far_behind_is_said_so(telegram: Telegram) -> None:
    telegram.world.rules.difference_too_long = 2
    for number in range(5):
        telegram.world.send(telegram.anna.id, telegram.maria.id, str(number))
    client = await telegram.client(telegram.maria)
    got = await difference(client, 1)
    assert isinstance(got, types.updates.DifferenceTooLong)
    assert got.pts == telegram.world.box(telegram.maria.id).pts


async def test_a_lost_push_is_fetched_when_the_next_one_shows_the_gap(telegram: Telegram) -> None:
    client = await telegram.client(telegram.maria)
    heard = Heard(client, events.NewMessage)
    telegram.world.send(telegram.anna.id, telegram.maria.id, "first")
    assert (await heard.next()).raw_text == "first"
    telegram.world.faults.add(Rule("push.MessageNew", Action.LOSE, user=telegram.maria.id))
    telegram.world.send(telegram.anna.id, telegram.maria.id, "lost")
    telegram.world.send(telegram.anna.id, telegram.maria.id, "third")
    assert {e.raw_text for e in await heard.take(2)} == {"lost", "third"}


async def test_catching_up_brings_what_came_while_away(telegram: Telegram) -> None:
    client = await telegram.client(telegram.maria)
    state = await client(functions.updates.GetStateRequest())
    session = client.session.save()
    await client.disconnect()
    telegram.world.send(telegram.anna.id, telegram.maria.id, "while you were out")
    again = telegram.stranger(session, catch_up=True)
    again.session.set_update_state(0, types.updates.State(state.pts, 0, state.date, 0, 0))
    heard = Heard(again, events.NewMessage)
    await again.connect()
    assert (await heard.next()).raw_text == "while you were out"


async def test_pushes_never_overtake_the_answer_of_an_own_send(telegram: Telegram) -> None:
    maria, anna = await telegram.client(telegram.maria), await telegram.client(telegram.anna)
    heard = Heard(maria, events.NewMessage(incoming=True))
    start = telegram.world.log.last
    await asyncio.gather(
        *(maria.send_message(telegram.anna.username, f"out {n}") for n in range(20)),
        *(anna.send_message(telegram.maria.username, f"in {n}") for n in range(20)),
    )
    assert {e.raw_text for e in await heard.take(20)} == {f"in {n}" for n in range(20)}
    assert telegram.world.log.since(start, method="updates.getDifference") == []
