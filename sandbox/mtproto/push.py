"""What happens in the world, pushed to the sessions it concerns."""

import asyncio
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, assert_never

from telethon.tl import types

from sandbox import victim
from sandbox.mtproto import layers
from sandbox.mtproto.actions import to_tl_action
from sandbox.mtproto.markup import to_tl_entities
from sandbox.mtproto.session import Session, serialized
from sandbox.mtproto.view import View
from sandbox.world import Action, Event, Rule, events

if TYPE_CHECKING:
    from sandbox.mtproto.server import MTProtoServer


class Push:
    def __init__(self, server: "MTProtoServer") -> None:
        self._server = server
        self._end: Callable[[], None] | None = None
        self._held: set[asyncio.Task[None]] = set()
        self._overtaken: dict[int, list[Event]] = {}  # by owner: sent after the next one that counts

    def start(self) -> None:
        self._end = self._server.world.subscribe(self._on_event)

    def stop(self) -> None:
        if self._end:
            self._end()
        for task in self._held:
            task.cancel()

    def _on_event(self, event: Event) -> None:
        cause = getattr(event, "session", None)
        sessions = [s for s in self._server.sessions_of(event.owner) if s.ordinal != cause]
        if not sessions:
            return
        rule = self._server.world.faults.take(f"push.{type(event).__name__}", event.owner, _peer(event))
        if rule is None:
            self._send(event, sessions)
        else:
            self._troubled(rule, event, sessions)
            return
        if getattr(event, "pts", None) is not None:
            for late in self._overtaken.pop(event.owner, []):
                self._send(late, sessions)

    def _send(self, event: Event, sessions: list[Session]) -> None:
        message = getattr(event, "message", None)
        for session in sessions:
            view = View(self._server.world, event.owner, session.key.known)
            update = _short(view, event) or _long(view, event)
            if update is None:
                return
            layer = layers.layer(session.key.layer)
            session.send(serialized(layer.lowered(update) if layer else update))
            self._server.world.log.add(
                "push",
                connection=session.connection.number,
                auth_key=session.key.id,
                user=event.owner,
                method=type(event).__name__,
                peer=_peer(event) or 0,
                message_id=message.id if message else 0,
                outcome=type(update).__name__,
            )

    def _troubled(self, rule: Rule, event: Event, sessions: list[Session]) -> None:
        match rule.action:
            case Action.LOSE:
                return
            case Action.DUPLICATE:
                self._send(event, sessions)
                self._send(event, sessions)
            case Action.REORDER:
                self._overtaken.setdefault(event.owner, []).append(event)
            case Action.DELAY | Action.HOLD:
                task = asyncio.get_running_loop().create_task(self._late(rule, event, sessions))
                self._held.add(task)
                task.add_done_callback(self._held.discard)
            case Action.KILL_BEFORE:
                victim.kill(rule.pid)
            case Action.KILL_AFTER | Action.KILL_ANSWERED:
                self._send(event, sessions)
                _flush(sessions)
                victim.kill(rule.pid)
            case Action.CUT_BEFORE | Action.CUT_AFTER | Action.CUT_AT | Action.BLACK_HOLE:
                self._ended(rule, event, sessions)
            case _:
                self._send(event, sessions)

    def _ended(self, rule: Rule, event: Event, sessions: list[Session]) -> None:
        """The connections end before, after, or within the push."""
        if rule.action is not Action.CUT_AT:
            if rule.action is Action.CUT_AFTER:
                self._send(event, sessions)
            _flush(sessions)
        for connection in {session.connection for session in sessions}:
            match rule.action:
                case Action.CUT_AT:
                    connection.cut_after(rule.bytes)
                case Action.BLACK_HOLE:
                    connection.deaf = True
                case _:
                    connection.reset()
        if rule.action is Action.CUT_AT:
            self._send(event, sessions)

    async def _late(self, rule: Rule, event: Event, sessions: list[Session]) -> None:
        if rule.action is Action.HOLD:
            await rule.released.wait()
        else:
            await asyncio.sleep(rule.seconds)
        self._send(event, sessions)


def _peer(event: Event) -> int | None:
    """Whom the event is about."""
    message = getattr(event, "message", None)
    return message.peer if message else getattr(event, "peer", None)


def _flush(sessions: list[Session]) -> None:
    for session in sessions:
        session.flush()


def _short(view: View, event: Event) -> Any:
    """The short form, which only those may get who know the sender's access hash."""
    if not isinstance(event, events.MessageNew):
        return None
    message = event.message
    if message.peer not in view.known or message.media or message.keyboard or message.forward or message.group_id:
        return None
    return types.UpdateShortMessage(
        id=message.id,
        user_id=message.peer,
        message=message.text,
        pts=event.pts,
        pts_count=1,
        date=message.date,
        out=message.out or None,
        reply_to=view.reply_header(message),
        entities=to_tl_entities(message.entities),
    )


def _long(view: View, event: Event) -> Any:
    update = _update(view, event)
    match event:
        case events.MessageNew() | events.MessageEdited():
            return updates(view, [update], view.mentioned([event.message]))
        case events.Typing() | events.PresenceChanged():
            return types.UpdateShort(update, view.world.now())
        case _:
            return updates(view, [update]) if update else None


def _update(view: View, event: Event) -> Any:
    update: Any = None
    match event:
        case events.MessageNew():
            update = types.UpdateNewMessage(view.message(event.message), event.pts, 1)
        case events.MessageEdited():
            update = types.UpdateEditMessage(view.message(event.message), event.pts, 1)
        case events.MessagesDeleted():
            update = types.UpdateDeleteMessages(list(event.ids), event.pts, len(event.ids))
        case events.ReadInbox():
            peer = types.PeerUser(event.peer)
            update = types.UpdateReadHistoryInbox(peer, event.max_id, event.unread, event.pts, 1)
        case events.ReadOutbox():
            update = types.UpdateReadHistoryOutbox(types.PeerUser(event.peer), event.max_id, event.pts, 1)
        case events.Typing():
            update = types.UpdateUserTyping(event.peer, to_tl_action(event.action))
        case events.PresenceChanged():
            update = types.UpdateUserStatus(event.peer, view.status(view.world.users[event.peer]))
        case events.UserChanged() | events.ButtonPressed() | events.CallbackAnswered():
            pass  # a bot's presses go through the Bot API, the answer of a press is an RPC's answer
        case _:
            assert_never(event)
    return update


def updates(view: View, items: list[Any], users: list[Any] | None = None) -> Any:
    """An `updates` envelope; seq 0: there are no unordered updates to count."""
    return types.Updates(updates=items, users=users or [], chats=[], date=view.world.now(), seq=0)
