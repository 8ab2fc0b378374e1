"""The routes of the control API; the table below is the whole of it, and sandbox/README.md explains each."""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import Awaitable, Callable, Mapping
from typing import Protocol

from aiohttp import web

from sandbox.botapi.server import BotApi
from sandbox.control import people, trouble
from sandbox.control.body import Body, ControlError, read_body
from sandbox.control.trouble import Strictness
from sandbox.control.views import JsonObject, message_view, packet_view, user_view
from sandbox.control.watch import Watch
from sandbox.model.server import ModelServer
from sandbox.world import Direction, Message, Role, World, WorldError

Handler = Callable[[Body], Awaitable[object]]

HEARTBEAT = 15.0
"""Seconds after which a silent event stream says that it is still there."""
STILL_HERE = ": still here\n\n"
LOG_PAUSE = 0.2
"""Seconds between two lots of the log's lines: a page need not draw each of a thousand."""
PATIENCE = 10.0


class Sessions(Protocol):
    """What the control API asks of the MTProto server."""

    def string_session(self, user: int) -> str: ...
    def drop(self, user: int, after: int | None, direction: Direction) -> int: ...
    def silence(self, user: int) -> int: ...
    def revoke(self, user: int, error: str) -> None: ...
    def forget_keys(self, user: int) -> None: ...


class ControlServer:
    def __init__(self, world: World, bots: BotApi, models: ModelServer, sessions: Sessions) -> None:
        self._world = world
        self._bots = bots
        self._models = models
        self._sessions = sessions
        self._watch = Watch(world)
        self._strictness = Strictness(world.rules, bots.limits)

    def routes(self, prefix: str) -> list[web.RouteDef]:
        plain: Mapping[tuple[str, str], Handler] = {
            ("GET", "/users"): self._users,
            ("POST", "/users"): people.create_user,
            ("PATCH", "/users/{user}"): people.change_user,
            ("GET", "/commands"): self._commands,
            ("POST", "/say"): people.say,
            ("POST", "/forward"): people.forward,
            ("POST", "/edit"): people.edit,
            ("POST", "/delete"): people.delete,
            ("POST", "/react"): people.react,
            ("POST", "/read"): people.read,
            ("POST", "/typing"): people.typing,
            ("POST", "/online"): people.online,
            ("POST", "/block"): people.block,
            ("POST", "/press"): people.press,
            ("GET", "/chat"): people.chat,
            ("GET", "/chats"): people.chats,
            ("POST", "/wait/message"): self._wait_message,
            ("POST", "/wait/event"): self._wait_event,
            ("POST", "/wait/log"): self._wait_log,
            ("GET", "/faults"): trouble.list_faults,
            ("POST", "/faults"): trouble.add_fault,
            ("DELETE", "/faults"): trouble.clear_faults,
            ("DELETE", "/faults/{id}"): trouble.remove_fault,
            ("POST", "/faults/{id}/wait"): trouble.wait_fault,
            ("POST", "/faults/{id}/release"): trouble.release_fault,
            ("GET", "/rules"): self._rules,
            ("PATCH", "/rules"): self._change_rules,
            ("GET", "/log"): self._log,
            ("GET", "/model/requests"): self._model_requests,
            ("POST", "/session"): self._session,
            ("POST", "/drop"): self._drop,
            ("POST", "/silence"): self._silence,
            ("POST", "/revoke"): self._revoke,
            ("POST", "/forget_key"): self._forget_key,
            ("POST", "/forget"): self._forget,
            ("POST", "/reset"): self._reset,
        }
        routes = [web.route(method, prefix + path, self._plain(act)) for (method, path), act in plain.items()]
        return [
            *routes,
            web.get(prefix + "/events", self._events),
            web.get(prefix + "/log/follow", self._follow_log),
            web.get(prefix + "/files/{id:\\d+}", self._file),
            web.route("*", prefix + "/{rest:.*}", self._unknown),
        ]

    def _plain(self, act: Handler) -> Callable[[web.Request], Awaitable[web.StreamResponse]]:
        """A route that reads a body, calls the handler and answers JSON, refusals included."""

        async def handle(request: web.Request) -> web.StreamResponse:
            try:
                body = await read_body(request, self._world)
                answer = await act(Body(self._world, {**body.fields, **request.match_info}))
            except ControlError as error:
                return web.json_response({"error": error.text}, status=error.status)
            except WorldError as error:
                return web.json_response({"error": error.text, "code": error.code}, status=400)
            return web.json_response(answer)

        return handle

    async def _unknown(self, request: web.Request) -> web.Response:
        return web.json_response({"error": f"there is no {request.method} {request.path}"}, status=404)

    # --- who is there

    async def _users(self, body: Body) -> list[JsonObject]:
        return [user_view(self._world, user) for user in self._world.users]

    async def _commands(self, body: Body) -> list[JsonObject]:
        """The menu a bot shows to somebody."""
        bots = [user for user in self._world.users if user.role is Role.BOT]
        bot = body.user_or_none("bot") or (bots[0] if bots else None)
        return self._bots.desk(bot).commands.menu_for(body.user("as")) if bot else []

    # --- waiting

    async def _wait_message(self, body: Body) -> JsonObject:
        """The first message of a chat above an id that matches: now, or once it comes or is edited into matching."""
        owner, peer = body.user("as").id, body.user("with").id
        pattern, above = re.compile(body.text("matching"), re.DOTALL), body.integer("above")
        side, media = body.fields.get("out", False), body.fields.get("media")

        def fits(message: Message) -> bool:
            kind = message.media.kind if message.media else None
            return (
                (side is None or message.out == side)
                and (media is None or media == kind)
                and pattern.search(message.text) is not None
            )

        looked_at = -1

        def look() -> Message | None:
            nonlocal looked_at
            if looked_at == self._watch.last:  # woken by a packet: nobody has said anything
                return None
            looked_at = self._watch.last
            messages = reversed(self._world.history(owner, peer, above=above, limit=10_000))
            return next((message for message in messages if fits(message)), None)

        found = await self._watch.until(look, body.number("timeout", PATIENCE))
        if found is None:
            last = [message.text for message in self._world.history(owner, peer, above=above, limit=3)]
            raise ControlError(f"no such message came; the last are {last[::-1]}", 408)
        return message_view(self._world, found)

    async def _wait_event(self, body: Body) -> JsonObject:
        """The first event above ``since`` whose fields are those of ``where``."""
        since, where = body.integer("since", self._watch.last), body.fields.get("where", {})
        looked_at = since

        def look() -> JsonObject | None:
            nonlocal looked_at
            fresh, looked_at = self._watch.since(looked_at), self._watch.last
            return next((event for event in fresh if where.items() <= event.items()), None)

        found = await self._watch.until(look, body.number("timeout", PATIENCE))
        if found is None:
            raise ControlError(f"no such event came after {since}; the last is {self._watch.last}", 408)
        return found

    async def _wait_log(self, body: Body) -> list[JsonObject]:
        """The log's lines of a kind and method above ``since``, once there are ``times`` of them."""
        times, looked_at = body.integer("times", 1), body.integer("since")
        lines: list[JsonObject] = []

        def look() -> list[JsonObject] | None:
            nonlocal looked_at
            fresh, looked_at = self._lines(body, looked_at), self._world.log.last
            lines.extend(fresh)
            return lines if len(lines) >= times else None

        found = await self._watch.until(look, body.number("timeout", PATIENCE))
        if found is None:
            raise ControlError(f"the log has {len(lines)} such lines", 408)
        return found

    def _lines(self, body: Body, since: int) -> list[JsonObject]:
        user = body.user_or_none("user")
        packets = self._world.log.since(since, body.fields.get("kind"), body.fields.get("method"))
        return [packet_view(packet) for packet in packets if user is None or packet.user == user.id]

    async def _events(self, request: web.Request) -> web.StreamResponse:
        """Server-sent events: each change as JSON, numbered; ``since`` or Last-Event-ID goes on from there."""
        since = request.query.get("since") or request.headers.get("Last-Event-ID") or self._watch.last
        response = await _stream(request)
        await response.write(f": from {since}\n\n".encode())
        async for events in self._watch.follow(int(since), HEARTBEAT):
            lines = [f"id: {event['seq']}\ndata: {json.dumps(event, ensure_ascii=False)}\n\n" for event in events]
            await response.write("".join(lines or [STILL_HERE]).encode())
        return response

    async def _follow_log(self, request: web.Request) -> web.StreamResponse:
        """The log's lines above ``since`` and then as they come, as server-sent events of many lines each."""
        log, at = self._world.log, int(request.query.get("since") or self._world.log.last)
        response = await _stream(request)

        def fresh() -> list[JsonObject] | None:
            return [packet_view(packet) for packet in log.since(at)] or None

        while True:
            lines = await self._watch.until(fresh, HEARTBEAT)
            at = lines[-1]["order"] if lines else at
            await response.write(f"data: {json.dumps(lines)}\n\n".encode() if lines else STILL_HERE.encode())
            await asyncio.sleep(LOG_PAUSE)

    # --- the servers

    async def _rules(self, body: Body) -> JsonObject:
        return self._strictness.shown()

    async def _change_rules(self, body: Body) -> JsonObject:
        self._strictness.change(dict(body.fields))
        return self._strictness.shown()

    async def _log(self, body: Body) -> JsonObject:
        log = self._world.log
        lines = self._lines(body, body.integer("since"))
        return {"first": log.first, "last": log.last, "last_event": self._watch.last, "lines": lines}

    async def _model_requests(self, body: Body) -> list[JsonObject]:
        return list(self._models.requests)

    async def _session(self, body: Body) -> JsonObject:
        return {"session": self._sessions.string_session(body.user("user").id)}

    async def _drop(self, body: Body) -> JsonObject:
        after = None if body.fields.get("after_bytes") is None else body.integer("after_bytes")
        return {"dropped": self._sessions.drop(body.user("user").id, after, body.direction())}

    async def _silence(self, body: Body) -> JsonObject:
        return {"silenced": self._sessions.silence(body.user("user").id)}

    async def _revoke(self, body: Body) -> JsonObject:
        self._sessions.revoke(body.user("user").id, body.text("error", "AUTH_KEY_UNREGISTERED"))
        return {}

    async def _forget_key(self, body: Body) -> JsonObject:
        self._sessions.forget_keys(body.user("user").id)
        return {}

    async def _forget(self, body: Body) -> JsonObject:
        """Know none of the user's random ids again, as when Telegram's memory of them has expired."""
        self._world.forget_random_ids(body.user("user").id)
        return {}

    async def _reset(self, body: Body) -> JsonObject:
        """Forget what was said, waits, troubles; people and keys stay."""
        self._world.clear()
        self._bots.clear()
        self._models.requests.clear()
        self._strictness.restore()
        self._watch.pulse()
        return {}

    async def _file(self, request: web.Request) -> web.StreamResponse:
        data = await asyncio.to_thread(self._world.files.get, int(request.match_info["id"]))
        if data is None:
            return web.json_response({"error": "there is no such file"}, status=404)
        name = re.sub(r"[^\w.() -]", "_", request.query.get("name", "file"))
        headers = {"X-Content-Type-Options": "nosniff"}
        if "inline" not in request.query:
            headers["Content-Disposition"] = f"attachment; filename*=UTF-8''{_percent(name)}"
        mime = request.query.get("mime", "") if "inline" in request.query else ""
        safe = mime if mime.startswith("image/") and "svg" not in mime else "application/octet-stream"
        return web.Response(body=data, content_type=safe, headers=headers)


async def _stream(request: web.Request) -> web.StreamResponse:
    """The head of an answer that does not end."""
    response = web.StreamResponse(headers={"Content-Type": "text/event-stream", "Cache-Control": "no-store"})
    await response.prepare(request)
    return response


def _percent(name: str) -> str:
    return "".join(f"%{byte:02X}" for byte in name.encode())
