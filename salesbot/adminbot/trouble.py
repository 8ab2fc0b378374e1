"""What can go wrong with a command: wrong input is explained, a database that is away is waited for."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

from aiogram import BaseMiddleware
from aiogram.exceptions import TelegramAPIError
from aiogram.types import TelegramObject
from loguru import logger

from salesbot.adminbot import views
from salesbot.adminbot.desk import Desk
from salesbot.adminbot.parse import WrongInput
from salesbot.adminbot.reply import say
from salesbot.adminbot.views import Shown
from salesbot.i18n import Lang
from salesbot.store.pool import UNAVAILABLE

PATIENCE = 3
"""Attempts before the admin is told that the database is away."""

Handler = Callable[[TelegramObject, dict[str, Any]], Awaitable[Any]]


class Trouble(BaseMiddleware):
    """Around each handler. A handler asks the database before it says anything, so it may simply be run again."""

    async def __call__(self, handler: Handler, event: TelegramObject, data: dict[str, Any]) -> Any:
        desk: Desk = data["desk"]
        _: Lang = data["lang"]
        attempt = 0
        while True:
            try:
                return await handler(event, data)
            except WrongInput as wrong:
                command = data["command"].command.lower() if "command" in data else ""
                return await say(data["bot"], data["origin"].admin_id, views.wrong(data["lang"], wrong, command))
            except UNAVAILABLE as away:
                attempt += 1
                logger.bind(attempt=attempt, error=str(away)).warning("a command waits for the database")
                if attempt == PATIENCE:
                    text = _("The database does not answer. Your command waits and will be carried out.")
                    await self._say(data, text)
                await desk.clock.sleep(min(0.5 * 2**attempt, 10.0))
            except TelegramAPIError:
                raise  # the admin cannot be told over a bot that fails
            except Exception:  # noqa: BLE001 - a fault of ours in one command: logged, the admin told, the desk goes on
                logger.bind(update_id=data["origin"].update_id).exception("a command failed")
                return await self._say(data, _("Something went wrong here; the log says what."))

    async def _say(self, data: dict[str, Any], text: str) -> Any:
        return await say(data["bot"], data["origin"].admin_id, Shown(text))
