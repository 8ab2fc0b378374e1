"""Refusals of the Bot API, in its own words."""

from __future__ import annotations

from sandbox.world import WorldError


class ApiError(Exception):
    """``{"ok": false, "error_code": code, "description": description, "parameters": …}``."""

    def __init__(self, code: int, description: str, retry_after: float | None = None) -> None:
        super().__init__(f"{code} {description}")
        self.code = code
        self.description = description
        self.retry_after = retry_after


def bad_request(text: str) -> ApiError:
    return ApiError(400, f"Bad Request: {text}")


CHAT_NOT_FOUND = "chat not found"

_WORDS = {
    "MESSAGE_EMPTY": "message text is empty",
    "MESSAGE_TOO_LONG": "message is too long",
    "MEDIA_CAPTION_TOO_LONG": "message caption is too long",
    "MESSAGE_NOT_MODIFIED": (
        "message is not modified: specified new message content and reply markup are exactly the same "
        "as a current content and reply markup of the message"
    ),
    "MESSAGE_AUTHOR_REQUIRED": "message can't be edited",
    "MESSAGE_EDIT_TIME_EXPIRED": "message can't be edited",
    "QUERY_ID_INVALID": "query is too old and response timeout expired or query ID is invalid",
    "PEER_ID_INVALID": CHAT_NOT_FOUND,
    "REPLY_MARKUP_TOO_LONG": "reply markup is too long",
}
_FORBIDDEN = {
    "BOT_NOT_STARTED": "bot can't initiate conversation with a user",
    "USER_IS_BLOCKED": "bot was blocked by the user",
    "USER_IS_BOT": "bot can't send messages to bots",
    "INPUT_USER_DEACTIVATED": "user is deactivated",
}


def translated(error: WorldError) -> ApiError:
    """The world's refusal as the Bot API words it."""
    if error.text in _FORBIDDEN:
        return ApiError(403, f"Forbidden: {_FORBIDDEN[error.text]}")
    if error.code == 403 and error.text not in _WORDS:
        return ApiError(403, f"Forbidden: {error.text}")
    return bad_request(_WORDS.get(error.text, error.text))
