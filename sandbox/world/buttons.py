"""Inline buttons: a press waits for the bot's answer, and only so long."""

import asyncio
import random
from dataclasses import dataclass
from datetime import datetime, timedelta

from sandbox.world.errors import bad_request


@dataclass(frozen=True, slots=True)
class Answer:
    text: str = ""
    alert: bool = False
    url: str | None = None
    cache_time: int = 0


@dataclass(frozen=True, slots=True)
class Query:
    """A press of a button; `message_id` stands in the bot's box. Await `answer` under a timeout of your own."""

    id: int
    bot: int
    user: int
    message_id: int
    data: bytes
    at: datetime
    answer: asyncio.Future[Answer]


class Buttons:
    def __init__(self, rng: random.Random) -> None:
        self._random = rng
        self._open: dict[int, Query] = {}

    def press(self, bot: int, user: int, message_id: int, data: bytes, now: datetime) -> Query:
        query_id = self._random.getrandbits(62)
        answer: asyncio.Future[Answer] = asyncio.get_running_loop().create_future()
        query = Query(query_id, bot, user, message_id, data, now, answer)
        self._open[query_id] = query
        return query

    def answer(self, bot: int, query_id: int, answer: Answer, now: datetime, window: timedelta) -> Query:
        """Resolve the press; refused when it is unknown, answered before, or older than the window."""
        query = self._open.get(query_id)
        if query is None or query.bot != bot:
            raise bad_request("QUERY_ID_INVALID")
        del self._open[query_id]
        if now - query.at > window:
            raise bad_request("QUERY_ID_INVALID")
        if not query.answer.done():
            query.answer.set_result(answer)
        return query
