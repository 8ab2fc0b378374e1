"""The model endpoint: one call, one answer or one error of ours. Fallbacks, repairs and budgets are the caller's.

Nothing is retried here: a call that timed out may have been paid for, and whether to pay again is not decided here.

A call is paid for in processor time as well. So the SDK talks through aiohttp, which the house has anyway, and neither
walks through the request nor builds its models of the answer: a third of what ``chat.completions.create`` takes.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from email.utils import parsedate_to_datetime
from typing import cast
from urllib.parse import urlsplit

import aiohttp
import openai
from pydantic import TypeAdapter

from salesbot.clock import Clock
from salesbot.errors import InvalidReply, ModelRefused, ModelUnavailable
from salesbot.llm.prompt import ChatMessage
from salesbot.settings import Settings

CONNECT_TIMEOUT = 5.0
MOST_AT_ONCE = 1000
"""The connections of the SDK's pool: who waited for one of them would be taken for somebody who cannot connect."""
LOOK_TIMEOUT = 10.0
MAX_WAIT = 3600.0
"""The longest Retry-After that is believed, in seconds."""
MOST_COST = 1000
"""The greatest cost of one call that is believed, in US dollars."""

_JSON = TypeAdapter[object](object)
"""Writes a request in a third of the time that ``json`` takes."""


@dataclass(frozen=True, slots=True)
class Completion:
    """An answer and what it cost. ``cost`` is None where the provider does not say; in US dollars at OpenRouter."""

    text: str
    model_used: str
    prompt_tokens: int
    completion_tokens: int
    cost: Decimal | None
    latency_ms: int


class UnusableCompletion(InvalidReply):
    """The model answered and was paid, but not with a whole text: the cost is in ``completion``."""

    def __init__(self, code: str, message: str, completion: Completion) -> None:
        super().__init__(code, message)
        self.completion = completion


class ModelClient:
    """One SDK client, and so one pool of connections, for the whole process."""

    def __init__(self, settings: Settings, clock: Clock) -> None:
        self._clock = clock
        self._timeout = settings.llm_timeout
        self._max_tokens = settings.llm_max_tokens
        self._slots = asyncio.Semaphore(min(settings.llm_concurrency, MOST_AT_ONCE))
        host = urlsplit(settings.llm_base_url).hostname or ""
        at_openrouter = host == "openrouter.ai" or host.endswith(".openrouter.ai")
        self.extra_body: Mapping[str, object] | None = (
            {"provider": {"require_parameters": True}} if at_openrouter else None
        )
        connect = min(CONNECT_TIMEOUT, settings.llm_timeout)
        # Left out, organization and project would come from the environment, which is read in settings only.
        headers: dict[str, str | openai.Omit] = {
            "OpenAI-Organization": openai.Omit(),
            "OpenAI-Project": openai.Omit(),
        }
        if at_openrouter:
            headers["X-OpenRouter-Title"] = "salesbot"
        self._api = openai.AsyncOpenAI(
            base_url=settings.llm_base_url,
            api_key=settings.openrouter_api_key.get_secret_value(),
            # By aiohttp "connect" is without the name's resolution, and "pool" with it. The whole: _ask.
            timeout=openai.Timeout(None, connect=connect, pool=connect),
            max_retries=0,
            default_headers=cast("Mapping[str, str]", headers),
            http_client=openai.DefaultAioHttpClient(),
        )
        self._address = str(self._api._prepare_url("/chat/completions"))  # once, and not for every call

    async def complete(
        self, model: str, messages: Sequence[ChatMessage], response_format: Mapping[str, object]
    ) -> Completion:
        """Ask one model once, for at most the setting's time (waiting for a free slot not counted).

        Raises ModelUnavailable: another model, or this one later, may answer. ModelRefused: none will.
        UnusableCompletion (an InvalidReply): answered, but empty, cut off or filtered.
        """
        async with self._slots:
            started = self._clock.monotonic()
            answer = await self._ask(model, messages, response_format)
            latency = round((self._clock.monotonic() - started) * 1000)
        return _read(answer, model, latency)

    async def look(self, path: str) -> object:
        """What the endpoint tells at a path, as JSON gives it; None when it has no such path. Costs nothing.

        Raises ModelUnavailable and ModelRefused as ``complete`` does.
        """
        seconds = min(LOOK_TIMEOUT, self._timeout)
        with _translated(path, seconds):
            try:
                async with asyncio.timeout(seconds):
                    return await self._api.get(path, cast_to=object)
            except openai.NotFoundError:
                return None

    async def close(self) -> None:
        await self._api.close()

    async def _ask(self, model: str, messages: Sequence[ChatMessage], response_format: Mapping[str, object]) -> object:
        """What the endpoint answers, as JSON gives it."""
        body = {
            "model": model,
            "messages": [{"role": one.role.value, "content": one.content} for one in messages],
            "response_format": response_format,
            "max_tokens": self._max_tokens,
            **(self.extra_body or {}),
        }
        with _translated(model, self._timeout):
            async with asyncio.timeout(self._timeout):
                written = _JSON.dump_json(body)
                return json.loads(await self._api.post(self._address, cast_to=bytes, content=written))


@contextmanager
def _translated(what: str, seconds: float) -> Iterator[None]:
    """What the SDK raises leaves as our errors; ``what`` was asked and had so many ``seconds``."""
    try:
        yield
    except openai.APIStatusError as exc:
        raise _error(exc.status_code, exc.body, _retry_after(exc.response.headers)) from exc
    except TimeoutError as exc:
        raise ModelUnavailable(f"{what}: no answer in {seconds:g} s", code="no_answer") from exc
    except (openai.APIError, aiohttp.ClientError, ValueError, RecursionError) as exc:  # the last two: no usable JSON
        raise ModelUnavailable(f"{what}: {type(_told_by_aiohttp(exc)).__name__}") from exc


def _told_by_aiohttp(exc: BaseException) -> BaseException:
    """What is behind the SDK's error, which calls a refused connection or a misspelt address a timeout."""
    cause: BaseException | None = exc
    while cause is not None and not isinstance(cause, aiohttp.ClientError):
        cause = cause.__cause__
    return cause or exc


def _read(answer: object, model: str, latency: int) -> Completion:
    """The completion in an answer that claims success; a claim that is tested, because some errors come with 200."""
    if not isinstance(answer, dict):
        raise ModelUnavailable(f"{model}: the answer is no completion")
    if error := answer.get("error"):
        code = error.get("code") if isinstance(error, dict) else None
        raise _error(code if isinstance(code, int) else 502, error, None)
    choices = answer.get("choices")
    choice = choices[0] if isinstance(choices, list) and choices else None
    message = choice.get("message") if isinstance(choice, dict) else None
    if not isinstance(choice, dict) or not isinstance(message, dict):
        raise ModelUnavailable(f"{model}: the answer has no choices")
    completion = _completion(answer, message.get("content"), model, latency)
    reason = choice.get("finish_reason")
    if reason == "error":
        raise ModelUnavailable(f"{model}: the provider broke off")
    if reason == "length":
        raise UnusableCompletion("length", "The answer was cut off: be much shorter.", completion)
    if reason == "content_filter" or message.get("refusal"):
        raise UnusableCompletion("content_filter", "The answer was withheld: answer within the rules.", completion)
    if not completion.text.strip():
        raise UnusableCompletion("empty", "The answer was empty: answer with the JSON object.", completion)
    return completion


def _completion(answer: Mapping[str, object], content: object, model: str, latency: int) -> Completion:
    told, name = answer.get("usage"), answer.get("model")
    usage = told if isinstance(told, dict) else {}
    return Completion(
        text=content if isinstance(content, str) else "",
        model_used=name if isinstance(name, str) and name else model,
        prompt_tokens=_tokens(usage.get("prompt_tokens")),
        completion_tokens=_tokens(usage.get("completion_tokens")),
        cost=_cost(usage.get("cost")),
        latency_ms=latency,
    )


def _tokens(value: object) -> int:
    return value if isinstance(value, int) else 0


def _cost(value: object) -> Decimal | None:
    try:
        cost = Decimal(str(value)) if value is not None else None
    except InvalidOperation:
        return None
    return cost if cost is not None and cost.is_finite() and 0 <= cost < MOST_COST else None


def _error(status: int, body: object, retry_after: float | None) -> ModelUnavailable | ModelRefused:
    """The error of ours for a status, by who can mend it: time or another model, or a human."""
    error = body.get("error", body) if isinstance(body, dict) else {}
    error = error if isinstance(error, dict) else {}
    metadata = error.get("metadata")
    limit = metadata.get("limit_source") if isinstance(metadata, dict) else None
    said = f"HTTP {status}"  # and nothing of what the provider says: it may quote the key or the prompt
    match status:
        case 400 | 413 | 422:
            return ModelRefused("bad_request", said)
        case 401:
            return ModelRefused("key", said)
        case 402 if limit != "openrouter_in_flight_budget":
            return ModelRefused("no_credit", said)
        case 403:
            return ModelRefused("no_credit" if limit else "moderation", said)
        case _:  # 402 in flight, 404 (no endpoint for this model), 408, 409, 429, 5xx
            return ModelUnavailable(said, retry_after)


def _retry_after(headers: Mapping[str, str]) -> float | None:
    """Seconds of ``Retry-After``; the form with a date is measured against the answer's own ``Date``."""
    value = headers.get("retry-after")
    if value is None:
        return None
    try:
        seconds = float(value)
    except ValueError:
        try:
            seconds = (parsedate_to_datetime(value) - parsedate_to_datetime(headers["date"])).total_seconds()
        except (ValueError, TypeError, KeyError):
            return None
    return min(max(seconds, 0.0), MAX_WAIT) if seconds == seconds else None  # noqa: PLR0124 (NaN is no time)
