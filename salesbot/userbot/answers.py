"""Reading Telegram's answers to the calls of the gateway."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from telethon import utils
from telethon.tl import functions, types

from salesbot.userbot.gateway import Chat, ChatState, Sent

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


def newest_chats() -> Any:
    """The first page of all chats, archived ones among them."""
    return functions.messages.GetDialogsRequest(
        offset_date=None, offset_id=0, offset_peer=types.InputPeerEmpty(), limit=PAGE, hash=0
    )


def older_chats(page: Any, since: datetime) -> Any:
    """The page after this one; None when there is none, or nothing was said in it since then. Pinned chats stand out of
    order."""
    pinned = {chat.top_message for chat in page.dialogs if chat.pinned}
    dated = [m for m in page.messages if isinstance(m, types.Message | types.MessageService) and m.id not in pinned]
    last = min(dated, key=lambda message: (message.date, message.id), default=None)
    if last is None or last.date < since or not isinstance(page, types.messages.DialogsSlice):
        return None
    known = {utils.get_peer_id(one): one for one in (*page.users, *page.chats)}
    return functions.messages.GetDialogsRequest(
        offset_date=last.date,
        offset_id=last.id,
        offset_peer=utils.get_input_peer(known[utils.get_peer_id(last.peer_id)]),
        limit=PAGE,
        hash=0,
        exclude_pinned=True,
    )


def chats_in(page: Any) -> Sequence[Chat]:
    tops = {(m.peer_id.user_id, m.id): m.date for m in page.messages if _is_private(m)}
    return [
        Chat(chat.peer.user_id, chat.top_message, tops[chat.peer.user_id, chat.top_message])
        for chat in page.dialogs
        if isinstance(chat.peer, types.PeerUser) and (chat.peer.user_id, chat.top_message) in tops
    ]


def _is_private(message: Any) -> bool:
    return isinstance(message, (types.Message, types.MessageService)) and isinstance(message.peer_id, types.PeerUser)
