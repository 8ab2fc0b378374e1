"""updates.*: the state, and what happened since."""

from typing import Any

from telethon.tl import functions, types

from sandbox.mtproto.registry import Call, method
from sandbox.mtproto.view import View
from sandbox.world import Message
from sandbox.world.box import Box
from sandbox.world.model import Change, Entry


@method(functions.updates.GetStateRequest)
def get_state(call: Call, request: Any) -> Any:
    return call.view.state()


@method(functions.updates.GetDifferenceRequest)
def get_difference(call: Call, request: Any) -> Any:
    rules, view = call.world.rules, call.view
    box = call.world.box(call.user)
    if rules.difference_too_long is not None and box.pts - request.pts > rules.difference_too_long:
        return types.updates.DifferenceTooLong(box.pts)
    entries = box.since(request.pts, rules.difference_slice)
    if not entries:
        return types.updates.DifferenceEmpty(call.world.now(), 0)
    new = _new_messages(box, entries)
    state = view.state()
    parts: dict[str, Any] = {
        "new_messages": [view.message(m) for m in new],
        "new_encrypted_messages": [],
        "other_updates": [update for entry in entries for update in _others(view, box, entry)],
        "chats": [],
        "users": _everybody(view, new, entries),
    }
    if entries[-1].pts == box.pts:
        return types.updates.Difference(**parts, state=state)
    state.pts = entries[-1].pts
    return types.updates.DifferenceSlice(**parts, intermediate_state=state)


def _everybody(view: View, new: list[Message], entries: list[Entry]) -> list[Any]:
    users = {u.id: u for u in [*view.mentioned(new), *view.users(entry.peer for entry in entries)]}
    return list(users.values())


def _new_messages(box: Box, entries: list[Entry]) -> list[Message]:
    """What came, as it stands now; what was deleted since is not among it."""
    return [box.messages[e.ids[0]] for e in entries if e.change is Change.NEW and e.ids[0] in box.messages]


def _others(view: View, box: Box, entry: Entry) -> list[Any]:
    peer = types.PeerUser(entry.peer)
    match entry.change:
        case Change.NEW:
            return [] if entry.random_id is None else [types.UpdateMessageID(entry.ids[0], entry.random_id)]
        case Change.EDITED:
            message = box.messages.get(entry.ids[0])
            return [types.UpdateEditMessage(view.message(message), entry.pts, 1)] if message else []
        case Change.DELETED:
            return [types.UpdateDeleteMessages(list(entry.ids), entry.pts, entry.count)]
        case Change.READ_INBOX:
            unread = box.chat(entry.peer).unread
            return [types.UpdateReadHistoryInbox(peer, entry.ids[0], unread, entry.pts, 1)]
        case Change.READ_OUTBOX:
            return [types.UpdateReadHistoryOutbox(peer, entry.ids[0], entry.pts, 1)]
