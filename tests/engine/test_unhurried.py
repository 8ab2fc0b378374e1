"""What waits for the disk and what need not, asked of the commit itself."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import timedelta
from decimal import Decimal
from typing import TypeVar

import pytest

from salesbot.dialog.model import Seen, Timing
from salesbot.store import arrivals, model_calls, parts, turns
from salesbot.store.model_calls import Ceilings
from salesbot.store.turns import Turn
from tests.engine.two import ACCOUNT, ANNA, NOW, Two, add_part, lines

AT_ITS_COMMIT = """
    create table told (setting text);
    create function tell() returns trigger language plpgsql as $$ begin
        insert into told values (current_setting('synchronous_commit'));
        return null;
    end $$;
    create constraint trigger messages_told after insert or update on messages deferrable initially deferred
        for each row execute function tell();
    create constraint trigger calls_told after insert or update on model_calls deferrable initially deferred
        for each row execute function tell();
"""
T = TypeVar("T")
AT_ONCE = Timing(debounce=0, debounce_cap=0)


async def store_a_line(two: Two) -> None:
    stored = await arrivals.store(two.second, ACCOUNT, [Seen(7, ANNA, False, "And the price?", NOW)], AT_ONCE, NOW)
    assert stored


async def store_lines(two: Two) -> None:
    seen = [Seen(7, ANNA, False, "And the price?", NOW), Seen(8, ANNA + 1, False, "Hello", NOW)]
    assert await arrivals.store(two.second, ACCOUNT, seen, AT_ONCE, NOW)


async def ask(two: Two) -> int:
    dialog = await two.dialog()
    return await model_calls.ask(two.second, dialog, purpose="reply", model="m", now=NOW, ceilings=Ceilings())


async def settle(two: Two) -> None:
    await model_calls.settle(
        two.second,
        await unheard(two, ask),
        answer="Gladly",
        model_used="m",
        prompt_tokens=1,
        completion_tokens=1,
        cost=Decimal(1),
        latency_ms=1,
        now=NOW,
    )


async def end(two: Two) -> None:
    assert await turns.end_turn(two.second, Turn(await two.dialog(), "offer"), two.fence, lines("One"))


async def claim(two: Two) -> None:
    part = await unheard(two, lambda two: add_part(two, "One"))
    assert await parts.claim(two.second, part, two.fence, [], NOW + timedelta(seconds=1))


async def stands(two: Two, *, alone: bool = True) -> None:
    part = await unheard(two, lambda two: add_part(two, "One"))
    assert await parts.stands(two.second, part, 7, NOW, NOW, alone=alone)


async def stands_with_more(two: Two) -> None:
    async with two.second.transaction():
        await stands(two, alone=False)


async def unheard(two: Two, what: Callable[[Two], Awaitable[T]]) -> T:
    """What comes before it is not what is asked about."""
    done = await what(two)
    await two.first.execute("delete from told")
    return done


@pytest.mark.parametrize(
    ("what", "setting"),
    [
        (store_a_line, "on"),
        (store_lines, "on"),
        (ask, "on"),
        (settle, "off"),
        (end, "on"),
        (claim, "on"),
        (stands, "off"),
        (stands_with_more, "on"),
    ],
)
async def test_a_line_a_reserved_call_and_a_claim_wait_for_the_disk(
    two: Two, what: Callable[[Two], Awaitable[object]], setting: str
) -> None:
    await two.first.execute(AT_ITS_COMMIT)
    await two.second.execute("set synchronous_commit = on")
    await what(two)
    assert {row["setting"] for row in await two.first.fetch("select setting from told")} == {setting}
    assert await two.second.fetchval("show synchronous_commit") == "on", "it holds for that one commit"
