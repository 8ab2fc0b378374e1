"""Files of the Bot API: identifiers that carry what is needed to send a file again, and where to fetch it."""

from __future__ import annotations

import base64
import binascii
import mimetypes

from sandbox.botapi.errors import bad_request
from sandbox.botapi.params import Params, Upload
from sandbox.world import Media, MediaKind, World
from sandbox.world.images import size_of

LARGEST_PHOTO, NARROWEST_PHOTO = 10_000, 20
"""Pixels of width and height together, and how many times the one may be the other."""
FOLDERS = {MediaKind.PHOTO: "photos", MediaKind.VOICE: "voice", MediaKind.VIDEO: "videos"}


def file_id(media: Media) -> str:
    numbers = (media.file_id or 0, media.size, media.width, media.height)
    plain = ":".join(map(str, (media.kind, *numbers, media.name or "")))
    return base64.urlsafe_b64encode(plain.encode()).decode().rstrip("=")


def media_of(identifier: str) -> Media:
    """The media an identifier stands for. Raises ApiError."""
    try:
        padded = identifier + "=" * (-len(identifier) % 4)
        kind, number, size, width, height, name = base64.urlsafe_b64decode(padded).decode().split(":", 5)
        return Media(
            MediaKind(kind), int(number) or None, name or None, _mime(name), int(size),
            width=int(width), height=int(height),
        )  # fmt: skip
    except (ValueError, UnicodeDecodeError, binascii.Error) as error:
        raise bad_request("wrong file identifier/HTTP URL specified") from error


def file_path(media: Media) -> str:
    """Below ``/file/bot<token>/``; ends as the file's name does."""
    _, dot, suffix = (media.name or "").rpartition(".")
    ending = f".{suffix}" if dot and suffix.isalnum() and suffix.isascii() else ""
    return f"{FOLDERS.get(media.kind, 'documents')}/file_{media.file_id}{ending}"


def read_media(params: Params, name: str, kind: MediaKind, world: World) -> Media:
    """The file of a call: uploaded under its own name or by ``attach://``, or sent again by its identifier."""
    value = params.text(name)
    upload = params.uploads.get(value.removeprefix("attach://")) or params.uploads.get(name)
    if upload is not None:
        return _kept(upload, kind, world)
    if not value:
        raise bad_request(f"there is no {name} in the request")
    if "://" in value:
        raise bad_request("failed to get HTTP URL content: this Telegram fetches nothing")
    known = media_of(value)
    if known.kind is not kind:
        raise bad_request(f"can't use file of type {known.kind.capitalize()} as {kind.capitalize()}")
    return known


def _kept(upload: Upload, kind: MediaKind, world: World) -> Media:
    if not upload.data:
        raise bad_request("file must be non-empty")
    width, height = _picture(upload.data) if kind is MediaKind.PHOTO else (0, 0)
    mime = _mime(upload.name, upload.mime)
    return Media(kind, world.files.add(upload.data), upload.name, mime, len(upload.data), width=width, height=height)


def _picture(data: bytes) -> tuple[int, int]:
    """The size of a photo. Raises ApiError for what Telegram does not take as one."""
    size = size_of(data)
    if size is None:
        raise bad_request("IMAGE_PROCESS_FAILED")
    if sum(size) > LARGEST_PHOTO or max(size) > NARROWEST_PHOTO * min(size):
        raise bad_request("PHOTO_INVALID_DIMENSIONS")
    return size


def _mime(name: str, told: str = "") -> str:
    return mimetypes.guess_type(name)[0] or told or "application/octet-stream"
