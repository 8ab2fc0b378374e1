"""Files of the Bot API: identifiers that carry what is needed to send a file again, and where to fetch it."""

from __future__ import annotations

import base64
import binascii
import mimetypes

from sandbox.botapi.errors import bad_request
from sandbox.botapi.params import Params, Upload
from sandbox.world import Media, MediaKind, World

FOLDERS = {MediaKind.PHOTO: "photos", MediaKind.VOICE: "voice", MediaKind.VIDEO: "videos"}


def file_id(media: Media) -> str:
    plain = f"{media.kind}:{media.file_id or 0}:{media.size}:{media.name or ''}"
    return base64.urlsafe_b64encode(plain.encode()).decode().rstrip("=")


def media_of(identifier: str) -> Media:
    """The media an identifier stands for. Raises ApiError."""
    try:
        padded = identifier + "=" * (-len(identifier) % 4)
        kind, number, size, name = base64.urlsafe_b64decode(padded).decode().split(":", 3)
        media = Media(MediaKind(kind), int(number) or None, name or None, size=int(size))
    except (ValueError, UnicodeDecodeError, binascii.Error) as error:
        raise bad_request("wrong file identifier/HTTP URL specified") from error
    return media


def file_path(media: Media) -> str:
    """Below ``/file/bot<token>/``; ends as the file's name does."""
    suffix = (media.name or "").rpartition(".")[2]
    return f"{FOLDERS.get(media.kind, 'documents')}/file_{media.file_id}{'.' + suffix if suffix else ''}"


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
    return media_of(value)


def _kept(upload: Upload, kind: MediaKind, world: World) -> Media:
    if not upload.data:
        raise bad_request("file must be non-empty")
    mime = mimetypes.guess_type(upload.name)[0] or upload.mime or "application/octet-stream"
    number = world.files.add(upload.data)
    square = 640 if kind is MediaKind.PHOTO else 0
    return Media(kind, number, upload.name, mime, len(upload.data), width=square, height=square)
