"""The HTTP side of the models: ``/v1/chat/completions`` and ``/v1/models``, errors worded as OpenRouter words them; and
``/v1/sabotage``, which counts what ``sandbox/saboteur`` spoilt."""

from __future__ import annotations

import asyncio
import itertools
import json
from collections import Counter, deque
from collections.abc import Callable, Mapping
from dataclasses import replace

from aiohttp import web

from sandbox.httpfaults import under
from sandbox.model import customers, echo, sabotage, seller
from sandbox.model.chat import BadRequest, Chat, JsonObject, Said, read_chat
from sandbox.model.completion import Completion, as_events, as_object, complete
from sandbox.world.faults import Action, Rule
from sandbox.world.world import World

SLOW = 2.0
"""Seconds that ``sandbox/slow`` takes."""

SCRIPTS: Mapping[str, Callable[[Chat], Said]] = {
    "sandbox/seller": seller.reply,
    "sandbox/slow": seller.reply,
    "sandbox/echo": echo.reply,
    "sandbox/echo-parts": echo.reply_in_parts,
}
CUSTOMER = "customer/"

SABOTEUR = "sandbox/saboteur"

Script = Callable[[Chat], Said]


def script_of(model: str) -> Script | None:
    """The rules behind a model's name."""
    if model.startswith(CUSTOMER):
        name = model.removeprefix(CUSTOMER)
        return lambda chat: customers.reply(chat, name)
    if model == SABOTEUR:
        return lambda chat: sabotage.draft(chat).said
    return SCRIPTS.get(model)


class ModelServer:
    """Answers by rules; ``world.faults`` may get in the way of ``model.chat``."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._numbers = itertools.count(1)
        self.requests: deque[JsonObject] = deque(maxlen=500)
        """The bodies of the latest requests, for tests."""
        self._drafts = 0
        """How many the saboteur wrote."""
        self._spoilt: Counter[str] = Counter()
        """How many of them it spoilt, by kind."""

    def routes(self) -> list[web.RouteDef]:
        return [
            web.post("/v1/chat/completions", self._chat),
            web.get("/v1/models", self._models),
            web.get("/v1/sabotage", self._sabotage),
        ]

    async def _sabotage(self, request: web.Request) -> web.Response:
        return web.json_response({"drafts": self._drafts, "spoilt": dict(sorted(self._spoilt.items()))})

    async def _models(self, request: web.Request) -> web.Response:
        names = [*SCRIPTS, SABOTEUR, f"{CUSTOMER}eager", f"{CUSTOMER}doubtful"]
        return web.json_response({"data": [{"id": name, "object": "model", "owned_by": "sandbox"} for name in names]})

    async def _chat(self, request: web.Request) -> web.StreamResponse:
        if not request.headers.get("Authorization", "").startswith("Bearer "):
            return refusal(401, "No cookie auth credentials found")
        try:
            body = json.loads(await request.read())
            if not isinstance(body, dict):
                raise BadRequest("The request's body is not an object")  # noqa: TRY301 - worded beside the others
            chat, model = read_chat(body), choose_model(body)
        except json.JSONDecodeError as error:
            return refusal(400, f"The request's body is not JSON: {error}")
        except BadRequest as error:
            return refusal(400, str(error))
        self.requests.append(body)
        rule = self._world.faults.take("model.chat")
        self._world.log.add("model", method=model, outcome=rule.action if rule else "")
        return await under(
            rule, request,
            lambda: self._answer(request, body, chat, model),
            lambda rule: self._refuse(rule, chat, model),
        )  # fmt: skip

    def _complete(self, chat: Chat, model: str, content: str, wanted: int | None = None) -> Completion:
        created = int(self._world.now().timestamp())
        return complete(next(self._numbers), model, created, chat, content, wanted)

    async def _answer(self, request: web.Request, body: JsonObject, chat: Chat, model: str) -> web.StreamResponse:
        if model == "sandbox/slow":
            await asyncio.sleep(SLOW)
        wanted = body.get("max_completion_tokens") or body.get("max_tokens")
        said = self._sabotaged(chat) if model == SABOTEUR else _script(model)(chat)
        done = self._complete(chat, model, said.shaped(chat), wanted)
        return await _stream(request, done) if body.get("stream") else _whole(done)

    def _sabotaged(self, chat: Chat) -> Said:
        draft = sabotage.draft(chat)
        self._drafts += 1
        if draft.kind:
            self._spoilt[draft.kind] += 1
        return draft.said

    def _refuse(self, rule: Rule, chat: Chat, model: str) -> web.Response:
        """A fault's answer. What it says is not cut at ``max_tokens``: some providers do not cut."""
        match rule.action:
            case Action.FLOOD_WAIT:
                return refusal(429, rule.text or "Rate limit exceeded", rule.metadata, rule.seconds)
            case Action.EMPTY:
                return web.json_response({**as_object(self._complete(chat, model, "")), "choices": []})
            case Action.CONTENT:
                content = rule.text.replace("{reply}", _script(model)(chat).shaped(chat))
                return _whole(self._complete(chat, model, content.replace("{prompt}", chat.system)))
            case Action.SAY:
                usual = _script(model)(chat)
                words = rule.text.replace("{reply}", "\n\n".join(usual.parts)).replace("{prompt}", chat.system)
                return _whole(self._complete(chat, model, replace(usual, parts=(words,)).shaped(chat)))
            case Action.SABOTAGE:
                spoilt = sabotage.spoilt(_script(model)(chat), chat, rule.text, rule.fired)
                return _whole(self._complete(chat, model, spoilt.shaped(chat)))
            case Action.BROKEN_JSON:
                return _whole(self._complete(chat, model, rule.text or '{"parts": ["Hello'))
            case Action.ERROR_BODY:
                error = {"code": rule.code, "message": rule.text or "Provider returned error", **_beside(rule)}
                return web.json_response({"error": error, "user_id": "sandbox"})
            case _:
                text = rule.text or DEFAULT_TEXTS.get(rule.code, "Internal Server Error")
                return refusal(rule.code, text, rule.metadata, rule.seconds)


def _script(model: str) -> Script:
    """The rules behind the name of a model that was found to exist."""
    script = script_of(model)
    assert script
    return script


def _beside(rule: Rule) -> JsonObject:
    return {"metadata": dict(rule.metadata)} if rule.metadata else {}


DEFAULT_TEXTS = {
    402: "Insufficient credits",
    403: "Your input was flagged",
    429: "Rate limit exceeded",
    502: "Provider returned error",
    503: "No instances available",
}
ERROR_TYPES = {402: "insufficient_credits", 403: "content_policy_violation", 429: "rate_limit_exceeded"}


def choose_model(body: JsonObject) -> str:
    """The first model asked for that exists: ``model``, then OpenRouter's list of fallbacks. Raises BadRequest."""
    others = body.get("models") or []
    asked = [name for name in (body.get("model"), *others) if isinstance(name, str)]
    for name in asked:
        if script_of(name):
            return name
    raise BadRequest(f"{asked[0] if asked else 'no model'} is not a valid model ID")


def refusal(
    code: int, message: str, metadata: Mapping[str, object] | None = None, retry_after: float = 0.0
) -> web.Response:
    headers = {"Retry-After": f"{retry_after:g}"} if retry_after else {}
    usual = {"error_type": ERROR_TYPES[code]} if code in ERROR_TYPES else {}
    error = {"code": code, "message": message, "metadata": {**usual, **(metadata or {})}}
    return web.json_response({"error": error}, status=code, headers=headers)


def _whole(done: Completion) -> web.Response:
    return web.json_response(as_object(done), headers={"X-Generation-Id": done.id})


async def _stream(request: web.Request, done: Completion) -> web.StreamResponse:
    response = web.StreamResponse(headers={"Content-Type": "text/event-stream", "X-Generation-Id": done.id})
    await response.prepare(request)
    for event in as_events(done):
        await response.write(event.encode())
    await response.write_eof()
    return response
