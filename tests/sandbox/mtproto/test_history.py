"""Reading back: histories, single messages, chats and their marks, people."""

import pytest
from telethon.tl import functions, types

from tests.sandbox.mtproto.playground import Telegram


@pytest.fixture
def talk(telegram: Telegram) -> None:
    """Ten messages each way, in turn: ids 1 to 20."""
    for number in range(1, 21):
        pair = (telegram.maria.id, telegram.anna.id) if number % 2 else (telegram.anna.id, telegram.maria.id)
        telegram.world.send(*pair, str(number))
        telegram.clock.move(seconds=60)


@pytest.mark.usefixtures("talk")
@pytest.mark.parametrize(
    ("window", "ids"),
    [
        ({"limit": 3}, [20, 19, 18]),
        ({"limit": 3, "offset_id": 10}, [9, 8, 7]),
        ({"limit": 3, "add_offset": 2}, [18, 17, 16]),
        ({"limit": 4, "offset_id": 10, "add_offset": -2}, [11, 10, 9, 8]),
        ({"limit": 100, "min_id": 17}, [20, 19, 18]),
        ({"limit": 100, "max_id": 4}, [3, 2, 1]),
        ({"limit": 3, "min_id": 5, "reverse": True}, [6, 7, 8]),
    ],
)
async def test_a_window_of_the_history(telegram: Telegram, window: dict[str, int], ids: list[int]) -> None:
    client = await telegram.client(telegram.maria)
    assert [m.id for m in await client.get_messages("anna", **window)] == ids


@pytest.mark.usefixtures("talk")
async def test_messages_by_id_and_the_ones_that_are_not_there(telegram: Telegram) -> None:
    client = await telegram.client(telegram.maria)
    first, missing = await client.get_messages("anna", ids=[1, 99])
    assert (first.raw_text, missing) == ("1", None)


@pytest.mark.usefixtures("talk")
async def test_a_chat_knows_what_is_unread_and_what_the_other_has_read(telegram: Telegram) -> None:
    telegram.world.read(telegram.anna.id, telegram.maria.id, 15)
    client = await telegram.client(telegram.maria)
    peer = types.InputDialogPeer(await client.get_input_entity("anna"))
    await client(functions.messages.ReadHistoryRequest(peer.peer, 10))
    found = await client(functions.messages.GetPeerDialogsRequest([peer]))
    (dialog,) = found.dialogs
    assert (dialog.top_message, dialog.read_inbox_max_id, dialog.read_outbox_max_id) == (20, 10, 15)
    assert dialog.unread_count == 5
    assert found.state.pts == telegram.world.box(telegram.maria.id).pts


async def test_reading_tells_the_pts_and_whether_anything_was_new(telegram: Telegram) -> None:
    telegram.world.send(telegram.anna.id, telegram.maria.id, "hello")
    client = await telegram.client(telegram.maria)
    peer = await client.get_input_entity("anna")
    again = [await client(functions.messages.ReadHistoryRequest(peer, 0)) for _ in range(2)]
    assert [(a.pts, a.pts_count) for a in again] == [(3, 1), (3, 0)]


@pytest.mark.usefixtures("talk")
async def test_the_list_of_chats_begins_with_the_latest(telegram: Telegram) -> None:
    telegram.world.send(telegram.operator.id, telegram.maria.id, "good morning")
    client = await telegram.client(telegram.maria)
    dialogs = await client.get_dialogs()
    assert [(d.name, d.unread_count) for d in dialogs] == [("Operator", 1), ("Anna", 10)]


async def test_people_and_their_particulars(telegram: Telegram) -> None:
    telegram.world.users.change(telegram.anna.id, about="office manager")
    client = await telegram.client(telegram.maria)
    anna = await client.get_entity("https://t.me/anna")
    assert (anna.first_name, anna.bot, anna.phone) == ("Anna", False, None)
    full = await client(functions.users.GetFullUserRequest(anna))
    assert full.full_user.about == "office manager"
    assert (await client.get_entity("sales_desk_bot")).bot


async def test_a_name_may_lead_to_a_group(telegram: Telegram) -> None:
    telegram.world.add_group("office_chat", "Office")
    client = await telegram.client(telegram.maria)
    assert (await client.get_entity("office_chat")).title == "Office"
