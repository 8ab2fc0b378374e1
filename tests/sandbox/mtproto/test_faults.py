"""Trouble on demand, as an unmodified Telethon meets it."""

import asyncio

import pytest
from telethon import TelegramClient, errors, events
from telethon.tl import functions, types

from sandbox.world import Action, Rule
from tests.sandbox.mtproto.playground import PATIENCE, Heard, Telegram

Send = functions.messages.SendMessageRequest
SEND = "messages.sendMessage"


async def sender(telegram: Telegram) -> tuple[TelegramClient, types.InputPeerUser]:
    client = await telegram.client(telegram.maria)
    return client, await client.get_input_entity("anna")


def delivered(telegram: Telegram) -> list[str]:
    return [m.text for m in reversed(telegram.world.history(telegram.anna.id, telegram.maria.id))]


async def test_a_flood_wait_names_its_seconds_and_sends_nothing(telegram: Telegram) -> None:
    client, peer = await sender(telegram)
    telegram.world.faults.add(Rule(SEND, Action.FLOOD_WAIT, seconds=2))
    with pytest.raises(errors.FloodWaitError) as caught:
        await client(Send(peer, "hello", random_id=1))
    assert caught.value.seconds == 2
    assert delivered(telegram) == []


async def test_a_peer_flood_strikes_at_the_call_it_was_set_for(telegram: Telegram) -> None:
    client, peer = await sender(telegram)
    telegram.world.faults.add(Rule(SEND, Action.PEER_FLOOD, user=telegram.maria.id, peer=telegram.anna.id, skip=1))
    await client(Send(peer, "first", random_id=1))
    with pytest.raises(errors.PeerFloodError):
        await client(Send(peer, "second", random_id=2))
    await client(Send(peer, "third", random_id=3))
    assert delivered(telegram) == ["first", "third"]


async def test_any_error_can_be_answered(telegram: Telegram) -> None:
    client, peer = await sender(telegram)
    telegram.world.faults.add(Rule("messages.*", Action.ERROR, code=403, text="ALLOW_PAYMENT_REQUIRED_50"))
    with pytest.raises(errors.ForbiddenError) as caught:
        await client(Send(peer, "hello", random_id=1))
    assert caught.value.message == "ALLOW_PAYMENT_REQUIRED_50"


async def test_a_call_is_held_until_it_is_released(telegram: Telegram) -> None:
    client, peer = await sender(telegram)
    rule = telegram.world.faults.add(Rule(SEND, Action.HOLD))
    sending = asyncio.create_task(client(Send(peer, "held", random_id=1)))
    await asyncio.wait_for(telegram.world.faults.wait_fired(rule.id), PATIENCE)
    assert delivered(telegram) == []
    telegram.world.faults.release(rule.id)
    assert (await sending).id == 1
    assert delivered(telegram) == ["held"]


async def test_an_answer_can_come_long_after_the_deed(telegram: Telegram) -> None:
    client, peer = await sender(telegram)
    rule = telegram.world.faults.add(Rule(SEND, Action.HOLD_ANSWER))
    sending = asyncio.create_task(client(Send(peer, "done", random_id=1)))
    await asyncio.wait_for(telegram.world.faults.wait_fired(rule.id), PATIENCE)
    assert delivered(telegram) == ["done"]
    assert not sending.done()
    telegram.world.faults.release(rule.id)
    assert (await sending).id == 1


async def test_an_answer_lost_on_a_live_connection_never_comes(telegram: Telegram) -> None:
    client, peer = await sender(telegram)
    rule = telegram.world.faults.add(Rule(SEND, Action.DROP_ANSWER))
    lost = asyncio.create_task(client(Send(peer, "into the void", random_id=1)))
    await asyncio.wait_for(telegram.world.faults.wait_fired(rule.id), PATIENCE)
    assert (await client(Send(peer, "answered", random_id=2))).id == 2
    assert not lost.done()
    assert delivered(telegram) == ["into the void", "answered"]
    lost.cancel()


@pytest.mark.parametrize(("action", "arrives"), [(Action.CUT_BEFORE, []), (Action.CUT_AFTER, ["hello"])])
async def test_a_cut_connection_does_not_tell_whether_it_was_done(
    telegram: Telegram, action: Action, arrives: list[str]
) -> None:
    client, peer = await sender(telegram)
    telegram.world.faults.add(Rule(SEND, action))
    with pytest.raises(ConnectionError):
        await client(Send(peer, "hello", random_id=1))
    assert delivered(telegram) == arrives


async def test_after_a_cut_the_client_comes_back_with_the_same_key(telegram: Telegram) -> None:
    client = await telegram.client(telegram.maria, auto_reconnect=True, retry_delay=0, request_retries=1)
    peer = await client.get_input_entity("anna")
    telegram.world.faults.add(Rule(SEND, Action.CUT_BEFORE))
    assert (await client(Send(peer, "again", random_id=1))).id == 1
    assert delivered(telegram) == ["again"]


async def test_a_black_hole_swallows_what_follows(telegram: Telegram) -> None:
    client, peer = await sender(telegram)
    telegram.world.faults.add(Rule(SEND, Action.BLACK_HOLE))
    with pytest.raises(TimeoutError):
        await asyncio.wait_for(client(Send(peer, "hello", random_id=1)), 0.1)
    with pytest.raises(TimeoutError):
        await asyncio.wait_for(client(functions.PingRequest(1)), 0.1)
    assert delivered(telegram) == []


async def used(client: TelegramClient) -> None:
    await client.connect()
    await client(functions.updates.GetStateRequest())


async def test_a_server_may_refuse_to_be_reached(telegram: Telegram) -> None:
    telegram.world.faults.add(Rule("connect", Action.CUT_BEFORE, count=None))
    client = telegram.stranger(telegram.server.string_session(telegram.maria.id), connection_retries=0, retry_delay=0)
    with pytest.raises(ConnectionError):
        await used(client)


async def test_a_push_may_come_twice_and_out_of_order(telegram: Telegram) -> None:
    client = await telegram.client(telegram.anna)
    heard = Heard(client, events.NewMessage)
    held = telegram.world.faults.add(Rule("push.MessageNew", Action.HOLD, user=telegram.anna.id))
    telegram.world.faults.add(Rule("push.MessageNew", Action.DUPLICATE, user=telegram.anna.id))
    telegram.world.send(telegram.maria.id, telegram.anna.id, "first")
    telegram.world.send(telegram.maria.id, telegram.anna.id, "second")
    telegram.world.faults.release(held.id)
    assert [e.raw_text for e in await heard.take(2)] == ["first", "second"]
    assert heard.empty()


async def test_one_key_on_two_connections_dies_for_good(telegram: Telegram) -> None:
    session = telegram.server.string_session(telegram.maria.id)
    first, second = telegram.stranger(session), telegram.stranger(session)
    await first.connect()
    await first.get_me()
    with pytest.raises(errors.AuthKeyDuplicatedError):
        await used(second)
    with pytest.raises(errors.AuthKeyDuplicatedError):
        await first(functions.updates.GetStateRequest())


async def test_a_key_may_move_to_a_new_connection_once_the_old_one_is_closing(telegram: Telegram) -> None:
    session = telegram.server.string_session(telegram.maria.id)
    for _ in range(5):
        client = telegram.stranger(session)
        await client.connect()
        assert (await client.get_me()).id == telegram.maria.id
        await client.disconnect()
