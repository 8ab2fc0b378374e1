"""Saying things: texts, edits, deletions, quotes, reactions, forwards, media, and what the other side sees."""

import io

import pytest
from telethon import events
from telethon.errors import FilePartMissingError
from telethon.tl import functions, types

from tests.sandbox.mtproto.playground import Heard, Telegram


async def test_a_text_reaches_the_other_with_its_formatting(telegram: Telegram) -> None:
    maria, anna = await telegram.client(telegram.maria), await telegram.client(telegram.anna)
    heard = Heard(anna, events.NewMessage)
    await maria.send_message("anna", "the **second** plan, see https://example.org")
    event = await heard.next()
    assert event.text == "the **second** plan, see https://example.org"
    assert [type(e) for e in event.message.entities] == [types.MessageEntityBold, types.MessageEntityUrl]
    assert (await event.get_sender()).username == "sales"


async def test_who_knows_the_sender_gets_the_short_form(telegram: Telegram) -> None:
    anna = await telegram.client(telegram.anna)
    heard = Heard(anna, events.Raw)
    for text in ("first", "second"):
        telegram.world.send(telegram.maria.id, telegram.anna.id, text)
    first, second = await heard.take(2)
    assert isinstance(first, types.UpdateNewMessage)
    pushes = telegram.world.log.since(kind="push", method="MessageNew")
    assert [p.outcome for p in pushes] == ["Updates", "UpdateShortMessage"]
    assert second.pts == first.pts + 1


async def test_another_device_sees_what_was_typed_on_this_one(telegram: Telegram) -> None:
    first, second = await telegram.client(telegram.maria), await telegram.client(telegram.maria)
    heard = Heard(second, events.NewMessage(outgoing=True))
    sent = await first.send_message("anna", "typed on the phone")
    event = await heard.next()
    assert (event.id, event.raw_text, event.out) == (sent.id, "typed on the phone", True)


async def test_an_edit_a_deletion_and_a_read_mark_reach_the_other(telegram: Telegram) -> None:
    maria, anna = await telegram.client(telegram.maria), await telegram.client(telegram.anna)
    at_anna = Heard(anna, events.NewMessage, events.MessageEdited, events.MessageDeleted)
    at_maria = Heard(maria, events.MessageRead)
    sent = await maria.send_message("anna", "teh price")
    new = await at_anna.next()
    await anna.send_read_acknowledge("sales")
    read = await at_maria.next()
    assert (read.outbox, read.max_id, read.chat_id) == (True, sent.id, telegram.anna.id)
    await maria.edit_message(sent, "the price")
    edited = await at_anna.next()
    assert (edited.id, edited.raw_text, edited.message.edit_date) == (new.id, "the price", telegram.clock.now)
    await maria.delete_messages("anna", [sent.id], revoke=True)
    assert (await at_anna.next()).deleted_ids == [new.id]
    assert await anna.get_messages("sales") == []


async def test_what_is_taken_back_is_gone_on_both_sides_and_on_every_device(telegram: Telegram) -> None:
    telegram.world.send(telegram.anna.id, telegram.bot.id, "/start")  # now the ids of the two differ
    maria, phone = await telegram.client(telegram.maria), await telegram.client(telegram.maria)
    anna = await telegram.client(telegram.anna)
    await maria.send_message("anna", "the first")
    sent = await maria.send_message("anna", "a slip")
    (got,) = await anna.get_messages("sales", limit=1)
    at_anna, at_phone = Heard(anna, events.MessageDeleted), Heard(phone, events.MessageDeleted)
    before = await maria(functions.updates.GetStateRequest())
    gone = await maria(functions.messages.DeleteMessagesRequest([sent.id], revoke=True))
    assert (gone.pts, gone.pts_count) == (before.pts + 1, 1)
    assert (await at_phone.next()).deleted_ids == [sent.id]
    assert (await at_anna.next()).deleted_ids == [got.id]
    missed = await maria(functions.updates.GetDifferenceRequest(pts=before.pts, date=before.date, qts=0))
    (update,) = missed.other_updates
    assert (update.messages, update.pts, update.pts_count) == ([sent.id], gone.pts, 1)
    again = await maria(functions.messages.DeleteMessagesRequest([sent.id], revoke=True))
    assert (again.pts, again.pts_count) == (gone.pts, 0)
    for client, name in ((maria, "anna"), (anna, "sales")):
        assert [one.raw_text for one in await client.get_messages(name, limit=5)] == ["the first"]


async def test_what_is_deleted_for_oneself_stays_with_the_other(telegram: Telegram) -> None:
    maria, anna = await telegram.client(telegram.maria), await telegram.client(telegram.anna)
    sent = await maria.send_message("anna", "still there")
    await maria(functions.messages.DeleteMessagesRequest([sent.id], revoke=False))
    assert await maria.get_messages("anna", limit=5) == []
    assert [one.raw_text for one in await anna.get_messages("sales", limit=5)] == ["still there"]


async def test_a_quote_leads_to_the_message_in_ones_own_box(telegram: Telegram) -> None:
    telegram.world.send(telegram.anna.id, telegram.bot.id, "/start")  # now the ids of the two differ
    maria, anna = await telegram.client(telegram.maria), await telegram.client(telegram.anna)
    heard = Heard(anna, events.NewMessage)
    question = await anna.send_message("sales", "how much?")
    (asked,) = await maria.get_messages("anna", limit=1)
    await asked.reply("ten a month")
    answer = await heard.next()
    assert (answer.reply_to_msg_id, question.id, asked.id) == (question.id, 2, 1)


async def test_a_reaction_arrives_as_a_hidden_edit(telegram: Telegram) -> None:
    maria, anna = await telegram.client(telegram.maria), await telegram.client(telegram.anna)
    heard = Heard(maria, events.MessageEdited)
    await maria.send_message("anna", "hello")
    (got,) = await anna.get_messages("sales", limit=1)
    thumb = types.ReactionEmoji("👍")
    await anna(functions.messages.SendReactionRequest("sales", got.id, reaction=[thumb]))
    event = await heard.next()
    assert event.message.edit_hide
    assert event.message.edit_date is None
    assert event.message.reactions.results[0].reaction == thumb


async def test_typing_is_seen_and_leaves_no_trace(telegram: Telegram) -> None:
    maria, anna = await telegram.client(telegram.maria), await telegram.client(telegram.anna)
    await maria.get_entity("anna")
    heard = Heard(maria, events.UserUpdate)
    async with anna.action("sales", "typing"):
        event = await heard.next()
    assert event.typing
    assert event.user_id == telegram.anna.id
    assert telegram.world.box(telegram.maria.id).pts == 1


async def test_a_forward_is_a_copy_that_names_its_author(telegram: Telegram) -> None:
    maria, anna = await telegram.client(telegram.maria), await telegram.client(telegram.anna)
    heard = Heard(anna, events.NewMessage)
    said = telegram.world.send(telegram.operator.id, telegram.maria.id, "from the office")
    (original,) = await maria.get_messages("operator", limit=1)
    copy = await maria.forward_messages("anna", original)
    event = await heard.next()
    assert event.raw_text == "from the office"
    assert event.fwd_from.from_id == types.PeerUser(telegram.operator.id)
    assert copy.id != said.id


@pytest.mark.parametrize(
    ("options", "kind"),
    [
        ({"file": "x.jpg"}, "photo"),
        ({"file": "x.ogg", "voice_note": True}, "voice"),
        ({"file": "x.webp", "force_document": False}, "sticker"),
        ({"file": "x.pdf"}, "document"),
        ({"file": "x.mp4", "video_note": True}, "video_note"),
    ],
)
async def test_files_of_every_kind_arrive_and_can_be_fetched(
    telegram: Telegram, options: dict[str, object], kind: str
) -> None:
    maria, anna = await telegram.client(telegram.maria), await telegram.client(telegram.anna)
    heard = Heard(anna, events.NewMessage)
    data = b"\x00\x01\x02" * 5000
    file = io.BytesIO(data)
    file.name = str(options["file"])
    attributes = {
        "voice": [types.DocumentAttributeAudio(12, voice=True)],
        "sticker": [types.DocumentAttributeSticker("🙂", types.InputStickerSetEmpty())],
        "video_note": [types.DocumentAttributeVideo(3.0, 240, 240, round_message=True)],
    }.get(kind)
    await maria.send_file("anna", **options | {"file": file, "attributes": attributes, "caption": "look"})
    event = await heard.next()
    assert getattr(event.message, kind)
    assert event.raw_text == "look"
    assert await event.message.download_media(file=bytes) == data


async def test_a_big_file_comes_in_parts_and_goes_out_in_parts(telegram: Telegram) -> None:
    maria = await telegram.client(telegram.maria)
    data = bytes(11 * 1024 * 1024 + 5)
    sent = await maria.send_file("anna", data, attributes=[types.DocumentAttributeFilename("big.zip")])
    assert sent.file.size == len(data)
    assert await maria.download_media(sent, file=bytes) == data
    again = await maria.send_file("anna", sent.media)
    assert again.document.id == sent.document.id


async def test_a_file_with_a_part_missing_is_refused(telegram: Telegram) -> None:
    maria = await telegram.client(telegram.maria)
    await maria(functions.upload.SaveFilePartRequest(7, 0, b"half"))
    media = types.InputMediaUploadedDocument(types.InputFile(7, 2, "x.bin", ""), "application/octet-stream", [])
    with pytest.raises(FilePartMissingError):
        await maria(functions.messages.SendMediaRequest("anna", media, "", random_id=1))


async def test_contacts_and_places_arrive(telegram: Telegram) -> None:
    maria, anna = await telegram.client(telegram.maria), await telegram.client(telegram.anna)
    heard = Heard(anna, events.NewMessage)
    await maria.send_file("anna", types.InputMediaContact("15550100", "Oleg", "Ivanov", ""))
    await maria.send_file("anna", types.InputMediaGeoPoint(types.InputGeoPoint(lat=55.5, long=37.25)))
    contact, place = await heard.take(2)
    assert (contact.contact.phone_number, contact.contact.first_name) == ("15550100", "Oleg")
    assert (place.geo.lat, place.geo.long) == (55.5, 37.25)


async def test_an_album_is_one_group(telegram: Telegram) -> None:
    maria, anna = await telegram.client(telegram.maria), await telegram.client(telegram.anna)
    heard = Heard(anna, events.Album)
    files = []
    for name in ("a.jpg", "b.jpg"):
        file = io.BytesIO(b"picture")
        file.name = name
        files.append(file)
    await maria.send_file("anna", files, caption=["one", "two"])
    album = await heard.next()
    assert [m.raw_text for m in album.messages] == ["one", "two"]


async def test_a_blocked_account_is_told(telegram: Telegram) -> None:
    maria, anna = await telegram.client(telegram.maria), await telegram.client(telegram.anna)
    await anna(functions.contacts.BlockRequest("sales"))
    with pytest.raises(Exception, match=r"blocked|BLOCKED"):
        await maria.send_message("anna", "hello")
    await anna(functions.contacts.UnblockRequest("sales"))
    assert (await maria.send_message("anna", "hello")).id == 1
