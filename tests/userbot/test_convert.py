"""What Telegram shows, as ``Seen`` and ``Person``: every kind, and nothing that fails twice."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from telethon.tl import types

from salesbot.dialog.model import Kind, Person
from salesbot.errors import NoSuchPerson
from salesbot.userbot import convert

WHEN = datetime(2026, 11, 21, 9, 0, tzinfo=UTC)
PEER = types.PeerUser(7)


def message(text: str = "", **fields: Any) -> Any:
    return types.Message(id=5, peer_id=PEER, date=WHEN, message=text, **fields)


def document(*attributes: Any, **wrapper: Any) -> Any:
    inner = types.Document(1, 2, b"", WHEN, "application/octet-stream", 3, 2, list(attributes))
    return types.MessageMediaDocument(document=inner, **wrapper)


def user(**fields: Any) -> Any:
    return types.User(id=7, **{"access_hash": 11, "first_name": "Anna", **fields})


@pytest.mark.parametrize(
    ("media", "kind", "label"),
    [
        (None, Kind.TEXT, ""),
        (types.MessageMediaWebPage(types.WebPageEmpty(1)), Kind.TEXT, ""),
        (types.MessageMediaPhoto(), Kind.PHOTO, ""),
        (document(types.DocumentAttributeAudio(12, voice=True)), Kind.VOICE, "0:12"),
        (document(types.DocumentAttributeAudio(184, title="Song", performer="Band")), Kind.AUDIO, "Band Song 3:04"),
        (
            document(types.DocumentAttributeAudio(5), types.DocumentAttributeFilename("a.mp3")),
            Kind.AUDIO,
            "a.mp3 0:05",
        ),
        (document(types.DocumentAttributeVideo(61.6, 1, 1)), Kind.VIDEO, "1:02"),
        (document(types.DocumentAttributeVideo(9, 1, 1, round_message=True)), Kind.VIDEO_NOTE, "0:09"),
        (
            document(types.DocumentAttributeSticker("👍", types.InputStickerSetEmpty())),
            Kind.STICKER,
            "👍",
        ),
        (document(types.DocumentAttributeAnimated(), types.DocumentAttributeVideo(2, 1, 1)), Kind.ANIMATION, ""),
        (document(types.DocumentAttributeFilename("offer.pdf")), Kind.DOCUMENT, "offer.pdf"),
        (document(), Kind.DOCUMENT, ""),
        (types.MessageMediaDocument(voice=True, ttl_seconds=1), Kind.VOICE, ""),
        (types.MessageMediaContact("12025550123", "Ann", "", "", 0), Kind.CONTACT, "Ann 12025550123"),
        (types.MessageMediaGeo(types.GeoPoint(30.5, 59.25, 0)), Kind.LOCATION, "59.25000, 30.50000"),
        (types.MessageMediaGeo(types.GeoPointEmpty()), Kind.LOCATION, ""),
        (
            types.MessageMediaVenue(types.GeoPoint(1, 2, 0), "Office", "1 Main St", "", "", ""),
            Kind.LOCATION,
            "Office 1 Main St",
        ),
        (types.MessageMediaDice(5, "🎲"), Kind.OTHER, "🎲 5"),
        (types.MessageMediaUnsupported(), Kind.OTHER, "Unsupported"),
    ],
    ids=lambda value: value.value if isinstance(value, Kind) else "",
)
def test_every_kind_of_message_has_its_label(media: Any, kind: Kind, label: str) -> None:
    seen = convert.seen(message("caption", media=media), 7)
    assert (seen.kind, seen.media, seen.text) == (kind, label, "caption")


@pytest.mark.parametrize(
    ("action", "kind", "label"),
    [
        (types.MessageActionPhoneCall(1, duration=75), Kind.CALL, "1:15"),
        (types.MessageActionPhoneCall(1), Kind.CALL, ""),
        (types.MessageActionScreenshotTaken(), Kind.SERVICE, "ScreenshotTaken"),
        (types.MessageActionCustomAction("words"), Kind.SERVICE, "words"),
    ],
)
def test_a_service_message_is_seen_too(action: Any, kind: Kind, label: str) -> None:
    told = types.MessageService(id=5, peer_id=PEER, date=WHEN, action=action)
    seen = convert.seen(told, 7)
    assert (seen.telegram_message_id, seen.kind, seen.media, seen.text) == (5, kind, label, "")


def test_a_message_carries_what_it_answers_its_album_and_its_edit() -> None:
    reply = types.MessageReplyHeader(reply_to_msg_id=3, quote=True, quote_text="these words")
    seen = convert.seen(message("yes", out=True, reply_to=reply, grouped_id=9, edit_date=WHEN), 7)
    assert (seen.reply_to, seen.quote, seen.group_id, seen.edited_at) == (3, "these words", 9, WHEN)
    assert (seen.outgoing, seen.peer_id, seen.timestamp) == (True, 7, WHEN)


def test_a_reaction_is_no_edit_and_is_the_persons_not_ours() -> None:
    ours, theirs = types.ReactionEmoji("🔥"), types.ReactionEmoji("👍")
    recent = [
        types.MessagePeerReaction(types.PeerUser(1), WHEN, ours, my=True),
        types.MessagePeerReaction(PEER, WHEN, theirs),
    ]
    listed = types.MessageReactions([types.ReactionCount(theirs, 1)], recent_reactions=recent)
    counted = types.MessageReactions([types.ReactionCount(ours, 1, chosen_order=0), types.ReactionCount(theirs, 1)])
    for reactions in (listed, counted):
        seen = convert.seen(message("hi", reactions=reactions, edit_date=WHEN, edit_hide=True), 7)
        assert (seen.reaction, seen.edited_at) == ("👍", None)


def test_an_answer_to_another_chat_names_no_message_here() -> None:
    reply = types.MessageReplyHeader(reply_to_msg_id=3, reply_to_peer_id=types.PeerChannel(8))
    assert convert.seen(message("yes", reply_to=reply), 7).reply_to is None
    assert convert.seen(message("yes", reply_to=types.MessageReplyStoryHeader(PEER, 4)), 7).reply_to is None


def test_what_cannot_be_read_becomes_a_placeholder_with_its_id() -> None:
    broken = message("text", media=types.MessageMediaPoll(poll=None, results=None))
    seen = convert.seen(broken, 7)
    assert (seen.telegram_message_id, seen.peer_id, seen.kind, seen.text) == (5, 7, Kind.OTHER, "")
    assert seen.timestamp == WHEN


def test_a_person_has_their_names() -> None:
    told = user(last_name="Keller", username="anna", lang_code="de")
    assert convert.person(told) == Person(7, 11, "anna", "Anna Keller", "de")
    collected = user(usernames=[types.Username("old", active=None), types.Username("new", active=True)])
    assert convert.person(collected).username == "new"
    assert convert.person(user(access_hash=0)).access_hash == 0


@pytest.mark.parametrize(
    "told",
    [
        None,
        types.UserEmpty(7),
        user(bot=True, bot_info_version=1),
        user(deleted=True),
        user(is_self=True),
        user(support=True),
        user(min=True),
        user(access_hash=None),
        types.User(id=777000, access_hash=1),
    ],
)
def test_who_cannot_be_talked_to_is_no_person(told: Any) -> None:
    with pytest.raises(NoSuchPerson) as raised:
        convert.person(told)
    assert raised.value.code == "not_a_person"
