"""Editing, deleting, reacting."""

from typing import Any

from telethon.tl import functions, types

from sandbox.mtproto.errors import RpcError
from sandbox.mtproto.markup import from_tl_entities
from sandbox.mtproto.media import from_tl_media
from sandbox.mtproto.peers import user_of
from sandbox.mtproto.push import updates
from sandbox.mtproto.registry import Call, method
from sandbox.world import Message


@method(functions.messages.EditMessageRequest)
def edit_message(call: Call, request: Any) -> Any:
    old = _own(call, request.peer, request.id)
    media = None
    if request.media:
        media = from_tl_media(call.server.uploads, call.user, call.session.key.id, request.media)
    text = old.text if request.message is None else request.message
    new = call.world.edit(
        call.user,
        request.id,
        text,
        entities=from_tl_entities(request.entities),
        media=media,
        session=call.session.ordinal,
    )
    return _edited(call, new)


@method(functions.messages.SendReactionRequest)
def send_reaction(call: Call, request: Any) -> Any:
    _own(call, request.peer, request.msg_id)
    emoji = next((r.emoticon for r in request.reaction or () if isinstance(r, types.ReactionEmoji)), None)
    return _edited(call, call.world.react(call.user, request.msg_id, emoji, session=call.session.ordinal))


@method(functions.messages.DeleteMessagesRequest)
def delete_messages(call: Call, request: Any) -> Any:
    gone = call.world.delete(call.user, request.id, revoke=bool(request.revoke), session=call.session.ordinal)
    return types.messages.AffectedMessages(call.world.box(call.user).pts, gone)


@method(functions.messages.DeleteHistoryRequest)
def delete_history(call: Call, request: Any) -> Any:
    peer = user_of(call, request.peer)
    ids = call.world.box(call.user).between(peer, 0, request.max_id + 1 if request.max_id else 0)
    gone = call.world.delete(call.user, list(ids), revoke=bool(request.revoke), session=call.session.ordinal)
    return types.messages.AffectedHistory(call.world.box(call.user).pts, gone, 0)


def _own(call: Call, peer: Any, message_id: int) -> Message:
    message = call.world.message(call.user, message_id)
    if message.peer != user_of(call, peer):
        raise RpcError(400, "MESSAGE_ID_INVALID")
    return message


def _edited(call: Call, message: Message) -> Any:
    view = call.view
    pts = call.world.box(call.user).pts
    return updates(view, [types.UpdateEditMessage(view.message(message), pts, 1)], view.mentioned([message]))
