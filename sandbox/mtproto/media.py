"""Media between the world's words and TL's."""

from datetime import datetime
from typing import Any

from telethon.tl import types

from sandbox.mtproto.address import DC_ID
from sandbox.mtproto.errors import RpcError
from sandbox.mtproto.uploads import Uploads
from sandbox.world import Media, MediaKind

_REFERENCE = b"sandbox"
_NO_SET = types.InputStickerSetEmpty()


def file_hash(file_id: int) -> int:
    """Access hash of a file: enough to tell a made-up one."""
    return file_id * 7919 + 17


def to_tl_media(media: Media | None, date: datetime) -> Any:
    match media:
        case None:
            return None
        case Media(kind=MediaKind.PHOTO):
            return types.MessageMediaPhoto(photo=_photo(media, date))
        case Media(kind=MediaKind.CONTACT):
            return types.MessageMediaContact(media.phone, media.first_name, media.last_name, "", media.contact_id)
        case Media(kind=MediaKind.LOCATION):
            return types.MessageMediaGeo(types.GeoPoint(media.longitude, media.latitude, 0))
        case Media(kind=MediaKind.DICE):
            return types.MessageMediaDice(media.value, media.emoji)
        case _:
            return types.MessageMediaDocument(
                document=_document(media, date),
                voice=media.kind is MediaKind.VOICE or None,
                round=media.kind is MediaKind.VIDEO_NOTE or None,
                video=media.kind in {MediaKind.VIDEO, MediaKind.VIDEO_NOTE} or None,
            )


def _photo(media: Media, date: datetime) -> Any:
    file_id = media.file_id or 0
    size = types.PhotoSize("x", media.width or 640, media.height or 480, media.size)
    return types.Photo(file_id, file_hash(file_id), _REFERENCE, date, [size], DC_ID)


def _document(media: Media, date: datetime) -> Any:
    file_id = media.file_id or 0
    return types.Document(
        file_id, file_hash(file_id), _REFERENCE, date, media.mime, media.size, DC_ID, _attributes(media)
    )


def _attributes(media: Media) -> list[Any]:
    attributes: list[Any] = [types.DocumentAttributeFilename(media.name)] if media.name else []
    size = media.width or 512, media.height or 512
    match media.kind:
        case MediaKind.VOICE:
            attributes.append(types.DocumentAttributeAudio(media.duration, voice=True))
        case MediaKind.AUDIO:
            attributes.append(types.DocumentAttributeAudio(media.duration))
        case MediaKind.STICKER:
            attributes += [
                types.DocumentAttributeImageSize(*size),
                types.DocumentAttributeSticker(media.emoji, _NO_SET),
            ]
        case MediaKind.VIDEO | MediaKind.VIDEO_NOTE:
            round_ = media.kind is MediaKind.VIDEO_NOTE or None
            attributes.append(types.DocumentAttributeVideo(float(media.duration), *size, round_message=round_))
        case MediaKind.ANIMATION:
            attributes += [
                types.DocumentAttributeVideo(float(media.duration), *size),
                types.DocumentAttributeAnimated(),
            ]
        case _:
            pass
    return attributes


def from_tl_media(uploads: Uploads, viewer: int, key_id: int, media: Any) -> Media | None:
    """The media an InputMedia describes; None for an empty one. Raises 400 MEDIA_INVALID for what is not known here."""
    match media:
        case types.InputMediaEmpty():
            return None
        case types.InputMediaUploadedPhoto():
            file_id, size = uploads.finish(key_id, media.file)
            made = Media(MediaKind.PHOTO, file_id, media.file.name or None, "image/jpeg", size, width=640, height=480)
        case types.InputMediaUploadedDocument():
            file_id, size = uploads.finish(key_id, media.file)
            made = _described(file_id, size, media.mime_type, media.attributes)
        case types.InputMediaPhoto() | types.InputMediaDocument():
            return uploads.find(viewer, media.id.id)
        case types.InputMediaContact():
            return Media(
                MediaKind.CONTACT, phone=media.phone_number, first_name=media.first_name, last_name=media.last_name
            )
        case types.InputMediaGeoPoint(geo_point=types.InputGeoPoint() as point):
            return Media(MediaKind.LOCATION, latitude=point.lat, longitude=point.long)
        case types.InputMediaDice():
            return Media(MediaKind.DICE, emoji=media.emoticon, value=4)
        case _:
            raise RpcError(400, "MEDIA_INVALID")
    uploads.media[file_id] = made
    return made


def _described(file_id: int, size: int, mime: str, attributes: list[Any]) -> Media:
    kind, name, duration, emoji = MediaKind.DOCUMENT, None, 0, ""
    width = height = 0
    for attribute in attributes:
        match attribute:
            case types.DocumentAttributeFilename():
                name = attribute.file_name
            case types.DocumentAttributeAudio():
                kind, duration = (MediaKind.VOICE if attribute.voice else MediaKind.AUDIO), attribute.duration
            case types.DocumentAttributeVideo():
                duration, width, height = int(attribute.duration), attribute.w, attribute.h
                if kind is not MediaKind.ANIMATION:
                    kind = MediaKind.VIDEO_NOTE if attribute.round_message else MediaKind.VIDEO
            case types.DocumentAttributeAnimated():
                kind = MediaKind.ANIMATION
            case types.DocumentAttributeSticker():
                kind, emoji = MediaKind.STICKER, attribute.alt
            case types.DocumentAttributeImageSize():
                width, height = attribute.w, attribute.h
            case _:
                pass
    return Media(kind, file_id, name, mime, size, duration, width, height, emoji)
