"""What a key and the names of models are worth, asked of the endpoint itself: for the doctor, and while they are typed.

Every function takes a ``ModelClient`` and raises ``ModelRefused`` (``key``, ``no_credit``, …: somebody has to mend the
settings or pay) or ``ModelUnavailable`` (the endpoint cannot be reached, or does not answer as one does).
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Collection, Iterable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation

from salesbot.clock import SystemClock
from salesbot.dialog.model import Author, Direction, Message
from salesbot.errors import ModelRefused, ModelUnavailable
from salesbot.llm import summary
from salesbot.llm.client import Completion, ModelClient
from salesbot.settings import Settings


@dataclass(frozen=True, slots=True)
class Key:
    """A key that the endpoint takes."""

    remaining: Decimal | None
    """US dollars it may still spend; None where the endpoint does not tell."""


@asynccontextmanager
async def asking(settings: Settings) -> AsyncIterator[ModelClient]:
    """A client of its own for as long as the block runs."""
    client = ModelClient(settings, SystemClock())
    try:
        yield client
    finally:
        await client.close()


async def key(client: ModelClient) -> Key:
    """What OPENROUTER_API_KEY is good for."""
    told = await client.look("/key")
    if told is None:  # only OpenRouter tells of a key; elsewhere the list of models is behind it
        await client.look("/models")
        return Key(None)
    known = [_dollars(_data(told).get("limit_remaining")), await _credits(client)]
    return Key(min((one for one in known if one is not None), default=None))


async def models(client: ModelClient) -> frozenset[str]:
    """The names of the models there are; none where the endpoint does not tell."""
    told = await client.look("/models")
    listed = told.get("data") if isinstance(told, Mapping) else None
    rows = listed if isinstance(listed, list) else []
    return frozenset(str(row["id"]) for row in rows if isinstance(row, Mapping) and "id" in row)


def missing(wanted: Iterable[str], known: Collection[str]) -> Sequence[str]:
    """Those of ``wanted`` that are not among the ``known``, where variants (``…:free``) are not listed."""
    return [name for name in wanted if name not in known and name.partition(":")[0] not in known]


async def answer(client: ModelClient, model: str) -> Completion:
    """A live round trip, with the schema that the product asks for: the notes on a chat of one line. It is paid for.

    Raises ``InvalidReply`` besides, when what came back is not what was asked for.
    """
    line = Message(1, 1, Direction.IN, Author.CONTACT, "Hello, does this work?", datetime.now(UTC))
    completion = await client.complete(model, summary.build("", [line]), summary.FORMAT)
    summary.parse(completion.text)
    return completion


async def _credits(client: ModelClient) -> Decimal | None:
    """What is left on the account of the key, where that may be asked with it."""
    try:
        told = _data(await client.look("/credits"))
    except (ModelRefused, ModelUnavailable):
        return None
    bought, used = _dollars(told.get("total_credits")), _dollars(told.get("total_usage"))
    return bought - used if bought is not None and used is not None else None


def _data(told: object) -> Mapping[str, object]:
    inside = told.get("data") if isinstance(told, Mapping) else None
    return inside if isinstance(inside, Mapping) else {}


def _dollars(value: object) -> Decimal | None:
    try:
        found = Decimal(str(value)) if value is not None else None
    except InvalidOperation:
        return None
    return found if found is not None and found.is_finite() else None
