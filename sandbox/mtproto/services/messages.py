"""Sending: texts, media, albums, forwards."""

from typing import Any

from telethon.tl import functions, types

from sandbox.mtproto.errors import RpcError
from sandbox.mtproto.markup import from_tl_entities, to_tl_entities
from sandbox.mtproto.media import from_tl_media
from sandbox.mtproto.peers import user_of
from sandbox.mtproto.push import updates
from sandbox.mtproto.registry import Call, method
from sandbox.world import Forward, Media, Message, Quote, RandomIdRepeated


@method(functions.messages.SendMessageRequest)
def send_message(call: Call, request: Any) -> Any:
    message = _once(
        call,
        _peer(call, request, request.peer),
        request.message,
        entities=from_tl_entities(request.entities),
        reply_to=quote_of(request.reply_to),
        random_id=request.random_id,
    )
    return types.UpdateShortSentMessage(
        id=message.id,
        pts=call.world.box(call.user).pts_of(message.id),
        pts_count=1,
        date=message.date,
        out=True,
        entities=to_tl_entities(message.entities),
    )


@method(functions.messages.SendMediaRequest)
def send_media(call: Call, request: Any) -> Any:
    message = _once(
        call,
        _peer(call, request, request.peer),
        request.message,
        entities=from_tl_entities(request.entities),
        media=_media(call, request.media),
        reply_to=quote_of(request.reply_to),
        random_id=request.random_id,
    )
    return _sent(call, [message])


@method(functions.messages.SendMultiMediaRequest)
def send_multi_media(call: Call, request: Any) -> Any:
    peer = _peer(call, request, request.peer)
    group_id = call.world.random.getrandbits(62)
    sent = [
        _once(
            call,
            peer,
            single.message,
            entities=from_tl_entities(single.entities),
            media=_media(call, single.media),
            group_id=group_id,
            random_id=single.random_id,
        )
        for single in request.multi_media
    ]
    return _sent(call, sent)


@method(functions.messages.ForwardMessagesRequest)
def forward_messages(call: Call, request: Any) -> Any:
    source, peer = user_of(call, request.from_peer), _peer(call, request, request.to_peer)
    origins = [call.world.message(call.user, message_id) for message_id in request.id]
    if any(origin.peer != source for origin in origins):
        raise RpcError(400, "MESSAGE_ID_INVALID")
    sent = [
        _once(
            call,
            peer,
            origin.text,
            entities=origin.entities,
            media=origin.media,
            forward=None if request.drop_author else origin.forward or Forward(origin.sender, origin.date),
            random_id=random_id,
        )
        for origin, random_id in zip(origins, request.random_id, strict=True)
    ]
    return _sent(call, sent)


def quote_of(given: Any) -> Quote | None:
    if not isinstance(given, types.InputReplyToMessage):
        return None
    return Quote(given.reply_to_msg_id, given.quote_text or None)


def _media(call: Call, given: Any) -> Media | None:
    return from_tl_media(call.server.uploads, call.user, call.session.key.id, given)


def _peer(call: Call, request: Any, given: Any) -> int:
    """Whom a message goes to. What would be kept for later is refused: it must not go out at once."""
    if request.schedule_date:
        raise RpcError(400, "METHOD_NOT_IMPLEMENTED_schedule_date")
    return user_of(call, given)


def _once(call: Call, peer: int, text: str, **fields: Any) -> Message:
    """Send, or what a repeated `random_id` gives: an error or the first message, as the rules say."""
    try:
        return call.world.send(call.user, peer, text, session=call.session.ordinal, **fields)
    except RandomIdRepeated as repeated:
        if call.world.rules.repeated_random_id == "original":
            return call.world.message(call.user, repeated.message_id)
        raise


def _sent(call: Call, sent: list[Message]) -> Any:
    view, box = call.view, call.world.box(call.user)
    ids = [types.UpdateMessageID(m.id, m.random_id) for m in sent if m.random_id is not None]
    new = [types.UpdateNewMessage(view.message(m), box.pts_of(m.id), 1) for m in sent]
    return updates(view, [*ids, *new], view.mentioned(sent))
