"""Two connections on one dialog, interleaved by hand: what one holds open, the other runs into."""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import asyncpg

from salesbot.dialog.model import Dialog, DialogEvent, Part, Person, Purpose, SendState
from salesbot.store import briefing, contacts, dialogs, parts
from salesbot.store.dialogs import Fence
from salesbot.store.parts import Lines
from salesbot.store.pool import Connection

NOW = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)
ACCOUNT, ANNA = 100, 200


@dataclass
class Two:
    """Two connections: what ``first`` holds open, ``second`` runs into."""

    pool: asyncpg.Pool
    first: Connection
    second: Connection
    fence: Fence

    async def dialog(self) -> Dialog:
        found = await dialogs.get(self.second, 1)
        assert found is not None
        return found

    async def blocked(self) -> None:
        """Wait until the second connection waits for a lock of the first."""
        async with asyncio.timeout(10):
            while not await self.pool.fetchval(  # noqa: ASYNC110 - a lock tells nobody that somebody waits for it
                "select exists (select from pg_stat_activity where pid = $1 and wait_event_type = 'Lock')",
                self.second.get_server_pid(),
            ):
                await asyncio.sleep(0.005)

    async def overtaken(
        self, by: Callable[[Connection, Dialog], Awaitable[object]], late: Callable[[], Awaitable[object]]
    ) -> object:
        """``by`` has locked the row first and is not committed yet when ``late`` begins; the result of ``late``."""
        async with self.first.transaction():
            dialog = await dialogs.lock(self.first, 1)
            assert dialog is not None
            await by(self.first, dialog)
            running = asyncio.ensure_future(late())
            await self.blocked()
        return await running


@asynccontextmanager
async def opened(pool: asyncpg.Pool) -> AsyncIterator[Two]:
    owner = str(uuid.uuid4())
    async with pool.acquire() as first, pool.acquire() as second:
        await first.execute(
            "insert into accounts (id, dc_id, server_address, server_port, auth_key, epoch, owner) "
            "values ($1, 2, '', 1, '', 1, $2::uuid)",
            ACCOUNT,
            owner,
        )
        await contacts.learn(first, ACCOUNT, Person(ANNA, 1, "anna", "Anna"))
        await first.execute(
            "insert into dialogs (account_id, contact_id, target_username, scenario, status, compare) "
            "values ($1, $2, 'anna', 'sales', 'active', false)",
            ACCOUNT,
            ANNA,
        )
        yield Two(pool, first, second, Fence(ACCOUNT, 1, owner))


def lines(*texts: str, purpose: Purpose = Purpose.REPLY, call_id: int | None = None) -> Lines:
    random_ids, latest = [1000 + number for number in range(len(texts))], NOW + timedelta(minutes=15)
    return Lines(texts, random_ids, purpose, now=NOW, not_before=NOW, not_after=latest, model_call_id=call_id)


async def add_part(
    two: Two, *texts: str, stands: bool = False, purpose: Purpose = Purpose.REPLY, draft_id: int | None = None
) -> Part:
    await parts.add(two.first, await two.dialog(), lines(*texts, purpose=purpose), stands=stands, draft_id=draft_id)
    part = await next_part(two.first)
    assert part is not None
    return part


async def next_part(connection: Connection) -> Part | None:
    """The one that a worker would see to."""
    brief = await briefing.read(connection, 1, model="", now=NOW)
    return brief.part if brief is not None else None


async def a_message(connection: Connection, dialog: Dialog) -> None:
    await dialogs.touch(connection, dialog, due_at=NOW, reason="message")


def led(event: DialogEvent) -> Callable[[Connection, Dialog], Awaitable[object]]:
    return lambda connection, dialog: dialogs.apply(connection, dialog, event, actor="admin:1", now=NOW)


async def state_of(two: Two, part: Part) -> SendState:
    return (await parts.get(two.second, part.id)).send_state
