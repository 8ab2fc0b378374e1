"""Requests to the Bot API: what Telegram asks to wait for is waited for, what the network lost is sent again."""

from __future__ import annotations

from aiogram import Bot
from aiogram.client.session.middlewares.base import BaseRequestMiddleware, NextRequestMiddlewareType
from aiogram.exceptions import (
    TelegramEntityTooLarge,
    TelegramNetworkError,
    TelegramRetryAfter,
    TelegramServerError,
)
from aiogram.methods import GetUpdates, Response, TelegramMethod
from aiogram.methods.base import TelegramType
from aiohttp_socks import ProxyConnectionError, ProxyError, ProxyTimeoutError
from loguru import logger

from salesbot.clock import Clock
from salesbot.log import summary

PAUSES = (0.5, 1.0, 2.0, 5.0, 10.0, 20.0)


class Patience(BaseRequestMiddleware):
    """429 is obeyed; network errors and 5xx get a few more attempts. A text that arrives twice does no harm.

    ``getUpdates`` is not repeated here: the poller does that, and must be able to stop.
    """

    def __init__(self, clock: Clock) -> None:
        self._clock = clock

    async def __call__(
        self, make_request: NextRequestMiddlewareType[TelegramType], bot: Bot, method: TelegramMethod[TelegramType]
    ) -> Response[TelegramType]:
        failures = len(PAUSES) if isinstance(method, GetUpdates) else 0
        while True:
            try:
                return await make_request(bot, method)
            except TelegramRetryAfter as wait:
                if isinstance(method, GetUpdates):
                    raise
                _log(type(method).__name__, wait, wait.retry_after)
                await self._clock.sleep(wait.retry_after)
            except (TelegramNetworkError, TelegramServerError) as lost:
                if isinstance(lost, TelegramEntityTooLarge) or failures == len(PAUSES):
                    raise
                _log(type(method).__name__, lost, PAUSES[failures])
                await self._clock.sleep(PAUSES[failures])
                failures += 1


class ProxyTrouble(BaseRequestMiddleware):
    """What is wrong with BOT_PROXY is, for everybody here, a network that is away."""

    async def __call__(
        self, make_request: NextRequestMiddlewareType[TelegramType], bot: Bot, method: TelegramMethod[TelegramType]
    ) -> Response[TelegramType]:
        try:
            return await make_request(bot, method)
        except (ProxyError, ProxyConnectionError, ProxyTimeoutError) as exc:
            raise TelegramNetworkError(method=method, message=f"the proxy of BOT_PROXY: {exc}") from exc


def _log(method: str, error: Exception, seconds: float) -> None:
    logger.bind(method=method, error=summary(error), seconds=seconds).warning("the Bot API: trying again")
