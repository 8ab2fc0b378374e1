"""The Bot API over HTTP: ``/bot<token>/<method>`` and ``/file/bot<token>/<path>``, always JSON."""

from __future__ import annotations

import re
from typing import Any

from aiohttp import web

from sandbox.botapi.commands import Commands
from sandbox.botapi.errors import ApiError, translated
from sandbox.botapi.methods import BY_NAME, Desk, Limits, Method
from sandbox.botapi.params import Params, read_params
from sandbox.botapi.updates import Updates
from sandbox.botapi.views import message_view, user_view
from sandbox.httpfaults import under
from sandbox.world import Action, Event, Rule, User, World, WorldError, events

UNAUTHORIZED = ApiError(401, "Unauthorized")


class BotApi:
    def __init__(self, world: World) -> None:
        self.limits = Limits()
        self._world = world
        self._desks: dict[int, Desk] = {}
        world.subscribe(self._on_event)

    def routes(self, prefix: str) -> list[web.RouteDef]:
        return [
            web.route("*", prefix + r"/bot{token:\d+:[\w-]+}/{method}", self._call),
            web.get(prefix + r"/file/bot{token:\d+:[\w-]+}/{path:.*}", self._download),
            web.route("*", prefix + "/{rest:.*}", self._not_found),
        ]

    def desk(self, bot: User) -> Desk:
        if bot.id not in self._desks:
            updates = Updates(bot.id, self._world.store, self._world.random)
            commands = Commands(bot.id, self._world.store)
            self._desks[bot.id] = Desk(self._world, bot, updates, self.limits, commands)
        return self._desks[bot.id]

    def clear(self) -> None:
        """Forget what waits for the bots."""
        for desk in self._desks.values():
            desk.updates.clear()

    # --- from the world

    def _on_event(self, event: Event) -> None:
        user = self._world.users.get(event.owner)
        if user is None or not user.is_bot:
            return
        updates = self.desk(user).updates
        match event:
            case events.MessageNew(message=message) if not message.out:
                updates.put("message", message_view(self._world, message))
            case events.MessageEdited(message=message, reaction_by=None) if not message.out:
                updates.put("edited_message", message_view(self._world, message))
            case events.ButtonPressed():
                updates.put("callback_query", self._query_view(event))
            case _:
                return

    def _query_view(self, event: events.ButtonPressed) -> dict[str, Any]:
        return {
            "id": str(event.query_id),
            "from": user_view(self._world.users[event.user]),
            "chat_instance": str(event.user),
            "message": message_view(self._world, self._world.message(event.owner, event.message_id)),
            "data": event.data.decode(errors="replace"),
        }

    # --- over HTTP

    def _bot(self, request: web.Request) -> User:
        bot = self._world.users.by_token(request.match_info["token"])
        if bot is None or not bot.is_bot:
            raise UNAUTHORIZED
        return bot

    async def _call(self, request: web.Request) -> web.StreamResponse:
        try:
            desk = self.desk(self._bot(request))
            name = request.match_info["method"]
            if name.lower() not in BY_NAME:
                return refusal(ApiError(404, f"Not Found: the sandbox has no method {name}"))
            name, method = BY_NAME[name.lower()]
            params = await read_params(request)
            chat = params.integer("chat_id") if params.text("chat_id").isdecimal() else None
            confirms = desk.updates.below(params.integer("offset")) if name == "getUpdates" else []
        except ApiError as error:
            return refusal(error)
        except web.HTTPRequestEntityTooLarge:
            return refusal(ApiError(413, "Request Entity Too Large"))
        rule = self._world.faults.take(f"bot.{name}", desk.bot.id, chat, idle=None if confirms else Action.DUPLICATE)
        if rule and rule.action is Action.DUPLICATE:  # what the offset would confirm is handed out again
            params, rule = params.without("offset"), None
        return await under(
            rule, request,
            lambda: self._carry_out(desk, name, method, params),
            lambda rule: self._refuse(rule, desk, name),
        )  # fmt: skip

    async def _carry_out(self, desk: Desk, name: str, method: Method, params: Params) -> web.Response:
        try:
            result = await method(desk, params)
        except ApiError as error:
            return self._seen(desk, name, error)
        except WorldError as error:
            return self._seen(desk, name, translated(error))
        told: dict[str, Any] = result if isinstance(result, dict) else {}
        message_id, peer = told.get("message_id", 0), told.get("chat", {}).get("id", 0) if "message_id" in told else 0
        self._world.log.add(
            "bot", user=desk.bot.id, method=f"bot.{name}", peer=peer, message_id=message_id, outcome="ok"
        )
        return web.json_response({"ok": True, "result": result})

    def _refuse(self, rule: Rule, desk: Desk, name: str) -> web.Response:
        if rule.action is Action.FLOOD_WAIT:
            seconds = round(rule.seconds)
            return self._seen(desk, name, ApiError(429, f"Too Many Requests: retry after {seconds}", seconds))
        return self._seen(desk, name, ApiError(rule.code, rule.text or "Internal Server Error"))

    def _seen(self, desk: Desk, name: str, error: ApiError) -> web.Response:
        outcome = f"{error.code} {error.description}"
        self._world.log.add("bot", user=desk.bot.id, method=f"bot.{name}", outcome=outcome)
        return refusal(error)

    async def _download(self, request: web.Request) -> web.Response:
        number = re.search(r"file_(\d+)", request.match_info["path"])
        try:
            self._bot(request)
        except ApiError as error:
            return refusal(error)
        data = self._world.files.get(int(number[1])) if number else None
        if data is None:
            return refusal(ApiError(404, "Not Found"))
        return web.Response(body=data)

    async def _not_found(self, request: web.Request) -> web.Response:
        return refusal(ApiError(404, "Not Found"))


def refusal(error: ApiError) -> web.Response:
    body: dict[str, Any] = {"ok": False, "error_code": error.code, "description": error.description}
    if error.retry_after is not None:
        body["parameters"] = {"retry_after": error.retry_after}
    return web.json_response(body, status=error.code)
