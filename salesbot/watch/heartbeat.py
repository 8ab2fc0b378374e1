"""A dead man's switch: HEARTBEAT_URL is asked for while all is well, and whoever is behind it raises the alarm when
that stops. Nothing that happens to a ping disturbs the product; of failures only the changes are logged."""

from __future__ import annotations

import asyncio

import aiohttp
from loguru import logger

from salesbot.lifecycle import every
from salesbot.watch.look import Observer

TIMEOUT = 10.0


class Heartbeat:
    """``url`` is a secret: whoever knows it can keep the alarm silent."""

    def __init__(self, observer: Observer, url: str, seconds: float) -> None:
        self._observer, self._url, self._seconds = observer, url, seconds
        self._said = ""
        """What was logged last of what keeps pings away; nothing: they arrive."""

    async def run(self, stop: asyncio.Event) -> None:
        """Look and ping until stop."""
        async with aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(TIMEOUT)) as session:
            await every(self._seconds, stop, lambda: self._beat(session))

    async def _beat(self, session: aiohttp.ClientSession) -> None:
        look = await self._observer.look()
        if look.wrong:
            self._say(f"not well: {', '.join(look.wrong)}")
        else:
            self._say(await self._ping(session))

    async def _ping(self, session: aiohttp.ClientSession) -> str:
        """What went wrong, in a word or two; nothing when it arrived."""
        try:
            async with session.get(self._url) as answer:
                return "" if answer.status < 400 else f"HTTP {answer.status}"
        except (aiohttp.ClientError, OSError, ValueError) as exc:  # ValueError: an address that nothing can be made of
            return type(exc).__name__

    def _say(self, trouble: str) -> None:
        if trouble and trouble != self._said:
            logger.bind(reason=trouble).warning("no heartbeat is sent")
        elif self._said and not trouble:
            logger.info("heartbeats are sent again")
        self._said = trouble
