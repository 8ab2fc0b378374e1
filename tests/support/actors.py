"""People at a chat, by three kinds of hands: the control API, an unmodified Telethon client, the page in a browser."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from playwright.async_api import Page
from telethon import TelegramClient, events

from tests.support.house import House, Json
from tests.support.waiting import PATIENCE


@dataclass(frozen=True, slots=True)
class Line:
    """A message that somebody received."""

    id: int
    text: str
    handle: Any
    """What these hands know the message by."""


class Actor(Protocol):
    """Somebody in a chat with somebody else."""

    async def say(self, text: str) -> int: ...

    async def hear(self, matching: str = "", above: int = 0) -> Line:
        """The first message of the other, above an id, that matches; waited for."""
        ...

    async def file(self, line: Line) -> bytes: ...

    async def press(self, line: Line, button: str) -> None: ...


class ByControl:
    """A person whom the control API plays."""

    def __init__(self, house: House, who: str, with_: str) -> None:
        self._house, self._who, self._with = house, who, with_

    async def say(self, text: str) -> int:
        return int((await self._house.control.say(self._who, self._with, text))["id"])

    async def hear(self, matching: str = "", above: int = 0) -> Line:
        found: Json = await self._house.control.wait_message(
            self._who, self._with, matching, above=above, timeout=PATIENCE
        )
        return Line(found["id"], found["text"], found)

    async def file(self, line: Line) -> bytes:
        return await self._house.file(line.handle)

    async def press(self, line: Line, button: str) -> None:
        await self._house.control.press(self._who, line.id, text=button)


class ByTelethon:
    """A person at a client of Telegram."""

    def __init__(self, client: TelegramClient, with_: str) -> None:
        self._client, self._with = client, with_
        self._heard: dict[int, Any] = {}
        self._changed = asyncio.Condition()
        for kind in (events.NewMessage, events.MessageEdited):
            client.add_event_handler(self._receive, kind(incoming=True, from_users=with_))

    async def _receive(self, event: Any) -> None:
        async with self._changed:
            self._heard[event.message.id] = event.message
            self._changed.notify_all()

    async def say(self, text: str) -> int:
        return int((await self._client.send_message(self._with, text)).id)

    async def hear(self, matching: str = "", above: int = 0) -> Line:
        def found() -> Any:
            fits = (m for i, m in sorted(self._heard.items()) if i > above and re.search(matching, m.raw_text, re.S))
            return next(fits, None)

        try:
            async with asyncio.timeout(PATIENCE), self._changed:
                message = await self._changed.wait_for(found)
        except TimeoutError:
            heard = [message.raw_text for message in self._heard.values()]
            raise AssertionError(f"{self._with} said nothing above {above} like {matching!r}: {heard}") from None
        return Line(message.id, message.raw_text, message)

    async def file(self, line: Line) -> bytes:
        data = await line.handle.download_media(bytes)
        assert isinstance(data, bytes)
        return data

    async def press(self, line: Line, button: str) -> None:
        await line.handle.click(filter=lambda one: button in one.text)


@asynccontextmanager
async def telethon(house: House, who: str, with_: str) -> AsyncIterator[ByTelethon]:
    """An unmodified client signed in as this person on a session of its own."""
    client = TelegramClient(await house.session(who), 1, "0" * 32)
    await client.connect()
    try:
        yield ByTelethon(client, with_)
    finally:
        await client.disconnect()


_FIRST_FITTING = """([pane, above, pattern]) => [...document.querySelectorAll(`#${pane} .row.in`)].map((row) => (
    { id: Number(row.dataset.id), text: row.querySelector(".text")?.innerText ?? "" }
)).find(({ id, text }) => id > above && new RegExp(pattern, "s").test(text)) ?? null"""


class ByPage:
    """A person at the sandbox's page: the operator (``desk``) or, with a ``speaker``, one of those at ``talk``."""

    def __init__(self, page: Page, pane: str, speaker: str = "") -> None:
        self._page, self._pane, self._speaker = page, pane, speaker

    async def say(self, text: str) -> int:
        """Its id as the pane shows it: a colleague's line in the customer's numbering."""
        if self._speaker:
            await self._page.locator(f"#{self._pane}").get_by_role("radio", name=self._speaker).click()
        box = self._page.locator(f"#{self._pane} textarea")
        await box.fill(text)
        await box.press("Enter")
        row = self._page.locator(f"#{self._pane} .row", has_text=text).last
        return int(await row.get_attribute("data-id") or 0)

    async def hear(self, matching: str = "", above: int = 0) -> Line:
        found = await self._page.wait_for_function(
            _FIRST_FITTING, arg=[self._pane, above, matching], timeout=1000 * PATIENCE
        )
        line = await found.json_value()
        return Line(line["id"], line["text"], self._page.locator(f"#{self._pane} .row[data-id='{line['id']}']"))

    async def file(self, line: Line) -> bytes:
        async with self._page.expect_download() as download:
            await line.handle.locator("a.card").click()
        return Path(await (await download.value).path()).read_bytes()

    async def press(self, line: Line, button: str) -> None:
        await line.handle.get_by_role("button", name=button).click()
