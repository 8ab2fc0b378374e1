"""Typing and its kin, by their Bot API names."""

from typing import Any

from telethon.tl import types

_ACTIONS: dict[str, Any] = {
    "typing": types.SendMessageTypingAction,
    "cancel": types.SendMessageCancelAction,
    "record_voice": types.SendMessageRecordAudioAction,
    "record_video": types.SendMessageRecordVideoAction,
    "record_video_note": types.SendMessageRecordRoundAction,
    "choose_sticker": types.SendMessageChooseStickerAction,
}
_UPLOADS: dict[str, Any] = {
    "upload_photo": types.SendMessageUploadPhotoAction,
    "upload_voice": types.SendMessageUploadAudioAction,
    "upload_video": types.SendMessageUploadVideoAction,
    "upload_document": types.SendMessageUploadDocumentAction,
}
_NAMES = {made: name for name, made in (_ACTIONS | _UPLOADS).items()}


def to_tl_action(name: str) -> Any:
    if name in _UPLOADS:
        return _UPLOADS[name](progress=0)
    return _ACTIONS.get(name, types.SendMessageTypingAction)()


def from_tl_action(action: Any) -> str:
    return _NAMES.get(type(action), "typing")
