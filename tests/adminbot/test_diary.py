"""What the process writes down of its polls, because the doctor must not poll."""

from __future__ import annotations

from aiogram import Bot

from salesbot.adminbot.desk import Desk
from salesbot.store import polls
from salesbot.store.polls import Polls
from tests.adminbot.people import Operator, until, working


async def written(desk: Desk, bot: Bot) -> Polls | None:
    async with desk.pool.acquire() as connection:
        return await polls.of(connection, bot.id)


async def test_what_telegram_answers_is_written_down_and_another_program_that_polls(
    quiet_desk: Desk, operator: Operator, bot: Bot
) -> None:
    async def heard() -> bool:
        told = await written(quiet_desk, bot)
        return told is not None and told.heard_at is not None and told.conflict_at is None

    async def disturbed() -> bool:
        await bot.get_updates(timeout=0)  # as another program would: the poll under way ends with a conflict
        told = await written(quiet_desk, bot)
        return told is not None and told.conflict_at is not None

    async with working(quiet_desk):
        await until(heard)
        await until(disturbed)
        assert (await operator.ask("/help"))["text"], "the bot goes on"
