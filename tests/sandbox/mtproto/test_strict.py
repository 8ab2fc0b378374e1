"""What Telegram refuses is refused here."""

import pytest
from telethon import errors
from telethon.tl import functions, types

from sandbox.world import Privacy
from tests.sandbox.mtproto.playground import Telegram

Send = functions.messages.SendMessageRequest


@pytest.mark.parametrize("access_hash", [0, 12345])
async def test_a_wrong_access_hash_names_nobody(telegram: Telegram, access_hash: int) -> None:
    client = await telegram.client(telegram.maria)
    with pytest.raises(errors.PeerIdInvalidError):
        await client(Send(types.InputPeerUser(telegram.anna.id, access_hash), "hello", random_id=1))
    with pytest.raises(errors.UserIdInvalidError):
        await client(functions.users.GetUsersRequest([types.InputUser(telegram.anna.id, access_hash)]))


async def test_an_access_hash_serves_one_account_only(telegram: Telegram) -> None:
    maria, operator = await telegram.client(telegram.maria), await telegram.client(telegram.operator)
    known_to_maria = await maria.get_input_entity("anna")
    with pytest.raises(errors.PeerIdInvalidError):
        await operator(Send(known_to_maria, "hello", random_id=1))


@pytest.mark.parametrize(
    ("text", "error"),
    [
        ("", errors.MessageEmptyError),
        ("   \n", errors.MessageEmptyError),
        ("x" * 4097, errors.MessageTooLongError),
        ("😀" * 2049, errors.MessageTooLongError),
    ],
)
async def test_texts_that_are_empty_or_too_long(telegram: Telegram, text: str, error: type[Exception]) -> None:
    client = await telegram.client(telegram.maria)
    peer = await client.get_input_entity("anna")
    with pytest.raises(error):
        await client(Send(peer, text, random_id=1))
    assert (await client(Send(peer, "😀" * 2048, random_id=2))).id == 1


async def test_a_message_for_later_is_refused_rather_than_sent_at_once(telegram: Telegram) -> None:
    client = await telegram.client(telegram.maria)
    with pytest.raises(errors.BadRequestError):
        await client.send_message("anna", "tomorrow", schedule=telegram.clock.now)
    assert telegram.world.history(telegram.anna.id, telegram.maria.id) == []


async def test_edits_of_nothing_of_others_and_without_a_change(telegram: Telegram) -> None:
    telegram.world.send(telegram.anna.id, telegram.maria.id, "hers")
    client = await telegram.client(telegram.maria)
    mine = await client.send_message("anna", "mine")
    with pytest.raises(errors.MessageNotModifiedError):
        await client.edit_message("anna", mine.id, "mine")
    with pytest.raises(errors.MessageIdInvalidError):
        await client.edit_message("anna", 99, "x")
    with pytest.raises(errors.MessageAuthorRequiredError):
        await client.edit_message("anna", 1, "x")
    telegram.clock.move(hours=49)
    with pytest.raises(errors.MessageEditTimeExpiredError):
        await client.edit_message("anna", mine.id, "late")


async def test_a_repeated_random_id_is_an_error_or_the_first_message(telegram: Telegram) -> None:
    client = await telegram.client(telegram.maria)
    request = Send(await client.get_input_entity("anna"), "once", random_id=99)
    first = await client(request)
    with pytest.raises(errors.RandomIdDuplicateError):
        await client(request)
    telegram.world.rules.repeated_random_id = "original"
    again = await client(request)
    assert (again.id, again.pts) == (first.id, first.pts)
    assert len(telegram.world.history(telegram.anna.id, telegram.maria.id)) == 1
    telegram.world.forget_random_ids(telegram.maria.id)
    assert (await client(request)).id == first.id + 1


async def test_a_telegram_with_a_short_memory_sends_a_repeated_random_id_again(telegram: Telegram) -> None:
    client = await telegram.client(telegram.maria)
    peer = await client.get_input_entity("anna")
    telegram.world.rules.random_id_memory = 2
    for random_id in (1, 2, 3):
        await client(Send(peer, f"number {random_id}", random_id=random_id))
    with pytest.raises(errors.RandomIdDuplicateError):
        await client(Send(peer, "number 2", random_id=2))
    assert (await client(Send(peer, "number 1 again", random_id=1))).id == 4
    telegram.world.rules.random_id_memory = 0
    assert [(await client(Send(peer, "twice", random_id=9))).id for _ in range(2)] == [5, 6]


@pytest.mark.parametrize(
    ("call", "allowed"),
    [
        (functions.contacts.ResolveUsernameRequest("anna"), 30),
        (functions.messages.GetHistoryRequest("anna", 0, None, 0, 1, 0, 0, 0), 60),
    ],
)
async def test_costly_calls_are_limited_by_the_minute(telegram: Telegram, call: object, allowed: int) -> None:
    client = await telegram.client(telegram.maria)
    await client.get_input_entity("anna")
    telegram.server.floods.forget()
    for _ in range(allowed):
        await client(call)
    with pytest.raises(errors.FloodWaitError) as caught:
        await client(call)
    assert 50 < caught.value.seconds <= 60
    other = await telegram.client(telegram.operator)
    await other.get_entity("anna")


async def test_the_limits_can_be_set(telegram: Telegram) -> None:
    telegram.world.rules.resolve_per_minute = 1
    client = await telegram.client(telegram.maria)
    await client.get_entity("anna")
    with pytest.raises(errors.FloodWaitError):
        await client.get_entity("operator")


@pytest.mark.parametrize(
    ("name", "error"),
    [
        ("nobody_here", errors.UsernameNotOccupiedError),
        ("1bad", errors.UsernameInvalidError),
        ("ab", errors.UsernameInvalidError),
    ],
)
async def test_names_nobody_has(telegram: Telegram, name: str, error: type[Exception]) -> None:
    client = await telegram.client(telegram.maria)
    with pytest.raises(error):
        await client(functions.contacts.ResolveUsernameRequest(name))


async def test_a_released_name_leads_to_who_took_it(telegram: Telegram) -> None:
    client = await telegram.client(telegram.maria)
    telegram.world.users.change(telegram.anna.id, username=None)
    telegram.world.users.change(telegram.operator.id, username="anna")
    assert (await client.get_entity("anna")).id == telegram.operator.id


@pytest.mark.parametrize(
    ("of_whom", "state", "error"),
    [
        ("anna", {"privacy": Privacy.CONTACTS}, errors.UserPrivacyRestrictedError),
        ("anna", {"privacy": Privacy.PREMIUM}, errors.AuthKeyError),
        ("anna", {"deleted": True}, errors.InputUserDeactivatedError),
        ("maria", {"frozen": True}, errors.FrozenMethodInvalidError),
        ("maria", {"spam_limited": True}, errors.PeerFloodError),
        ("maria", {"banned": True}, errors.UserDeactivatedBanError),
    ],
)
async def test_states_of_people_that_forbid_a_first_message(
    telegram: Telegram, of_whom: str, state: dict[str, object], error: type[Exception]
) -> None:
    client = await telegram.client(telegram.maria)
    peer = await client.get_input_entity("anna")
    telegram.world.users.change(getattr(telegram, of_whom).id, **state)
    with pytest.raises(error):
        await client(Send(peer, "hello", random_id=1))


async def test_a_running_talk_goes_on_under_a_spam_limit(telegram: Telegram) -> None:
    client = await telegram.client(telegram.maria)
    telegram.world.send(telegram.anna.id, telegram.maria.id, "are you there?")
    telegram.world.users.change(telegram.maria.id, spam_limited=True)
    assert (await client.send_message("anna", "yes")).id == 2
