"""The calls of the gateway: what they ask, what their failures mean, and that nothing leaves without the lease."""

from __future__ import annotations

import asyncio

import pytest

from salesbot.errors import (
    AccountUnusable,
    FloodWait,
    NoSuchPerson,
    NotOwner,
    PeerFlood,
    Refused,
    Transient,
    Unknown,
    Unreachable,
)
from salesbot.userbot import dial
from salesbot.userbot.transport import GuardedConnection
from sandbox.world import Action, Role, Rule
from tests.userbot.conftest import Notes, Town


def sends(town: Town) -> int:
    return len(town.world.log.since(kind="rpc", method="messages.sendMessage"))


async def test_a_name_leads_to_a_person(town: Town) -> None:
    async with town.connected(Notes()) as gateway:
        anna = await gateway.resolve("anna")
        again = await gateway.person(town.anna)
    assert (anna.id, anna.username, anna.name) == (town.anna, "anna", "Anna")
    assert again == anna


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("nobody_here", "unknown_username"),
        ("desk_bot", "not_a_person"),
        ("sales", "not_a_person"),
        ("the_group", "not_a_person"),
        ("gone", "not_a_person"),
    ],
)
async def test_a_name_that_leads_to_no_person_is_refused(town: Town, name: str, code: str) -> None:
    town.world.add_group("the_group", "A group")
    town.world.users.create(Role.TARGET, "Gone", username="gone", deleted=True)
    async with town.connected(Notes()) as gateway:
        with pytest.raises(NoSuchPerson) as raised:
            await gateway.resolve(name)
    assert raised.value.code == code


async def test_a_person_never_met_is_refused_without_asking_telegram(town: Town) -> None:
    async with town.connected(Notes()) as gateway:
        with pytest.raises(NoSuchPerson) as raised:
            await gateway.send(town.boris, "hello", 1)
    assert (raised.value.code, sends(town)) == ("unknown_id", 0)


async def test_access_hashes_come_from_the_database_after_a_restart(town: Town) -> None:
    async with town.connected(Notes()) as gateway:
        anna = await gateway.resolve("anna")
    await town.pool.execute("insert into account_peers values ($1, $2, $3)", town.account, anna.id, anna.access_hash)
    async with town.connected(Notes()) as gateway:
        await gateway.send(anna.id, "hello", 1)
    assert sends(town) == 1


@pytest.mark.parametrize("answer", ["error", "original"])
async def test_a_repeated_random_id_means_delivered_once(town: Town, answer: str) -> None:
    town.server.rules.repeated_random_id = answer
    async with town.connected(Notes()) as gateway:
        await gateway.resolve("anna")
        first = await gateway.send(town.anna, "hello", 99)
        second = await gateway.send(town.anna, "hello", 99)
    assert first.telegram_message_id is not None
    assert second.telegram_message_id == (first.telegram_message_id if answer == "original" else None)
    assert len(town.world.history(town.anna, town.account)) == 1


@pytest.mark.parametrize(
    ("code", "text", "meaning", "word"),
    [
        (400, "USER_IS_BLOCKED", Unreachable, "blocked"),
        (400, "YOU_BLOCKED_USER", Unreachable, "you_blocked"),
        (400, "INPUT_USER_DEACTIVATED", Unreachable, "deactivated"),
        (403, "USER_PRIVACY_RESTRICTED", Unreachable, "privacy"),
        (406, "PRIVACY_PREMIUM_REQUIRED", Unreachable, "privacy"),
        (403, "ALLOW_PAYMENT_REQUIRED_50", Unreachable, "privacy"),
        (403, "SOMETHING_NEW", Unreachable, "forbidden"),
        (400, "PEER_FLOOD", PeerFlood, "peer_flood"),
        (400, "MESSAGE_TOO_LONG", Refused, "message_too_long"),
        (400, "SOMETHING_NEW", Refused, "something_new"),
        (400, "PEER_ID_INVALID", NoSuchPerson, "unknown_id"),
        (401, "AUTH_KEY_UNREGISTERED", AccountUnusable, "logged_out"),
        (401, "SESSION_REVOKED", AccountUnusable, "logged_out"),
        (401, "USER_DEACTIVATED_BAN", AccountUnusable, "banned"),
        (406, "AUTH_KEY_DUPLICATED", AccountUnusable, "key_lost"),
        (420, "FROZEN_METHOD_INVALID", AccountUnusable, "frozen"),
    ],
)
async def test_what_telegram_refuses_is_told_apart(
    town: Town, code: int, text: str, meaning: type[Refused | AccountUnusable], word: str
) -> None:
    gateway = await town.connect(Notes())
    await gateway.resolve("anna")
    town.world.faults.add(Rule("messages.sendMessage", Action.ERROR, code=code, text=text))
    with pytest.raises(meaning) as raised:
        await gateway.send(town.anna, "hello", 1)
    assert raised.value.code == word
    await gateway.close()


async def test_a_flood_wait_says_how_long_and_did_nothing(town: Town) -> None:
    async with town.connected(Notes()) as gateway:
        await gateway.resolve("anna")
        town.world.faults.add(Rule("messages.sendMessage", Action.FLOOD_WAIT, seconds=33))
        with pytest.raises(FloodWait) as raised:
            await gateway.send(town.anna, "hello", 1)
        await gateway.read(town.anna, 1)
    assert raised.value.seconds == 33
    assert not town.world.history(town.anna, town.account)


@pytest.mark.parametrize("code", [500, -503])
async def test_an_internal_error_leaves_a_send_unknown_and_a_question_undone(town: Town, code: int) -> None:
    gateway = await town.connect(Notes())
    await gateway.resolve("anna")
    town.world.faults.add(Rule("messages.getHistory", Action.ERROR, code=code, text="Timeout"))
    town.world.faults.add(Rule("messages.sendMessage", Action.ERROR, code=code, text="Timeout"))
    with pytest.raises(Transient):
        await gateway.history(town.anna)
    with pytest.raises(Unknown):
        await gateway.send(town.anna, "hello", 1)
    await gateway.close()


async def test_a_call_and_what_it_acknowledges_are_one_packet(town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    gateway = await town.connect(Notes())
    await gateway.resolve("anna")
    written: list[bytes] = []
    send = GuardedConnection._send

    def count(connection: GuardedConnection, data: bytes) -> None:
        written.append(data)
        send(connection, data)

    monkeypatch.setattr(GuardedConnection, "_send", count)
    before = town.world.log.last
    for _ in range(5):
        await gateway.typing(town.anna)
    assert len(written) == 5, "Telethon by itself writes ten"
    assert len(town.world.log.since(before, "service", "msgsAck")) == 5


@pytest.mark.parametrize("action", [Action.CUT_BEFORE, Action.CUT_AFTER])
async def test_a_cut_connection_leaves_a_send_unknown_and_ends_the_connection(town: Town, action: Action) -> None:
    gateway = await town.connect(Notes())
    ending = asyncio.create_task(town.ending(gateway))
    await gateway.resolve("anna")
    town.world.faults.add(Rule("messages.sendMessage", action))
    with pytest.raises(Unknown):
        await gateway.send(town.anna, "hello", 1)
    assert isinstance(await ending, Transient)
    with pytest.raises(Transient):
        await gateway.send(town.anna, "hello", 1)
    assert sends(town) == 1


@pytest.mark.parametrize("action", [Action.DROP_ANSWER, Action.BLACK_HOLE])
async def test_an_answer_that_never_comes_condemns_the_connection(
    town: Town, action: Action, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(dial, "CALL_TIMEOUT", 0.3)
    gateway = await town.connect(Notes())
    ending = asyncio.create_task(town.ending(gateway))
    await gateway.resolve("anna")
    town.world.faults.add(Rule("messages.sendMessage", action))
    with pytest.raises(Unknown):
        await gateway.send(town.anna, "hello", 1)
    end = await ending
    assert isinstance(end, Transient)
    assert "no answer" in str(end)


async def test_a_difference_that_is_never_answered_condemns_the_connection(
    town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(dial, "CALL_TIMEOUT", 0.3)
    town.world.faults.add(Rule("updates.getDifference", Action.DROP_ANSWER))
    end = await town.ending(await town.connect(Notes()))
    assert isinstance(end, Transient)


async def test_a_send_that_is_no_longer_waited_for_is_not_delivered_later(town: Town) -> None:
    gateway = await town.connect(Notes())
    ending = asyncio.create_task(town.ending(gateway))
    await gateway.resolve("anna")
    held = town.world.faults.add(Rule("messages.sendMessage", Action.HOLD))
    sending = asyncio.create_task(gateway.send(town.anna, "hello", 1))
    await town.world.faults.wait_fired(held.id)
    sending.cancel()
    assert isinstance(await ending, Transient)
    with pytest.raises(asyncio.CancelledError):
        await sending
    with pytest.raises(Transient):
        await gateway.send(town.anna, "hello", 1)


async def test_without_the_lease_nothing_is_asked(town: Town) -> None:
    gateway = await town.connect(Notes())
    await gateway.resolve("anna")
    asked = town.world.log.last
    town.may_write = False
    for call in (
        gateway.send(town.anna, "hello", 1),
        gateway.read(town.anna, 1),
        gateway.typing(town.anna),
        gateway.delete(town.anna, [1]),
        gateway.history(town.anna),
        gateway.resolve("boris"),
    ):
        with pytest.raises(NotOwner):
            await call
    await gateway.close()
    assert not town.world.log.since(asked, "rpc")


async def test_a_lease_that_ends_between_the_call_and_the_wire_lets_nothing_out(town: Town) -> None:
    gateway = await town.connect(Notes())
    await gateway.resolve("anna")
    sending = asyncio.ensure_future(gateway.send(town.anna, "hello", 1))
    await asyncio.sleep(0)  # the call has passed its own test; nothing is written yet
    town.may_write = False
    with pytest.raises(Unknown):
        await sending
    with pytest.raises(NotOwner):
        await gateway.run()
    assert sends(town) == 0


async def test_without_the_lease_no_connection_is_made(town: Town) -> None:
    town.may_write = False
    before = town.world.log.last
    with pytest.raises(NotOwner):
        await town.connect(Notes())
    assert not town.world.log.since(before, "connect")


async def test_a_session_revoked_elsewhere_is_noticed_by_a_client_that_only_listens(town: Town) -> None:
    gateway = await town.connect(Notes())
    ending = asyncio.create_task(town.ending(gateway))
    town.server.revoke(town.account)
    end = await ending
    assert isinstance(end, AccountUnusable)
    assert end.code == "logged_out"


@pytest.mark.parametrize(
    ("error", "code"), [("AUTH_KEY_UNREGISTERED", "logged_out"), ("AUTH_KEY_DUPLICATED", "key_lost")]
)
async def test_a_dead_session_is_told_when_connecting(town: Town, error: str, code: str) -> None:
    town.server.revoke(town.account, error)
    with pytest.raises(AccountUnusable) as raised:
        await town.connect(Notes())
    assert raised.value.code == code


async def test_a_key_that_telegram_forgot_is_a_lost_key(town: Town) -> None:
    for key in tuple(town.server.keys.of(town.account)):
        town.server.keys.remove(key)
    with pytest.raises(AccountUnusable) as raised:
        await town.connect(Notes())
    assert raised.value.code == "key_lost"


async def test_a_server_that_is_away_is_transient(town: Town) -> None:
    await town.server.stop()
    with pytest.raises(Transient):
        await town.connect(Notes())
    await town.server.start(town.server.port)


async def test_a_connection_that_telegram_drops_ends_and_a_fresh_one_goes_on(town: Town) -> None:
    gateway = await town.connect(Notes())
    ending = asyncio.create_task(town.ending(gateway))
    town.server.drop(town.account)
    assert isinstance(await ending, Transient)
    town.world.send(town.anna, town.account, "still there?")
    notes = Notes()
    async with town.connected(notes):
        await notes.until(lambda: notes.texts == ["still there?"])


async def test_the_history_is_told_in_pages_the_newest_first_and_each_oldest_first(town: Town) -> None:
    for number in range(130):
        said, heard = (town.anna, town.account) if number % 2 else (town.account, town.anna)
        town.world.send(said, heard, f"{number}")
    async with town.connected(Notes()) as gateway:
        await gateway.resolve("anna")
        newest = await gateway.history(town.anna)
        oldest = await gateway.history(town.anna, below=newest[0].telegram_message_id)
        above = await gateway.history(town.anna, above=newest[89].telegram_message_id)
    assert [seen.text for seen in newest] == [str(number) for number in range(30, 130)]
    assert [seen.text for seen in oldest] == [str(number) for number in range(30)]
    assert list(above) == list(newest[90:])
    assert [seen.outgoing for seen in above] == [number % 2 == 0 for number in range(120, 130)]
    assert all(seen.person is not None for seen in newest)


async def test_a_message_is_deleted_for_both_sides_and_once_more_does_no_harm(town: Town) -> None:
    async with town.connected(Notes()) as gateway:
        await gateway.resolve("anna")
        kept = await gateway.send(town.anna, "kept", 1)
        sent = await gateway.send(town.anna, "hello", 2)
        assert sent.telegram_message_id is not None
        for _ in range(2):
            await gateway.delete(town.anna, [sent.telegram_message_id])
        (here,) = await gateway.history(town.anna)
    (there,) = town.world.history(town.anna, town.account, limit=10)
    assert (here.telegram_message_id, there.text) == (kept.telegram_message_id, "kept")


async def test_a_deletion_of_which_nothing_is_known_counts_as_not_done(town: Town) -> None:
    town.world.faults.add(Rule("messages.deleteMessages", Action.ERROR, code=500, text="INTERNAL"))
    async with town.connected(Notes()) as gateway:
        await gateway.resolve("anna")
        with pytest.raises(Transient):
            await gateway.delete(town.anna, [1])


async def test_a_connection_knows_when_it_has_caught_up(town: Town) -> None:
    for number in range(250):
        town.world.send(town.anna, town.account, f"line {number}")
    notes = Notes()
    async with town.connected(notes) as gateway:
        await gateway.caught_up()
        assert len(notes.messages) == 250


async def test_the_tops_of_chats_tell_what_was_read(town: Town) -> None:
    async with town.connected(Notes()) as gateway:
        await gateway.resolve("anna")
        sent = await gateway.send(town.anna, "hello", 1)
        town.world.read(town.anna, town.account)
        town.world.send(town.anna, town.account, "hi")
        (state,) = await gateway.chats([town.anna, 123456])
        await gateway.read(town.anna, state.top_message_id)
        (after,) = await gateway.chats([town.anna])
    assert state.peer_id == town.anna
    assert state.read_outbox_max_id == sent.telegram_message_id
    assert state.top_message_id > state.read_inbox_max_id
    assert after.read_inbox_max_id == after.top_message_id


async def test_typing_never_fails_for_what_concerns_one_person(town: Town) -> None:
    async with town.connected(Notes()) as gateway:
        await gateway.resolve("anna")
        town.world.faults.add(Rule("messages.setTyping", Action.ERROR, code=400, text="USER_IS_BLOCKED"))
        await gateway.typing(town.anna)
        await gateway.typing(town.boris)
