"""Reading Telegram's answers to the calls of the gateway."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from telethon.tl import functions, types

from salesbot.userbot.gateway import ChatState, Sent

PAGE = 100
"""The most messages Telegram gives at once."""


def sent(answer: Any, random_id: int) -> Sent:
    """The id under which a sent text stands: a short answer, or updates that name the ``random_id``."""
    if isinstance(answer, types.UpdateShortSentMessage):
        return Sent(answer.id, answer.date)
    message_id = next(
        (u.id for u in answer.updates if isinstance(u, types.UpdateMessageID) and u.random_id == random_id), None
    )
    return Sent(message_id, answer.date)


def history_page(peer: types.InputPeerUser, below: int, above: int, limit: int) -> Any:
    """The newest messages with ids between the two (0 for ``below``: from the top)."""
    return functions.messages.GetHistoryRequest(
        peer, offset_id=below, offset_date=None, add_offset=0, limit=limit, max_id=0, min_id=above, hash=0
    )


def chat_states(answer: Any) -> Sequence[ChatState]:
    edited = {(m.peer_id.user_id, m.id): m.edit_date for m in answer.messages if _is_private(m)}
    return [
        ChatState(
            peer_id=dialog.peer.user_id,
            top_message_id=dialog.top_message,
            read_inbox_max_id=dialog.read_inbox_max_id,
            read_outbox_max_id=dialog.read_outbox_max_id,
            top_edited_at=edited.get((dialog.peer.user_id, dialog.top_message)),
        )
        for dialog in answer.dialogs
        if isinstance(dialog.peer, types.PeerUser)
    ]


def _is_private(message: Any) -> bool:
    return isinstance(message, (types.Message, types.MessageService)) and isinstance(message.peer_id, types.PeerUser)
