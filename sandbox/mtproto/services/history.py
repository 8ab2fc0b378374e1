"""Reading: chats, histories, read marks, typing."""

from typing import Any

from telethon.tl import functions, types

from sandbox.mtproto.actions import from_tl_action
from sandbox.mtproto.errors import RpcError
from sandbox.mtproto.peers import user_of
from sandbox.mtproto.registry import Call, method
from sandbox.world import Message

_PAGE = 100


@method(functions.messages.GetHistoryRequest)
def get_history(call: Call, request: Any) -> Any:
    return _page(call, user_of(call, request.peer), request)


@method(functions.messages.SearchRequest)
def search(call: Call, request: Any) -> Any:
    if not isinstance(request.filter, types.InputMessagesFilterEmpty):
        raise RpcError(400, "METHOD_NOT_IMPLEMENTED_messages.search_with_filter")
    return _page(call, user_of(call, request.peer), request, request.q.lower())


@method(functions.messages.GetMessagesRequest)
def get_messages(call: Call, request: Any) -> Any:
    box, view = call.world.box(call.user), call.view
    ids = [getattr(given, "id", given) for given in request.id]
    found = [box.messages[i] for i in ids if i in box.messages]
    listed = [
        view.message(box.messages[i]) if i in box.messages else types.MessageEmpty(id=i, peer_id=None) for i in ids
    ]
    return types.messages.Messages(listed, [], [], view.mentioned(found))


@method(functions.messages.GetDialogsRequest)
def get_dialogs(call: Call, request: Any) -> Any:
    every = call.world.dialogs(call.user)
    rest = [(p, m) for p, m in every if not request.offset_id or m.id < request.offset_id]
    if not request.offset_id and request.offset_date and request.offset_date.timestamp() > 0:
        rest = [(p, m) for p, m in every if m.date < request.offset_date]
    page = rest[: min(request.limit or _PAGE, _PAGE)]
    view, last = call.view, [m for _, m in page]
    parts: dict[str, Any] = {
        "dialogs": [view.dialog(peer) for peer, _ in page],
        "messages": [view.message(m) for m in last],
        "chats": [],
        "users": view.mentioned(last),
    }
    if len(page) == len(every):
        return types.messages.Dialogs(**parts)
    return types.messages.DialogsSlice(count=len(every), **parts)


@method(functions.messages.GetPinnedDialogsRequest)
def get_pinned_dialogs(call: Call, request: Any) -> Any:
    return types.messages.PeerDialogs([], [], [], [], call.view.state())


@method(functions.messages.GetPeerDialogsRequest)
def get_peer_dialogs(call: Call, request: Any) -> Any:
    if len(request.peers) > _PAGE:
        raise RpcError(400, "LIMIT_INVALID")
    view = call.view
    peers = [user_of(call, given.peer) for given in request.peers]
    last = [m for peer in peers for m in call.world.history(call.user, peer, limit=1)]
    users = {u.id: u for u in [*view.mentioned(last), *view.users(peers)]}
    return types.messages.PeerDialogs(
        [view.dialog(peer) for peer in peers], [view.message(m) for m in last], [], list(users.values()), view.state()
    )


@method(functions.messages.ReadHistoryRequest)
def read_history(call: Call, request: Any) -> Any:
    new = call.world.read(call.user, user_of(call, request.peer), request.max_id, session=call.session.ordinal)
    return types.messages.AffectedMessages(call.world.box(call.user).pts, 1 if new else 0)


@method(functions.messages.ReadMessageContentsRequest)
def read_message_contents(call: Call, request: Any) -> Any:
    return types.messages.AffectedMessages(call.world.box(call.user).pts, 0)


@method(functions.messages.SetTypingRequest)
def set_typing(call: Call, request: Any) -> Any:
    call.world.typing(call.user, user_of(call, request.peer), from_tl_action(request.action))
    return True


@method(functions.messages.GetPeerSettingsRequest)
def get_peer_settings(call: Call, request: Any) -> Any:
    peer = user_of(call, request.peer)
    return types.messages.PeerSettings(types.PeerSettings(), [], call.view.users([peer]))


def _page(call: Call, peer: int, request: Any, words: str = "") -> Any:
    """A window of the chat, newest first: `offset_id` or `offset_date` finds its start, `add_offset` moves it."""
    box, view = call.world.box(call.user), call.view
    every = [box.messages[i] for i in reversed(box.between(peer, 0, 0))]
    if words:
        every = [m for m in every if words in m.text.lower()]
    start = _start(every, request) + request.add_offset
    limit = min(request.limit or _PAGE, _PAGE)
    window = every[max(start, 0) : max(start + limit, 0)]
    if request.max_id:
        window = [m for m in window if m.id < request.max_id]
    if request.min_id:
        window = [m for m in window if m.id > request.min_id]
    users = {u.id: u for u in [*view.mentioned(window), *view.users([peer])]}
    listed = [view.message(m) for m in window]
    if len(window) == len(every):
        return types.messages.Messages(listed, [], [], list(users.values()))
    return types.messages.MessagesSlice(
        count=len(every), messages=listed, topics=[], chats=[], users=list(users.values())
    )


def _start(every: list[Message], request: Any) -> int:
    offset_id, offset_date = getattr(request, "offset_id", 0), getattr(request, "offset_date", None)
    if offset_id:
        return sum(1 for m in every if m.id >= offset_id)
    if offset_date and offset_date.timestamp() > 0:
        return sum(1 for m in every if m.date >= offset_date)
    return 0
