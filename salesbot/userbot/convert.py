"""What Telegram shows, as the product's own nouns: a TL user as ``Person``, a TL message as ``Seen``.

The details of a kind (``Seen.media``) are short and of no language: a duration, a name, a phone, an emoji.
Nothing here may fail twice (law 1): a message that cannot be read becomes a placeholder with its id.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from loguru import logger
from telethon.tl import types

from salesbot.dialog.model import Kind, Person, Seen
from salesbot.errors import NoSuchPerson

SERVICE_USERS = frozenset({777000, 42777})
"""Telegram's own notifications: written by a user, but by nobody."""

_EPOCH = datetime.fromtimestamp(0, UTC)


def person(user: Any) -> Person:
    """Raises ``NoSuchPerson`` (``not_a_person``) for whatever cannot be talked to: bots, deleted accounts, services."""
    if not is_person(user):
        raise NoSuchPerson("not_a_person", "this is not a person who can be written to")
    return Person(
        id=user.id,
        access_hash=user.access_hash,
        username=_username(user),
        name=" ".join(part for part in (user.first_name, user.last_name) if part),
        language=user.lang_code,
        phone=user.phone or "",
    )


def is_person(user: Any) -> bool:
    """Whether this is a human being other than the account itself, shown fully enough to be addressed."""
    return (
        isinstance(user, types.User)
        and not (user.bot or user.deleted or user.is_self or user.support)
        and user.id not in SERVICE_USERS
        and is_addressable(user)
    )


def is_addressable(user: types.User) -> bool:
    """A ``min`` user is shown in passing: its access hash opens nothing."""
    return user.access_hash is not None and not user.min


def _username(user: Any) -> str | None:
    active = (name.username for name in user.usernames or () if name.active)
    return user.username or next(active, None)


def seen(message: Any, peer_id: int, known: Person | None = None) -> Seen:
    """A message of the private chat with ``peer_id``; a placeholder when it cannot be read."""
    try:
        return _seen(message, peer_id, known)
    except Exception:  # noqa: BLE001 - whatever is odd about it, its id must be stored, or it would come for ever
        logger.opt(exception=True).warning("message {} is stored as a placeholder", message.id)
        when = message.date if isinstance(message.date, datetime) else _EPOCH
        return Seen(message.id, peer_id, bool(message.out), "", when, kind=Kind.OTHER, person=known)


def _seen(message: Any, peer_id: int, known: Person | None) -> Seen:
    if isinstance(message, types.MessageService):
        kind, media = _action(message.action)
        return Seen(message.id, peer_id, bool(message.out), "", message.date, kind=kind, media=media, person=known)
    kind, media = _media(message.media)
    return Seen(
        telegram_message_id=message.id,
        peer_id=peer_id,
        outgoing=bool(message.out),
        text=message.message or "",
        timestamp=message.date,
        kind=kind,
        media=media,
        reply_to=_reply_to(message.reply_to),
        quote=getattr(message.reply_to, "quote_text", None) or "",
        group_id=message.grouped_id,
        edited_at=None if message.edit_hide else message.edit_date,
        reaction=_reaction(message.reactions, peer_id),
        person=known,
    )


def seen_short(update: Any, known: Person | None = None) -> Seen:
    """``updateShortMessage``: a text from, or to, somebody known."""
    return Seen(
        telegram_message_id=update.id,
        peer_id=update.user_id,
        outgoing=bool(update.out),
        text=update.message,
        timestamp=update.date,
        reply_to=_reply_to(update.reply_to),
        quote=getattr(update.reply_to, "quote_text", None) or "",
        person=known,
    )


def _reply_to(header: Any) -> int | None:
    """The id answered to, if it stands in this chat."""
    if not isinstance(header, types.MessageReplyHeader) or header.reply_to_peer_id is not None:
        return None
    return header.reply_to_msg_id  # type: ignore[no-any-return] # Telethon has no types


def _reaction(reactions: Any, peer_id: int) -> str:
    """What the person (not the account) put under the message."""
    if reactions is None:
        return ""
    if reactions.recent_reactions:
        theirs = [recent.reaction for recent in reactions.recent_reactions if _is_user(recent.peer_id, peer_id)]
    else:
        theirs = [result.reaction for result in reactions.results if result.chosen_order is None]
    return "".join(getattr(reaction, "emoticon", "★") for reaction in theirs)


def _is_user(peer: Any, user_id: int) -> bool:
    return isinstance(peer, types.PeerUser) and peer.user_id == user_id


def _action(action: Any) -> tuple[Kind, str]:
    match action:
        case types.MessageActionPhoneCall():
            return Kind.CALL, duration(action.duration) if action.duration else ""
        case types.MessageActionCustomAction():
            return Kind.SERVICE, action.message
        case _:
            return Kind.SERVICE, type(action).__name__.removeprefix("MessageAction")


def _media(media: Any) -> tuple[Kind, str]:
    match media:
        case None | types.MessageMediaEmpty() | types.MessageMediaWebPage():
            return Kind.TEXT, ""
        case types.MessageMediaPhoto():
            return Kind.PHOTO, ""
        case types.MessageMediaDocument():
            return _document(media)
        case types.MessageMediaContact():
            return Kind.CONTACT, _words(media.first_name, media.last_name, media.phone_number)
        case types.MessageMediaVenue():
            return Kind.LOCATION, _words(media.title, media.address)
        case types.MessageMediaGeo() | types.MessageMediaGeoLive():
            return Kind.LOCATION, f"{media.geo.lat:.5f}, {media.geo.long:.5f}" if hasattr(media.geo, "lat") else ""
        case types.MessageMediaPoll():
            return Kind.POLL, media.poll.question.text
        case types.MessageMediaDice():
            return Kind.OTHER, _words(media.emoticon, str(media.value))
        case _:
            return Kind.OTHER, type(media).__name__.removeprefix("MessageMedia")


def _document(media: Any) -> tuple[Kind, str]:
    """Telegram tells voice, video, sticker … apart by the attributes of the document alone."""
    attributes = {type(a): a for a in getattr(media.document, "attributes", ())}
    sticker = attributes.get(types.DocumentAttributeSticker)
    audio = attributes.get(types.DocumentAttributeAudio)
    video = attributes.get(types.DocumentAttributeVideo)
    name = attributes.get(types.DocumentAttributeFilename)
    if sticker:
        return Kind.STICKER, sticker.alt
    if types.DocumentAttributeAnimated in attributes:
        return Kind.ANIMATION, ""
    if audio:
        title = _words(audio.performer, audio.title) or (name.file_name if name and not audio.voice else "")
        return (Kind.VOICE if audio.voice else Kind.AUDIO), _words(title, duration(audio.duration))
    if video:
        return (Kind.VIDEO_NOTE if video.round_message else Kind.VIDEO), duration(video.duration)
    if media.voice or media.round or media.video:  # gone, or seen once: only the wrapper tells
        return (Kind.VOICE if media.voice else Kind.VIDEO_NOTE if media.round else Kind.VIDEO), ""
    return Kind.DOCUMENT, name.file_name if name else ""


def duration(seconds: float) -> str:
    """``0:12``, ``61:05``."""
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes}:{rest:02}"


def _words(*parts: str | None) -> str:
    return " ".join(part for part in parts if part)
