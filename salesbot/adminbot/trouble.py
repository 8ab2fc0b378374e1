"""What can go wrong with a command: wrong input is explained, a database that is away is waited for."""

from __future__ import annotations

from typing import TypeVar

from aiogram import BaseMiddleware, Bot
from aiogram.exceptions import TelegramAPIError
from aiogram.filters import CommandObject
from aiogram.types import TelegramObject
from loguru import logger

from salesbot.adminbot import views
from salesbot.adminbot.access import Data, Handler
from salesbot.adminbot.actions import Origin
from salesbot.adminbot.desk import Desk
from salesbot.adminbot.parse import WrongInput
from salesbot.adminbot.reply import say
from salesbot.adminbot.views import Shown
from salesbot.i18n import Lang
from salesbot.log import summary
from salesbot.store.pool import UNAVAILABLE

PATIENCE = 3
"""Attempts before the admin is told that the database is away."""

T = TypeVar("T")


class Trouble(BaseMiddleware):
    """Around each handler. A handler asks the database before it says anything, so it may simply be run again."""

    async def __call__(self, handler: Handler, event: TelegramObject, data: Data) -> object:
        _, desk = given(data, "lang", Lang), given(data, "desk", Desk)
        attempt = 0
        while True:
            try:
                return await handler(event, data)
            except WrongInput as wrong:
                return await self._say(data, views.wrong(_, wrong, _command(data)))
            except UNAVAILABLE as away:
                attempt += 1
                logger.bind(attempt=attempt, error=summary(away)).warning("a command waits for the database")
                if attempt == PATIENCE:
                    text = _("The database does not answer. Your command waits and will be carried out.")
                    await self._say(data, Shown(text))
                await desk.clock.sleep(min(0.5 * 2**attempt, 10.0))
            except TelegramAPIError:
                raise  # the admin cannot be told over a bot that fails
            except Exception:  # noqa: BLE001 - a fault of ours in one command: logged, the admin told, the desk goes on
                logger.bind(update_id=given(data, "origin", Origin).update_id).exception("a command failed")
                return await self._say(data, Shown(_("Something went wrong here; the log says what.")))

    async def _say(self, data: Data, shown: Shown) -> object:
        return await say(given(data, "bot", Bot), given(data, "origin", Origin).admin_id, shown)


def given(data: Data, name: str, kind: type[T]) -> T:
    """What aiogram hands over under a name."""
    value = data[name]
    if not isinstance(value, kind):
        raise TypeError(f"{name} is a {type(value).__name__}")
    return value


def _command(data: Data) -> str:
    command = data.get("command")
    return command.command.lower() if isinstance(command, CommandObject) else ""
