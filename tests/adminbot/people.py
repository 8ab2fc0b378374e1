"""What the tests of the desk share: an operator at the other end of the bot, rows as the engine leaves them."""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import asyncpg

from salesbot.adminbot import bot
from salesbot.adminbot.desk import Desk
from salesbot.clock import SystemClock
from salesbot.dialog.model import Dialog
from salesbot.store import dialogs
from sandbox.control.client import Control

BOT = "sales_desk_bot"
ACCOUNT = 7_001


class Hasty(SystemClock):
    """A clock whose pauses are short: what waits for seconds in the product waits for hundredths here."""

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(min(seconds, 0.02))


@dataclass(frozen=True)
class Operator:
    """An admin at the other end of the bot."""

    control: Control
    name: str = "operator"

    async def say(self, text: str, **fields: Any) -> int:
        return int((await self.control.say(self.name, BOT, text, **fields))["id"])

    async def ask(self, text: str) -> dict[str, Any]:
        """Say something and wait for the bot's next message."""
        return await self.next(above=await self.say(text))

    async def next(self, above: int, matching: str = "", **fields: Any) -> dict[str, Any]:
        return await self.control.wait_message(self.name, BOT, matching, above=above, **fields)

    async def press(self, message: dict[str, Any], button: str) -> dict[str, Any]:
        return await self.control.press(self.name, message["id"], text=button)

    async def heard(self) -> list[dict[str, Any]]:
        """Everything the bot said."""
        chat = await self.control.chat(self.name, BOT)
        return [message for message in chat["messages"] if not message["out"]]


def buttons(message: dict[str, Any]) -> list[str]:
    return [button["text"] for row in (message["keyboard"] or {"rows": []})["rows"] for button in row]


@asynccontextmanager
async def working(desk: Desk) -> AsyncIterator[asyncio.Event]:
    """The bot at work; stopped in order at the end."""
    stop = asyncio.Event()
    task = asyncio.create_task(bot.run(desk, stop))
    try:
        yield stop
    finally:
        stop.set()
        await asyncio.wait_for(task, 10)


async def until(holds: Callable[[], Awaitable[object]], seconds: float = 10.0) -> None:
    """Wait until a condition that nobody announces holds."""
    async with asyncio.timeout(seconds):
        while not await holds():  # noqa: ASYNC110 - nobody sets an event for it
            await asyncio.sleep(0.01)


async def sign_in(pool: asyncpg.Pool, account: int = ACCOUNT, username: str = "sales", **fields: Any) -> None:
    await pool.execute(
        """
        insert into accounts (id, username, name, phone, state, openings_blocked, dc_id, server_address, server_port,
            auth_key) values ($1, $2, 'Maria', $3, $4, $5, 2, '127.0.0.1', 443, '')
        """,
        account,
        username,
        fields.get("phone", str(account)),
        fields.get("state", "ready"),
        fields.get("openings_blocked", False),
    )


async def meet(pool: asyncpg.Pool, contact: int, username: str | None, name: str = "") -> None:
    await pool.execute("insert into contacts (id, username, name) values ($1, $2, $3)", contact, username, name)


async def open_with(desk: Desk, contact: int, username: str, name: str = "", status: str = "active") -> Dialog:
    """A dialog with a person who was looked up, as the engine leaves it."""
    await desk.pool.execute(
        "insert into contacts (id, username, name) values ($1, $2, $3) on conflict do nothing", contact, username, name
    )
    row = await desk.pool.fetchrow(
        """
        insert into dialogs (account_id, contact_id, target_username, scenario, status)
        values ($1, $2, $3, 'sales', $4) returning *
        """,
        ACCOUNT,
        contact,
        username,
        status,
    )
    return dialogs.from_row(row)


BEGAN = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
_ids = itertools.count(1_000)


async def said(desk: Desk, dialog: Dialog, text: str, **fields: Any) -> int:
    """A message of a dialog; by default the person's, a minute after the one before. Returns its row id."""
    number = next(_ids)
    values = {
        "dialog_id": dialog.id,
        "account_id": ACCOUNT,
        "direction": "in",
        "author": "contact",
        "content": text,
        "timestamp": BEGAN + timedelta(minutes=number - 1_000),
        "telegram_message_id": number,
        "revision": 1,
    } | fields
    names, places = ", ".join(values), ", ".join(f"${n}" for n in range(1, len(values) + 1))
    statement = f"insert into messages ({names}) values ({places}) returning id"  # noqa: S608 - our own names
    return int(await desk.pool.fetchval(statement, *values.values()))
