"""What takes a while is done beside the commands: the last wish counts, and a failure is told."""

from __future__ import annotations

import asyncio

from salesbot import i18n
from salesbot.adminbot.desk import Desk
from salesbot.adminbot.errands import Errand, Errands
from tests.adminbot.people import Operator

EN = i18n.lang("en")


async def nothing() -> None:
    """Already done."""


async def test_of_two_wishes_of_one_kind_the_later_counts_and_comes_last() -> None:
    errands, stop = Errands(), asyncio.Event()
    for key, chat in (("a", 1), ("b", 2), ("a", 3)):
        errands.add(key, Errand(chat, EN, nothing))
    taken = [await errands.take(stop) for _ in range(2)]
    assert [one.chat_id for one in taken if one] == [2, 3]
    stop.set()
    assert await errands.take(stop) is None


async def test_a_failure_is_told_and_the_next_errand_is_done(desk: Desk, operator: Operator, admin: int) -> None:
    async def fails(error: Exception) -> None:
        raise error

    done = asyncio.Event()

    async def works() -> None:
        done.set()

    above = await operator.say("/help")
    desk.errands.add(1, Errand(admin, EN, lambda: fails(RuntimeError("ours"))))
    await operator.next(above, "Something went wrong here")
    desk.errands.add(2, Errand(admin, EN, lambda: fails(TimeoutError())))
    await operator.next(above, "The database did not answer in time")
    desk.errands.add(3, Errand(admin, EN, works))
    await asyncio.wait_for(done.wait(), 5)


async def test_a_command_does_not_wait_for_an_errand(desk: Desk, operator: Operator, admin: int) -> None:
    over = asyncio.Event()

    async def lasts() -> None:
        await over.wait()

    desk.errands.add(1, Errand(admin, EN, lasts))
    assert (await operator.ask("/costs"))["text"].startswith("Today")
    over.set()
