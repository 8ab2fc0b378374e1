"""upload.*: parts of files in, files out."""

from typing import Any

from telethon.tl import functions, types

from sandbox.mtproto.errors import RpcError
from sandbox.mtproto.media import file_hash, from_tl_media, to_tl_media
from sandbox.mtproto.peers import user_of
from sandbox.mtproto.registry import Call, method


@method(functions.upload.SaveFilePartRequest)
def save_file_part(call: Call, request: Any) -> Any:
    call.server.uploads.save_part(call.session.key.id, request.file_id, request.file_part, request.bytes)
    return True


@method(functions.upload.SaveBigFilePartRequest)
def save_big_file_part(call: Call, request: Any) -> Any:
    call.server.uploads.save_part(call.session.key.id, request.file_id, request.file_part, request.bytes)
    return True


@method(functions.messages.UploadMediaRequest)
def upload_media(call: Call, request: Any) -> Any:
    user_of(call, request.peer)
    media = from_tl_media(call.server.uploads, call.user, call.session.key.id, request.media)
    return to_tl_media(media, call.world.now()) or types.MessageMediaEmpty()


@method(functions.upload.GetFileRequest)
def get_file(call: Call, request: Any) -> Any:
    place = request.location
    if not isinstance(place, types.InputDocumentFileLocation | types.InputPhotoFileLocation):
        raise RpcError(400, "LOCATION_INVALID")
    data = call.world.files.get(place.id)
    if data is None or place.access_hash != file_hash(place.id):
        raise RpcError(400, "FILE_ID_INVALID")
    part = data[request.offset : request.offset + request.limit]
    return types.upload.File(types.storage.FileUnknown(), 0, part)
