"""The operator's bot: made, run and stopped here. ``run`` is what the composition root calls."""

from __future__ import annotations

import asyncio

from aiogram import Bot, Dispatcher
from aiogram.client.default import DefaultBotProperties
from aiogram.client.session.aiohttp import AiohttpSession
from aiogram.client.telegram import TelegramAPIServer
from aiogram.enums import ParseMode
from aiogram.exceptions import AiogramError, TelegramNotFound, TelegramUnauthorizedError
from loguru import logger

from salesbot.adminbot import beside, drafting, exporting, forgetting, handlers, lookout, menu, notify
from salesbot.adminbot.access import Access, RoleCheck
from salesbot.adminbot.desk import Desk
from salesbot.adminbot.diary import Diary
from salesbot.adminbot.poller import Poller
from salesbot.adminbot.requests import Patience, ProxyTrouble
from salesbot.adminbot.trouble import Trouble
from salesbot.errors import SettingsError
from salesbot.lifecycle import wait_any
from salesbot.log import summary
from salesbot.settings import Settings

RETRY_SECONDS = 5.0
STOP_SECONDS = 1.0


REFUSED = "BOT_TOKEN is refused by Telegram: ask @BotFather for the current one"


def make_bot(desk: Desk) -> Bot:
    """The bot of the desk, which waits out what passes."""
    bot = plain_bot(desk.settings)
    bot.session.middleware(Patience(desk.clock))
    return bot


def plain_bot(settings: Settings) -> Bot:
    """The bot at BOT_API_URL. Must be made inside the running loop; ``bot.session.close()`` ends it."""
    session = AiohttpSession(api=TelegramAPIServer.from_base(settings.bot_api_url), proxy=settings.bot_proxy)
    session.middleware(ProxyTrouble())
    properties = DefaultBotProperties(parse_mode=ParseMode.HTML)
    return Bot(settings.bot_token.get_secret_value(), session=session, default=properties)


def make_dispatcher(desk: Desk) -> Dispatcher:
    """All handlers behind the access check."""
    dispatcher = Dispatcher(desk=desk)
    dispatcher.update.outer_middleware(Access(desk))
    router = handlers.router()
    for observer in (router.message, router.edited_message, router.callback_query):
        observer.middleware(Trouble())
        observer.middleware(RoleCheck())
    dispatcher.include_router(router)
    return dispatcher


async def run(desk: Desk, stop: asyncio.Event) -> None:
    """Answer admins, tell notices and keep the promises of exports and erasures, until stop.

    Raises ``SettingsError`` when Telegram refuses the token at the start.
    """
    bot = make_bot(desk)
    try:
        if not await _introduce(desk, bot, stop):
            return
        async with asyncio.TaskGroup() as tasks:
            background = [
                tasks.create_task(lookout.loop(desk, bot, stop), name="lookout"),
                tasks.create_task(notify.loop(desk, bot, stop), name="notices"),
                tasks.create_task(exporting.loop(desk, bot, stop), name="exports"),
                tasks.create_task(forgetting.loop(desk, bot, stop), name="erasures"),
                tasks.create_task(beside.loop(desk, bot, stop), name="errands"),
                tasks.create_task(drafting.loop(desk, bot, stop), name="drafts"),
            ]
            diary = Diary(desk.pool, bot.id, desk.clock)
            await Poller(bot, make_dispatcher(desk), desk.clock, diary, stop).run()
            await asyncio.wait(background, timeout=STOP_SECONDS)
            for task in background:
                task.cancel()  # an export that is cut short is written anew after the next start
    finally:
        await bot.session.close()


async def _introduce(desk: Desk, bot: Bot, stop: asyncio.Event) -> bool:
    """Learn who we are and set the menu, for as long as it takes; False when stopped before."""
    while not stop.is_set():
        try:
            me = await bot.me()
            await bot.delete_webhook()
            await menu.set_for_all(desk, bot)
        except (TelegramUnauthorizedError, TelegramNotFound) as refused:
            raise SettingsError(REFUSED) from refused
        except AiogramError as failed:
            logger.bind(error=summary(failed)).warning("the Bot API cannot be reached yet")
            await wait_any(stop, timeout=RETRY_SECONDS)
        else:
            logger.bind(bot=me.username).info("the desk is open")
            return True
    return False
