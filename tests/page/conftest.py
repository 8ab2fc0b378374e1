"""The page in a real browser, on a sandbox in this process."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable

import pytest
from playwright.async_api import Browser, Page

from sandbox.app import Sandbox

PATIENCE = 8_000
"""Milliseconds that Playwright waits for what a test expects."""

OpenPage = Callable[..., Awaitable[Page]]


@pytest.fixture
async def open_page(browser: Browser, sandbox: Sandbox) -> AsyncIterator[OpenPage]:
    """Opens the page in a window of a size; fails the test when the page reports an error."""
    problems: list[str] = []
    pages: list[Page] = []

    async def open_it(width: int = 1280, height: int = 800, url: str = "", scheme: str = "light") -> Page:
        context = await browser.new_context(
            viewport={"width": width, "height": height}, has_touch=width < 500, locale="en-GB",
            color_scheme="dark" if scheme == "dark" else "light",
        )  # fmt: skip
        page = await context.new_page()
        page.set_default_timeout(PATIENCE)
        page.on("pageerror", lambda error: problems.append(str(error)))
        await page.goto(url or sandbox.state()["web"])
        await page.locator("#desk .head h1").wait_for()
        pages.append(page)
        return page

    yield open_it
    for page in pages:
        await page.context.close()
    assert problems == []
